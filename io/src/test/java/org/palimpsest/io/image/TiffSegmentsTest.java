package org.palimpsest.io.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.Deflater;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.Inputs;

/** TIFF images in tiles, in several strips, and packed in each way, laid out by hand. */
class TiffSegmentsTest {

  private static final int WIDTH = 37;
  private static final int HEIGHT = 21;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_HEIGHT = 323;
  private static final int ROWS_OF_A_STRIP = 278;
  private static final int PLANAR = 284;
  private static final int FILL_ORDER = 266;

  @TempDir private Path folder;

  /** Samples of an image, as many bytes each as the depth has. */
  private record Image(int bits, int channels, int[] samples) {

    static Image of(int bits, int channels) {
      Random random = new Random(bits + channels);
      int[] samples = new int[WIDTH * HEIGHT * channels];
      Arrays.setAll(samples, i -> random.nextInt(1 << bits));
      return new Image(bits, channels, samples);
    }

    /** Beyond its edges it is filled up with zeros. */
    int at(int row, int column, int channel) {
      boolean within = row < HEIGHT && column < WIDTH;
      return within ? samples[(row * WIDTH + column) * channels + channel] : 0;
    }

    /** The bytes of a rectangle, of one channel or of all. */
    byte[] rectangle(int top, int left, int rows, int columns, int from, int to) {
      ByteBuffer bytes =
          ByteBuffer.allocate(rows * columns * (to - from) * bits / 8)
              .order(ByteOrder.LITTLE_ENDIAN);
      for (int row = top; row < top + rows; row++) {
        for (int column = left; column < left + columns; column++) {
          for (int channel = from; channel < to; channel++) {
            if (bits == 8) {
              bytes.put((byte) at(row, column, channel));
            } else {
              bytes.putShort((short) at(row, column, channel));
            }
          }
        }
      }
      return bytes.array();
    }

    /** As probes have them: channels first. */
    double[] wanted() {
      double[] values = new double[samples.length];
      for (int i = 0; i < samples.length; i++) {
        values[i % channels * WIDTH * HEIGHT + i / channels] = samples[i];
      }
      return values;
    }
  }

  /** Parts of a file that lie one after the other. */
  private static final class Segments {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int[] offsets = {};
    private int[] counts = {};

    void add(byte[] segment) {
      offsets = Arrays.copyOf(offsets, offsets.length + 1);
      counts = Arrays.copyOf(counts, counts.length + 1);
      offsets[offsets.length - 1] = 8 + bytes.size();
      counts[counts.length - 1] = segment.length;
      bytes.writeBytes(segment);
    }
  }

  private static TiffMaker tiled(Image image, int width, int height, boolean apart, int packing) {
    Segments tiles = new Segments();
    int parts = apart ? image.channels() : 1;
    for (int part = 0; part < parts; part++) {
      for (int top = 0; top < HEIGHT; top += height) {
        for (int left = 0; left < WIDTH; left += width) {
          int to = apart ? part + 1 : image.channels();
          tiles.add(packed(image.rectangle(top, left, height, width, part, to), packing));
        }
      }
    }
    return TiffMaker.of(WIDTH, HEIGHT, image.bits(), image.channels(), tiles.bytes.toByteArray())
        .without(TiffMaker.OFFSET)
        .without(TiffMaker.COUNT)
        .without(ROWS_OF_A_STRIP)
        .with(TiffMaker.COMPRESSION, packing)
        .with(PLANAR, apart ? 2 : 1)
        .with(TILE_WIDTH, width)
        .with(TILE_HEIGHT, height)
        .with(TiffMaker.TILE_OFFSETS, tiles.offsets)
        .with(TiffMaker.TILE_COUNTS, tiles.counts);
  }

