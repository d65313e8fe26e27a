package org.palimpsest.io.internal.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.io.internal.architecture.MonaiPreparation;
import org.palimpsest.io.internal.nifti.Affine;
import org.palimpsest.io.internal.nnunet.NnUnetPreparation;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.volume.CaseFiles;
import org.palimpsest.io.volume.PatchRule;
import org.palimpsest.io.volume.PatchSet;
import org.palimpsest.io.volume.SmallNifti;
import org.palimpsest.io.volume.VolumePreparation;

/**
 * Volumes come out as from nnU-Net and from MONAI; see {@code make_nnunet_volumes.py} and {@code
 * make_monai_volumes.py} in io/src/test/python.
 */
class VolumePreparationTest {

  private static final double SCALE_BOUND = 1e-6;
  private static final Path VOLUMES = resources();

  @TempDir private Path folder;

  private static Path resources() {
    try {
      return Path.of(
          Objects.requireNonNull(VolumePreparationTest.class.getResource("/volumes")).toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static List<Path> foldersIn(String tool) throws IOException {
    try (Stream<Path> all = Files.list(VOLUMES.resolve(tool))) {
      return all.sorted().toList();
    }
  }

  static Stream<Path> plans() throws IOException {
    return foldersIn("nnunet").stream();
  }

  static Stream<Path> transforms() throws IOException {
    return foldersIn("monai").stream();
  }

  private static List<Path> images(Path of) throws IOException {
    try (Stream<Path> all = Files.list(of)) {
      return all.filter(file -> file.getFileName().toString().matches("case_\\d{4}\\..*"))
          .sorted()
          .toList();
    }
  }

  private void assertPrepared(Path of, VolumePreparation preparation, String expected, String mask)
      throws IOException {
    Path array = folder.resolve("whole.npy");
    Path labels = of.resolve("case.nii.gz");
    boolean masked = Files.exists(labels);
    List<CaseFiles> cases =
        CaseFiles.withMasks(
            CaseFiles.group(images(of), preparation.channels()),
            masked ? List.of(labels) : List.of());
    PatchSet.of(preparation, PatchRule.whole()).write(cases, array);
    assertSame(array, of.resolve(expected));
    if (masked) {
      assertThat(SmallNifti.values(NpyFile.read(PatchSet.masksBeside(array))))
          .isEqualTo(SmallNifti.values(NpyFile.read(of.resolve(mask))));
    }
  }

  private static void assertSame(Path made, Path expected) {
    INDArray got = NpyFile.read(made);
    INDArray wanted = NpyFile.read(expected);
    assertThat(Arrays.copyOfRange(got.shape(), 1, got.rank())).isEqualTo(wanted.shape());
    double[] a = SmallNifti.values(got);
    double[] b = SmallNifti.values(wanted);
    double scale = Arrays.stream(b).map(Math::abs).max().orElseThrow();
    for (int i = 0; i < a.length; i++) {
      assertThat(Math.abs(a[i] - b[i])).as("value %d", i).isLessThan(SCALE_BOUND * scale);
    }
  }

  @ParameterizedTest
  @MethodSource("plans")
  void plansPrepareAsNnUnetDoes(Path of) throws IOException {
    Path plans = of.resolve("plans.json");
    List<String> configurations = new ArrayList<>();
    JsonFiles.read(plans).path("configurations").fieldNames().forEachRemaining(configurations::add);
    for (String name : configurations) {
      assertPrepared(
          of,
          VolumePreparation.ofNnUnet(plans, Optional.of(name)),
          name + ".npy",
          name + "_mask.npy");
    }
  }

  static Stream<Path> plansOfVersion1() throws IOException {
    return foldersIn("nnunet1").stream();
  }

  /** See {@code make_nnunet1_volumes.py}: nnU-Net 1.7.1 wrote plans and arrays. */
  @ParameterizedTest
  @MethodSource("plansOfVersion1")
  void plansOfVersion1PrepareAsNnUnetDoes(Path of) throws IOException {
    for (String name : List.of("2d", "3d_lowres", "3d_fullres")) {
      if (Files.exists(of.resolve(name + ".npy"))) {
        assertPrepared(
            of,
            VolumePreparation.ofNnUnet(of.resolve("plans.pkl"), Optional.of(name)),
            name + ".npy",
            name + "_mask.npy");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("transforms")
  void transformsPrepareAsMonaiDoes(Path of) throws IOException {
    VolumePreparation preparation = VolumePreparation.ofMonai(of.resolve("transforms.json"));
    assertPrepared(of, preparation, "expected.npy", "mask.npy");
  }

  @Test
  void zerosThatHangOnRoundingAreRefused() throws IOException {
    Path list =
        Files.writeString(
            folder.resolve("list.json"),
            """
            [{"_target_": "LoadImage", "ensure_channel_first": true},
             {"_target_": "Spacing", "pixdim": [0.7, 1.7]},
             {"_target_": "NormalizeIntensity", "nonzero": true}]\
            """);
    VolumePreparation preparation = VolumePreparation.ofMonai(list);
    float[] values = new float[60];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 5 == 0 ? 0 : i;
    }
    Path image =
        SmallNifti.write(
            folder.resolve("image.nii"), new int[] {5, 4, 3}, new double[] {1, 1, 1}, values);
    List<CaseFiles> cases = CaseFiles.group(List.of(image), OptionalInt.empty());
    assertThatThrownBy(
            () ->
                PatchSet.of(preparation, PatchRule.whole())
                    .write(cases, folder.resolve("whole.npy")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("hangs on rounding");
    assertThat(folder.resolve("whole.npy")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"_target_\": \"RandFlipd\", \"keys\": \"image\"}",
        "{\"_target_\": \"Spacingd\", \"keys\": \"image\", \"pixdim\": 1, \"mode\": 2}",
        "{\"_target_\": \"Spacing\", \"pixdim\": 1, \"scale_extent\": true}",
        "{\"_target_\": \"Spacing\", \"pixdim\": 1, \"padding_mode\": \"reflection\"}",
        "{\"_target_\": \"Orientationd\", \"keys\": \"image\", \"axcodes\": \"RAX\"}",
        "{\"_target_\": \"Orientation\", \"axcodes\": \"RAS\", \"labels\": [\"LR\"]}",
        "{\"_target_\": \"CropForegroundd\", \"keys\": \"image\", \"source_key\": \"label\"}",
        "{\"_target_\": \"CropForeground\", \"select_fn\": \"$lambda x: x > 1\"}",
        "{\"_target_\": \"ScaleIntensity\", \"dtype\": \"float16\"}",
        "{\"_target_\": \"ScaleIntensityRange\", \"a_min\": 0}",
        "{\"_target_\": \"NormalizeIntensity\", \"subtrahend\": [1, 2]}",
        "{\"_target_\": \"NormalizeIntensity\", \"unheard_of\": 1}",
        "{\"_target_\": \"LoadImage\", \"reader\": \"ITKReader\"}",
        "{\"_target_\": \"EnsureChannelFirst\", \"channel_dim\": \"-1\"}",
        "{\"_target_\": \"CropForeground\", \"margin\": 2147483648}",
        "{\"_target_\": \"CropForeground\", \"margin\": [0, -1, 0]}",
        "{\"_target_\": \"CropForeground\", \"k_divisible\": 1073741824}",
        "{\"_target_\": \"CropForeground\", \"channel_indices\": -1}",
        "{\"_target_\": \"Spacing\", \"pixdim\": NaN}",
        "{\"_target_\": \"Spacing\", \"mode\": 3}",
        "{\"_target_\": \"Spacing\", \"pixdim\": 1, \"mode\": null}",
        "{\"_target_\": \"ScaleIntensityRange\", \"a_min\": 0, \"a_max\": 1, \"clip\": true}",
        "{\"_target_\": \"ScaleIntensityRangePercentiles\", \"lower\": 0, \"upper\": 9, \"clip\":"
            + " true}"
      })
  void whatOfMonaiIsNotDoneIsNamed(String transform) throws IOException {
    Path list = listed(transform);
    assertThatThrownBy(() -> VolumePreparation.ofMonai(list))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageMatching("(?s).*(RandFlipd|'[a-zA-Z_]+').*");
  }

  /** After its image is loaded, unless it does so itself. */
  private Path listed(String transform) throws IOException {
    boolean keyed = transform.contains("\"keys\"");
    String load =
        keyed
            ? "{\"_target_\": \"LoadImaged\", \"keys\": [\"image\", \"label\"],"
                + " \"ensure_channel_first\": true}, "
            : "{\"_target_\": \"LoadImage\", \"ensure_channel_first\": true}, ";
    String first = transform.contains("\"LoadImage") ? "" : load;
    return Files.writeString(folder.resolve("list.json"), "[" + first + transform + "]");
  }

  /** MONAI hands infinity and what is no number on. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"ScaleIntensity\", \"minv\": null, \"maxv\": null, \"factor\": 1e39",
        "\"NormalizeIntensity\", \"subtrahend\": 1e39, \"divisor\": 1",
        "\"ScaleIntensityRange\", \"a_min\": 0, \"a_max\": 1, \"b_min\": 0, \"b_max\": 3e38",
      })
  void voxelsThatLeaveFloat32AreRefused(String transform) throws IOException {
    Path image =
        SmallNifti.write(
            folder.resolve("case.nii"),
            new int[] {2, 2, 2},
            new double[] {1, 1, 1},
            new double[] {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0},
            new float[] {0, 1, 2, 3, 4, 5, 6, 7});
    Path list = listed("{\"_target_\": %s}".formatted(transform));
    Path array = folder.resolve("array.npy");
    assertThatThrownBy(
            () ->
                PatchSet.of(VolumePreparation.ofMonai(list), PatchRule.whole())
                    .write(CaseFiles.group(List.of(image), OptionalInt.empty()), array))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("beyond what float32 can hold", transform.split("\"")[1]);
    assertThat(array).doesNotExist();
  }

  /** The table that {@code make_monai_sampling.py} wrote. */
  @Test
  void everySpellingOfAModeIsMonaisOrRefused() throws IOException {
    JsonNode table = JsonFiles.read(VOLUMES.resolve("monai_sampling.json"));
    for (JsonNode volume : table.path("volumes")) {
      float[] voxels = new float[table.path("voxels").size()];
      for (int i = 0; i < voxels.length; i++) {
        voxels[i] = table.path("voxels").path(i).floatValue();
      }
      Path image =
          SmallNifti.write(
              folder.resolve(volume.path("name").asText() + ".nii"),
              new int[] {5, 4, 4},
              new double[] {1, 1, 1},
              numbers(volume.path("rows")),
              voxels);
      Set<String> done = new TreeSet<>();
      for (JsonNode spelling : volume.path("spellings")) {
        if (isMonais(spelling, table.path("pixdim"), image, volume.path("results"))) {
          done.add(spelling.get(0) + " " + spelling.get(1));
        }
      }
      assertThat(done)
          .contains("null null", "\"bilinear\" \"zeros\"", "\"1\" \"zeros\"", "1 \"border\"")
          .contains("1 \"grid-constant\"", "\"nearest\" \"zeros\"", "3 \"border\"", "3 null")
          .doesNotContain("1 \"zeros\"", "\"3\" \"border\"", "3 \"zeros\"", "0 \"border\"");
    }
  }

  /** Whether it is done, as MONAI does it; else it is refused. */
  private boolean isMonais(JsonNode spelling, JsonNode pixdim, Path image, JsonNode results)
      throws IOException {
    Path list =
        listed(
            "{\"_target_\": \"Spacingd\", \"keys\": \"image\", \"pixdim\": %s, \"mode\": %s, \"padding_mode\": %s, \"align_corners\": %s}"
                .formatted(pixdim, spelling.get(0), spelling.get(1), spelling.get(2)));
    Path array = folder.resolve("sampled.npy");
    try {
      PatchSet.of(VolumePreparation.ofMonai(list), PatchRule.whole())
          .write(CaseFiles.group(List.of(image), OptionalInt.empty()), array);
    } catch (PalimpsestException refused) {
      assertThat(refused).hasMessageMatching("(?s).*('[a-z_]+'|sheared).*");
      return false;
    }
    assertThat(spelling.get(3).asInt()).as("MONAI fails with %s", spelling).isNotNegative();
    double[] expected = numbers(results.path(spelling.get(3).asInt()));
    double[] made = SmallNifti.values(NpyFile.read(array));
    assertThat(made).hasSameSizeAs(expected);
    for (int i = 0; i < made.length; i++) {
      assertThat(made[i]).as("value %d of %s", i, spelling).isCloseTo(expected[i], within(2e-4));
    }
    return true;
  }

  private static double[] numbers(JsonNode list) {
    double[] numbers = new double[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = list.path(i).doubleValue();
    }
    return numbers;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]#has no transform",
        "[{'_target_': 'Orientationd', 'keys': 'image', 'axcodes': 'RAS'}]#begins with",
        "[LOAD, {'_target_': 'LoadImaged', 'keys': 'image'}]#loads 'image' twice",
        "[LOAD, {'_target_': 'ScaleIntensityd', 'keys': ['image', 'other']}]#'other', which no",
        "[LOAD, {'_target_': 'ScaleIntensity'}]#mixes transforms",
        "[LOAD, {'_target_': 'Spacingd', 'keys': ['image', 'label'], 'pixdim': 1, 'mode':"
            + " ['bilinear', 'nearest', 'nearest']}]#one for each of the 2 keys",
        "[LOAD, {'_target_': 'Orientationd', 'keys': 'label', 'axcodes': 'RAS'}]#not on 'image'",
        "[LOAD, {'_target_': 'Spacingd', 'keys': 'image', 'pixdim': 1, 'mode': 1, 'align_corners':"
            + " true}]#'align_corners'",
        "{'_target_': 'Compose', 'lazy': true, 'transforms': [LOAD]}#'lazy'"
      })
  void listsThatMonaiRefusesAreRefused(String listAndPart) throws IOException {
    String[] parts = listAndPart.split("#");
    assertThatThrownBy(() -> VolumePreparation.ofMonai(quoted(parts[0])))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("list.json", parts[1]);
  }

  /** MONAI 1.6.1 takes another axis for channels there, or voxels of 1 that lie as they are. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{'_target_': 'LoadImage'}, {'_target_': 'NormalizeIntensity', 'channel_wise': true},"
            + " {'_target_': 'EnsureChannelFirst'}]#before EnsureChannelFirst",
        "[{'_target_': 'LoadImage'}, {'_target_': 'Spacing', 'pixdim': 2},"
            + " {'_target_': 'EnsureChannelFirst'}]#before EnsureChannelFirst",
        "[{'_target_': 'LoadImage'}, {'_target_': 'CropForeground'},"
            + " {'_target_': 'EnsureChannelFirst'}]#before EnsureChannelFirst",
        "[LOAD, {'_target_': 'EnsureChannelFirstd', 'keys': 'image'}]#first already",
        "[{'_target_': 'LoadImage'},"
            + " {'_target_': 'EnsureChannelFirst', 'channel_dim': -1}]#'channel_dim' is -1 where"
            + " \"no_channel\", or nothing (the channels are then a fourth axis",
        "[LOAD, {'_target_': 'EnsureTyped', 'keys': 'image', 'track_meta': false},"
            + " {'_target_': 'Spacingd', 'keys': 'image', 'pixdim': 2}]#without metadata",
        "[LOAD, {'_target_': 'EnsureTyped', 'keys': 'image', 'data_type': 'numpy'},"
            + " {'_target_': 'Orientationd', 'keys': 'image', 'axcodes': 'RAS'}]#without metadata",
        "[LOAD, {'_target_': 'ToTensord', 'keys': 'image', 'track_meta': false},"
            + " {'_target_': 'EnsureTyped', 'keys': 'image'},"
            + " {'_target_': 'Spacingd', 'keys': 'image', 'pixdim': 2}]#without metadata",
        "[{'_target_': 'LoadImage', 'prune_meta_pattern': 'affine'}]#'prune_meta_pattern'",
        "[{'_target_': 'LoadImage', 'image_only': false}]#'image_only'"
      })
  void listsThatMonaiDoesOtherwiseAreRefused(String listAndPart) throws IOException {
    listsThatMonaiRefusesAreRefused(listAndPart);
  }

  @Test
  void whatForgetsMetadataAtTheEndChangesNothing() throws IOException {
    assertThat(
            MonaiPreparation.read(
                    quoted(
                        "[{'_target_': 'LoadImage'}, {'_target_': 'ScaleIntensity'}, {'_target_':"
                            + " 'EnsureChannelFirst'}, {'_target_': 'Spacing', 'pixdim': 2},"
                            + " {'_target_': 'EnsureType', 'track_meta': false}]"))
                .steps())
        .hasSize(2);
  }

  /** MONAI 1.6.1 makes [1, 3, 2, 2] of the first and [1, 3, 2, 2, 1] of the second. */
  @Test
  void withoutChannelsAFourthAxisIsRefused() throws IOException {
    VolumePreparation preparation =
        VolumePreparation.ofMonai(
            quoted(
                "[{'_target_': 'LoadImage'}, {'_target_': 'EnsureChannelFirst', 'channel_dim':"
                    + " 'no_channel'}]"));
    float[] values = new float[12];
    Path array = folder.resolve("whole.npy");
    double[] spacing = {1, 1, 1};
    Path three =
        SmallNifti.write(folder.resolve("three.nii"), new int[] {3, 2, 2}, spacing, values);
    Path four =
        SmallNifti.write(folder.resolve("four.nii"), new int[] {3, 2, 2, 1}, spacing, values);
    PatchSet patches = PatchSet.of(preparation, PatchRule.whole());

    patches.write(CaseFiles.group(List.of(three), preparation.channels()), array);

    assertThat(NpyFile.read(array).shape()).containsExactly(1, 1, 3, 2, 2);
    assertThatThrownBy(
            () -> patches.write(CaseFiles.group(List.of(four), preparation.channels()), array))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(four.toString(), "4 axes", "no_channel");
  }

  private Path quoted(String list) throws IOException {
    String load =
        "{'_target_': 'LoadImaged', 'keys': ['label', 'image'], 'ensure_channel_first': true}";
    return Files.writeString(
        folder.resolve("list.json"), list.replace("LOAD", load).replace('\'', '"'));
  }

  /** Its release 2.4.2 mixes slices up there; plans do not tell the release. */
  @ParameterizedTest
  @CsvSource({"0, GREATEST_SHARE, 0", "1, GREATEST_SHARE, 1", "2, GREATEST_SHARE, 1", "1, HALF, 0"})
  void slicesAcrossAnotherAxisThanTheFirstAreNoted(
      int coarse, Resampling.LabelChoice choice, int notes) {
    double[] spacing = {1, 1, 1};
    spacing[coarse] = 5;
    Affine affine = Affine.ofRows(spacing[0], 0, 0, 0, 0, spacing[1], 0, 0, 0, 0, spacing[2], 0);
    Geometry grid = Geometry.of(new int[] {4, 4, 4}, spacing, affine);
    VolumeCase volume = new VolumeCase("case", grid, new float[][] {new float[64]}, null);
    Resampling.Rule rule = new Resampling.Rule(1, 0, Optional.empty());

    new Resampling(List.of(2.0, 2.0, 2.0), rule, rule, choice).apply(volume);

    assertThat(volume.notes()).hasSize(notes).allMatch(note -> note.contains("nnU-Net 2.4"));
  }

  @Test
  void whatAListDoesToLabelsAndMasksDoNotFollowIsNoted() throws IOException {
    PreparationPlan preparation =
        MonaiPreparation.read(
            quoted(
                "[LOAD, {'_target_': 'Spacingd', 'keys': ['label', 'image'], 'pixdim': 1, 'mode':"
                    + " ['nearest', 'bilinear']}, {'_target_': 'Spacingd', 'keys': ['image',"
                    + " 'label'], 'pixdim': 2}, {'_target_': 'Orientationd', 'keys': 'image',"
                    + " 'axcodes': 'RAS'}, {'_target_': 'ScaleIntensityd', 'keys': ['image',"
                    + " 'label']}]"));
    assertThat(preparation.steps().get(0)).isEqualTo(MonaiSpacing.of(List.of(1.0)));
    assertThat(preparation.notes())
        .hasSize(3)
        .anyMatch(note -> note.startsWith("Spacingd samples 'label' by \"bilinear\""))
        .anyMatch(note -> note.startsWith("Orientationd does not move 'label'"))
        .anyMatch(note -> note.startsWith("ScaleIntensityd also changes the values of 'label'"));
  }

  @Test
  void aListOfNumbersHasOneForEachChannel() throws IOException {
    Path image =
        SmallNifti.write(
            folder.resolve("two.nii"),
            new int[] {2, 1, 1, 2},
            new double[] {1, 1, 1},
            new float[] {1, 2, 3, 4});
    for (String numbers : List.of("'divisor': [5.5]", "'subtrahend': [1, 2, 3]")) {
      VolumePreparation preparation =
          VolumePreparation.ofMonai(
              quoted(
                  "[{'_target_': 'LoadImage'}, {'_target_': 'EnsureChannelFirst'}, {'_target_':"
                      + " 'NormalizeIntensity', 'channel_wise': true, %s}]".formatted(numbers)));
      assertThatThrownBy(
              () ->
                  PatchSet.of(preparation, PatchRule.whole())
                      .write(
                          CaseFiles.group(List.of(image), OptionalInt.empty()),
                          folder.resolve("whole.npy")))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageMatching(".*has [13] numbers as '[a-z]+'.*two has 2 channels.*");
    }
  }

  /** nnU-Net 2.8.1 gives (x - 3) / 2.2360680 for these, and (x - 4) / 1.6329932 without a mask. */
  @Test
  void labelledZerosCountInNormalisationAsInTraining() throws IOException {
    float[] values = {0, 2, 4, 6, 0, 0};
    Geometry grid =
        Geometry.of(new int[] {1, 1, 6}, new double[] {1, 1, 1}, Affine.ofSpacing(1, 1, 1));
    for (boolean masked : new boolean[] {true, false}) {
      short[] labels = {1, 0, 0, 0, 0, 0};
      VolumeCase volume =
          new VolumeCase("case", grid, new float[][] {values.clone()}, masked ? labels : null);
      BitSet inside = new BitSet();
      inside.set(1, 4);
      volume.setInside(inside);
      new Normalising(List.of(new Normalising.ZScore(true))).apply(volume);
      float[] made = volume.channel(0);
      assertThat(made[1]).isCloseTo(masked ? -0.4472136f : -1.2247449f, within(1e-6f));
      assertThat(made[0]).isCloseTo(masked ? -1.3416408f : 0, within(1e-6f));
      assertThat(made[4]).isZero();
      assertThat(volume.notes()).hasSize(masked ? 1 : 0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "\"LoadImaged\"", "{\"keys\": \"image\"}", "[]"})
  void whatIsNoTransformIsToldWithItsPlace(String entry) throws IOException {
    Path list =
        Files.writeString(
            folder.resolve("list.json"), "[{\"_target_\": \"ToTensor\"}, " + entry + "]");
    assertThatThrownBy(() -> VolumePreparation.ofMonai(list))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(
            "Transform 2 of " + list, " is " + entry.replace(" ", ""), "_target_");
  }

  @Test
  void obliqueVolumesKeepTheirCentreAsInMonai() throws IOException {
    Path of = VOLUMES.resolve("monai/oblique_zeros");
    Path array = folder.resolve("whole.npy");
    PatchSet.of(VolumePreparation.ofMonai(of.resolve("transforms.json")), PatchRule.whole())
        .write(CaseFiles.group(images(of), OptionalInt.empty()), array);
    JsonNode record = JsonFiles.read(PatchSet.recordBeside(array)).at("/cases/0");
    assertThat(record.at("/steps/0/keeps").asText()).isEqualTo("the centre");
    double[] before = centre(record.path("grid"));
    double[] after = centre(record.path("prepared"));
    for (int direction = 0; direction < 3; direction++) {
      assertThat(after[direction]).isCloseTo(before[direction], within(1e-9));
    }
  }

  private static double[] centre(JsonNode grid) {
    double[] centre = new double[3];
    for (int direction = 0; direction < 3; direction++) {
      JsonNode row = grid.path("affine").path(direction);
      centre[direction] = row.path(3).asDouble();
      for (int axis = 0; axis < 3; axis++) {
        centre[direction] +=
            row.path(axis).asDouble() * grid.path("shape").path(axis).asDouble() / 2;
      }
    }
    return centre;
  }

  @Property(tries = 100)
  void straightVolumesKeepTheirFirstVoxelAndRotationsInFloat64Too(
      @ForAll @DoubleRange(min = -3, max = 3) double angle,
      @ForAll @DoubleRange(min = 0.1, max = 9) double spacing) {
    double voxels = 1 + 8 / spacing;
    Assume.that(Math.abs(voxels - Math.floor(voxels) - 0.5) > 1e-6);
    double c = Math.cos(angle);
    double s = Math.sin(angle);
    Affine exact = Affine.ofRows(c, -2 * s, 0, 5, s, 2 * c, 0, 6, 0, 0, 3, 7);
    Geometry grid = Geometry.of(new int[] {9, 8, 7}, new double[] {1, 2, 3}, exact);
    double[] wanted = {spacing, 1.7, 3.3};
    MonaiGrid made = MonaiGrid.of("case", grid, wanted, false);
    assertThat(made.isCentred()).isFalse();
    for (int axis = 0; axis < 3; axis++) {
      assertThat(made.affine().spacing(axis)).isCloseTo(wanted[axis], within(1e-9));
      assertThat(made.affine().origin(axis)).isCloseTo(exact.origin(axis), within(1e-9));
    }
  }

  @Test
  void numbersOfVoxelsThatHangOnRoundingAreRefused() {
    Affine nearly = Affine.ofSpacing(1 + 1e-13, 1, 1);
    Geometry grid = Geometry.of(new int[] {22, 9, 9}, new double[] {1, 1, 1}, nearly);
    Geometry straight =
        Geometry.of(new int[] {22, 9, 9}, new double[] {1, 1, 1}, Affine.ofSpacing(1, 1, 1));
    assertThatThrownBy(() -> MonaiGrid.of("case", grid, new double[] {2, 1, 1}, false))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("hangs on rounding");
    assertThat(MonaiGrid.of("case", straight, new double[] {2, 1, 1}, false).extents())
        .containsExactly(12, 9, 9);
    assertThatThrownBy(() -> MonaiGrid.of("case", straight, new double[] {1e-9, 1, 1}, false))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("2^31", "asked for");
  }

  /** MONAI 1.6.1 has 23 voxels where 23.5 come out here, of axes that a quaternion turned. */
  @Test
  void halvesOfAxesThatWereTurnedAreRefused() {
    Affine turned = Affine.ofRows(1e-16, -1.5, 0, 0, -1, 1e-16, 0, 0, 0, 0, 1, 0);
    Geometry grid = Geometry.of(new int[] {4, 13, 4}, new double[] {1, 1.5, 1}, turned);
    assertThatThrownBy(() -> MonaiGrid.of("case", grid, new double[] {1, 0.8, 1}, false))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("hangs on rounding");
    Affine straight = Affine.ofRows(0, -1.5, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0);
    Geometry plain = Geometry.of(new int[] {4, 13, 4}, new double[] {1, 1.5, 1}, straight);
    assertThat(MonaiGrid.of("case", plain, new double[] {1, 0.8, 1}, false).extents())
        .containsExactly(4, 24, 4);
  }

  /** MONAI 1.6.1 makes -1 and 1 of 0.007, by what is left of its sums in float32. */
  @Test
  void equalValuesWhoseDeviationIsRoundingAreRefused() {
    for (float value : new float[] {0.007f, 7}) {
      Geometry grid =
          Geometry.of(new int[] {1, 1, 3}, new double[] {1, 1, 1}, Affine.ofSpacing(1, 1, 1));
      VolumeCase volume = new VolumeCase("case", grid, new float[][] {{value, value, value}}, null);
      VolumeStep step =
          new MonaiIntensity(new MonaiIntensity.Normalise(List.of(), List.of(), false), true);
      if (value == 7) {
        step.apply(volume);
        assertThat(volume.channel(0)).containsOnly(0);
      } else {
        assertThatThrownBy(() -> step.apply(volume))
            .isInstanceOf(PalimpsestException.class)
            .hasMessageContainingAll("all 0.007", "'divisor'");
      }
    }
  }

  @Test
  void aBundlesPreprocessingIsReadWithItsReferences() throws IOException {
    Path configs = Files.createDirectories(folder.resolve("bundle/configs"));
    Files.writeString(
        configs.resolve("inference.json"),
        """
        {"device": "$torch.device('cuda')", "distance": [1.0, 2.0, 3.0],
         "preprocessing": {"_target_": "Compose", "transforms": [
           {"_target_": "LoadImaged", "keys": "image", "ensure_channel_first": true},
           {"_target_": "EnsureTyped", "keys": "image", "device": "@device"},
           {"_target_": "Spacingd", "keys": "image", "pixdim": "@distance", "mode": "bilinear"}]}}\
        """);
    assertThat(MonaiPreparation.read(folder.resolve("bundle")).steps())
        .containsExactly(MonaiSpacing.of(List.of(1.0, 2.0, 3.0)));
  }

  /** As MONAI 1.6.1 reads them: what comes later in the file is set or merged into it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'preprocessing::transforms::1::pixdim': [1.0, 2.0, 3.0]",
        "'preprocessing#transforms#1#pixdim': [1.0, 2.0, 3.0]",
        "'+preprocessing': {'transforms': [{'_target_': 'LoadImaged', 'keys': 'image',"
            + " 'ensure_channel_first': true}, {'_target_': 'Spacingd', 'keys': 'image',"
            + " 'pixdim': [1.0, 2.0, 3.0], 'mode': 'bilinear'}]}",
        "'preprocessing::transforms::1::_disabled_': 'True', '+preprocessing::transforms':"
            + " [{'_target_': 'Spacingd', 'keys': 'image', 'pixdim': [1.0, 2.0, 3.0],"
            + " 'mode': 'bilinear'}]"
      })
  void keysThatArePathsOrMergeCountInABundle(String later) throws IOException {
    assertThat(ofBundleWith(later).steps())
        .containsExactly(MonaiSpacing.of(List.of(1.0, 2.0, 3.0)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'preprocessing::transforms::7::pixdim': [1.0] | transforms::7::pixdim",
        "'+preprocessing': [] | '+preprocessing'",
        "'preprocessing::_disabled_': true | _disabled_",
        "'preprocessing::_target_': 'scripts.Compose' | scripts.Compose",
        "'preprocessing::transforms::1::_target_': 'mine.Spacingd' | mine.Spacingd"
      })
  void whatABundleSetsWhereNothingIsOrIsNotOfMonaiIsRefused(String later, String named) {
    assertThatThrownBy(() -> ofBundleWith(later))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("inference.json", named);
  }

  private PreparationPlan ofBundleWith(String later) throws IOException {
    Path configs = Files.createDirectories(folder.resolve("bundle/configs"));
    Files.writeString(
        configs.resolve("inference.json"),
        """
        {"preprocessing": {"_target_": "Compose", "transforms": [
           {"_target_": "LoadImaged", "keys": "image", "ensure_channel_first": true},
           {"_target_": "Spacingd", "keys": "image", "pixdim": [9.0], "mode": "bilinear"}]}, %s}\
        """
            .formatted(later.replace('\'', '"')));
    return MonaiPreparation.read(folder.resolve("bundle"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "preprocessor_name=MyPreprocessor",
        "resampling_fn_data=resample_torch_fornnunet",
        "image_reader_writer=Tiff3DIO",
        "CTNormalization=MyNormalization",
        "transpose_forward=turn",
        "order=stiffness"
      })
  void whatOfAPlanIsNotKnownIsNamed(String change) throws IOException {
    String[] parts = change.split("=");
    String plans = Files.readString(VOLUMES.resolve("nnunet/ct_mask/plans.json"));
    String changed =
        switch (parts[0]) {
          case "CTNormalization", "order" ->
              plans.replace("\"" + parts[0] + "\"", "\"" + parts[1] + "\"");
          default ->
              plans.replaceAll(
                  "\"" + parts[0] + "\": (\"[^\"]*\"|\\[[^]]*])",
                  "\"" + parts[0] + "\": \"" + parts[1] + "\"");
        };
    Path file = Files.writeString(folder.resolve("plans.json"), changed);
    assertThat(changed).isNotEqualTo(plans);
    assertThatThrownBy(() -> VolumePreparation.ofNnUnet(file, Optional.of("3d_fullres")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(parts[1]);
  }

  /** nnU-Net 2.0 to 2.8 take the older name where the newer is not there. */
  @Test
  void intensitiesOfEarlyPlansAreRead() throws IOException {
    String plans = Files.readString(VOLUMES.resolve("nnunet/ct_mask/plans.json"));
    String newer = "\"foreground_intensity_properties_per_channel\"";
    String older = "\"foreground_intensity_properties_by_modality\"";
    assertThat(plans).contains(newer);
    assertThat(stepsOf(plans.replace(newer, older))).isEqualTo(stepsOf(plans));
    String both = plans.replace(newer, older + ": {\"0\": {\"mean\": 1}}, " + newer);
    assertThat(stepsOf(both)).isEqualTo(stepsOf(plans));
    assertPlanRefused(
        plans.replace(newer, "\"none\""),
        "has no 'foreground_intensity_properties_per_channel' of the channel 0");
  }

  private List<VolumeStep> stepsOf(String plans) throws IOException {
    Path file = Files.writeString(folder.resolve("plans.json"), plans);
    return NnUnetPreparation.read(file, Optional.of("3d_fullres")).steps();
  }

  @Test
  void normalisationsThatAreKnownAreNamed() throws IOException {
    String plans = Files.readString(VOLUMES.resolve("nnunet/ct_mask/plans.json"));
    assertPlanRefused(
        plans.replace("\"CTNormalization\"", "\"MyNormalization\""),
        "MyNormalization",
        "CTNormalization, ZScoreNormalization, RescaleTo01Normalization");
  }

  @Test
  void ordersThatAreNotDoneAndPlansThatInheritFromThemselvesAreNamedWithTheFile()
      throws IOException {
    String plans = Files.readString(VOLUMES.resolve("nnunet/ct_mask/plans.json"));
    assertPlanRefused(
        plans.replaceFirst("\"order\": 3", "\"order\": 2"), "_data_kwargs", "'order' is 2");
    assertPlanRefused(
        plans.replaceFirst("\"order\": 3", "\"order\": 4294967297"), "'order' is 4294967297");
    assertPlanRefused(
        plans.replaceFirst("(\"is_seg\": true,\\s*\"order\": )1", "$13"),
        "_seg_kwargs",
        "'order' is 3");
    assertPlanRefused(plans.replaceFirst("2\\.5,", "1e999,"), "'spacing'");
    assertPlanRefused(
        plans.replaceFirst("\"batch_size\"", "\"inherits_from\": \"3d_fullres\", \"batch_size\""),
        "inherits from itself");
  }

  @Test
  void labelsAndRegionsThatPatchesAreCentredOnComeFromTheDataSet() throws IOException {
    String plans = Files.readString(VOLUMES.resolve("nnunet/ct_mask/plans.json"));
    Path file = Files.writeString(folder.resolve("plans.json"), plans);
    Path dataset = folder.resolve("dataset.json");
    String form =
        "{\"channel_names\": {\"0\": \"CT\"}, \"labels\": {\"background\": 0, \"whole\": [1, 2],"
            + " \"core\": %s, \"ignore\": 3}}";
    Files.writeString(dataset, form.formatted("2"));
    assertThat(VolumePreparation.ofNnUnet(file, Optional.of("3d_fullres")).foreground())
        .containsExactly(Set.of(1, 2), Set.of(2));
    Files.writeString(dataset, form.formatted("[4294967298]"));
    assertPlanRefused(plans, "'core' as [4294967298]");
  }

  /** By nnU-Net 2.8.1 the input of such a network is the images and then the one-hot masks. */
  @Test
  void whatACascadesSecondNetworkNeedsBesideItsImagesIsTold() throws IOException {
    String plans = Files.readString(VOLUMES.resolve("nnunet/ct_mask/plans.json"));
    Path file =
        Files.writeString(
            folder.resolve("plans.json"),
            plans.replaceFirst(
                "\"configurations\": \\{",
                "\"configurations\": {\"second\": {\"inherits_from\": \"3d_fullres\","
                    + " \"previous_stage\": \"3d_lowres\"},"));
    VolumePreparation untold = VolumePreparation.ofNnUnet(file, Optional.of("second"));
    assertThat(untold.notes())
        .singleElement()
        .asString()
        .contains("'second' also takes what '3d_lowres' found", "dataset.json", "--previous");
    Files.writeString(
        folder.resolve("dataset.json"),
        "{\"labels\": {\"background\": 0, \"b\": 3, \"a\": [1, 3], \"ignore\": 4}}");
    VolumePreparation told = VolumePreparation.ofNnUnet(file, Optional.of("second"));
    assertThat(told.stageBefore()).containsExactly(1, 3);
    assertThat(told.notes()).isEmpty();
    assertThat(VolumePreparation.ofNnUnet(file, Optional.of("3d_fullres")).notes()).isEmpty();
  }

  /** By nnU-Net 2.8.1: what it makes of the image with its mask, and then the mask one-hot. */
  @Test
  void whatTheStageBeforeFoundBecomesAChannelForEachLabel() throws IOException {
    Path of = VOLUMES.resolve("nnunet/ct_mask");
    String plans = Files.readString(of.resolve("plans.json"));
    Path file =
        Files.writeString(
            folder.resolve("plans.json"),
            plans.replaceFirst(
                "\"configurations\": \\{",
                "\"configurations\": {\"second\": {\"inherits_from\": \"3d_fullres\","
                    + " \"previous_stage\": \"3d_lowres\"},"));
    Files.copy(of.resolve("dataset.json"), folder.resolve("dataset.json"));
    VolumePreparation second = VolumePreparation.ofNnUnet(file, Optional.of("second"));
    List<CaseFiles> cases =
        CaseFiles.withMasks(
            CaseFiles.group(images(of), second.channels()), List.of(of.resolve("case.nii.gz")));
    Path array = folder.resolve("whole.npy");
    PatchSet.of(second, PatchRule.whole()).withStageBefore().write(cases, array);
    double[] made = SmallNifti.values(NpyFile.read(array));
    double[] image = SmallNifti.values(NpyFile.read(of.resolve("3d_fullres.npy")));
    double[] mask = SmallNifti.values(NpyFile.read(of.resolve("3d_fullres_mask.npy")));
    assertThat(made).hasSize(4 * image.length);
    for (int i = 0; i < image.length; i++) {
      assertThat(made[i]).isCloseTo(image[i], within(1e-5));
      for (int label = 1; label <= 3; label++) {
        assertThat(made[label * image.length + i]).isEqualTo(mask[i] == label ? 1 : 0);
      }
    }
    assertThat(PatchSet.masksBeside(array)).doesNotExist();
    VolumePreparation first = VolumePreparation.ofNnUnet(file, Optional.of("3d_fullres"));
    assertThatThrownBy(() -> PatchSet.of(first, PatchRule.whole()).withStageBefore())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("plans.json", "nothing of a stage before");
  }

  private void assertPlanRefused(String plans, String... parts) throws IOException {
    Path file = Files.writeString(folder.resolve("plans.json"), plans);
    assertThatThrownBy(() -> VolumePreparation.ofNnUnet(file, Optional.of("3d_fullres")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContainingAll(parts);
  }

  @Test
  void aPlanOfSeveralConfigurationsAsksForOne() {
    Path plans = VOLUMES.resolve("nnunet/ct_mask/plans.json");
    assertThatThrownBy(() -> VolumePreparation.ofNnUnet(plans, Optional.empty()))
        .hasMessageContaining("3d_fullres, 2d")
        .hasMessageContaining("--configuration");
    assertThatThrownBy(() -> VolumePreparation.ofNnUnet(plans, Optional.of("4d")))
        .hasMessageContaining("3d_fullres, 2d");
  }
}
