package org.palimpsest.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.image.Preprocessing;
import org.palimpsest.io.internal.torchscript.TorchScriptArchive;
import org.palimpsest.io.npy.NpyFile;

/** Files that change after they were opened, and before all of them was read. */
class ChangingFilesTest {

  @TempDir private Path folder;

  private Path copy(String resource) throws IOException {
    Path file = folder.resolve(resource.substring(resource.lastIndexOf('/') + 1));
    try (InputStream in = getClass().getResourceAsStream("/" + resource)) {
      Files.write(file, Objects.requireNonNull(in, resource).readAllBytes());
    }
    return file;
  }

  /** The same bytes again: that is enough, since others may have been there in between. */
  private static void writeAgain(Path file) throws IOException {
    Files.write(file, Files.readAllBytes(file));
  }

  private static void requireRefusal(Runnable reading) {
    assertThatThrownBy(reading::run)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("changed while it was read");
  }

  private static void requireLayersAreRefusedAfterAChange(Path dump, Path changing)
      throws IOException {
    ActivationSet activations = Dumps.open(dump);
    String layer = activations.layers().get(0);
    assertThat(activations.get(layer)).isNotNull();

    writeAgain(changing);

    requireRefusal(() -> activations.get(layer));
  }

  @ParameterizedTest
  @ValueSource(strings = {"npy/stored.npz", "hdf5/activations.h5"})
  void layersOfAFileThatChangedAreRefused(String resource) throws IOException {
    Path file = copy(resource);

    requireLayersAreRefusedAfterAChange(file, file);
  }

  @Test
  void anArrayThatChangedIsRefusedByItselfAndInAFolder() throws IOException {
    Path arrays = Files.createDirectory(folder.resolve("arrays"));
    Path file = arrays.resolve("layer.npy");
    NpyFile.write(file, Nd4j.rand(4, 3));

    requireLayersAreRefusedAfterAChange(file, file);
    requireLayersAreRefusedAfterAChange(arrays, file);
  }

  @Test
  void probesThatChangedAreRefused() throws IOException {
    Path array = folder.resolve("probes.npy");
    NpyFile.write(array, Nd4j.rand(4, 3));
    Path image = copy("image/colour.png");
    for (Path file : new Path[] {array, image}) {
      Probes probes = Inputs.probes(file, Preprocessing.none());
      assertThat(probes.batch(0, 1).size(0)).isOne();

      writeAgain(file);

      requireRefusal(() -> probes.batch(0, 1));
    }
  }

  @Test
  void aTorchScriptArchiveThatChangedIsNotCopied() throws IOException {
    Path file = copy("torch/scripted.pt");
    TorchScriptArchive archive = TorchScriptArchive.open(file);
    archive.writeRecordingCopy(folder.resolve("copy.pt"));

    writeAgain(file);

    requireRefusal(() -> archive.writeRecordingCopy(folder.resolve("another.pt")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch/odd.pth", "torch/odd_legacy.pth", "onnx/unet.onnx"})
  void weightsHaveTheHashOfWhatWasRead(String resource) throws IOException {
    Path file = copy(resource);

    assertThat(Inputs.weights(file).provenance().sha256()).isEqualTo(Sha256.of(file));
  }
}
