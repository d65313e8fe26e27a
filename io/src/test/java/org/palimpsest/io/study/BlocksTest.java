package org.palimpsest.io.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.Input;
import org.palimpsest.io.runs.RunsFolder;

/** Which layers of a study are looked at when nobody said. */
class BlocksTest {

  private static final Probes PROBES =
      Probes.of(Nd4j.linspace(1, 3 * 2 * 4 * 4, 3 * 2 * 4 * 4).reshape(3, 2, 4, 4));

  @TempDir private Path folder;

  private final List<String> notes = new ArrayList<>();
  private final List<Long> shown = new ArrayList<>();

  /** Its layers are functions of the probes. */
  private final class Network implements ActivationSource {

    private final Map<String, UnaryOperator<INDArray>> layers = new LinkedHashMap<>();

    Network with(String layer, UnaryOperator<INDArray> output) {
      layers.put(layer, output);
      return this;
    }

    @Override
    public String name() {
      return "network";
    }

    @Override
    public Provenance provenance() {
      return Provenance.inMemory("network");
    }

    @Override
    public void run(
        Probes probes,
        LayerSelector selector,
        Progress progress,
        Consumer<ActivationBatch> receiver) {
      shown.add(probes.count());
      INDArray all = probes.batch(0, probes.count());
      Map<String, INDArray> outputs = new LinkedHashMap<>();
      selector
          .select(List.copyOf(layers.keySet()))
          .forEach(layer -> outputs.put(layer, layers.get(layer).apply(all)));
      receiver.accept(new ActivationBatch(0, outputs));
    }

    @Override
    public void close() {}
  }

  private RunsFolder runs() throws IOException {
    for (String seed : List.of("seed0", "seed1")) {
      Path run = Files.createDirectories(folder.resolve("random").resolve(seed));
      Files.writeString(run.resolve("step_0.pt"), seed);
    }
    return RunsFolder.open(folder);
  }

  private LayerSelector blocksOf(Network network) throws IOException {
    return Blocks.of(
        runs(),
        CheckpointFiles.opening((file, said) -> new Input.Model(network)),
        PROBES,
        notes::add);
  }

  @Test
  void blocksStandForTheLayersInThem() throws IOException {
    LayerSelector blocks =
        blocksOf(
            new Network()
                .with("enc1.conv", x -> x.mul(2))
                .with("enc1.relu", x -> x.mul(3))
                .with("enc1", x -> x.mul(4))
                .with("pool", x -> x.mul(5))
                .with("enc2.conv", x -> x.mul(6))
                .with("enc2", x -> x.mul(7)));

    assertThat(blocks.globs()).containsExactly("enc1", "enc2");
    assertThat(notes)
        .singleElement()
        .asString()
        .contains("of the 6 layers of " + folder, "enc1, enc2", "--layers '**'");
    assertThat(shown).containsOnly(1L);
  }

  @Test
  void aBlockThatHandsOnWhatAnEarlierOneGaveIsNone() throws IOException {
    LayerSelector blocks =
        blocksOf(
            new Network()
                .with("enc1", x -> x.mul(2))
                .with("same", x -> x.mul(2))
                .with("turned", x -> x.mul(2).reshape(1, 4, 2, 4))
                .with("enc2", x -> x.mul(3)));

    assertThat(blocks.globs()).containsExactly("enc1", "turned", "enc2");
    assertThat(notes)
        .containsExactly("same is left out of the blocks: it hands on what enc1 gave.");
  }

  /** Dead channels and diverged networks would hide blocks of all the others. */
  @Test
  void valuesThatTellNothingMakeNoCopy() throws IOException {
    LayerSelector blocks =
        blocksOf(
            new Network()
                .with("enc1", x -> x.mul(0))
                .with("enc2", x -> x.mul(0))
                .with("enc3", x -> Nd4j.valueArrayOf(x.shape(), Double.NaN))
                .with("enc4", x -> Nd4j.valueArrayOf(x.shape(), Double.NaN)));

    assertThat(blocks.globs()).containsExactly("enc1", "enc2", "enc3", "enc4");
    assertThat(notes).isEmpty();
  }

  @Test
  void aNetworkThatCannotBeOpenedLeavesTheChoiceToTheNext() throws IOException {
    Network network = new Network().with("enc1", x -> x.mul(2)).with("enc2", x -> x.mul(3));
    CheckpointFiles files =
        CheckpointFiles.opening(
            (file, said) -> {
              if (file.toString().contains("seed0")) {
                throw new PalimpsestException("damaged");
              }
              return new Input.Model(network);
            });
    assertThat(Blocks.of(runs(), files, PROBES, notes::add).globs())
        .containsExactly("enc1", "enc2");
    CheckpointFiles none =
        CheckpointFiles.opening(
            (file, said) -> {
              throw new PalimpsestException("damaged");
            });
    assertThat(Blocks.of(runs(), none, PROBES, notes::add).globs()).isEmpty();
    assertThat(notes).isEmpty();
  }

  @Test
  void layersAreThoseOfOneProbe() {
    Network network = new Network().with("b", x -> x).with("a", x -> x.mul(2));
    assertThat(Blocks.layers(network, PROBES)).containsExactly("b", "a");
    assertThat(shown).containsExactly(1L);
  }
}
