package org.palimpsest.io.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.image.Preprocessing.Normalisation;
import org.palimpsest.io.volume.PatchRule;
import org.palimpsest.io.volume.SmallNifti;

/** How images are prepared, and settings by which they cannot be. */
class SettingsOfImagesTest {

  private static final Preprocessing NONE = Preprocessing.none();

  @TempDir private Path folder;

  private static void assertRefused(ThrowingCallable call, String... words) {
    assertThatThrownBy(call).isInstanceOf(PalimpsestException.class).hasMessageContainingAll(words);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 4, -1})
  void imagesAreGreyOrColoured(int channels) {
    assertRefused(() -> NONE.withChannels(channels), "1 channel (grey) or 3", "not " + channels);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -5, 32_769})
  void sizesThatNoImageHasAreRefused(int size) {
    assertRefused(() -> NONE.withSize(size, 8), "1 to 32768");
    assertRefused(() -> NONE.withSize(8, size), "1 to 32768");
    assertRefused(
        () ->
            new Preprocessing(
                OptionalInt.empty(),
                OptionalInt.of(8),
                OptionalInt.empty(),
                Normalisation.NONE,
                List.of(),
                List.of()),
        "both given");
  }

  @Test
  void aMeanAndADeviationGoTogetherAndAreNumbers() {
    List<Double> one = List.of(1.0);

    assertRefused(() -> NONE.withMeanAndDeviation(one, List.of()), "only the mean [1.0]");
    assertRefused(() -> NONE.withMeanAndDeviation(List.of(), one), "only the deviation [1.0]");
    assertRefused(() -> NONE.withMeanAndDeviation(List.of(1.0, 2.0), one), "[1.0, 2.0] and [1.0]");
    for (double wrong : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertRefused(() -> NONE.withMeanAndDeviation(one, List.of(wrong)), "[" + wrong + "]");
    }
    for (double wrong : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
      assertRefused(() -> NONE.withMeanAndDeviation(List.of(wrong), one), "[" + wrong + "]");
    }
  }

  @Test
  void aRuleSaysWhatItDoes() {
    assertThat(NONE.describe()).isEqualTo("none");
    assertThat(
            NONE.withChannels(1)
                .withSize(64, 32)
                .with(Normalisation.UNIT)
                .withMeanAndDeviation(List.of(0.5), List.of(0.25))
                .describe())
        .isEqualTo("grey, 64x32, unit, mean [0.5], deviation [0.25]");
    assertThat(NONE.withChannels(3).with(Normalisation.STANDARDISE).describe())
        .isEqualTo("colour, standardise");
  }

  private void png(String name, int... greys) throws IOException {
    BufferedImage image = new BufferedImage(greys.length, 1, BufferedImage.TYPE_BYTE_GRAY);
    for (int x = 0; x < greys.length; x++) {
      image.getRaster().setSample(x, 0, 0, greys[x]);
    }
    ImageIO.write(image, "png", folder.resolve(name).toFile());
  }

  private double[] values(Preprocessing rule) {
    Probes probes = ImageProbes.open(folder, rule);
    return probes.batch(0, probes.count()).reshape(probes.count() * 4).toDoubleVector();
  }

  /** 0, 51, 102, 255: by 255 they are 0, 1/5, 2/5 and 1. */
  @Test
  void valuesAreScaledInTheOrderThatIsSaid() throws IOException {
    png("a.png", 0, 51, 102, 255);
    Preprocessing unit = NONE.with(Normalisation.UNIT);

    assertThat(values(NONE)).containsExactly(0, 51, 102, 255);
    assertThat(values(unit)).usingComparatorWithPrecision(1e-6).containsExactly(0, 0.2, 0.4, 1);
    assertThat(values(unit.withMeanAndDeviation(List.of(0.4), List.of(0.2))))
        .usingComparatorWithPrecision(1e-6)
        .containsExactly(-2, -1, 0, 3);
    double[] standard = values(NONE.with(Normalisation.STANDARDISE));
    assertThat(standard[0] + standard[1] + standard[2] + standard[3]).isCloseTo(0, within());
    assertThat(
            standard[0] * standard[0]
                + standard[1] * standard[1]
                + standard[2] * standard[2]
                + standard[3] * standard[3])
        .isCloseTo(4, within());
  }

  private static Offset<Double> within() {
    return Offset.offset(1e-5);
  }

  @Test
  void anImageOfOneGreyCannotBeStandardised() throws IOException {
    png("flat.png", 7, 7, 7, 7);

    assertRefused(() -> ImageProbes.open(folder, NONE.with(Normalisation.STANDARDISE)), "flat.png");
  }

  /** The mean of equal numbers that are no sums of powers of two is not quite that number. */
  @ParameterizedTest
  @ValueSource(doubles = {7, 0.1, -1.0e-7, 1 / 3.0})
  void aVolumeOfOneValueCannotBeStandardised(double value) throws IOException {
    for (int extent = 2; extent < 6; extent++) {
      float[] places = new float[extent * extent * extent];
      Path file =
          SmallNifti.write(
              folder.resolve("flat.nii"),
              new int[] {extent, extent, extent},
              new double[] {1, 1, 1},
              places);
      byte[] header = Arrays.copyOf(Files.readAllBytes(file), 352);
      ByteBuffer bytes =
          ByteBuffer.allocate(352 + 8 * places.length).order(ByteOrder.LITTLE_ENDIAN).put(header);
      bytes.putShort(70, (short) 64).putShort(72, (short) 64); // float64
      for (int i = 0; i < places.length; i++) {
        bytes.putDouble(352 + 8 * i, value);
      }
      Files.write(file, bytes.array());

      assertRefused(() -> ImageProbes.open(file, NONE.with(Normalisation.STANDARDISE)), "flat.nii");
    }
  }

  @Test
  void meansOfOtherChannelsThanTheImagesAreRefused() throws IOException {
    png("grey.png", 1, 2, 3, 4);

    assertRefused(
        () ->
            ImageProbes.open(
                folder, NONE.withMeanAndDeviation(List.of(1.0, 2.0, 3.0), List.of(1.0, 1.0, 1.0))),
        "3 means",
        "1 channels");
  }

  @Test
  void aFolderWithoutImagesIsRefused() throws IOException {
    Files.writeString(folder.resolve("notes.txt"), "no image");

    assertRefused(() -> ImageProbes.open(folder, NONE), folder.toString());
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, Double.NaN})
  void patchesThatOverlapWhollyAreRefused(double overlap) {
    assertRefused(
        () -> new PatchRule(PatchRule.Kind.GRID, overlap, OptionalInt.empty(), 0, 0.3, false),
        String.valueOf(overlap));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void sharesOfForegroundThatAreNoneAreRefused(double share) {
    assertRefused(
        () -> new PatchRule(PatchRule.Kind.FOREGROUND, 0.5, OptionalInt.empty(), 0, share, false),
        String.valueOf(share));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, (1 << 20) + 1})
  void countsOfPatchesThatAreNoneAreRefused(int count) {
    assertRefused(
        () -> new PatchRule(PatchRule.Kind.RANDOM, 0.5, OptionalInt.of(count), 0, 0.3, false),
        "not " + count);
  }

  @Test
  void aRuleOfPatchesSaysWhatItDoes() {
    assertThat(PatchRule.whole().describe()).isEqualTo("whole cases");
    assertThat(PatchRule.of(PatchRule.Kind.CENTRE).describe()).contains("centre");
    assertThat(PatchRule.of(PatchRule.Kind.GRID).describe()).endsWith("overlapping by 0.5");
    assertThat(PatchRule.of(PatchRule.Kind.RANDOM).describe())
        .isEqualTo("8 patches drawn of each case, seed 0");
    assertThat(PatchRule.of(PatchRule.Kind.FOREGROUND).describe()).contains("0.33", "seed 0");
  }
}
