package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InspectCommandTest {

  @TempDir private Path folder;

  private static String inspect(Path file) {
    return Outcome.of("inspect", file).isWell().out();
  }

  @Test
  void whatRunsAsItIsNeedsNoDraft() {
    Path draft = folder.resolve("net.json");
    Outcome refused = Outcome.of("inspect", SampleFiles.MODEL_A, "--draft", draft);
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("runs as it is", "Leave --draft out", "capture ");
    assertThat(draft).doesNotExist();
  }

  @Test
  void model() {
    assertThat(inspect(SampleFiles.MODEL_A))
        .contains("a TorchScript model", "PyTorch", "Net", "evaluation mode", "LAYER")
        .containsPattern("bottom +Conv2d +\\d+")
        .contains("palimpsest.jar capture " + SampleFiles.MODEL_A + " --probes PROBES")
        .contains("palimpsest.jar weights " + SampleFiles.MODEL_A);
  }

  @Test
  void theNextCommandBeginsAsThisOneDid() {
    assertThat(InspectCommand.NextCommand.program("", "examples/target/palimpsest.jar"))
        .isEqualTo("java -jar examples/target/palimpsest.jar");
    assertThat(InspectCommand.NextCommand.program("", "my tools/palimpsest.jar"))
        .isEqualTo("java -jar 'my tools/palimpsest.jar'");
    assertThat(InspectCommand.NextCommand.program("./palimpsest", "/opt/palimpsest.jar"))
        .isEqualTo("./palimpsest");
    assertThat(InspectCommand.NextCommand.program("", "classes:lib.jar"))
        .isEqualTo("java -jar palimpsest.jar");
  }

  @Test
  void stateDict() {
    assertThat(inspect(SampleFiles.WEIGHTS))
        .contains("state dict", "PyTorch", "[4, 3, 3, 3]", "float32", "torch.export.save");
  }

  @Test
  void aDraftIsWrittenBesideTheListingAndReplacesNothing() {
    Path net = folder.resolve("net.json");
    Path weights = ofIo("own/odd.pth");
    JsonNode facts = Outcome.of("inspect", weights, "--draft", net, "--format", "json").json();
    assertThat(facts.get("draft").asText()).isEqualTo(net.toString());
    assertThat(facts.get("marks").asInt()).isPositive();
    assertThat(facts.get("next").get(0).asText()).contains("--architecture " + net);
    assertThat(net).content().contains("\"steps\"", "TODO");
    assertThat(Outcome.of("inspect", weights, "--draft", net).err()).contains("replaces nothing");
    Outcome unsettled =
        Outcome.of(
            "capture",
            weights,
            "--architecture",
            net,
            "--probes",
            SampleFiles.PROBES,
            "-o",
            "x.npz");
    assertThat(unsettled.err()).contains("is not settled");
  }

  /** A state dict with averaged weights beside the plain ones. */
  private Path averaged() throws IOException {
    StringBuilder header = new StringBuilder();
    for (String before : List.of("model.", "ema_model.module.")) {
      for (String name : List.of("a.weight", "b.weight", "c.weight")) {
        header.append(
            "%s\"%s%s\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]}"
                .formatted(header.isEmpty() ? "{" : ",", before, name, bytes, bytes + 8));
        bytes += 8;
      }
    }
    byte[] text = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer all = ByteBuffer.allocate(8 + text.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
    all.putLong(text.length).put(text);
    return Files.write(folder.resolve("averaged.safetensors"), all.array());
  }

  private int bytes;

  @Test
  void severalNetworksInOneStateDictAreNamedAndAKeyChooses() throws IOException {
    Path file = averaged();
    assertThat(inspect(file))
        .contains("a safetensors file of weights", "weights " + file)
        .doesNotContain(" compare ");
    assertThat(inspect(file)).contains("below model and ema_model", "--key model or --key ema");
    assertThat(Outcome.of("inspect", file, "--key", "ema_model").isWell().out())
        .contains("'module.' taken off the names", "weights " + file + " --key ema_model")
        .containsPattern("(?m)^c.weight ")
        .doesNotContain("several networks");
    Outcome drafted = Outcome.of("inspect", file, "--draft", folder.resolve("net.json"));
    assertThat(drafted.err()).contains("--key model or --key ema_model");
    assertThat(Outcome.of("inspect", file, "--key", "other").err()).contains("'other.'");
    assertThat(Outcome.of("inspect", file, "--key", "model", "--without-prefix", "x.").err())
        .contains("--without-prefix x.");
  }

  @Test
  void prefixesThatNoModelHasAreRefused() {
    Path weights = ofIo("own/odd.pth");
    Path net = ofIo("own/odd.json");
    for (String command : List.of("capture", "compare")) {
      String other = command.equals("compare") ? weights.toString() : "--in-process";
      Outcome outcome =
          Outcome.of(
              command,
              weights,
              other,
              "--architecture",
              net,
              "--probes",
              SampleFiles.PROBES,
              "--without-prefix",
              "student.",
              "-o",
              folder.resolve(command + ".npz"));
      assertThat(outcome.err()).contains("--without-prefix student.");
    }
  }

  @Test
  void array() {
    assertThat(inspect(SampleFiles.PROBES)).contains("NumPy array", "[6, 1, 16, 16]", "float32");
  }

  @Test
  void capturedActivations() {
    Path archive =
        SampleFiles.captured(folder.resolve("a.npz"), SampleFiles.MODEL_A, SampleFiles.PROBES);
    assertThat(inspect(archive))
        .contains("Palimpsest", "captured from " + SampleFiles.MODEL_A, "fingerprint", "enc.0");
  }

  @Test
  void otherFilesAreAtLeastNamed() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.pt"), "not a network at all");
    assertThat(inspect(text)).contains("plain text");
    Path cut = SampleFiles.truncated(folder.resolve("cut.pt"), SampleFiles.MODEL_A);
    assertThat(inspect(cut)).contains("damaged, truncated");
    assertThat(inspect(SampleFiles.image(folder.resolve("x.png"), 1))).contains("PNG image");
  }

  @Test
  void networksOfOtherToolsShowLayersAndTensors() {
    assertThat(inspect(ofIo("onnx/unet.onnx")))
        .contains("an ONNX model", "pytorch 1.13", "its inputs: image", "layers")
        .containsPattern("/enc/enc.0/Conv +Conv");
    assertThat(inspect(ofIo("keras/unet3.h5")))
        .contains("a file of Keras", "Keras 3.15.1", "by the table of its layers", "tensors")
        .containsPattern("enc_conv +conv2d +76");
  }

  @Test
  void savedNetworkOfDl4j() throws IOException {
    Path saved = SampleFiles.savedByDl4j(folder.resolve("net.zip"));
    assertThat(inspect(saved))
        .contains("a saved DL4J network", "Deeplearning4j", "weights " + saved)
        .containsPattern("hidden +DenseLayer +\\d+");
  }

  static Path ofIo(String resource) {
    return Path.of("..", "io/src/test/resources", resource);
  }

  @Test
  void jsonHoldsLayersAndTensors() {
    JsonNode facts = Outcome.of("inspect", SampleFiles.MODEL_A, "--format", "json").json();
    assertThat(facts.get("layers").get(0).fieldNames())
        .toIterable()
        .containsExactly("name", "type", "parameters", "remarks");
    assertThat(facts.get("parts")).isNotEmpty();
    assertThat(facts.get("next").get(0).asText()).contains("capture ");
  }

  @Test
  void pickledModuleShowsItsTreeWithoutBeingRun() {
    assertThat(inspect(ofIo("torch/module.pth")))
        .contains("a pickled PyTorch module")
        .containsPattern("enc.1 +BatchNorm2d +4");
  }

  @Test
  void probesShowTheShapeInWhichTheyAreShown() {
    assertThat(inspect(ofIo("image/volume.nii")))
        .contains("a NIfTI volume", "[1, 1, 3, 4, 5]", "patches --plan PLAN", "--probes");
    assertThat(inspect(ofIo("image/grey.png"))).contains("a PNG image", "[1, 1, 7, 9]");
  }

  @Test
  void whatNnUnetVersion1KeepsIsTold() throws IOException {
    assertThat(inspect(ofIo("volumes/nnunet1/flat/plans.pkl")))
        .contains("the plans of nnU-Net v1", "patches --plan ");
    Path alone = folder.resolve("model_best.model");
    renamed("enc.0.weight", "conv_blocks_context.0.blocks.0.conv.weight", alone);
    assertThat(inspect(alone)).contains("checkpoint of nnU-Net v1 without model_best.model.pkl");
  }

  /** The sample state dict with another name in its pickle. */
  private static void renamed(String before, String after, Path to) throws IOException {
    try (ZipFile read = new ZipFile(SampleFiles.WEIGHTS.toFile());
        ZipOutputStream written = new ZipOutputStream(Files.newOutputStream(to))) {
      for (ZipEntry entry : Collections.list(read.entries())) {
        byte[] content = read.getInputStream(entry).readAllBytes();
        String text = new String(content, StandardCharsets.ISO_8859_1);
        if (entry.getName().endsWith("data.pkl")) {
          text =
              text.replace(
                  (char) before.length() + "\0\0\0" + before,
                  (char) after.length() + "\0\0\0" + after);
        }
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setMethod(ZipEntry.STORED);
        byte[] changed = text.getBytes(StandardCharsets.ISO_8859_1);
        CRC32 check = new CRC32();
        check.update(changed);
        copy.setCrc(check.getValue());
        copy.setSize(changed.length);
        written.putNextEntry(copy);
        written.write(changed);
      }
    }
  }

  @Test
  void foldersTellWhatIsInThem() {
    assertThat(inspect(ofIo("image"))).contains("a PNG image: 5 files", "--probes");
    assertThat(inspect(folder)).contains("a folder").doesNotContain("next");
  }

  @Test
  void kerasArchivesAreNetworksAndWeightsAloneSayWhatTheyLack() {
    assertThat(inspect(ofIo("keras/unet3.keras"))).contains("Keras 3.15.1", "capture ");
    Path alone = ofIo("keras/unet3.weights.h5");
    assertThat(inspect(alone))
        .contains("weights of Keras, without their network", "layers/conv2d/vars/0")
        .contains("palimpsest.jar weights " + alone)
        .contains("palimpsest.jar capture " + alone + " --architecture FILE.json --probes PROBES");
    assertThat(Outcome.of("inspect", alone, "--draft", folder.resolve("net.json")).err())
        .contains("unet3.weights.h5 is a file of Keras", "model.to_json()");
  }

  @Test
  void foldersOfKnownToolsAreCalledByThem() throws IOException {
    Path bundle = Files.createDirectories(folder.resolve("bundle/configs"));
    Files.writeString(bundle.resolve("inference.json"), "{}");
    assertThat(inspect(folder.resolve("bundle"))).containsPattern("is +a MONAI bundle");
    Path saved = Files.createDirectory(folder.resolve("saved"));
    Files.writeString(saved.resolve("config.json"), "{\"_model_class\": \"Unet\"}");
    assertThat(inspect(saved)).contains("a network that segmentation_models_pytorch saved");
  }

  @Test
  void jsonTextTellsWhatIsInIt() throws IOException {
    Path log = Files.writeString(folder.resolve("log.json"), "[{\"step\": 0, \"dsc\": 0.1}]");
    assertThat(inspect(log))
        .contains("a text in JSON", "a list of 1, the first with step, dsc", "for nothing here");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"_target_\": \"UNet\", \"spatial_dims\": 2} | --architecture",
        "{\"input\": 1, \"blocks\": {}, \"steps\": []} | --architecture",
        "{\"class_name\": \"Functional\", \"config\": {}} | --architecture",
        "[{\"_target_\": \"Orientationd\", \"axcodes\": \"RAS\"}] | --transforms",
        "{\"configurations\": {\"2d\": {}}} | --plan",
        "{\"network_def\": {\"_target_\": \"UNet\"}} | MONAI bundle",
        "{\"channel_names\": {}, \"labels\": {}} | beside the plans.json",
        "{\"runs\": []} | track",
        "{\"start\": \"random\"} | beside a run's checkpoints"
      })
  void jsonTextTellsWhatItIsFor(String text, String use) throws IOException {
    assertThat(inspect(Files.writeString(folder.resolve("x.json"), text))).contains(use);
  }

  @Test
  void namesThatAShellWouldSplitAreQuoted() throws IOException {
    Path spaced = Files.copy(SampleFiles.MODEL_A, folder.resolve("my model.pt"));
    assertThat(inspect(spaced)).contains("weights '" + spaced + "'");
  }

  @Test
  void jsonHoldsTheSame() {
    JsonNode facts = Outcome.of("inspect", SampleFiles.WEIGHTS, "--format", "json").json();
    assertThat(facts.fieldNames())
        .toIterable()
        .containsExactly(
            "file", "is", "writer", "use", "bytes", "sha256", "notes", "next", "layers", "parts");
    assertThat(facts.get("parts")).hasSize(6);
  }
}
