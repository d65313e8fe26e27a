package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Refusals of what is not known say what is. */
class KnownWordsTest {

  private static final String UNET =
      "{'_target_': 'UNet', 'spatial_dims': 2, 'in_channels': 1, 'out_channels': 2,"
          + " 'channels': [4, 8], 'strides': [2], %s}";

  @TempDir private Path folder;

  private Outcome described(String json) throws IOException {
    Path architecture = Files.writeString(folder.resolve("net.json"), json.replace('\'', '"'));
    Path weights = InspectCommandTest.ofIo("architectures/monai_unet.pth");
    return Outcome.of(
        "capture",
        weights,
        "--architecture",
        architecture,
        "--probes",
        SampleFiles.PROBES,
        "-o",
        folder.resolve("out.npz"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'norm': 'foo'        | Normalisation | localresponse are",
        "'act': 'leakyrelo'   | Activation    | leakyrelu",
        "'foo': 3             | 'foo' (3)     | norm",
        "'bias': null         | 'bias' is null | true or false",
        "'_mode_': 'callable' | _mode_        | \"default\"",
      })
  void ofADescription(String setting, String what, String known) throws IOException {
    described(UNET.formatted(setting)).isOneLine(1, what, known);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'_target_': 'UNETR'} | SegResNet and AttentionUnet are",
        "{'_target_': 'segmentation_models_pytorch.UPerNet'} | PSPNet, DeepLabV3",
        "{'_target_': 'torchvision.models.squeezenet'} | ResNets, VGGs",
        "{'_target_': 'segmentation_models_pytorch.Unet', 'encoder_name': 'vgg11'} | resnet18, 34",
      })
  void ofAClass(String json, String known) throws IOException {
    described(json).isOneLine(1, "not known here", known);
  }

  @Test
  void ofAnOperator() throws IOException {
    byte[] model = Files.readAllBytes(InspectCommandTest.ofIo("onnx/unet.onnx"));
    String text = new String(model, StandardCharsets.ISO_8859_1).replace("Relu", "Relo");
    Path changed =
        Files.write(folder.resolve("net.onnx"), text.getBytes(StandardCharsets.ISO_8859_1));
    Outcome.of(
            "capture",
            changed,
            "--probes",
            SampleFiles.array(folder.resolve("p.npy"), 3, 2, 1, 8, 8),
            "-o",
            folder.resolve("out.npz"))
        .isOneLine(1, changed.toString(), "operator", "Relo", "com.microsoft are");
  }

  @Test
  void notesOfACheckpointOfNnUnetCountAllThatIsReadOfIt() {
    Path checkpoint = InspectCommandTest.ofIo("architectures/nnunet_plain_2d.pth");
    assertThat(Outcome.of("inspect", checkpoint).isWell().out())
        .contains("no weights are taken from its other entries: init_args, trainer_name")
        .contains("not run, since it serves the training alone: decoder.seg_layers.0\n")
        .doesNotContain("not read");
  }

  @Test
  void transformsThatNeedPackagesWithoutAnyAreDone() throws IOException {
    Path transforms =
        Files.writeString(
            folder.resolve("transforms.json"),
            """
            [{"_target_": "LoadImaged", "keys": "image", "_requires_": [], "_mode_": "default"},
             {"_target_": "EnsureChannelFirstd", "keys": "image"},
             {"_target_": "ScaleIntensityd", "keys": "image", "_mode_": "callable"}]
            """);
    Path missing = folder.resolve("case.nii");
    Files.write(missing, new byte[4]);
    Outcome.of(
            "patches",
            "--transforms",
            transforms,
            "--whole",
            "-o",
            folder.resolve("p.npy"),
            missing)
        .isOneLine(1, "ScaleIntensityd", "_mode_", "\"default\"");
  }
}
