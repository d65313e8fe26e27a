package org.palimpsest.io.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.npy.NpyFile;

/** Lists of MONAI's transforms, against the formulas of MONAI's documentation (1.5). */
class MonaiTransformsTest {

  private static final int[] EXTENTS = {4, 3, 5};

  @TempDir private Path folder;

  private static float[] values(long seed) {
    Random random = new Random(seed);
    float[] values = new float[60];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 7 == 0 ? 0 : (float) (100 * random.nextGaussian() + 20);
    }
    return values;
  }

  private Path volume(String name, float[] values) throws IOException {
    return SmallNifti.write(folder.resolve(name), EXTENTS, new double[] {1, 1, 1}, values);
  }

  private VolumePreparation preparation(String transforms) throws IOException {
    String all =
        "[{'_target_': 'LoadImaged', 'keys': 'image', 'ensure_channel_first': true}, %s]"
            .formatted(transforms);
    return VolumePreparation.ofMonai(
        Files.writeString(folder.resolve("transforms.json"), all.replace('\'', '"')));
  }

  /** A transform of the image, with further arguments. */
  private static String transform(String name, String arguments) {
    String more = arguments.isEmpty() ? "" : ", " + arguments;
    return "{'_target_': '%sd', 'keys': 'image'%s}".formatted(name, more);
  }

  private double[] prepared(String transforms, Path... channels) throws IOException {
    Path array = folder.resolve("whole.npy");
    PatchSet.of(preparation(transforms), PatchRule.whole())
        .write(
            List.of(CaseFiles.group(List.of(channels), preparation(transforms).channels()).get(0)),
            array);
    double[] all = SmallNifti.values(NpyFile.read(array));
    Files.delete(array);
    return all;
  }

  /** The volume's values go on along its last axis, those of the array along its first. */
  private void assertEach(String transforms, DoubleUnaryOperator wanted) throws IOException {
    float[] values = values(3);
    double[] made = prepared(transforms, volume("a_0000.nii", values));
    assertThat(made).hasSize(60);
    for (int x = 0; x < 4; x++) {
      for (int y = 0; y < 3; y++) {
        for (int z = 0; z < 5; z++) {
          double value = values[(z * 3 + y) * 4 + x];
          assertThat(made[(x * 3 + y) * 5 + z])
              .as(transforms)
              .isCloseTo(wanted.applyAsDouble(value), within(2e-4));
        }
      }
    }
  }

  private static double least() {
    return sorted()[0];
  }

  private static double[] sorted() {
    double[] sorted = new double[60];
    Arrays.setAll(sorted, i -> values(3)[i]);
    Arrays.sort(sorted);
    return sorted;
  }

  /** Linear between the two values that a percentile lies between. */
  private static double percentile(double percent) {
    double place = percent / 100 * 59;
    int below = (int) place;
    double part = place - below;
    double[] sorted = sorted();
    return (1 - part) * sorted[below] + part * sorted[Math.min(59, below + 1)];
  }

  @Test
  void scaleIntensityBringsTheLeastAndTheGreatestToItsEnds() throws IOException {
    double least = least();
    double span = sorted()[59] - least;
    assertEach(transform("ScaleIntensity", ""), x -> (x - least) / span);
    assertEach(
        transform("ScaleIntensity", "'minv': -3, 'maxv': 5"), x -> 8 * (x - least) / span - 3);
    assertEach(
        transform("ScaleIntensity", "'minv': null, 'maxv': null, 'factor': 0.5"), x -> 1.5 * x);
    assertEach(transform("ScaleIntensity", "'minv': null, 'maxv': null"), x -> x);
    assertEach(transform("ScaleIntensity", "'minv': 2, 'maxv': null"), x -> (x - least) / span);
  }

  @Test
  void scaleIntensityOfEqualValuesMultipliesThem() throws IOException {
    float[] equal = new float[60];
    Arrays.fill(equal, 7);
    Path file = volume("b_0000.nii", equal);
    assertThat(prepared(transform("ScaleIntensity", "'minv': 2, 'maxv': 3"), file))
        .containsOnly(14.0);
    assertThat(prepared(transform("ScaleIntensity", "'minv': null, 'maxv': 3"), file))
        .containsOnly(7.0);
  }

  @Test
  void scaleIntensityRangeMovesOneRangeToAnother() throws IOException {
    String range = "'a_min': -50, 'a_max': 150";
    assertEach(transform("ScaleIntensityRange", range), x -> (x + 50) / 200);
    assertEach(
        transform("ScaleIntensityRange", range + ", 'b_min': -1, 'b_max': 3"),
        x -> 4 * (x + 50) / 200 - 1);
    assertEach(
        transform("ScaleIntensityRange", range + ", 'b_min': 0, 'b_max': 1, 'clip': true"),
        x -> Math.min(1, Math.max(0, (x + 50) / 200)));
    assertEach(
        transform("ScaleIntensityRange", range + ", 'b_min': 0.25, 'clip': true"),
        x -> Math.max(0.25, (x + 50) / 200));
    assertEach(
        transform("ScaleIntensityRange", range + ", 'b_max': 0.5, 'clip': true"),
        x -> Math.min(0.5, (x + 50) / 200));
    assertEach(
        transform("ScaleIntensityRange", "'a_min': 10, 'a_max': 10, 'b_min': 4"), x -> x - 10 + 4);
    assertEach(transform("ScaleIntensityRange", "'a_min': 10, 'a_max': 10"), x -> x - 10);
  }

  @Test
  void percentilesAreThoseOfTheVolume() throws IOException {
    double low = percentile(5);
    double high = percentile(90);
    String range = "'lower': 5, 'upper': 90, 'b_min': 0, 'b_max': 10";
    assertEach(
        transform("ScaleIntensityRangePercentiles", range), x -> 10 * (x - low) / (high - low));
    assertEach(
        transform("ScaleIntensityRangePercentiles", range + ", 'clip': true"),
        x -> Math.min(10, Math.max(0, 10 * (x - low) / (high - low))));
    assertEach(
        transform("ScaleIntensityRangePercentiles", range + ", 'relative': true"),
        x -> 8.5 * (x - low) / (high - low) + 0.5);
    assertEach(
        transform(
            "ScaleIntensityRangePercentiles",
            "'lower': 0, 'upper': 100, 'b_min': null, 'b_max': null"),
        x -> (x - least()) / (sorted()[59] - least()));
  }

  @Test
  void normalizeIntensitySubtractsAndDivides() throws IOException {
    double[] all = sorted();
    double mean = Arrays.stream(all).average().orElseThrow();
    double deviation =
        Math.sqrt(Arrays.stream(all).map(x -> (x - mean) * (x - mean)).average().orElseThrow());
    assertEach(transform("NormalizeIntensity", ""), x -> (x - mean) / deviation);
    double[] some = Arrays.stream(all).filter(x -> x != 0).toArray();
    double inner = Arrays.stream(some).average().orElseThrow();
    double spread =
        Math.sqrt(Arrays.stream(some).map(x -> (x - inner) * (x - inner)).average().orElseThrow());
    assertEach(
        transform("NormalizeIntensity", "'nonzero': true"), x -> x == 0 ? 0 : (x - inner) / spread);
    assertEach(transform("NormalizeIntensity", "'subtrahend': 5, 'divisor': 4"), x -> (x - 5) / 4);
    assertEach(transform("NormalizeIntensity", "'subtrahend': 5, 'divisor': 0"), x -> x - 5);
    assertEach(transform("NormalizeIntensity", "'divisor': 4"), x -> (x - mean) / 4);
  }

  @Test
  void channelsAreChangedOneByOneOnlyWhereTheListSaysSo() throws IOException {
    float[] one = values(3);
    float[] other = values(4);
    for (int i = 0; i < other.length; i++) {
      other[i] = 1000 + 3 * other[i];
    }
    Path[] files = {volume("c_0000.nii", one), volume("c_0001.nii", other)};
    double[] together = prepared(transform("ScaleIntensity", ""), files);
    double[] each = prepared(transform("ScaleIntensity", "'channel_wise': true"), files);
    assertThat(Arrays.stream(together).min().orElseThrow()).isEqualTo(0);
    assertThat(Arrays.stream(together, 0, 60).max().orElseThrow()).isLessThan(0.5);
    for (int channel = 0; channel < 2; channel++) {
      assertThat(Arrays.stream(each, 60 * channel, 60 * channel + 60).min().orElseThrow())
          .isEqualTo(0);
      assertThat(Arrays.stream(each, 60 * channel, 60 * channel + 60).max().orElseThrow())
          .isEqualTo(1);
    }
    double[] listed =
        prepared(
            transform(
                "NormalizeIntensity",
                "'channel_wise': true, 'subtrahend': [0, 1000], 'divisor': [1, 3]"),
            files);
    assertThat(listed[0]).isCloseTo(one[0], within(1e-4));
    assertThat(listed[119]).isCloseTo(values(4)[59], within(1e-3));
  }

  /** The transforms of a list follow each other. */
  @Test
  void transformsAreDoneInTheirOrder() throws IOException {
    String shift = transform("NormalizeIntensity", "'subtrahend': 100, 'divisor': 1");
    String clip =
        transform(
            "ScaleIntensityRange", "'a_min': 0, 'a_max': 1, 'b_min': 0, 'b_max': 1, 'clip': true");
    assertEach(shift + ", " + clip, x -> Math.min(1, Math.max(0, x - 100)));
    assertEach(clip + ", " + shift, x -> Math.min(1, Math.max(0, x)) - 100);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Spacing | | a number, or a list of numbers",
        "Spacing | 'pixdim': [] | a number, or a list of numbers",
        "Spacing | 'pixdim': ['1'] | a list of numbers",
        "Spacing | 'pixdim': 1, 'dtype': 'float32' | float64, its default",
        "Spacing | 'pixdim': 1, 'scale_extent': true | 'scale_extent' is true where false",
        "Spacing | 'pixdim': 1, 'recompute_affine': true | 'recompute_affine' is true",
        "Orientation | | an orientation such as RAS",
        "Orientation | 'axcodes': 'RAS', 'labels': [['L', 'R']] | 'labels'",
        "Orientation | 'axcodes': 'RAR' | RAR",
        "Orientation | 'axcodes': 'XYZ' | XYZ",
        "Orientation | 'axcodes': 'ras' | one of L and R, one of P and A",
        "Spacing | 'pixdim': 1, 'mode': 3, 'padding_mode': 'zeros' | padding",
        "CropForeground | 'source_key': 'label' | 'image', the image",
        "CropForeground | 'source_key': 'image', 'select_fn': 'f' | voxels above zero count",
        "CropForeground | 'source_key': 'image', 'mode': 'edge' | \"constant\"",
        "CropForeground | 'source_key': 'image', 'return_coords': true | 'return_coords' is true",
        "CropForeground | 'source_key': 'image', 'margin': -1 | an integer from 0 to",
        "CropForeground | 'source_key': 'image', 'margin': [1, 2] | 3 integers",
        "ScaleIntensityRange | 'a_min': 0 | 'a_max'",
        "ScaleIntensityRange | 'a_min': 0, 'a_max': 1, 'clip': true | tells where to clip",
        "ScaleIntensityRange | 'a_min': 0, 'a_max': 1, 'dtype': 'float16' | float32, its default",
        "ScaleIntensityRange | 'a_min': 0, 'a_max': 1, 'b_mn': 2 | 'b_mn'",
        "ScaleIntensityRangePercentiles | 'lower': 5, 'upper': 105, 'b_min': 0, 'b_max': 1 | a percentage",
        "ScaleIntensityRangePercentiles | 'lower': 5, 'upper': 95, 'b_min': 0, 'b_max': null, 'relative': true | 'b_min' or 'b_max' is not given",
        "NormalizeIntensity | 'subtrahend': [1] | a number, since 'channel_wise' is not",
        "NormalizeIntensity | 'subtrahend': 1, 'channel_wise': true | a list, one for each channel",
        "EnsureType | 'dtype': 'float16' | float32",
        "RandFlip | 'prob': 0.5 | RandFlip",
        "Resize | 'spatial_size': [2, 2, 2] | Resize",
      })
  void whatATransformIsToldThatIsNotKnownIsNamed(String name, String arguments, String part) {
    String list = transform(name, arguments == null ? "" : arguments);
    assertThatThrownBy(() -> preparation(list))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("transforms.json", name, part);
  }

  @Test
  void aVolumeThatATransformMakesNothingOfIsNamed() throws IOException {
    float[] below = new float[60];
    Arrays.fill(below, -1);
    Path file = volume("d_0000.nii", below);
    String crop = transform("CropForeground", "'source_key': 'image'");
    assertThatThrownBy(() -> prepared(crop, file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("d", "no voxel above zero", "CropForeground");
    Path image = volume("e_0000.nii", values(3));
    String third = transform("CropForeground", "'source_key': 'image', 'channel_indices': 2");
    assertThatThrownBy(() -> prepared(third, image))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("channel 2", "counted from 0", "has 1");
    String two =
        transform(
            "NormalizeIntensity", "'channel_wise': true, 'subtrahend': [1, 2], 'divisor': [1, 1]");
    assertThatThrownBy(() -> prepared(two, image))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("2 numbers as 'subtrahend'", "has 1 channels");
  }
}
