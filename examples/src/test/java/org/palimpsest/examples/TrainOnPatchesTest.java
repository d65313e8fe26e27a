package org.palimpsest.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.npy.NpyFile;

class TrainOnPatchesTest {

  @TempDir private Path folder;

  private Path patches(long... shape) {
    INDArray images = Nd4j.rand(shape);
    long[] without = new long[shape.length - 1];
    without[0] = shape[0];
    System.arraycopy(shape, 2, without, 1, shape.length - 2);
    NpyFile.write(folder.resolve("p.npy"), images);
    NpyFile.write(folder.resolve("p_masks.npy"), Nd4j.ones(without).muli(3));
    return folder.resolve("p.npy");
  }

  @Test
  void aNetworkOfVolumesIsSavedBeforeAndAfter() throws IOException {
    Path patches = patches(6, 1, 8, 8, 4);
    TrainOnPatches.main(new String[] {patches.toString(), folder.toString(), "2"});
    Probes probes = Probes.of(NpyFile.read(patches));
    try (ActivationSource start = TorchScriptNetwork.open(folder.resolve("start.pt"));
        ActivationSource end = TorchScriptNetwork.open(folder.resolve("end.pt"))) {
      ActivationSet before = start.capture(probes);
      assertThat(before.layers()).contains("enc1", "enc3", "dec1", "out");
      assertThat(before.get("out").values()).isNotEqualTo(end.capture(probes).get("out").values());
    }
  }

  @Test
  void severalChannelsAreRefused() {
    Path patches = patches(3, 2, 8, 8);
    assertThatThrownBy(
            () -> TrainOnPatches.main(new String[] {patches.toString(), folder.toString()}))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("[3, 2, 8, 8]");
  }

  @Test
  void patchesThatCannotBeHalvedTwiceAreRefused() {
    assertRefused(patches(3, 1, 8, 10), "which 10 does not allow", "multiples of 4");
  }

  @Test
  void labelsOfOtherPatchesAreRefused() {
    Path patches = patches(3, 1, 8, 8);
    NpyFile.write(folder.resolve("p_masks.npy"), Nd4j.ones(3, 8, 4));
    assertRefused(patches, "[3, 1, 8, 8]", "[3, 8, 4]");
  }

  private void assertRefused(Path patches, String... words) {
    assertThatThrownBy(
            () -> TrainOnPatches.main(new String[] {patches.toString(), folder.toString(), "2"}))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(words);
  }

  /** Where nothing is labelled but places to ignore, a network learns that there is nothing. */
  @Test
  void labelsBelowZeroAreBackground() throws IOException {
    Path patches = patches(6, 1, 8, 8);
    List<byte[]> ends = new ArrayList<>();
    for (int label : new int[] {0, -1}) {
      NpyFile.write(folder.resolve("p_masks.npy"), Nd4j.zeros(6, 8, 8).addi(label));
      TrainOnPatches.main(new String[] {patches.toString(), folder.toString(), "2"});
      ends.add(Files.readAllBytes(folder.resolve("end.pt")));
    }
    assertThat(ends.get(1)).isEqualTo(ends.get(0));
  }
}
