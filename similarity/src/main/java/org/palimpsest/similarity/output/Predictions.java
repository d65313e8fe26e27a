package org.palimpsest.similarity.output;

import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.representation.RepresentationInfo;

/**
 * A last layer as class probabilities and most probable classes. A layer of one column has two
 * classes, background and foreground. Memory: 8nc + 4n bytes.
 */
public final class Predictions implements Prepared {

  private final RepresentationInfo info;
  private final int classes;
  private final double[] probabilities;
  private final int[] labels;

  /**
   * @param probabilities n × classes, row after row
   */
  Predictions(RepresentationInfo info, int classes, double[] probabilities) {
    this.info = info;
    this.classes = classes;
    this.probabilities = probabilities;
    this.labels = new int[probabilities.length / classes];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = mostProbable(i);
    }
  }

  /** Of equally probable classes the first. */
  private int mostProbable(int position) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      best = probability(position, c) > probability(position, best) ? c : best;
    }
    return best;
  }

  @Override
  public RepresentationInfo info() {
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
  void requireComparable(Predictions other) {
    info.requireSameSamples(other.info);
    if (classes != other.classes) {
      throw new PalimpsestException(
          "Layer '%s' (%d columns) predicts %d classes and layer '%s' (%d columns) predicts %d. Compare last layers that answer the same question."
              .formatted(
                  info.layer(),
                  info.features(),
                  classes,
                  other.info.layer(),
                  other.info.features(),
                  other.classes));
    }
  }
}
