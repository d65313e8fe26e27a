package org.palimpsest.claims;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.core.evolution.Figure;
import org.palimpsest.core.evolution.FigureKey;
import org.palimpsest.core.evolution.Outcome;
import org.palimpsest.core.evolution.StudyJournal;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.io.study.Blocks;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.similarity.output.OutputScale;

/**
 * The Dice coefficient of a run's predictions on the probes, where nobody logged it: 2|A ∩ B| /
 * (|A| + |B|) over all positions of all probes, the mean over the classes but the background.
 */
final class ScoresByMasks {

  private static final double HALF = 0.5;

  private final CheckpointFiles networks;
  private final StudyJournal journal;
  private final Probes probes;
  private final Probes masks;
  private final OutputScale outputs;

  ScoresByMasks(
      CheckpointFiles networks,
      StudyJournal journal,
      Probes probes,
      Probes masks,
      OutputScale outputs) {
    this.networks = networks;
    this.journal = journal;
    this.probes = probes;
    this.masks = masks;
    this.outputs = outputs;
    if (masks.count() != probes.count()) {
      throw new PalimpsestException(
          "There are %d masks %s for %d probes: give one for each, in their order."
              .formatted(masks.count(), Arrays.toString(masks.shape()), probes.count()));
    }
  }

  /** The scores of all checkpoints that can be run, by step. */
  Map<Long, Double> of(TrainingRun run) {
    Map<Long, Double> scores = new TreeMap<>();
    for (Checkpoint checkpoint : run.checkpoints()) {
      if (networks.canRun(checkpoint)) {
        scores.put(checkpoint.step(), known(checkpoint));
      }
    }
    return scores;
  }

  private double known(Checkpoint checkpoint) {
    String hash = networks.contentHash(checkpoint);
    FigureKey key =
        new FigureKey(
            "masks|" + probes.fingerprint().value() + "|" + outputs.label(),
            hash,
            "",
            masks.fingerprint().value(),
            "",
            "dice");
    Optional<Outcome> before = journal.outcome(key);
    if (before.isPresent() && before.get() instanceof Figure figure) {
      return figure.value();
    }
    double dice = dice(checkpoint);
    networks.requireUnchanged(checkpoint, hash);
    journal.keep(key, Figure.of(dice, probes.count()));
    return dice;
  }

  private double dice(Checkpoint checkpoint) {
    try (ActivationSource network = networks.open(checkpoint)) {
      List<String> layers = Blocks.layers(network, probes);
      String last = layers.get(layers.size() - 1);
      INDArray output = network.capture(probes, LayerSelector.of(last)).get(last).values();
      return dice(labels(output, last), checkpoint.location(), last, output.shape());
    }
  }

  private double dice(int[] predicted, String network, String layer, long[] shape) {
    INDArray all = masks.batch(0, masks.count());
    int[] wanted = labelsOfMasks(all, shape[1] > 1 ? shape[1] : 2);
    if (predicted.length != wanted.length) {
      throw new PalimpsestException(
          "%s: the output %s has the shape %s, which masks of the shape %s do not fit: the extents must be the same."
              .formatted(network, layer, Arrays.toString(shape), Arrays.toString(all.shape())));
    }
    int classes = (int) Math.max(2, shape[1]);
    double sum = 0;
    int present = 0;
    for (int ofClass = 1; ofClass < classes; ofClass++) {
      long both = 0;
      long either = 0;
      for (int i = 0; i < wanted.length; i++) {
        either += (predicted[i] == ofClass ? 1 : 0) + (wanted[i] == ofClass ? 1 : 0);
        both += predicted[i] == ofClass && wanted[i] == ofClass ? 1 : 0;
      }
      if (either > 0) {
        sum += 2.0 * both / either;
        present++;
      }
    }
    return present == 0 ? 1 : sum / present;
  }

  /** The class of each position: of one channel whether it is the foreground. */
  private int[] labels(INDArray output, String layer) {
    if (output.rank() < 3) {
      throw new PalimpsestException(
          "The last layer %s gives the shape %s, which is no segmentation: scores by --masks need (n, classes, space)."
              .formatted(layer, Arrays.toString(output.shape())));
    }
    double[] values = read(output);
    double threshold = outputs == OutputScale.LOGITS ? 0 : HALF;
    return labels(values, output.shape(), threshold);
  }

  /** One channel of class numbers, or one channel per class. */
  private static int[] labelsOfMasks(INDArray masks, long classes) {
    long[] shape = masks.shape();
    double[] values = read(masks);
    boolean channels = shape.length > 2 && (shape[1] == 1 || shape[1] == classes);
    if (!channels) {
      throw new PalimpsestException(
          "Masks have the shape (n, 1, space) or (n, %d, space), one channel per class; these have %s."
              .formatted(classes, Arrays.toString(shape)));
    }
    if (shape[1] > 1) {
      return labels(values, shape, HALF);
    }
    return Arrays.stream(values)
        .mapToInt(
            value -> {
              if (value != Math.rint(value) || value < 0 || value >= classes) {
                throw new PalimpsestException(
                    "Masks of one channel hold the numbers of classes, 0 to %d; one holds %s."
                        .formatted(classes - 1, value));
              }
              return (int) value;
            })
        .toArray();
  }

  private static int[] labels(double[] values, long[] shape, double threshold) {
    int samples = (int) shape[0];
    int channels = (int) shape[1];
    int space = values.length / samples / channels;
    int[] labels = new int[samples * space];
    for (int sample = 0; sample < samples; sample++) {
      for (int place = 0; place < space; place++) {
        int from = sample * channels * space + place;
        labels[sample * space + place] =
            channels == 1
                ? values[from] > threshold ? 1 : 0
                : largest(values, from, channels, space);
      }
    }
    return labels;
  }

  private static int largest(double[] values, int from, int channels, int stride) {
    int largest = 0;
    for (int channel = 1; channel < channels; channel++) {
      if (values[from + channel * stride] > values[from + largest * stride]) {
        largest = channel;
      }
    }
    return largest;
  }

  private static double[] read(INDArray tensor) {
    double[] values = new double[Math.toIntExact(tensor.length())];
    TensorReader.of(tensor).read(0, values);
    return values;
  }
}
