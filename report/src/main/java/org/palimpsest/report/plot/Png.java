package org.palimpsest.report.plot;

import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.RenderedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.apache.batik.svggen.ImageHandlerBase64Encoder;
import org.apache.batik.svggen.SVGGraphics2DIOException;

/**
 * Encodes pictures as PNG (8 bits a channel, rows unfiltered), and puts them so into an SVG. The
 * JDK's encoder fetches each pixel by several calls, which was more than half of the time of a
 * study's page; Batik's is in a library that nothing else needs.
 */
final class Png extends ImageHandlerBase64Encoder {

  private static final long SIGNATURE = 0x89504e470d0a1a0aL;

  /** Of zlib: pictures of tiles become hardly smaller at the usual level 6, in twice the time. */
  private static final int LEVEL = 3;

  private static final byte UNFILTERED = 0;

  /** How pixels lie in a file, by PNG's numbers. */
  private enum Pixels {
    COLOURS(2, 3),
    PALETTE(3, 1),
    COLOURS_AND_ALPHA(6, 4);

    private final int number;
    private final int bytes;

    Pixels(int number, int bytes) {
      this.number = number;
      this.bytes = bytes;
    }

    static Pixels of(BufferedImage image) {
      if (image.getType() == BufferedImage.TYPE_BYTE_INDEXED) {
        return PALETTE;
      }
      return image.getColorModel().hasAlpha() ? COLOURS_AND_ALPHA : COLOURS;
    }
  }

