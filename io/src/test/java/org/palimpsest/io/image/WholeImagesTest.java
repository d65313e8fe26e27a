package org.palimpsest.io.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.io.image.Preprocessing.Normalisation;
import org.palimpsest.io.internal.image.PlanarImage;

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

  /** A BMP image of 3 x 2 grey pixels, the lower row first; each row has four bytes. */
  private static ByteBuffer bitmap() {
    ByteBuffer image = ByteBuffer.allocate(54 + 1024 + 8).order(ByteOrder.LITTLE_ENDIAN);
    image.put(0, (byte) 'B').put(1, (byte) 'M').putInt(10, 54 + 1024).putInt(14, 40);
    image.putInt(18, 3).putInt(22, 2).putShort(26, (short) 1).putShort(28, (short) 8);
    for (int grey = 0; grey < 256; grey++) {
      image.putInt(54 + 4 * grey, grey * 0x10101);
    }
    byte[] pixels = {1, 2, 3, 0, 4, 5, (byte) 250, 0};
    return image.put(54 + 1024, pixels);
  }

  @Test
  void aBitmapIsReadFromBelowOrAbove() throws IOException {
    assertThat(read(bitmap().array(), "grey.bmp")).containsExactly(4, 5, 250, 1, 2, 3);
    assertThat(read(bitmap().putInt(22, -2).array(), "down.bmp"))
        .containsExactly(1, 2, 3, 4, 5, 250);
  }

  @Test
  void bitmapsOfOtherFormsAndCutOnesAreRefused() {
    byte[] whole = bitmap().array();
    for (int length : new int[] {20, 60, whole.length - 5}) {
      assertRefused(Arrays.copyOf(whole, length), "cut.bmp", "too early");
    }
    assertRefused(bitmap().putInt(30, 1).array(), "packed.bmp", "without compression");
    assertRefused(bitmap().putShort(28, (short) 4).array(), "four.bmp", "of 4 bits");
    assertRefused(bitmap().putInt(18, -3).array(), "narrow.bmp", "makes no sense");
    assertRefused(bitmap().putInt(18, 1 << 30).array(), "wide.bmp", "too early");
    assertRefused(bitmap().putInt(10, 20).array(), "early.bmp", "makes no sense");
    assertRefused(bitmap().putInt(46, 5000).array(), "many.bmp", "5000 colours");
    assertRefused(
        bitmap().putInt(46, 5).array(), "few.bmp", "pixels of colour 5;", "has 5 colours");
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
    byte[] one = {0, 0, 0, 1, 0, 0, 0, 0};
    byte[] still = png("fcTL", new byte[26]);
    assertThat(read(withChunk(still, "acTL", one), "still.png")).hasSize(64);
    assertRefused(png("acTL", one), "beside.png", "animation");
  }

  @Test
  void aPngWithAChunkThatIsNeededAndNotKnownIsRefused() throws IOException {
    assertRefused(png("NEED", new byte[4]), "other.png", "not known");
    assertThat(read(png("neEd", new byte[4]), "plain.png")).hasSize(64);
  }

  private static byte[] colourJpeg() throws IOException {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 256; i++) {
      image.setRGB(i % 16, i / 16, 0xff2010 + 0x000408 * (i / 16));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "jpeg", out);
    return out.toByteArray();
  }

  /** A profile moves the JDK's numbers, and those of no other reader here. */
  @Test
  void theColourProfileOfAJpegChangesNothing() throws IOException {
    byte[] plain = colourJpeg();
    byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
    byte[] segment = join("ICC_PROFILE\0\1\1", profile);
    byte[] marked = withSegment(plain, 0xffe2, segment);
    assertThat(read(marked, "profile.jpg")).containsExactly(read(plain, "plain.jpg"));
  }

  /** As libjpeg takes them. */
  @Test
  void theChannelsOfAJpegWithoutAMarkAreThoseOfLibjpeg() throws IOException {
    byte[] plain = colourJpeg();
    double[] right = read(plain, "plain.jpg");
    int jfif = 2 + 2 + 16;
    byte[] bare = join("\u00ff\u00d8", Arrays.copyOfRange(plain, jfif, plain.length));
    assertThat(read(withIds(bare, 0, 1, 2), "ids.jpg")).containsExactly(right);
    assertThat(read(withIds(bare, 1, 2, 3), "usual.jpg")).containsExactly(right);
    assertThat(read(withIds(bare, 'R', 'G', 'B'), "rgb.jpg")).isNotEqualTo(right);
    byte[] adobe = join("Adobe\0d\0\0\0\0", new byte[] {1});
    assertThat(read(withSegment(bare, 0xffee, adobe), "adobe.jpg")).containsExactly(right);
    adobe[11] = 0;
    assertThat(read(withSegment(bare, 0xffee, adobe), "none.jpg")).isNotEqualTo(right);
    assertThat(read(withSegment(plain, 0xffee, adobe), "both.jpg")).containsExactly(right);
  }

  /** The names of the channels, in the frame and in the scan. */
  private static byte[] withIds(byte[] jpeg, int... ids) {
    byte[] changed = jpeg.clone();
    String text = new String(jpeg, StandardCharsets.ISO_8859_1);
    int frame = text.indexOf("\u00ff\u00c0") + 10;
    int scan = text.indexOf("\u00ff\u00da") + 5;
    for (int i = 0; i < 3; i++) {
      changed[frame + 3 * i] = (byte) ids[i];
      changed[scan + 2 * i] = (byte) ids[i];
    }
    return changed;
  }

  @Test
  void aGifThatFillsAPartOfItsScreenIsRefused() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY), "gif", out);
    byte[] gif = out.toByteArray();
    assertThat(read(gif, "whole.gif")).hasSize(64);
    gif[6] = 9; // the screen's width
    assertRefused(gif, "part.gif", "8 x 8", "9 x 8", "Save it as PNG");
  }

  @Test
  void aGifWhosePixelsAreBeyondItsPaletteIsRefused() throws IOException {
    byte[] gif = {
      'G',
      'I',
      'F',
      '8',
      '9',
      'a',
      2,
      0,
      1,
      0,
      (byte) 0x80,
      0,
      0, // a palette of two colours
      9,
      9,
      9,
      70,
      70,
      70,
      ',',
      0,
      0,
      0,
      0,
      2,
      0,
      1,
      0,
      0,
      2,
      2,
      0x44,
      0x0a,
      0,
      ';'
    };
    assertThat(read(gif, "sound.gif")).containsExactly(9, 70);
    gif[gif.length - 4] = (byte) 0x84; // the second pixel is of colour 2
    assertRefused(gif, "beyond.gif", "colour 2", "palette has 2 colours");
  }

  /** A GIF of two pixels, of colours 0 and 1 of a palette of its own, behind these blocks. */
  private static byte[] gif(String blocks) {
    String text =
        "GIF89a\2\0\1\0\0\0\0" // a screen of 2 x 1 without a palette
            + blocks
            + ",\0\0\0\0\2\0\1\0\u0080" // an image of its size with a palette
            + "\11\11\11FFF" // 9 and 70
            + "\2\2\u0044\12\0;";
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void commentsAndControlsOfAGifArePassedOver() throws IOException {
    String control = "!\u00f9\4\0\0\0\0\0";
    String comment = "!\u00fe\5GIMP!\3,;!\0";
    for (String blocks : List.of("", control, comment, comment + control + comment)) {
      assertThat(read(gif(blocks), "blocks.gif")).containsExactly(9, 70);
    }
    byte[] cut = Arrays.copyOf(gif(comment), 20);
    assertRefused(cut, "cut.gif", "truncated");
  }

  @Test
  void jpegsOfOtherNumbersOfChannelsAndBrokenSegmentsAreRefused() throws IOException {
    byte[] plain = colourJpeg();
    String text = new String(plain, StandardCharsets.ISO_8859_1);
    byte[] four = plain.clone();
    four[text.indexOf("\u00ff\u00c0") + 9] = 4;
    assertRefused(four, "cmyk.jpg", "JPEG image of 4 channels (such as CMYK)");
    byte[] short1 = plain.clone();
    short1[5] = 1; // the first segment has fewer bytes than its length takes
    short1[4] = 0;
    assertRefused(short1, "short.jpg", "no segment begins where one should");
    byte[] shifted = withSegment(plain, 0xffe2, new byte[] {1, 2, 3});
    shifted[5]++;
    assertRefused(shifted, "shifted.jpg", "no segment begins where one should");
    byte[] filled = join("\u00ff\u00d8\u00ff\u00ff", Arrays.copyOfRange(plain, 2, plain.length));
    assertThat(read(filled, "filled.jpg")).containsExactly(read(plain, "plain.jpg"));
    assertRefused(Arrays.copyOf(plain, 3), "start.jpg", "start.jpg");
  }

  private static byte[] pngOf(int type, byte[] palette, byte[] packed) throws IOException {
    return pngOf(8, type, palette, packed);
  }

  private static byte[] pngOf(int bits, int type, byte[] palette, byte[] packed)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    write(out, "IHDR", new byte[] {0, 0, 0, 2, 0, 0, 0, 1, (byte) bits, (byte) type, 0, 0, 0});
    if (palette.length > 0) {
      write(out, "PLTE", palette);
    }
    write(out, "IDAT", packed);
    write(out, "IEND", new byte[0]);
    return bytes.toByteArray();
  }

  /** As scikit-image 0.26 with Pillow 13 reads it; of one channel it keeps all 16 bits. */
  @Test
  void ofAPngInColoursOf16BitsNnUnetSeesTheUpperEight() throws IOException {
    byte[] row = {0, 1, (byte) 200, 2, 7, 3, 0, 4, (byte) 255, 5, 1, 6, (byte) 128};
    assertThat(read(pngOf(16, 2, new byte[0], deflated(row)), "colours.png"))
        .containsExactly(
            256 + 200, 4 * 256 + 255, 2 * 256 + 7, 5 * 256 + 1, 3 * 256, 6 * 256 + 128);
    assertThat(PlanarImage.read(folder.resolve("colours.png")).channels())
        .isDeepEqualTo(new float[][] {{1, 4}, {2, 5}, {3, 6}});
    read(pngOf(16, 0, new byte[0], deflated(Arrays.copyOf(row, 5))), "grey.png");
    assertThat(PlanarImage.read(folder.resolve("grey.png")).channels())
        .isDeepEqualTo(new float[][] {{256 + 200, 2 * 256 + 7}});
  }

  @Test
  void aPngWhosePixelsAreBeyondItsPaletteIsRefused() throws IOException {
    byte[] palette = {1, 1, 1, 20, 20, 20, 7, 7, 7};
    assertThat(read(pngOf(3, palette, deflated(new byte[] {0, 0, 2})), "sound.png"))
        .containsExactly(1, 7);
    byte[] beyond = pngOf(3, palette, deflated(new byte[] {0, 0, 3}));
    assertRefused(beyond, "beyond.png", "colour 3", "palette has 3 colours");
    byte[] none = pngOf(3, new byte[0], deflated(new byte[] {0, 0, 0}));
    assertRefused(none, "none.png", "damaged");
    byte[] part = pngOf(3, new byte[] {1, 1, 1, 2}, deflated(new byte[] {0, 0, 0}));
    assertRefused(part, "part.png", "PLTE");
  }

  @Test
  void whatIsWrongWithThePixelsOfAPngIsTold() throws IOException {
    byte[] packed = deflated(new byte[] {0, 5, 6});
    assertThat(read(pngOf(0, new byte[0], packed), "sound.png")).containsExactly(5, 6);
    byte[] few = pngOf(0, new byte[0], deflated(new byte[] {0, 5}));
    assertRefused(few, "few.png", "unfold to 2 of 3 bytes");
    byte[] cut = pngOf(0, new byte[0], Arrays.copyOf(packed, packed.length - 5));
    assertRefused(cut, "cut.png", "truncated or damaged");
    packed[packed.length - 1]++;
    assertRefused(pngOf(0, new byte[0], packed), "sum.png", "incorrect data check");
    packed[3] ^= (byte) 0xff;
    assertRefused(pngOf(0, new byte[0], packed), "noise.png", "damaged");
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
    return withSegment(jpeg, 0xffe1, join("Exif\0\0", exif(orientation)));
  }

  private static byte[] withSegment(byte[] jpeg, int marker, byte[] content) {
    ByteBuffer all = ByteBuffer.allocate(jpeg.length + 4 + content.length);
    all.put(jpeg, 0, 2).putShort((short) marker).putShort((short) (content.length + 2));
    return all.put(content).put(jpeg, 2, jpeg.length - 2).array();
  }

  private static byte[] exif(int orientation) {
    byte[] exif = new byte[26];
    ByteBuffer.wrap(exif)
        .put(new byte[] {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1})
        .putShort((short) 274)
        .putShort((short) 3)
        .putInt(1)
        .putShort((short) orientation);
    return exif;
  }

  private static byte[] xmp(int orientation) {
    return "<x:xmpmeta><rdf:Description tiff:Orientation=\"%d\"/></x:xmpmeta>"
        .formatted(orientation)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] join(String first, byte[] second) {
    byte[] start = first.getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocate(start.length + second.length).put(start).put(second).array();
  }

  private static byte[] deflated(byte[] content) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
      out.write(content);
    }
    return packed.toByteArray();
  }

  /** Behind the header, which has 33 bytes with the signature. */
  private static byte[] withChunk(byte[] png, String type, byte[] content) {
    byte[] named = join(type, content);
    CRC32 sum = new CRC32();
    sum.update(named);
    ByteBuffer all = ByteBuffer.allocate(png.length + named.length + 8).put(png, 0, 33);
    all.putInt(content.length).put(named).putInt((int) sum.getValue());
    return all.put(png, 33, png.length - 33).array();
  }

  @Test
  void aJpegThatIsToBeTurnedByXmpIsRefused() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY), "jpeg", out);
    for (int orientation : new int[] {1, 3}) {
      byte[] xmp = join("http://ns.adobe.com/xap/1.0/\0", xmp(orientation));
      assertUprightAlone(orientation, withSegment(out.toByteArray(), 0xffe1, xmp), "xmp.jpg");
    }
  }

  @Test
  void aPngThatIsToBeTurnedIsRefused() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY), "png", out);
    byte[] png = out.toByteArray();
    for (int orientation : new int[] {1, 6}) {
      byte[] exif = exif(orientation);
      byte[] xmp = xmp(orientation);
      String digits =
          "\nexif\n      %d\n%s\n".formatted(exif.length, HexFormat.of().formatHex(exif));
      byte[] raw = digits.getBytes(StandardCharsets.US_ASCII);
      byte[] marked = join("Exif\0\0", exif);
      Map<String, byte[]> files = new LinkedHashMap<>();
      files.put("exif.png", withChunk(png, "eXIf", exif));
      files.put("marked.png", withChunk(png, "eXIf", marked));
      files.put("raw.png", withChunk(png, "tEXt", join("Raw profile type exif\0", raw)));
      files.put(
          "packed.png", withChunk(png, "zTXt", join("Raw profile type APP1\0\0", deflated(raw))));
      files.put("xmp.png", withChunk(png, "iTXt", join("XML:com.adobe.xmp\0\0\0\0\0", xmp)));
      files.put(
          "packed-xmp.png",
          withChunk(png, "iTXt", join("XML:com.adobe.xmp\0\1\0\0\0", deflated(xmp))));
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        assertUprightAlone(orientation, file.getValue(), file.getKey());
      }
    }
  }

  private void assertUprightAlone(int orientation, byte[] content, String name) throws IOException {
    if (orientation == 1) {
      assertThat(read(content, name)).hasSize(64);
    } else {
      assertRefused(content, name, "Orientation " + orientation, "upright");
    }
  }

  @Test
  void imagesWhoseZeroIsWhiteAreTurnedOverAndNoted() throws IOException {
    byte[] strip = {0, 1, 2, (byte) 255};
    byte[] white = TiffMaker.of(4, 1, 8, 1, strip).with(TiffMaker.PHOTOMETRIC, 0).bytes();
    assertThat(read(white, "white.tif")).containsExactly(255, 254, 253, 0);
    ImageProbes probes = ImageProbes.open(folder.resolve("white.tif"), Preprocessing.none());
    assertThat(probes.notes()).singleElement().asString().contains("white as zero");
    assertThatThrownBy(() -> PlanarImage.read(folder.resolve("white.tif")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("white.tif has zero for white", "nnU-Net's reader does not");
    read(TiffMaker.of(4, 1, 8, 1, strip).bytes(), "black.tif");
    assertThat(ImageProbes.open(folder.resolve("black.tif"), Preprocessing.none()).notes())
        .isEmpty();
  }
}
