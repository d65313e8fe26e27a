package org.palimpsest.io.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.io.architecture.MonaiPreparation;
import org.palimpsest.io.file.JsonFiles;
import org.palimpsest.io.nnunet.NnUnetPreparation;
import org.palimpsest.io.npy.NpyFile;

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

  private void assertPrepared(Path of, Preparation preparation, String expected, String mask)
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
      assertThat(values(NpyFile.read(PatchSet.masksBeside(array))))
          .isEqualTo(values(NpyFile.read(of.resolve(mask))));
    }
  }

  static double[] values(INDArray tensor) {
    double[] values = new double[(int) tensor.length()];
    TensorReader.of(tensor).read(0, values);
    return values;
  }

  private static void assertSame(Path made, Path expected) {
    INDArray got = NpyFile.read(made);
    INDArray wanted = NpyFile.read(expected);
    assertThat(Arrays.copyOfRange(got.shape(), 1, got.rank())).isEqualTo(wanted.shape());
    double[] a = values(got);
    double[] b = values(wanted);
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
          of, NnUnetPreparation.read(plans, Optional.of(name)), name + ".npy", name + "_mask.npy");
    }
  }

  @ParameterizedTest
  @MethodSource("transforms")
  void transformsPrepareAsMonaiDoes(Path of) throws IOException {
    Preparation preparation = MonaiPreparation.read(of.resolve("transforms.json"));
    assertPrepared(of, preparation, "expected.npy", "mask.npy");
  }

  @Test
  void zerosThatHangOnRoundingAreRefused() throws IOException {
    Path list =
        Files.writeString(
            folder.resolve("list.json"),
            """
            [{"_target_": "Spacing", "pixdim": [0.7, 1.7]},
             {"_target_": "NormalizeIntensity", "nonzero": true}]""");
    Preparation preparation = MonaiPreparation.read(list);
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
        "{\"_target_\": \"EnsureChannelFirst\", \"channel_dim\": \"-1\"}"
      })
  void whatOfMonaiIsNotDoneIsNamed(String transform) throws IOException {
    Path list = Files.writeString(folder.resolve("list.json"), "[" + transform + "]");
    assertThatThrownBy(() -> MonaiPreparation.read(list))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageMatching("(?s).*(RandFlipd|'[a-zA-Z_]+').*");
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
           {"_target_": "Spacingd", "keys": "image", "pixdim": "@distance", "mode": "bilinear"}]}}""");
    assertThat(MonaiPreparation.read(folder.resolve("bundle")).steps())
        .containsExactly(MonaiSpacing.of(List.of(1.0, 2.0, 3.0)));
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
    assertThatThrownBy(() -> NnUnetPreparation.read(file, Optional.of("3d_fullres")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(parts[1]);
  }

  @Test
  void aPlanOfSeveralConfigurationsAsksForOne() {
    Path plans = VOLUMES.resolve("nnunet/ct_mask/plans.json");
    assertThatThrownBy(() -> NnUnetPreparation.read(plans, Optional.empty()))
        .hasMessageContaining("3d_fullres, 2d")
        .hasMessageContaining("--configuration");
    assertThatThrownBy(() -> NnUnetPreparation.read(plans, Optional.of("4d")))
        .hasMessageContaining("3d_fullres, 2d");
  }
}
