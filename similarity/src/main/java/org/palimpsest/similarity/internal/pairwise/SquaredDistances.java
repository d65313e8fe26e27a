package org.palimpsest.similarity.internal.pairwise;

import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.similarity.internal.linalg.CentredLayer;

/**
 * Squared euclidean distances between rows, |x|² + |y|² − 2x·y from blocks of products.
 *
 * <p>Where that difference loses digits, because two rows are close to each other beside their
 * length, the distance is taken entry by entry instead. Rows should be centred first.
 */
public final class SquaredDistances {

  private static final double CANCELLATION = 1e-2;

  private final double[] norms;
  private final EntryByEntry exact;

  private SquaredDistances(double[] norms, EntryByEntry exact) {
    this.norms = norms;
    this.exact = exact;
  }

  /** The squared distance of two rows without any cancellation. */
  @FunctionalInterface
  private interface EntryByEntry {
    double between(int a, int b);
  }

  /** Receives the distances of one row; called from several threads at once. */
  @FunctionalInterface
  public interface RowVisitor {

    /**
     * @param row i
     * @param first the first row to which distances were taken
     * @param squared entry j − first is the squared distance of rows i and j, up to the last row;
     *     the next row overwrites them
     */
    void visit(int row, int first, double[] squared);
  }

  /** Distances of each row i to at least the rows after i, by float64 products. */
  public static void upper(SampleRows rows, RowVisitor visitor) {
    try (INDArray matrix = rows.tensor(DataType.DOUBLE)) {
      of(rows).upper(matrix, visitor);
    }
  }

  /** Distances of each row i to at least the rows after i, by products of the layer's own type. */
  public static void upper(CentredLayer layer, RowVisitor visitor) {
    of(layer).upper(layer.matrix(), visitor);
  }

  /** Distances of each row to every row, by float64 products. */
  public static void all(SampleRows rows, RowVisitor visitor) {
    SquaredDistances distances = of(rows);
    try (INDArray matrix = rows.tensor(DataType.DOUBLE)) {
      ProductBlocks.all(
          matrix,
          (i, first, products) -> {
            distances.replace(i, first, first, products);
            visitor.visit(i, first, products);
          });
    }
  }

  private static SquaredDistances of(SampleRows rows) {
    double[] norms =
        IntStream.range(0, rows.count()).parallel().mapToDouble(rows::squaredNorm).toArray();
    return new SquaredDistances(norms, rows::squaredDistance);
  }

  private static SquaredDistances of(CentredLayer layer) {
    TensorReader reader = TensorReader.of(layer.matrix());
    int width = layer.matrix().columns();
    return new SquaredDistances(layer.rowSquares(), (a, b) -> squaredDistance(reader, width, a, b));
  }

  private static double squaredDistance(TensorReader reader, int width, int a, int b) {
    double[] rowA = new double[width];
    double[] rowB = new double[width];
    reader.read((long) a * width, rowA);
    reader.read((long) b * width, rowB);
    double sum = 0;
    for (int j = 0; j < width; j++) {
      sum += (rowA[j] - rowB[j]) * (rowA[j] - rowB[j]);
    }
    return sum;
  }

  private void upper(INDArray matrix, RowVisitor visitor) {
    ProductBlocks.upper(
        matrix,
        (i, first, products) -> {
          replace(i, first, i + 1, products);
          visitor.visit(i, first, products);
        });
  }

  /** Puts the distances in place of the products, from row {@code from} on. */
  private void replace(int i, int first, int from, double[] products) {
    double own = norms[i];
    for (int j = from; j < first + products.length; j++) {
      products[j - first] = own + norms[j] - 2 * products[j - first];
    }
    for (int j = from; j < first + products.length; j++) {
      if (products[j - first] < CANCELLATION * (own + norms[j])) {
        products[j - first] = exact.between(i, j);
      }
    }
  }
}
