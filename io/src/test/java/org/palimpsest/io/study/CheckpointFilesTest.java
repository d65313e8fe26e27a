package org.palimpsest.io.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.io.network.NetworkOptions;

class CheckpointFilesTest {

  @TempDir private Path folder;
  private final CheckpointFiles files = new CheckpointFiles();
  private Path file;
  private Checkpoint checkpoint;
  private String hash;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("step_0.pt"), "content");
    checkpoint = new Checkpoint(0, file.toString(), OptionalDouble.empty());
    hash = files.contentHash(checkpoint);
  }

  @Test
  void aCheckpointThatStaysIsUnchanged() {
    files.requireUnchanged(checkpoint, hash);
    new CheckpointFiles().requireUnchanged(checkpoint, hash);
  }

  @Test
  void aCheckpointThatWasAnotherForAWhileIsChanged() throws IOException {
    Files.writeString(file, "CONTENT");
    Files.writeString(file, "content");

    assertThatThrownBy(() -> files.requireUnchanged(checkpoint, hash))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("step_0.pt changed while it was read");
  }

  @Test
  void aCheckpointOfAnotherHashIsChanged() throws IOException {
    Files.writeString(file, "another");

    assertThatThrownBy(() -> files.requireUnchanged(checkpoint, hash))
        .hasMessageContaining("changed while it was read");
    assertThatThrownBy(() -> new CheckpointFiles().requireUnchanged(checkpoint, hash))
        .hasMessageContaining("changed while it was read");
  }

  private Path resource(String name) throws IOException {
    Path target = folder.resolve(name);
    try (InputStream in = getClass().getResourceAsStream("/architectures/" + name)) {
      Files.copy(Objects.requireNonNull(in, name), target);
    }
    return target;
  }

  private static Checkpoint checkpoint(Path file) {
    return new Checkpoint(0, file.toString(), OptionalDouble.empty());
  }

  @Test
  void aCheckpointIsAnotherWithAnotherArchitectureKeyOrPrefix() throws IOException {
    Checkpoint weights = checkpoint(resource("monai_unet.pth"));
    Path architecture = resource("monai_unet.json");
    NetworkOptions described = NetworkOptions.none().withArchitecture(architecture);
    Set<String> hashes = new LinkedHashSet<>();
    hashes.add(files.contentHash(weights));
    hashes.add(files.saying(c -> described).contentHash(weights));
    hashes.add(files.saying(c -> described.withKey("ema")).contentHash(weights));
    hashes.add(
        files
            .saying(c -> NetworkOptions.none().withoutPrefixes(List.of("student.")))
            .contentHash(weights));
    Files.writeString(architecture, Files.readString(architecture) + "\n");
    hashes.add(files.saying(c -> described).contentHash(weights));

    assertThat(hashes).hasSize(5);
    assertThat(hashes).first().isEqualTo(Sha256.of(Path.of(weights.location())));
  }

  @Test
  void anArchitectureThatChangesMeanwhileIsAChange() throws IOException {
    Checkpoint weights = checkpoint(resource("monai_unet.pth"));
    Path architecture = resource("monai_unet.json");
    CheckpointFiles described =
        files.saying(c -> NetworkOptions.none().withArchitecture(architecture));
    String before = described.contentHash(weights);
    Files.writeString(architecture, Files.readString(architecture) + "\n");

    assertThatThrownBy(() -> described.requireUnchanged(weights, before))
        .hasMessageContaining("monai_unet.json changed while it was read");
  }

  @Test
  void aStateDictRunsIfSomebodyDescribesItsNetwork() throws IOException {
    Checkpoint weights = checkpoint(resource("monai_unet.pth"));
    NetworkOptions described = NetworkOptions.none().withArchitecture(resource("monai_unet.json"));

    assertThat(files.canRun(weights)).isFalse();
    assertThat(files.layers(weights)).isEmpty();
    assertThat(files.saying(c -> described).canRun(weights)).isTrue();
    assertThat(files.saying(c -> described).layers(weights).orElseThrow()).contains("model.0");
    assertThat(files.canRun(checkpoint(resource("nnunet_plain_2d.pth")))).isTrue();
  }

  @Test
  void aPrefixIsTakenOffWeightsThatAllHaveIt() throws IOException {
    Checkpoint weights = checkpoint(resource("monai_unet.pth"));
    CheckpointFiles shorter =
        files.saying(c -> NetworkOptions.none().withoutPrefixes(List.of("model.", "nothing.")));

    assertThat(files.weights(weights).find("model.0.conv.unit0.conv.weight")).isPresent();
    assertThat(shorter.weights(weights).find("0.conv.unit0.conv.weight")).isPresent();
  }

  @Test
  void weightsAreNamedLikeThoseThatTheyAreComparedWith() throws IOException {
    Checkpoint file = checkpoint(resource("monai_unet.pth"));
    Weights plain = files.weights(file);
    Weights wrapped =
        Weights.of(
            plain.provenance(),
            "wrapped",
            plain.tensors().stream()
                .map(t -> new WeightTensor("net." + t.name(), t.values(), t.dtype(), t.layerKind()))
                .toList());

    assertThat(files.namedLike(wrapped, plain).tensors())
        .extracting(WeightTensor::name)
        .containsExactlyElementsOf(plain.tensors().stream().map(WeightTensor::name).toList());
  }
}
