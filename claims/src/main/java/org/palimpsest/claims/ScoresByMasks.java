package org.palimpsest.claims;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.StudyJournal;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.io.study.Blocks;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.similarity.output.Predictions;

/**
 * The Dice coefficient of a run's predictions on the probes, where nobody logged it: {@link
 * Predictions#dice} of the prediction and the masks.
 */
final class ScoresByMasks {

  private static final Measure<Prepared> OF_MASKS =
      Predictions.dice(Predictions.Scale.PROBABILITIES);

  private final CheckpointFiles networks;
  private final StudyJournal journal;
  private final Probes probes;
  private final Probes masks;
  private final Predictions.Scale outputs;
  private final Measure<Prepared> dice;

  ScoresByMasks(
      CheckpointFiles networks,
      StudyJournal journal,
      Probes probes,
      Probes masks,
      Predictions.Scale outputs) {
    this.networks = networks;
    this.journal = journal;
    this.probes = probes;
    this.masks = masks;
    this.outputs = outputs;
    this.dice = Predictions.dice(outputs);
    if (masks.count() != probes.count()) {
      throw new PalimpsestException(
          "There are %s masks %s for %s probes: give one for each, in their order."
              .formatted(masks.count(), Arrays.toString(masks.shape()), probes.count()));
    }
  }

  /**
   * Checks the masks by what a network gives for one probe; of a run that can be run.
   *
   * @return what is to be known of them
   */
  List<String> requireFitting(TrainingRun run) {
    for (Checkpoint checkpoint : run.checkpoints()) {
      if (networks.canRun(checkpoint)) {
        try (ActivationSource network = networks.open(checkpoint)) {
          Activations one = output(network, Probes.of(probes.batch(0, 1)));
          long[] shape = one.values().shape();
          shape[0] = probes.count();
          return absentClasses(oneHot(checkpoint.location(), one.layer(), shape), shape);
        }
      }
    }
    return List.of();
  }

  /** Masks without any foreground would give a Dice of 0 to whoever predicts some. */
  private List<String> absentClasses(INDArray right, long... shape) {
    double[] all = read(right);
    int channels = Math.toIntExact(shape[1]);
    int space = Math.toIntExact(all.length / shape[0] / channels);
    BitSet present = new BitSet();
    for (int i = 0; i < all.length; i++) {
      int channel = i / space % channels;
      if (channels == 1) {
        present.set((int) all[i]);
      } else if (all[i] == 1) {
        present.set(channel);
      }
    }
    if (present.nextSetBit(1) < 0) {
      throw new PalimpsestException(
          "The masks %s hold nothing but the background (class 0), so that no prediction can be right: a network that finds something gets a Dice of 0. Give masks of what the probes show."
              .formatted(Arrays.toString(masks.shape())));
    }
    List<String> absent =
        IntStream.range(0, Math.max(2, channels))
            .filter(number -> !present.get(number))
            .mapToObj(String::valueOf)
            .toList();
    return absent.isEmpty()
        ? List.of()
        : List.of(
            "No position of the masks has the class %s, of the classes 0 to %s of the networks: who predicts a class but the background that never occurs gets a Dice of 0 for it."
                .formatted(String.join(", ", absent), Math.max(2, channels) - 1));
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
    Measurement.Key key =
        new Measurement.Key(
            "masks|" + probes.fingerprint().value() + "|" + outputs.label(),
            hash,
            "",
            masks.fingerprint().value(),
            "",
            "dice");
    Optional<Outcome> before = journal.outcome(key);
    if (before.isPresent() && before.get() instanceof Measurement measurement) {
      return measurement.value();
    }
    double score = score(checkpoint);
    networks.requireUnchanged(checkpoint, hash);
    journal.keep(key, Measurement.of(score, probes.count()));
    return score;
  }

  private double score(Checkpoint checkpoint) {
    try (ActivationSource network = networks.open(checkpoint)) {
      Activations output = output(network, probes);
      INDArray right = oneHot(checkpoint.location(), output.layer(), output.values().shape());
      Activations wanted = new Activations(output.layer(), right, output.probes());
      return dice.compare(prepared(dice, output), prepared(OF_MASKS, wanted)).value();
    }
  }

