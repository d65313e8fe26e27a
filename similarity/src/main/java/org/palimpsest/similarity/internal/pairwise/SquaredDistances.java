package org.palimpsest.similarity.internal.pairwise;

import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Cores;
import org.palimpsest.similarity.internal.linalg.RowProducts;

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

  /**
   * The inner products of all rows of a matrix with each other, a block of rows at a time, so that
   * no n × n matrix is ever whole.
   *
   * <p>Blocks are computed and visited on all cores at once. Cost: n²p multiplications for the
   * upper triangle, 2n²p for all pairs, and up to 8 MB of memory for each core.
   */
  private static final class ProductBlocks {

    private static final long BLOCK_BYTES = 8L << 20;
    private static final int LARGEST_BLOCK = 256;
    private static final int SMALLEST_BLOCK = 16;

    private ProductBlocks() {}

    /** Receives one row of products; called from several threads at once. */
    @FunctionalInterface
    interface RowVisitor {

      /**
       * @param row i
       * @param first the first row with which it was multiplied
       * @param products entry j − first is the inner product of rows i and j, up to the last row;
       *     the next row overwrites them
       */
      void visit(int row, int first, double[] products);
    }

    /**
     * Products of each row i with at least the rows from i on.
     *
     * @param matrix n × p in C order
     */
    static void upper(INDArray matrix, RowVisitor visitor) {
      run(matrix, true, visitor);
    }

    /** Products of each row with every row. */
    static void all(INDArray matrix, RowVisitor visitor) {
      run(matrix, false, visitor);
    }

    private static void run(INDArray matrix, boolean upperOnly, RowVisitor visitor) {
      int n = matrix.rows();
      int block = blockSize(n, matrix.dataType());
      Cores.sideBySide(
          (n + block - 1) / block,
          task -> {
            int from = task * block;
            int to = Math.min(n, from + block);
            RowProducts.of(matrix, from, to, upperOnly ? from : 0, visitor::visit);
          });
    }

    private static int blockSize(int n, DataType type) {
      long fitting = BLOCK_BYTES / ((long) n * type.width());
      return (int) Math.max(SMALLEST_BLOCK, Math.min(LARGEST_BLOCK, fitting));
    }
  }
}
