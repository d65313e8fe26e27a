package org.palimpsest.io.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * PNG images of every type and depth, with palettes of any length, every filter, interlaced or not,
 * their pixels in one chunk or several; and such with one lie, which are to be refused.
 */
final class PngSamples {

  private static final int GREY = 0;
  private static final int RGB = 2;
  private static final int PALETTE = 3;
  private static final int GREY_WITH_ALPHA = 4;
  private static final int RGB_WITH_ALPHA = 6;
  private static final int[] TYPES = {GREY, RGB, PALETTE, GREY_WITH_ALPHA, RGB_WITH_ALPHA};

  /** What may be said wrongly. */
  private enum Lie {
    NONE,
    COLOUR_BEYOND_PALETTE,
    FEWER_ROWS,
    OTHER_CHECKSUM,
    SECOND_PALETTE,
    SECOND_HEADER,
    CHUNK_BETWEEN_PIXELS;

    static Lie any(SplittableRandom random) {
      return random.nextInt(3) > 0 ? NONE : values()[random.nextInt(values().length)];
    }
  }

  private static final int[][] PASSES = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  private final SplittableRandom random;
  private final int type;
  private final int depth;
  private final int samples;
  private final int width;
  private final int height;
  private final byte[] palette;
  private final int[] numbers;
  private Lie lie;

