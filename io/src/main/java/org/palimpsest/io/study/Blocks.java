package org.palimpsest.io.study;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.activation.LayerSelector.BlockLayers;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;
import org.palimpsest.io.runs.RunsFolder;

/**
 * Which layers to look at when nobody said: the blocks of a network, such as the stages of an
 * encoder and a decoder, instead of every convolution and activation in them. They are recognised
 * by the names of the layers; of a network whose names do not tell, all layers are taken.
 */
public final class Blocks {

  private Blocks() {}

  /**
   * Of a study: the blocks of the first network that can be run, which is said; all layers if none
   * can be run, which others will report. A block that hands on what an earlier one gave, as an
   * identity does, is none.
   *
   * @param runs the runs of the study; the others come before the source
   * @param networks opens them
   * @param probes the first of them is shown to one network
   * @param notes hears in sentences what was chosen and what was left out
   */
  public static LayerSelector of(
      RunsFolder runs, CheckpointFiles networks, Probes probes, Consumer<String> notes) {
    return Stream.concat(runs.runs().stream(), runs.source().stream())
        .flatMap(run -> run.checkpoints().stream())
        .flatMap(
            checkpoint -> of(checkpoint, runs.root().toString(), networks, probes, notes).stream())
        .findFirst()
        .orElse(LayerSelector.all());
  }

  /**
   * A network whose layers its file does not tell is opened for them and for its copies at once.
   */
  private static Optional<LayerSelector> of(
      Checkpoint checkpoint,
      String name,
      CheckpointFiles networks,
      Probes probes,
      Consumer<String> notes) {
    try {
      if (!networks.canRun(checkpoint)) {
        return Optional.empty();
      }
      Optional<List<String>> told = networks.layers(checkpoint);
      if (told.isPresent()) {
        LayerSelector blocks = among(told.get(), name, notes);
        return Optional.of(withoutCopies(checkpoint, networks, probes, blocks, notes));
      }
      try (ActivationSource network = networks.open(checkpoint)) {
        LayerSelector blocks = among(layers(network, probes), name, notes);
        return Optional.of(withoutCopies(network, probes, blocks, notes));
      }
    } catch (PalimpsestException brokenWhichTheTrackerWillTell) {
      return Optional.empty();
    }
  }

  private static LayerSelector withoutCopies(
      Checkpoint checkpoint,
      CheckpointFiles networks,
      Probes probes,
      LayerSelector blocks,
      Consumer<String> notes) {
    try (ActivationSource network = networks.open(checkpoint)) {
      return withoutCopies(network, probes, blocks, notes);
    } catch (PalimpsestException brokenWhichTheTrackerWillTell) {
      return blocks;
    }
  }

  private static LayerSelector withoutCopies(
      ActivationSource network, Probes probes, LayerSelector blocks, Consumer<String> notes) {
    ActivationSet shown;
    try {
      shown = network.capture(Probes.of(probes.batch(0, 1)), blocks);
    } catch (PalimpsestException brokenWhichTheTrackerWillTell) {
      return blocks;
    }
    Map<String, INDArray> kept = new LinkedHashMap<>();
    for (String layer : shown.layers()) {
      INDArray values = shown.get(layer).values();
      Optional<String> same =
          kept.entrySet().stream()
              .filter(earlier -> handsOn(earlier.getValue(), values))
              .map(Map.Entry::getKey)
              .findFirst();
      same.ifPresent(
          earlier ->
              notes.accept(
                  "%s is left out of the blocks: it hands on what %s gave."
                      .formatted(layer, earlier)));
      if (same.isEmpty()) {
        kept.put(layer, values);
      }
    }
    return kept.size() == shown.layers().size()
        ? blocks
        : LayerSelector.of(List.copyOf(kept.keySet()));
  }

  /** Constant values, as of channels that are dead, are no sign of an identity, nor is NaN. */
  private static boolean handsOn(INDArray earlier, INDArray values) {
    if (!Arrays.equals(earlier.shape(), values.shape())) {
      return false;
    }
    double[] before = new double[Math.toIntExact(earlier.length())];
    double[] after = new double[before.length];
    TensorReader.of(earlier).read(0, before);
    TensorReader.of(values).read(0, after);
    return Arrays.equals(before, after)
        && Arrays.stream(after).anyMatch(value -> Double.isFinite(value) && value != after[0]);
  }

  /**
   * The layers of a network that is shown few probes, in the order in which they run.
   *
   * @throws PalimpsestException if the network cannot take them
   */
  public static List<String> layers(ActivationSource network, Probes probes) {
    if (network instanceof ReducingSource reducing) {
      return List.copyOf(reducing.shapes(probes, LayerSelector.all()).keySet());
    }
    return network.capture(Probes.of(probes.batch(0, 1)), LayerSelector.all()).layers();
  }

  /**
   * The blocks of a network, of which is said that they were chosen and how to have all layers.
   *
   * @param layers all of them, in the order in which they run
   * @param network what to call it in the note
   * @param notes hears it, unless all layers are blocks
   */
  public static LayerSelector among(List<String> layers, String network, Consumer<String> notes) {
    List<String> blocks = BlockLayers.among(layers);
    if (blocks.size() < layers.size()) {
      notes.accept(
          "of the %s layers of %s its blocks are taken: %s. --layers '**' takes all."
              .formatted(layers.size(), network, BlockLayers.summary(blocks)));
    }
    return LayerSelector.of(blocks);
  }
}
