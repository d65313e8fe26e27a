package org.palimpsest.io.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.inspect.Inspection.ArchitectureDraft;
import org.palimpsest.io.inspect.Inspection.Use;
import org.palimpsest.io.network.LayerOutline;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.npy.NpyFile;

/** What is told of files that other tools wrote, and of those that are nothing. */
class InspectionTest {

  @TempDir private Path folder;

  private static Inspection of(Path file) {
    return Inspection.of(file, NetworkOptions.none());
  }

  private Path text(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private Path resource(String name) throws IOException {
    Path file = folder.resolve(name.substring(name.lastIndexOf('/') + 1));
    try (InputStream in = InspectionTest.class.getResourceAsStream(name)) {
      Files.copy(in, file);
    }
    return file;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"_target_\": \"monai.networks.nets.UNet\"} | --architecture",
        "{\"class_name\": \"Functional\", \"config\": {}} | --architecture",
        "[{\"_target_\": \"LoadImaged\"}] | patches --transforms",
        "{\"network_def\": {}} | MONAI bundle",
        "{\"configurations\": {}} | patches --plan",
        "{\"labels\": {}, \"channel_names\": {}} | beside the plans.json",
        "{\"runs\": []} | training runs of a study",
        "{\"start\": \"random\"} | beside a run's checkpoints",
        "{\"figures\": [], \"checkpoints\": []} | as the table of a study",
        "{\"anything\": 1} | for nothing here",
        "[] | for nothing here"
      })
  void aTextInJsonIsForWhatItsNamesSay(String json, String use) throws IOException {
    Inspection told = of(text("some.json", json));

    assertThat(told.is()).isEqualTo("a text in JSON");
    assertThat(told.use()).contains(use);
    assertThat(told.notes()).isNotEmpty();
  }

  @Test
  void namesOfALargeObjectAreCutShort() throws IOException {
    Inspection told =
        of(
            text(
                "many.json",
                "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1}"));

    assertThat(told.notes()).containsExactly("an object with a, b, c, d, e, f, g, h and more");
  }

  @Test
  void aTextThatIsNoJsonIsAText() throws IOException {
    assertThat(of(text("notes.txt", "{ not quite")).is()).isNotEqualTo("a text in JSON");
    assertThat(of(text("number.json", "17")).is()).isNotEqualTo("a text in JSON");
  }

  @Test
  void anArrayIsToldByItsHeaderAlone() {
    Path file = folder.resolve("probes.npy");
    NpyFile.write(file, Nd4j.ones(4, 1, 8, 8).castTo(DataType.FLOAT));
    Inspection told = of(file);

    assertThat(told.partsAre()).isEqualTo("arrays");
    assertThat(told.parts()).containsExactly(new Inspection.Part("", "[4, 1, 8, 8]", "float32"));
    assertThat(told.next()).containsExactly(Use.PROBES, Use.COMPARE_ACTIVATIONS);
  }

  @Test
  void weightsOfAToolAreListedInTheirOrderWithTheirTypes() throws IOException {
    Inspection told = of(resource("/safetensors/model.safetensors"));

    assertThat(told.partsAre()).isEqualTo("tensors");
    assertThat(told.parts()).isNotEmpty().allMatch(part -> !part.dtype().isEmpty());
    assertThat(told.next()).contains(Use.WEIGHTS, Use.COMPARE_WEIGHTS);
  }

  @Test
  void aNetworkOfOnnxHasLayersAndInputs() throws IOException {
    Inspection told = of(resource("/onnx/unet.onnx"));

    assertThat(told.layers()).extracting(LayerOutline::type).contains("Conv");
    assertThat(told.notes()).anyMatch(note -> note.startsWith("its inputs: "));
    assertThat(told.next()).contains(Use.CAPTURE, Use.COMPARE_NETWORKS);
  }