  private static Prepared prepared(Measure<Prepared> measure, Activations activations) {
    return measure.preparation().prepare(FeatureMaps.positions().represent(activations));
  }

  private static Activations output(ActivationSource network, Probes shown) {
    List<String> layers = Blocks.layers(network, shown);
    String last = layers.get(layers.size() - 1);
    Activations output = network.capture(shown, LayerSelector.of(last)).get(last);
    if (output.values().rank() < 3) {
      throw new PalimpsestException(
          "The last layer '%s' gives the shape %s, which is no segmentation: scores by --masks need (n, classes, space)."
              .formatted(last, Arrays.toString(output.values().shape())));
    }
    return output;
  }

  /** The masks in the shape of an output: 1 at the class of each position, else 0. */
  private INDArray oneHot(String network, String layer, long... output) {
    long[] shape = withChannels(masks.shape(), output.length);
    boolean fits = shape.length == output.length && (shape[1] == 1 || shape[1] == output[1]);
    for (int axis = 2; fits && axis < shape.length; axis++) {
      fits = shape[axis] == output[axis];
    }
    if (!fits) {
      throw new PalimpsestException(
          "%s: the last layer '%s' gives the shape %s, which masks of the shape %s do not fit: masks are %s, with the same extents."
              .formatted(
                  network,
                  layer,
                  Arrays.toString(output),
                  Arrays.toString(masks.shape()),
                  output[1] == 1
                      ? "(n[, 1], space) of 0 and 1"
                      : "(n[, 1], space) of class numbers or (n, %s, space) with a 1 in the channel of each position's class"
                          .formatted(output[1])));
    }
    double[] given = read(masks.batch(0, masks.count()));
    int classes = Math.toIntExact(output[1]);
    boolean numbers = shape[1] == 1;
    if (numbers) {
      requireClasses(given, Math.max(2, classes));
    }
    double[] all = numbers && classes > 1 ? spread(given, classes, probes.count()) : given;
    if (!numbers) {
      requireOneClassEach(all, classes, probes.count());
    }
    return Nd4j.createFromArray(all).reshape(output);
  }

  /** Labels that {@code patches} writes have no axis of channels. */
  private static long[] withChannels(long[] shape, int axes) {
    if (shape.length != axes - 1) {
      return shape;
    }
    long[] whole = new long[axes];
    whole[0] = shape[0];
    whole[1] = 1;
    System.arraycopy(shape, 1, whole, 2, axes - 2);
    return whole;
  }

  private static void requireClasses(double[] numbers, int classes) {
    for (double value : numbers) {
      if (value != Math.rint(value) || value < 0 || value >= classes) {
        throw new PalimpsestException(
            "Masks of one channel hold the numbers of classes, 0 to %s; one holds %s."
                .formatted(classes - 1, value));
      }
    }
  }

  private static double[] spread(double[] numbers, int classes, long samples) {
    int space = Math.toIntExact(numbers.length / samples);
    double[] all = new double[Math.multiplyExact(numbers.length, classes)];
    for (int i = 0; i < numbers.length; i++) {
      all[(i / space * classes + (int) numbers[i]) * space + i % space] = 1;
    }
    return all;
  }

  private static void requireOneClassEach(double[] masks, int classes, long samples) {
    int space = Math.toIntExact(masks.length / samples / classes);
    for (int sample = 0; sample < samples; sample++) {
      for (int place = 0; place < space; place++) {
        int ones = 0;
        for (int c = 0; c < classes; c++) {
          double value = masks[(sample * classes + c) * space + place];
          ones += value == 1 ? 1 : value == 0 ? 0 : classes;
        }
        if (ones != 1) {
          throw new PalimpsestException(
              "Masks of %s channels hold 1 in the channel of each position's class, the first being the background, and 0 in the others; position %s of mask %s does not."
                  .formatted(classes, place, sample));
        }
      }
    }
  }

  private static double[] read(INDArray tensor) {
    double[] values = new double[Math.toIntExact(tensor.length())];
    TensorReader.of(tensor).read(0, values);
    return values;
  }
}