  private PngSamples(SplittableRandom random) {
    this.random = random;
    this.type = TYPES[random.nextInt(TYPES.length)];
    boolean small = type == GREY || type == PALETTE;
    this.depth = 1 << (small ? random.nextInt(type == GREY ? 5 : 4) : random.nextInt(3, 5));
    this.samples =
        switch (type) {
          case RGB -> 3;
          case GREY_WITH_ALPHA -> 2;
          case RGB_WITH_ALPHA -> 4;
          default -> 1;
        };
    this.width = random.nextInt(1, 20);
    this.height = random.nextInt(1, 20);
    int colours = type == PALETTE ? random.nextInt(1, (1 << depth) + 1) : 0;
    this.palette = new byte[3 * colours];
    for (int i = 0; i < palette.length; i++) {
      palette[i] = (byte) random.nextInt(256);
    }
    this.numbers = new int[width * height * samples];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextInt(type == PALETTE ? colours : 1 << depth);
    }
    this.lie = Lie.any(random);
  }

  static Sample of(SplittableRandom random) {
    return new PngSamples(random).sample();
  }

  private Sample sample() {
    boolean full = palette.length == 3 << depth;
    if (type != PALETTE && (lie == Lie.SECOND_PALETTE || lie == Lie.COLOUR_BEYOND_PALETTE)
        || full && lie == Lie.COLOUR_BEYOND_PALETTE) {
      lie = Lie.NONE;
    }
    if (lie == Lie.COLOUR_BEYOND_PALETTE) {
      numbers[random.nextInt(numbers.length)] = palette.length / 3;
    }
    byte[] bytes = bytes();
    if (lie != Lie.NONE) {
      return Sample.lie(bytes, ".png");
    }
    double[] values = values();
    long channels = values.length / ((long) width * height);
    Sample.Tensor tensor = new Sample.Tensor(values, new long[] {1, channels, height, width});
    return new Sample(bytes, ".png", Map.of("", tensor), false);
  }

  /** Channel by channel; what is grey everywhere has one, and few bits are spread to eight. */
  private double[] values() {
    int size = width * height;
    int channels = type == GREY || type == GREY_WITH_ALPHA ? 1 : 3;
    double[] values = new double[channels * size];
    for (int i = 0; i < values.length; i++) {
      int pixel = i % size;
      int channel = i / size;
      values[i] =
          type == PALETTE
              ? palette[3 * numbers[pixel] + channel] & 0xff
              : numbers[samples * pixel + channel] * (depth < 8 ? 255.0 / ((1 << depth) - 1) : 1);
    }
    boolean grey = type == PALETTE;
    for (int i = 0; i < size && grey; i++) {
      grey = values[i] == values[size + i] && values[i] == values[2 * size + i];
    }
    return grey ? Arrays.copyOf(values, size) : values;
  }

  private byte[] bytes() {
    boolean interlaced = random.nextInt(3) == 0;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    header.put((byte) depth).put((byte) type).putShort((short) 0).put((byte) (interlaced ? 1 : 0));
    chunk(out, "IHDR", header.array());
    if (lie == Lie.SECOND_HEADER) {
      chunk(out, "IHDR", header.array());
    }
    if (type == PALETTE) {
      chunk(out, "PLTE", palette);
    }
    if (lie == Lie.SECOND_PALETTE) {
      chunk(out, "PLTE", palette);
    }
    pixels(out, deflated(interlaced));
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  private void pixels(ByteArrayOutputStream out, byte[] packed) {
    int cut = random.nextInt(packed.length);
    boolean between = lie == Lie.CHUNK_BETWEEN_PIXELS;
    if (between || random.nextBoolean()) {
      chunk(out, "IDAT", Arrays.copyOf(packed, cut));
      if (between) {
        chunk(out, "tEXt", "a\0b".getBytes(StandardCharsets.US_ASCII));
      }
      chunk(out, "IDAT", Arrays.copyOfRange(packed, cut, packed.length));
    } else {
      chunk(out, "IDAT", packed);
    }
  }

  private byte[] deflated(boolean interlaced) {
    ByteArrayOutputStream rows = new ByteArrayOutputStream();
    int[][] passes = interlaced ? PASSES : new int[][] {{0, 0, 1, 1}};
    for (int[] pass : passes) {
      byte[] above = new byte[0];
      for (int y = pass[1]; y < height && pass[0] < width; y += pass[3]) {
        byte[] row = row(y, pass[0], pass[2]);
        filter(row, above.length == 0 ? new byte[row.length] : above, rows);
        above = row;
      }
    }
    byte[] all = rows.toByteArray();
    if (lie == Lie.FEWER_ROWS) {
      all = Arrays.copyOf(all, random.nextInt(all.length));
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    Deflater deflater = new Deflater(random.nextInt(10));
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed, deflater)) {
      out.write(all);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    deflater.end();
    byte[] bytes = packed.toByteArray();
    bytes[bytes.length - 1] += (byte) (lie == Lie.OTHER_CHECKSUM ? 1 : 0);
    return bytes;
  }

  private byte[] row(int y, int from, int step) {
    int columns = (width - from + step - 1) / step;
    byte[] row = new byte[(columns * samples * depth + 7) / 8];
    for (int i = 0; i < columns * samples; i++) {
      int x = from + i / samples * step;
      int number = numbers[(y * width + x) * samples + i % samples];
      int bit = i * depth;
      if (depth == 16) {
        row[2 * i] = (byte) (number >> 8);
        row[2 * i + 1] = (byte) number;
      } else {
        row[bit / 8] |= (byte) (number << 8 - depth - bit % 8);
      }
    }
    return row;
  }

  private void filter(byte[] row, byte[] above, ByteArrayOutputStream rows) {
    int kind = random.nextInt(5);
    int back = Math.max(1, samples * depth / 8);
    rows.write(kind);
    for (int i = 0; i < row.length; i++) {
      int left = i < back ? 0 : row[i - back] & 0xff;
      int up = above[i] & 0xff;
      int corner = i < back ? 0 : above[i - back] & 0xff;
      int guess =
          switch (kind) {
            case 1 -> left;
            case 2 -> up;
            case 3 -> (left + up) / 2;
            case 4 -> nearest(left, up, corner);
            default -> 0;
          };
      rows.write(row[i] - guess);
    }
  }

  /** Paeth's predictor. */
  private static int nearest(int left, int up, int corner) {
    int toLeft = Math.abs(up - corner);
    int toUp = Math.abs(left - corner);
    int toCorner = Math.abs(left + up - 2 * corner);
    if (toLeft <= toUp && toLeft <= toCorner) {
      return left;
    }
    return toUp <= toCorner ? up : corner;
  }

  private static void chunk(ByteArrayOutputStream out, String name, byte[] content) {
    byte[] named = (name + "\0".repeat(content.length)).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(content, 0, named, 4, content.length);
    CRC32 sum = new CRC32();
    sum.update(named);
    out.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
    out.writeBytes(named);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
  }
}