  @Test
  void aNetworkOfKerasIsToldWithItsTool() throws IOException {
    Inspection told = of(resource("/keras/unet3.keras"));

    assertThat(told.is()).isEqualTo("a file of Keras");
    assertThat(told.writer()).contains("Keras");
    assertThat(told.layers()).isNotEmpty();
    assertThat(of(resource("/keras/unet3.weights.h5")).is()).contains("without their network");
  }

  @Test
  void aFolderIsToldByWhatLiesInIt() throws IOException {
    NpyFile.write(folder.resolve("enc1.npy"), Nd4j.ones(4, 3));
    NpyFile.write(folder.resolve("out.npy"), Nd4j.ones(4, 2));
    text("readme.txt", "words");
    Inspection told = of(folder);

    assertThat(told.parts()).extracting(Inspection.Part::name).containsExactly("enc1", "out");
    assertThat(told.notes()).anyMatch(note -> note.endsWith(": 2 files"));
    assertThat(told.next()).contains(Use.COMPARE_ACTIVATIONS).doesNotContain(Use.TRACK);
  }

  @Test
  void anEmptyFileAndAnEmptyFolderAreTold() throws IOException {
    Inspection file = of(Files.createFile(folder.resolve("empty.pt")));
    Inspection none = of(Files.createDirectory(folder.resolve("empty")));

    assertThat(file.is()).contains("empty");
    assertThat(List.of(file.next(), none.next())).allMatch(List::isEmpty);
  }

  @Test
  void whatIsDamagedIsANoteAndWhatIsNotThereAnError() throws IOException {
    byte[] whole = Files.readAllBytes(resource("/onnx/unet.onnx"));
    Path cut = folder.resolve("cut.onnx");
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
    Path missing = folder.resolve("missing.pt");

    assertThat(of(cut).next()).doesNotContain(Use.CAPTURE);
    assertThatThrownBy(() -> of(missing))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("missing.pt");
  }

  /** Written by ND4J itself; its file has no mark. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aNetworkOfSameDiffIsCalledSo(boolean empty) throws IOException {
    SameDiff network = SameDiff.create();
    SDVariable input = network.placeHolder("in", DataType.FLOAT, -1, 4);
    if (!empty) {
      SDVariable weight = network.var("w", Nd4j.ones(DataType.FLOAT, 4, 3));
      network.nn.relu(input.mmul(weight), 0);
    }
    Path file = folder.resolve("net.fb");
    network.save(file.toFile(), true);

    Inspection told = of(file);

    assertThat(told.is()).contains("SameDiff");
    assertThat(told.use()).contains("nothing here", "Nd4j.writeAsNumpy");
    assertThat(told.next()).isEmpty();
  }

  @Test
  void weightsThatAreAskedForAndNotThereAreAnError() throws IOException {
    Path file = resource("/safetensors/model.safetensors");

    assertThatThrownBy(() -> Inspection.of(file, NetworkOptions.none().withKey("ema")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("ema");
    assertThatThrownBy(
            () -> Inspection.of(file, NetworkOptions.none().withoutPrefixes(List.of("never."))))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("never.");
  }

  @Test
  void aDraftIsMadeOfWeightsAndOfNothingElse() throws IOException {
    Path keras = resource("/keras/unet3.weights.h5");
    Path words = text("words.txt", "no weights");

    assertThatThrownBy(() -> ArchitectureDraft.of(keras, NetworkOptions.none()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("unet3.weights.h5", "to_json()");
    assertThatThrownBy(() -> ArchitectureDraft.of(words, NetworkOptions.none()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("words.txt");
  }

  @Test
  void aDraftOfAKnownNetworkIsItsClassAndReplacesNoFile() throws IOException {
    Path weights = resource("/architectures/monai_basicunet.pth");
    Path draft = folder.resolve("draft.json");
    ArchitectureDraft made = ArchitectureDraft.of(weights, NetworkOptions.none());
    made.write(draft);

    assertThat(made.marks()).isPositive();
    assertThat(Files.readString(draft)).contains("BasicUNet", "TODO");
    assertThatThrownBy(() -> made.write(draft))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("draft.json");
  }
}
