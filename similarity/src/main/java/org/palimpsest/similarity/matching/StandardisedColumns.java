package org.palimpsest.similarity.matching;

import java.io.IOException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedInput;
import org.palimpsest.core.measure.PreparedOutput;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.internal.intervals.Scores;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.Products;

/**
 * A layer whose features have mean zero and unit norm, or are zero throughout if they never vary.
 */
public final class StandardisedColumns implements Prepared {

  private final RepresentationInfo info;
  private final INDArray matrix;
  private final int dead;

  /**
   * @param matrix n × p
   * @param dead how many features never vary
   */
  StandardisedColumns(RepresentationInfo info, INDArray matrix, int dead) {
    this.info = info;
    this.matrix = matrix;
    this.dead = dead;
  }

  @Override
  public RepresentationInfo info() {
    return info;
  }

  /** For intervals. */
  Scores scores() {
    return Scores.of(info, matrix);
  }

  int features() {
    return matrix.columns();
  }

  int dead() {
    return dead;
  }

  /**
   * The correlation of each feature with each of the other layer's; 0 for one that never varies.
   */
  Dense correlations(StandardisedColumns other) {
    Dense correlations = Products.transposeTimes(matrix, other.matrix);
    double[] values = correlations.values();
    for (int k = 0; k < values.length; k++) {
      values[k] = Math.max(-1, Math.min(1, values[k]));
    }
    return correlations;
  }

  /** As plain numbers. */
  static final class Format implements PreparedFormat<StandardisedColumns> {

    @Override
    public void write(StandardisedColumns prepared, PreparedOutput out) throws IOException {
      out.writeInfo(prepared.info);
      out.writeTensor(prepared.matrix);
      out.writeInt(prepared.dead);
    }

    @Override
    public StandardisedColumns read(PreparedInput in) throws IOException {
      return new StandardisedColumns(in.readInfo(), in.readTensor(), in.readInt());
    }
  }
}
