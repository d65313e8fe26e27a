package org.palimpsest.io.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.io.image.Preprocessing.Normalisation;

/** What an image's file does not hold, or holds besides, is never made up or left out. */
class WholeImagesTest {

  private static final int WIDTH = 16;
  private static final int HEIGHT = 12;

  @TempDir Path folder;

  private static byte[] noise(int length) {
    byte[] bytes = new byte[length];
    new Random(7).nextBytes(bytes);
    return bytes;
  }

  private static TiffMaker grey() {
    return TiffMaker.of(WIDTH, HEIGHT, 8, 1, noise(WIDTH * HEIGHT));
  }

  private double[] read(byte[] bytes, String name) throws IOException {
    Path file = Files.write(folder.resolve(name), bytes);
    ImageProbes probes = ImageProbes.open(file, Preprocessing.none());
    double[] values = new double[(int) probes.batch(0, 1).length()];
    TensorReader.of(probes.batch(0, 1)).read(0, values);
    return values;
  }

  private void assertRefused(byte[] bytes, String name, String... words) {
    assertThatThrownBy(() -> read(bytes, name))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(name)
        .hasMessageContainingAll(words);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.3, 0.5, 0.7, 0.95, 0.999})
  void aJpegThatEndsEarlyIsRefused(double part) throws IOException {
    BufferedImage image = new BufferedImage(160, 120, BufferedImage.TYPE_BYTE_GRAY);
    Random random = new Random(3);
    for (int i = 0; i < 160 * 120; i++) {
      image.getRaster().setSample(i % 160, i / 160, 0, random.nextInt(256));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "jpeg", out);
    byte[] whole = out.toByteArray();
    assertThat(read(whole, "whole.jpg")).hasSize(160 * 120);
    byte[] cut = Arrays.copyOf(whole, (int) (part * whole.length));
    assertRefused(cut, "cut.jpg", "truncated");
    cut = Arrays.copyOf(cut, cut.length + 2);
    cut[cut.length - 2] = (byte) 0xff;
    cut[cut.length - 1] = (byte) 0xd9;
    assertRefused(cut, "ended.jpg", "truncated or damaged");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 8, 32773})
  void aTiffStripThatHoldsFewerBytesThanItsRowsNeedIsRefused(int compression) throws IOException {
    double[] wanted = read(grey().bytes(), "plain.tif");
    assertThat(read(grey().packed(compression, 1).bytes(), "packed.tif")).isEqualTo(wanted);
    for (double part : List.of(0.3, 0.5, 0.9)) {
      byte[] cut = grey().packed(compression, part).bytes();
      assertRefused(cut, "cut.tif", "strip or tile 0 unfolds to", "of 192");
    }
    byte[] small = TiffMaker.of(WIDTH, HEIGHT, 8, 1, noise(100)).packed(compression, 1).bytes();
    assertRefused(small, "small.tif", "unfolds to 100 bytes of 192");
  }

  @Test
  void aSparseTiffIsRefused() {
    assertRefused(grey().with(TiffMaker.OFFSET, 0).bytes(), "sparse.tif", "sparse");
    assertRefused(grey().with(TiffMaker.COUNT, 0).bytes(), "sparse.tif", "sparse");
    assertRefused(grey().without(TiffMaker.COUNT).bytes(), "none.tif", "1 strips", "0 lengths");
    assertRefused(grey().with(TiffMaker.COUNT, 100_000).bytes(), "long.tif", "is truncated");
  }

  @ParameterizedTest
  @CsvSource({"2, 0", "2, -1", "4, 0", "4, -1", "5, 0"})
  void aChannelOfATiffIsTransparencyOnlyWhereTheFileSaysSo(int samples, int extra) {
    TiffMaker maker = TiffMaker.of(4, 4, 8, samples, noise(16 * samples));
    if (extra >= 0) {
      maker.with(TiffMaker.EXTRA, extra);
    }
    assertRefused(maker.bytes(), "many.tif", samples + " channels");
    assertRefused(maker.with(TiffMaker.PHOTOMETRIC, 1).bytes(), "many.tif", samples + " channels");
  }

  @ParameterizedTest
  @CsvSource({"2, 1", "2, 2", "4, 1", "4, 2"})
  void transparencyIsLeftOut(int samples, int extra) throws IOException {
    byte[] strip = noise(16 * samples);
    byte[] tiff = TiffMaker.of(4, 4, 8, samples, strip).with(TiffMaker.EXTRA, extra).bytes();
    double[] values = read(tiff, "alpha.tif");
    assertThat(values).hasSize(16 * (samples - 1));
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i]).isEqualTo(strip[i % 16 * samples + i / 16] & 0xff);
    }
  }

  @Test
  void coloursOfAPaletteAreTheUpperHalfOfTheirNumbers() throws IOException {
    byte[] indices = new byte[256];
    int[] colours = new int[3 * 256];
    for (int i = 0; i < 256; i++) {
      indices[i] = (byte) i;
      colours[i] = i << 8;
      colours[256 + i] = (255 - i) << 8 | (255 - i);
      colours[512 + i] = i << 8 | 0xff;
    }
    TiffMaker maker = TiffMaker.of(16, 16, 8, 1, indices).with(TiffMaker.PHOTOMETRIC, 3);
    double[] values = read(maker.with(TiffMaker.COLOURS, colours).bytes(), "palette.tif");
    for (int i = 0; i < 256; i++) {
      assertThat(values[i]).isEqualTo(i);
      assertThat(values[256 + i]).isEqualTo(255 - i);
      assertThat(values[512 + i]).isEqualTo(i);
    }
    int[] small = Arrays.stream(colours).map(colour -> colour >> 8).toArray();
    assertRefused(maker.with(TiffMaker.COLOURS, small).bytes(), "small.tif", "palette");
  }

  @ParameterizedTest
  @CsvSource({"8, CIELab", "9, ICCLab", "10, ITULab"})
  void coloursThatAreNotRgbAreRefused(int photometric, String name) {
    TiffMaker maker = TiffMaker.of(4, 4, 8, 3, noise(48)).with(TiffMaker.PHOTOMETRIC, photometric);
    assertRefused(maker.bytes(), "lab.tif", name);
  }

  @Test
  void severalSlicesInOneImageAreRefused() throws IOException {
    assertRefused(grey().with(TiffMaker.DEPTH, 4).bytes(), "deep.tif", "several slices (4)");
    String truncated = "{\"shape\": [3, 12, 16], \"truncated\": true}";
    assertRefused(grey().described(truncated).bytes(), "series.tif", "several slices");
    String stack = "ImageJ=1.54f\nimages=12\nslices=12\n";
    assertRefused(grey().described(stack).bytes(), "stack.tif", "several slices");
    read(grey().described("{\"shape\": [12, 16]}").bytes(), "one.tif");
    read(grey().described("ImageJ=1.54f\nimages=1\n").bytes(), "one.tif");
  }

  @Test
  void floatingImagesHaveNoGreatestValue() throws IOException {
    byte[] tiff = TiffMaker.of(4, 4, 32, 1, new byte[64]).with(TiffMaker.FORMAT, 3).bytes();
    Path file = Files.write(folder.resolve("floating.tif"), tiff);
    Preprocessing unit = Preprocessing.none().with(Normalisation.UNIT);
    assertThatThrownBy(() -> ImageProbes.open(file, unit))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("floating.tif holds numbers that have no greatest value");
  }

  @Test
  void textsInPngImagesAreNotUnfolded() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    text.write(new byte[] {'k', 0, 0});
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(text)) {
      for (int i = 0; i < 400; i++) {
        deflater.write(new byte[1 << 20]);
      }
    }
    double[] values = read(png("zTXt", text.toByteArray()), "text.png");
    assertThat(values).hasSize(64).containsOnly(0);
  }

  @Test
  void anAnimatedPngIsRefused() throws IOException {
    assertRefused(png("acTL", new byte[] {0, 0, 0, 2, 0, 0, 0, 0}), "moving.png", "animation");
    assertThat(read(png("acTL", new byte[] {0, 0, 0, 1, 0, 0, 0, 0}), "still.png")).hasSize(64);
  }

  private static byte[] png(String chunk, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    write(out, "IHDR", new byte[] {0, 0, 0, 8, 0, 0, 0, 8, 8, 0, 0, 0, 0});
    write(out, chunk, content);
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(pixels)) {
      deflater.write(new byte[72]);
    }
    write(out, "IDAT", pixels.toByteArray());
    write(out, "IEND", new byte[0]);
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, String type, byte[] content) throws IOException {
    byte[] chunk = new byte[4 + content.length];
    for (int i = 0; i < 4; i++) {
      chunk[i] = (byte) type.charAt(i);
    }
    System.arraycopy(content, 0, chunk, 4, content.length);
    CRC32 sum = new CRC32();
    sum.update(chunk);
    out.writeInt(content.length);
    out.write(chunk);
    out.writeInt((int) sum.getValue());
  }

  @Test
  void aMeanAloneIsCalledByItsName() {
    assertThatThrownBy(() -> Preprocessing.none().withMeanAndDeviation(List.of(0.5), List.of()))
        .hasMessageContaining("only the mean [0.5] is given");
    assertThatThrownBy(() -> Preprocessing.none().withMeanAndDeviation(List.of(), List.of(0.5)))
        .hasMessageContaining("only the deviation [0.5] is given");
  }

  @Test
  void whatTheDecoderDoesNotUndoIsRefusedByItsName() {
    assertRefused(grey().with(317, 3).packed(8, 1).bytes(), "f.tif", "Predictor 3");
    byte[] wide = TiffMaker.of(8, 8, 16, 1, noise(128)).with(317, 2).packed(8, 1).bytes();
    assertRefused(wide, "w.tif", "Predictor 2", "16 bits", "without a predictor");
    byte[] colours = TiffMaker.of(8, 8, 16, 3, noise(384)).with(317, 2).packed(5, 1).bytes();
    assertRefused(colours, "c.tif", "Predictor 2", "16 bits");
    assertRefused(grey().with(259, 34925).bytes(), "l.tif", "LZMA", "deflate");
    byte[] big = grey().bytes();
    big[big[0] == 'I' ? 2 : 3] = 43;
    assertRefused(big, "big.tif", "BigTIFF", "ordinary TIFF");
  }

  @Test
  void anImageThatIsToBeTurnedIsRefused() throws IOException {
    assertRefused(grey().with(274, 6).bytes(), "turned.tif", "Orientation 6", "upright");
    assertThat(read(grey().with(274, 1).bytes(), "upright.tif")).hasSize(WIDTH * HEIGHT);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY), "jpeg", out);
    byte[] jpeg = out.toByteArray();
    assertThat(read(withOrientation(jpeg, 1), "upright.jpg")).hasSize(64);
    assertRefused(withOrientation(jpeg, 6), "turned.jpg", "Orientation 6", "upright");
  }

  /** As a camera writes it, before the first segment. */
  private static byte[] withOrientation(byte[] jpeg, int orientation) {
    byte[] exif = {
      (byte) 0xff,
      (byte) 0xe1,
      0,
      34,
      'E',
      'x',
      'i',
      'f',
      0,
      0,
      'M',
      'M',
      0,
      42,
      0,
      0,
      0,
      8,
      0,
      1,
      1,
      18,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      (byte) orientation,
      0,
      0,
      0,
      0,
      0,
      0
    };
    ByteBuffer all = ByteBuffer.allocate(jpeg.length + exif.length);
    return all.put(jpeg, 0, 2).put(exif).put(jpeg, 2, jpeg.length - 2).array();
  }

  @Test
  void imagesWhoseZeroIsWhiteAreTurnedOverAndNoted() throws IOException {
    byte[] strip = {0, 1, 2, (byte) 255};
    byte[] white = TiffMaker.of(4, 1, 8, 1, strip).with(TiffMaker.PHOTOMETRIC, 0).bytes();
    assertThat(read(white, "white.tif")).containsExactly(255, 254, 253, 0);
    ImageProbes probes = ImageProbes.open(folder.resolve("white.tif"), Preprocessing.none());
    assertThat(probes.notes()).singleElement().asString().contains("white as zero");
    read(TiffMaker.of(4, 1, 8, 1, strip).bytes(), "black.tif");
    assertThat(ImageProbes.open(folder.resolve("black.tif"), Preprocessing.none()).notes())
        .isEmpty();
  }
}
