package org.palimpsest.similarity.pairwise;

import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.indexer.DoubleIndexer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

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
    double[][] sums = new double[rows.size()][columns.size()];
    int length = rows.get(0).length();
    try (INDArray left = stack(rows.size());
        INDArray right = stack(columns.size());
        INDArray products =
            Nd4j.createUninitialized(
                DataType.DOUBLE, new long[] {rows.size(), columns.size()}, 'f')) {
      for (int from = 0; from < length; from += PIECE) {
        fill(rows, left, from);
        fill(columns, right, from);
        Nd4j.gemm(left, right, products, false, true, 1, 0);
        add(products, sums);
      }
    }
    return sums;
  }

  private static INDArray stack(int vectors) {
    return Nd4j.createUninitialized(DataType.DOUBLE, new long[] {vectors, PIECE}, 'c');
  }

  private static void fill(List<? extends PairVector> vectors, INDArray stack, int from) {
    DoubleIndexer elements = (DoubleIndexer) stack.data().indexer();
    IntStream.range(0, vectors.size())
        .parallel()
        .forEach(
            v -> {
              PairVector vector = vectors.get(v);
              double[] piece = new double[PIECE];
              vector.read(from, Math.min(PIECE, vector.length() - from), piece);
              elements.put((long) v * PIECE, piece, 0, PIECE);
            });
  }

  private static void add(INDArray products, double[][] sums) {
    for (int i = 0; i < sums.length; i++) {
      for (int j = 0; j < sums[i].length; j++) {
        sums[i][j] += products.getDouble(i, j);
      }
    }
  }
}
