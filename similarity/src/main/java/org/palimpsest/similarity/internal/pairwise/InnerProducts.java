package org.palimpsest.similarity.internal.pairwise;

import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.InnerSums;

/**
 * The inner products of each of some long vectors with each of others, as matrix products of
 * successive pieces of all vectors.
 */
public final class InnerProducts {

  private static final int PIECE = 1 << 15;

  private InnerProducts() {}

  /** The inner product of two vectors of the same length. */
  public static double of(PairVector a, PairVector b) {
    int pieces = (a.length() + PIECE - 1) / PIECE;
    double[] sums =
        IntStream.range(0, pieces)
            .parallel()
            .mapToDouble(piece -> ofPiece(a, b, piece * PIECE))
            .toArray();
    double sum = 0;
    for (double part : sums) {
      sum += part;
    }
    return sum;
  }

  private static double ofPiece(PairVector a, PairVector b, int from) {
    int count = Math.min(PIECE, a.length() - from);
    double[] left = new double[count];
    double[] right = new double[count];
    a.read(from, count, left);
    b.read(from, count, right);
    double sum = 0;
    for (int k = 0; k < count; k++) {
      sum += left[k] * right[k];
    }
    return sum;
  }

  /**
   * Entry (i, j) is the inner product of vector i of {@code rows} and vector j of {@code columns}.
   */
  public static double[][] of(List<? extends PairVector> rows, List<? extends PairVector> columns) {
    Dense products = InnerSums.of(new Stored(rows), new Stored(columns));
    double[][] table = new double[rows.size()][columns.size()];
    for (int i = 0; i < rows.size(); i++) {
      for (int j = 0; j < columns.size(); j++) {
        table[i][j] = products.get(i, j);
      }
    }
    return table;
  }

  private record Stored(List<? extends PairVector> vectors) implements InnerSums.Vectors {

    @Override
    public int count() {
      return vectors.size();
    }

    @Override
    public int length() {
      return vectors.get(0).length();
    }

    @Override
    public DataType type() {
      return vectors.stream().allMatch(v -> v.type() == DataType.DOUBLE)
          ? DataType.DOUBLE
          : DataType.FLOAT;
    }

    @Override
    public void copy(int vector, int from, int count, TensorWriter target, long to) {
      vectors.get(vector).copy(from, count, target, to);
    }
  }
}