  /** In memory: the JDK would use a temporary file, which a full disk cannot hold. */
  static byte[] bytes(BufferedImage image) {
    Pixels pixels = Pixels.of(image);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeLong(SIGNATURE);
      chunk(out, "IHDR", header(image, pixels));
      if (pixels == Pixels.PALETTE) {
        chunk(out, "PLTE", palette((IndexColorModel) image.getColorModel()));
      }
      chunk(out, "IDAT", rows(image, pixels));
      chunk(out, "IEND", new byte[0]);
    } catch (IOException impossible) {
      throw new UncheckedIOException("a picture in memory can be written", impossible);
    }
    return bytes.toByteArray();
  }

  /** With a palette of at most 256 colours. */
  static byte[] smallBytes(BufferedImage image) {
    return bytes(FewColours.of(image));
  }

  private static void chunk(DataOutputStream out, String type, byte[] data) throws IOException {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 sum = new CRC32();
    sum.update(name);
    sum.update(data);
    out.writeInt(data.length);
    out.write(name);
    out.write(data);
    out.writeInt((int) sum.getValue());
  }

  private static byte[] header(BufferedImage image, Pixels pixels) throws IOException {
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(header);
    out.writeInt(image.getWidth());
    out.writeInt(image.getHeight());
    out.write(new byte[] {8, (byte) pixels.number, 0, 0, 0});
    return header.toByteArray();
  }

  private static byte[] palette(IndexColorModel model) {
    byte[] palette = new byte[3 * model.getMapSize()];
    for (int i = 0; i < model.getMapSize(); i++) {
      put(model.getRGB(i), palette, 3 * i);
    }
    return palette;
  }

  private static byte[] rows(BufferedImage image, Pixels pixels) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Deflater deflater = new Deflater(LEVEL);
    try (OutputStream out = new DeflaterOutputStream(bytes, deflater, 1 << 16)) {
      int width = image.getWidth();
      int[] colours = new int[width];
      byte[] row = new byte[width * pixels.bytes];
      for (int y = 0; y < image.getHeight(); y++) {
        if (pixels == Pixels.PALETTE) {
          image.getRaster().getDataElements(0, y, width, 1, row);
        } else {
          put(colours(image, y, 1, colours), row, pixels);
        }
        out.write(UNFILTERED);
        out.write(row);
      }
    } finally {
      deflater.end();
    }
    return bytes.toByteArray();
  }

  /**
   * Some rows of an image. Where they lie in memory as they are wanted, they are copied at once;
   * {@link BufferedImage#getRGB} makes several calls for each pixel.
   */
  private static int[] colours(BufferedImage image, int firstRow, int rows, int[] into) {
    int width = image.getWidth();
    return switch (image.getType()) {
      case BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB ->
          (int[]) image.getRaster().getDataElements(0, firstRow, width, rows, into);
      default -> image.getRGB(0, firstRow, width, rows, into, 0, width);
    };
  }

  private static void put(int[] colours, byte[] row, Pixels pixels) {
    for (int x = 0; x < colours.length; x++) {
      int at = x * pixels.bytes;
      put(colours[x], row, at);
      if (pixels == Pixels.COLOURS_AND_ALPHA) {
        row[at + 3] = (byte) (colours[x] >>> 24);
      }
    }
  }

  private static void put(int colour, byte[] to, int at) {
    to[at] = (byte) (colour >> 16);
    to[at + 1] = (byte) (colour >> 8);
    to[at + 2] = (byte) colour;
  }

  @Override
  public void encodeImage(RenderedImage image, OutputStream out) throws SVGGraphics2DIOException {
    try {
      out.write(bytes(image instanceof BufferedImage whole ? whole : drawn(image)));
    } catch (IOException failure) {
      throw new SVGGraphics2DIOException("an image of an SVG cannot be encoded", failure);
    }
  }

  private static BufferedImage drawn(RenderedImage image) {
    BufferedImage drawn =
        new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = drawn.createGraphics();
    graphics.drawRenderedImage(image, new AffineTransform());
    graphics.dispose();
    return drawn;
  }

  /** A picture with a palette of 256 colours. */
  private static final class FewColours {

    private static final int MOST = 256;

    /** How many of the most frequent colours are kept as they are. */
    private static final int EXACT = 160;

    private static final int OPAQUE = 0xffffff;

    private FewColours() {}

    static BufferedImage of(BufferedImage image) {
      int width = image.getWidth();
      int height = image.getHeight();
      int[] pixels = colours(image, 0, height, new int[width * height]);
      int[] palette = palette(pixels);
      IndexColorModel model =
          new IndexColorModel(8, palette.length, palette, 0, false, -1, DataBuffer.TYPE_BYTE);
      BufferedImage indexed =
          new BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, model);
      byte[] places = new byte[pixels.length];
      Map<Integer, Byte> nearest = new HashMap<>();
      int end;
      for (int start = 0; start < pixels.length; start = end) {
        end = endOfRun(pixels, start);
        byte place =
            nearest.computeIfAbsent(
                pixels[start] & OPAQUE, colour -> (byte) nearest(colour, palette));
        Arrays.fill(places, start, end, place);
      }
      indexed.getRaster().setDataElements(0, 0, width, height, places);
      return indexed;
    }

    /** Pixels of one colour lie in long runs, which makes this quick. */
    private static int endOfRun(int[] pixels, int from) {
      int end = from + 1;
      while (end < pixels.length && pixels[end] == pixels[from]) {
        end++;
      }
      return end;
    }

    /** The frequent colours, and of the others as many as it takes to have one near each. */
    private static int[] palette(int[] pixels) {
      Map<Integer, Integer> counts = new HashMap<>();
      int end;
      for (int start = 0; start < pixels.length; start = end) {
        end = endOfRun(pixels, start);
        counts.merge(pixels[start] & OPAQUE, end - start, Integer::sum);
      }
      List<Integer> frequentFirst = new ArrayList<>(counts.keySet());
      frequentFirst.sort(
          Comparator.<Integer>comparingInt(colour -> -counts.getOrDefault(colour, 0))
              .thenComparingInt(colour -> colour));
      int apart = 1;
      List<Integer> chosen = frequentFirst;
      while (chosen.size() > MOST) {
        apart *= 2;
        chosen = apart(frequentFirst, apart);
      }
      return chosen.stream().mapToInt(Integer::intValue).toArray();
    }

    private static List<Integer> apart(List<Integer> colours, int least) {
      int[] chosen = new int[MOST + 1];
      int count = 0;
      for (int colour : colours) {
        if (count < EXACT || count <= MOST && isApart(colour, chosen, count, least)) {
          chosen[count++] = colour;
        }
      }
      return Arrays.stream(chosen, 0, count).boxed().toList();
    }

    private static boolean isApart(int colour, int[] chosen, int count, int least) {
      for (int i = 0; i < count; i++) {
        if (distance(colour, chosen[i]) < least) {
          return false;
        }
      }
      return true;
    }

    private static int nearest(int colour, int[] palette) {
      int best = 0;
      for (int i = 1; i < palette.length; i++) {
        if (distance(colour, palette[i]) < distance(colour, palette[best])) {
          best = i;
        }
      }
      return best;
    }

    private static int distance(int a, int b) {
      int red = (a >> 16) - (b >> 16);
      int green = (a >> 8 & 0xff) - (b >> 8 & 0xff);
      int blue = (a & 0xff) - (b & 0xff);
      return red * red + green * green + blue * blue;
    }
  }
}
