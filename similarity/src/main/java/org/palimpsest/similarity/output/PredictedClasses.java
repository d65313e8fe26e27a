package org.palimpsest.similarity.output;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.pairwise.PairStorage;
import org.palimpsest.similarity.internal.pairwise.SampleRows;

/**
 * A last layer as class probabilities and most probable classes. A layer of one column has two
 * classes, background and foreground. Memory: 8nc + 4n bytes.
 */
final class PredictedClasses implements Prepared {

  private final Representation.Info info;
  private final int classes;
  private final double[] probabilities;
  private final int[] labels;

  /**
   * @param probabilities n × classes, row after row
   * @param labels the most probable class of each position
   */
  PredictedClasses(Representation.Info info, int classes, double[] probabilities, int[] labels) {
    this.info = info;
    this.classes = classes;
    this.probabilities = probabilities;
    this.labels = labels;
  }

  @Override
  public Representation.Info info() {
    return info;
  }

  int classes() {
    return classes;
  }

  int positions() {
    return labels.length;
  }

  double probability(int position, int ofClass) {
    return probabilities[position * classes + ofClass];
  }

  int label(int position) {
    return labels[position];
  }

  /** Checks that both know the same classes at the same positions. */
  void requireComparable(PredictedClasses other) {
    info.requireSameSamples(other.info);
    if (classes != other.classes) {
      throw new PalimpsestException(
          "Layer '%s' (%s columns) predicts %s classes and layer '%s' (%s columns) predicts %s. Compare last layers that answer the same question."
              .formatted(
                  info.layer(),
                  info.features(),
                  classes,
                  other.info.layer(),
                  other.info.features(),
                  other.classes));
    }
  }

  /** As plain numbers. */
  static final class Format implements PreparedFormat<PredictedClasses> {

    @Override
    public void write(PredictedClasses prepared, PreparedOutput out) throws IOException {
      out.writeInfo(prepared.info);
      out.writeInt(prepared.classes);
      out.writeDoubles(prepared.probabilities);
      out.writeInts(prepared.labels);
    }

    @Override
    public PredictedClasses read(PreparedInput in) throws IOException {
      return new PredictedClasses(in.readInfo(), in.readInt(), in.readDoubles(), in.readInts());
    }
  }

  /** Turns the columns of a last layer into class probabilities. */
  record Reading(Predictions.Scale scale) implements Preparation<PredictedClasses> {

    private static final double SUM_TOLERANCE = 1e-3;

    @Override
    public PredictedClasses prepare(Representation representation) {
      SampleRows rows = SampleRows.of(representation);
      int classes = Math.max(2, rows.width());
      double[] probabilities =
          PairStorage.doubles(
              (long) rows.count() * classes,
              representation.info(),
              "the probability of each class");
      int[] labels = new int[rows.count()];
      for (int i = 0; i < rows.count(); i++) {
        fill(rows, i, probabilities, i * classes, classes);
        labels[i] = label(rows, i);
      }
      return new PredictedClasses(representation.info(), classes, probabilities, labels);
    }

    /**
     * From the numbers as given, which may differ by less than probabilities can; the first of
     * equals.
     */
    private int label(SampleRows rows, int row) {
      if (rows.width() == 1) {
        return rows.get(row, 0) > (scale == Predictions.Scale.LOGITS ? 0 : 0.5) ? 1 : 0;
      }
      int best = 0;
      for (int c = 1; c < rows.width(); c++) {
        best = rows.get(row, c) > rows.get(row, best) ? c : best;
      }
      return best;
    }

    private void fill(SampleRows rows, int row, double[] target, int at, int classes) {
      boolean binary = rows.width() == 1;
      switch (scale) {
        case LOGITS -> {
          for (int c = 0; c < classes; c++) {
            target[at + c] = binary ? c * rows.get(row, 0) : rows.get(row, c);
          }
          softmax(target, at, classes);
        }
        case PROBABILITIES -> {
          for (int c = 0; c < classes; c++) {
            double given = rows.get(row, binary ? 0 : c);
            requireProbability(rows.info(), row, given);
            target[at + c] = binary && c == 0 ? 1 - given : given;
          }
          requireSum(rows.info(), row, target, at, classes);
        }
      }
    }

    /** The logistic function is the softmax of zero and its argument. */
    private static void softmax(double[] values, int at, int classes) {
      double largest = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < classes; c++) {
        largest = Math.max(largest, values[at + c]);
      }
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        values[at + c] = Math.exp(values[at + c] - largest);
        sum += values[at + c];
      }
      for (int c = 0; c < classes; c++) {
        values[at + c] /= sum;
      }
    }

    private static void requireProbability(Representation.Info info, int row, double value) {
      if (value < 0 || value > 1) {
        throw new PalimpsestException(
            "Layer '%s' (%s samples × %s features) has the value %s in sample %s, which is no probability. If these are logits, say 'logits'."
                .formatted(info.layer(), info.samples(), info.features(), value, row));
      }
    }

    private static void requireSum(
        Representation.Info info, int row, double[] probabilities, int at, int classes) {
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        sum += probabilities[at + c];
      }
      if (Math.abs(sum - 1) > SUM_TOLERANCE) {
        throw new PalimpsestException(
            String.format(
                Locale.ROOT,
                "The %s columns of layer '%s' (%s samples) sum to %.6g in sample %s, where probabilities of classes sum to 1. If these are logits, say 'logits'.",
                classes,
                info.layer(),
                info.samples(),
                sum,
                row));
      }
      for (int c = 0; c < classes; c++) {
        probabilities[at + c] /= sum;
      }
    }

    @Override
    public Optional<PreparedFormat<PredictedClasses>> format() {
      return Optional.of(new Format());
    }
  }
}
