package org.palimpsest.similarity.pairwise;

import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Squared euclidean distances between rows, |x|² + |y|² − 2x·y from blocks of products.
 *
 * <p>Where that difference loses digits, because two rows are close to each other beside their
 * length, the distance is taken entry by entry instead. SampleRows should be centred first.
 */
public final class SquaredDistances {

  private static final double CANCELLATION = 1e-2;

  private final SampleRows rows;
  private final double[] norms;

  private SquaredDistances(SampleRows rows) {
    this.rows = rows;
    this.norms =
        IntStream.range(0, rows.count()).parallel().mapToDouble(rows::squaredNorm).toArray();
  }

  /** Receives the distances of one row; called from several threads at once. */
  @FunctionalInterface
  public interface RowVisitor {

    /**
     * @param row i
     * @param first the first row to which distances were taken
     * @param squared entry j − first is the squared distance of rows i and j, up to the last row
     */
    void visit(int row, int first, double[] squared);
  }

  /**
   * Distances of each row i to at least the rows after i.
   *
   * @param type the type of the products
   */
  public static void upper(SampleRows rows, DataType type, RowVisitor visitor) {
    SquaredDistances distances = new SquaredDistances(rows);
    ProductBlocks.upper(
        rows,
        type,
        (i, first, products) -> {
          distances.replace(i, first, i + 1, products);
          visitor.visit(i, first, products);
        });
  }

  /** Distances of each row to every row. */
  public static void all(SampleRows rows, RowVisitor visitor) {
    SquaredDistances distances = new SquaredDistances(rows);
    ProductBlocks.all(
        rows,
        DataType.DOUBLE,
        (i, first, products) -> {
          distances.replace(i, first, first, products);
          visitor.visit(i, first, products);
        });
  }

  /** Puts the distances in place of the products, from row {@code from} on. */
  private void replace(int i, int first, int from, double[] products) {
    double own = norms[i];
    for (int j = from; j < first + products.length; j++) {
      double sum = own + norms[j];
      double squared = sum - 2 * products[j - first];
      products[j - first] = squared < CANCELLATION * sum ? rows.squaredDistance(i, j) : squared;
    }
  }
}
