package org.palimpsest.similarity.output;

import java.io.IOException;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedInput;
import org.palimpsest.core.measure.PreparedOutput;
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
   * @param labels the most probable class of each position
   */
  Predictions(RepresentationInfo info, int classes, double[] probabilities, int[] labels) {
    this.info = info;
    this.classes = classes;
    this.probabilities = probabilities;
    this.labels = labels;
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

  /** As plain numbers. */
  static final class Format implements PreparedFormat<Predictions> {

    @Override
    public void write(Predictions prepared, PreparedOutput out) throws IOException {
      out.writeInfo(prepared.info);
      out.writeInt(prepared.classes);
      out.writeDoubles(prepared.probabilities);
      out.writeInts(prepared.labels);
    }

    @Override
    public Predictions read(PreparedInput in) throws IOException {
      return new Predictions(in.readInfo(), in.readInt(), in.readDoubles(), in.readInts());
    }
  }
}