  private static TiffMaker stripped(Image image, int rows, int packing) {
    Segments strips = new Segments();
    for (int top = 0; top < HEIGHT; top += rows) {
      int own = Math.min(rows, HEIGHT - top);
      strips.add(packed(image.rectangle(top, 0, own, WIDTH, 0, image.channels()), packing));
    }
    return TiffMaker.of(WIDTH, HEIGHT, image.bits(), image.channels(), strips.bytes.toByteArray())
        .with(TiffMaker.OFFSET, strips.offsets)
        .with(TiffMaker.COUNT, strips.counts)
        .with(TiffMaker.COMPRESSION, packing)
        .with(ROWS_OF_A_STRIP, rows);
  }

  private static byte[] packed(byte[] plain, int packing) {
    return switch (packing) {
      case 5 -> new Lzw().packed(plain);
      case 8 -> deflated(plain);
      case 32773 -> packBits(plain);
      default -> plain;
    };
  }

  private static byte[] deflated(byte[] plain) {
    Deflater deflater = new Deflater();
    deflater.setInput(plain);
    deflater.finish();
    byte[] packed = new byte[2 * plain.length + 64];
    int length = deflater.deflate(packed);
    deflater.end();
    return Arrays.copyOf(packed, length);
  }

  /** Runs of at least two equal bytes as such, and single ones behind a head of 0. */
  private static byte[] packBits(byte[] plain) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    for (int at = 0; at < plain.length; ) {
      int run = 1;
      while (run < 128 && at + run < plain.length && plain[at + run] == plain[at]) {
        run++;
      }
      packed.write(1 - run);
      packed.write(plain[at]);
      at += run;
    }
    return packed.toByteArray();
  }

  /** LZW of TIFF 6.0 (section 13): codes become wider one earlier than they need to. */
  private static final class Lzw {

    private final StringBuilder bits = new StringBuilder();
    private final Map<String, Integer> codes = new HashMap<>();
    private int width;

    byte[] packed(byte[] plain) {
      clear();
      String known = "";
      for (byte one : plain) {
        String longer = known + (char) (one & 0xff);
        if (code(longer) >= 0) {
          known = longer;
          continue;
        }
        write(code(known));
        codes.put(longer, 258 + codes.size());
        if (258 + codes.size() == (1 << width) - 1 + 1) {
          width++;
        }
        if (258 + codes.size() == 4095) {
          clear();
        }
        known = String.valueOf((char) (one & 0xff));
      }
      write(code(known));
      if (258 + codes.size() + 1 == (1 << width)) {
        width++;
      }
      write(257);
      bits.append("0000000");
      byte[] packed = new byte[bits.length() / 8];
      for (int i = 0; i < packed.length; i++) {
        packed[i] = (byte) Integer.parseInt(bits.substring(8 * i, 8 * i + 8), 2);
      }
      return packed;
    }

    private int code(String text) {
      return text.length() == 1 ? text.charAt(0) : codes.getOrDefault(text, -1);
    }

    private void clear() {
      width = Math.max(9, width);
      write(256);
      width = 9;
      codes.clear();
    }

    private void write(int code) {
      bits.append(Integer.toBinaryString(1 << width | code).substring(1));
    }
  }

  private double[] read(byte[] tiff) throws IOException {
    Path file = Files.write(folder.resolve("image.tif"), tiff);
    Probes probes = Inputs.probes(file, Preprocessing.none());
    double[] values = new double[(int) probes.batch(0, 1).length()];
    TensorReader.of(probes.batch(0, 1)).read(0, values);
    return values;
  }

  private void assertRefused(TiffMaker tiff, String... words) {
    assertThatThrownBy(() -> read(tiff.bytes()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("image.tif")
        .hasMessageContainingAll(words);
  }

  @ParameterizedTest
  @CsvSource({
    "8, 1, 16, 16, false, 1",
    "8, 1, 48, 32, false, 1",
    "8, 3, 16, 16, false, 1",
    "8, 3, 16, 32, true, 1",
    "16, 1, 32, 16, false, 1",
    "16, 3, 16, 16, true, 8",
    "8, 3, 16, 16, false, 8",
    "8, 1, 16, 16, false, 32773",
    "8, 1, 64, 64, false, 5",
    "8, 3, 32, 16, true, 5",
    "16, 3, 16, 16, false, 5"
  })
  void tilesMakeTheImageThatTheyWereCutFrom(
      int bits, int channels, int width, int height, boolean apart, int packing)
      throws IOException {
    Image image = Image.of(bits, channels);
    assertThat(read(tiled(image, width, height, apart, packing).bytes()))
        .containsExactly(image.wanted());
  }

  @ParameterizedTest
  @CsvSource({
    "8, 1, 4, 1",
    "8, 3, 21, 5",
    "8, 3, 1, 5",
    "16, 1, 5, 8",
    "8, 1, 8, 32773",
    "16, 3, 50, 5"
  })
  void stripsOfAnyHeightMakeTheImage(int bits, int channels, int rows, int packing)
      throws IOException {
    Image image = Image.of(bits, channels);
    assertThat(read(stripped(image, rows, packing).bytes())).containsExactly(image.wanted());
  }

  /** Two values in turn make codes that are used as soon as they are known. */
  @Test
  void runsAndRepeatedPatternsAreUnfolded() throws IOException {
    Image image = Image.of(8, 1);
    for (int period : new int[] {1, 2, 3, 50}) {
      Arrays.setAll(image.samples(), i -> 40 + i % period);
      for (int packing : new int[] {5, 32773}) {
        assertThat(read(stripped(image, HEIGHT, packing).bytes())).containsExactly(image.wanted());
      }
    }
  }

  @Test
  void tilesThatAreMissingOrShortAreRefused() {
    Image image = Image.of(8, 1);
    TiffMaker whole = tiled(image, 16, 16, false, 1);
    assertRefused(
        whole.with(TiffMaker.TILE_OFFSETS, 8, 264, 520, 776, 1032), "5 strips or tiles", "needs 6");
    whole = tiled(image, 16, 16, false, 1);
    assertRefused(whole.with(TiffMaker.TILE_COUNTS, 256, 256), "with 2 lengths", "needs 6");
    whole = tiled(image, 16, 16, false, 1);
    assertRefused(
        whole.with(TiffMaker.TILE_COUNTS, 256, 256, 256, 256, 255, 256),
        "tile 4 unfolds to 255",
        "of 256");
    whole = tiled(image, 16, 16, false, 1);
    assertRefused(
        whole.with(TiffMaker.TILE_OFFSETS, 8, 264, 0, 776, 1032, 1288), "tile 2: sparse images");
    whole = tiled(image, 16, 16, false, 1);
    assertRefused(
        whole.with(TiffMaker.TILE_OFFSETS, 8, 264, 60000, 776, 1032, 1288), "is truncated");
    TiffMaker apart = tiled(Image.of(8, 3), 48, 32, true, 1);
    assertRefused(apart.with(TiffMaker.TILE_OFFSETS, 8, 1544), "2 strips or tiles", "needs 3");
  }

  @Test
  void aTileThatIsPackedAndCutIsRefused() {
    Image image = Image.of(8, 1);
    for (int packing : new int[] {5, 8, 32773}) {
      Segments tiles = new Segments();
      byte[] packed = packed(image.rectangle(0, 0, 32, 48, 0, 1), packing);
      tiles.add(Arrays.copyOf(packed, packed.length - 40));
      assertRefused(
          TiffMaker.of(WIDTH, HEIGHT, 8, 1, tiles.bytes.toByteArray())
              .without(TiffMaker.OFFSET)
              .without(TiffMaker.COUNT)
              .without(ROWS_OF_A_STRIP)
              .with(TiffMaker.COMPRESSION, packing)
              .with(TILE_WIDTH, 48)
              .with(TILE_HEIGHT, 32)
              .with(TiffMaker.TILE_OFFSETS, tiles.offsets)
              .with(TiffMaker.TILE_COUNTS, tiles.counts),
          "tile 0 unfolds to",
          "of 1536");
    }
  }

  @Test
  void tilesOfNoSizeAreRefused() {
    Image image = Image.of(8, 1);
    assertRefused(tiled(image, 16, 16, false, 1).with(TILE_HEIGHT, 0), "image.tif");
    assertRefused(tiled(image, 16, 16, false, 1).with(TILE_WIDTH, 0), "image.tif");
  }

  /** The JDK's reader takes them for bits in the usual order where nothing is packed. */
  @Test
  void bitsInReverseOrderAreRefusedUnlessTheirPackingKnowsThem() throws IOException {
    Image image = Image.of(8, 1);
    for (int packing : new int[] {1, 8, 32773}) {
      assertRefused(stripped(image, 7, packing).with(FILL_ORDER, 2), "bits in reverse order");
    }
    Segments reversed = new Segments();
    byte[] packed = packed(image.rectangle(0, 0, HEIGHT, WIDTH, 0, 1), 5);
    for (int i = 0; i < packed.length; i++) {
      packed[i] = (byte) (Integer.reverse(packed[i]) >>> 24);
    }
    reversed.add(packed);
    TiffMaker lzw =
        TiffMaker.of(WIDTH, HEIGHT, 8, 1, packed)
            .with(TiffMaker.COMPRESSION, 5)
            .with(FILL_ORDER, 2);
    assertThat(read(lzw.bytes())).containsExactly(image.wanted());
  }

  @Test
  void codesThatLzwHasNotYetMadeAreRefused() {
    byte[] packed = {(byte) 0x80, 0x0a, 0x7f, (byte) 0xff, (byte) 0xff}; // 256, 20, 511
    TiffMaker tiff = TiffMaker.of(WIDTH, HEIGHT, 8, 1, packed).with(TiffMaker.COMPRESSION, 5);
    assertRefused(tiff, "LZW compression has a code that means nothing");
  }

  @Test
  void theOldFormOfJpegInTiffIsRefused() {
    assertRefused(stripped(Image.of(8, 3), 7, 6), "the old form of JPEG compression");
  }

  @Test
  void photometricMustBeTold() {
    assertRefused(
        stripped(Image.of(8, 1), 7, 1).without(TiffMaker.PHOTOMETRIC),
        "does not say what its numbers stand for");
  }

  @Test
  void aPaletteOfFewerColoursThanItsDepthHasIsRefused() {
    int[] colours = new int[3 * 256];
    Arrays.fill(colours, 500);
    Image image = Image.of(8, 1);
    assertRefused(
        stripped(image, 7, 1)
            .with(TiffMaker.PHOTOMETRIC, 3)
            .with(TiffMaker.COLOURS, Arrays.copyOf(colours, 3 * 16)),
        "damaged image, or one of a form that is not read");
  }

  /** Written by the JDK, in tiles and packed as JPEG. */
  @ParameterizedTest
  @ValueSource(strings = {"LZW", "Deflate", "PackBits", "JPEG", "ZLib"})
  void whatTheJdkWritesIsReadAndCutsAreRefused(String packing) throws IOException {
    BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_BYTE_GRAY);
    double[] wanted = new double[64 * 48];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = 100 + i % 64 / 8 * 10;
      image.getRaster().setSample(i % 64, i / 64, 0, (int) wanted[i]);
    }
    byte[] tiff = written(image, packing);
    double[] values = read(tiff);
    assertThat(values).hasSameSizeAs(wanted);
    for (int i = 0; i < wanted.length; i++) {
      assertThat(values[i]).isBetween(wanted[i] - 2, wanted[i] + 2);
    }
    for (double part : new double[] {0.4, 0.8}) {
      byte[] cut = Arrays.copyOf(tiff, (int) (part * tiff.length));
      assertThatThrownBy(() -> read(cut)).isInstanceOf(PalimpsestException.class);
    }
  }

  private static byte[] written(BufferedImage image, String packing) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("tiff").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      how.setCompressionType(packing);
      how.setTilingMode(ImageWriteParam.MODE_EXPLICIT);
      how.setTiling(32, 16, 0, 0);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), how);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
