package org.palimpsest.similarity.linalg;

import java.util.List;
import org.bytedeco.javacpp.indexer.DoubleIndexer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.core.tensor.TensorReader;

/**
 * Matrix products by ND4J, one at a time: its BLAS uses all cores by itself, and calls from several
 * threads would only get in each other's way.
 */
public final class Products {

  /** Float32 sums are no longer than this many samples; the blocks are summed in float64. */
  private static final long BLOCK = 4096;

  private static final long VECTOR_BLOCK = 1 << 15;

  /** The length of float32 sums of products of few vectors, which stay in the cache. */
  private static final int PIECE = 1 << 11;

  private Products() {}

  /**
   * A'B of two matrices of n rows, as float64; p × q. If one of them is float32, so is the product
   * of each block.
   */
  public static synchronized Dense transposeTimes(INDArray a, INDArray b) {
    boolean single = a.dataType() == DataType.FLOAT || b.dataType() == DataType.FLOAT;
    DataType type = single ? DataType.FLOAT : DataType.DOUBLE;
    Dense sum = Dense.zeros(a.columns(), b.columns());
    long step = single ? BLOCK : a.rows();
    for (long from = 0; from < a.rows(); from += step) {
      long to = Math.min(a.rows(), from + step);
      INDArray ofA = rows(a, from, to).castTo(type);
      INDArray ofB = rows(b, from, to).castTo(type);
      add(rowMajorTransposeTimes(ofA, ofB), sum.values());
    }
    return sum;
  }

  /** A'B of two small matrices; p × q. */
  public static Dense transposeTimes(Dense a, Dense b) {
    return transposeTimes(toTensor(a, DataType.DOUBLE), toTensor(b, DataType.DOUBLE));
  }

  /** A'b, where b is n × 1 or n × q. */
  public static Dense transposeTimes(INDArray a, Dense b) {
    return transposeTimes(a, toTensor(b, a.dataType()));
  }

  /** AB of two small matrices. */
  public static Dense product(Dense a, Dense b) {
    return transposeTimes(a.transpose(), b);
  }

  /** A'A in the type of A, float32 in blocks that are summed in float64; p × p. */
  public static synchronized Dense gram(INDArray a) {
    Dense sum = Dense.zeros(a.columns(), a.columns());
    long step = a.dataType() == DataType.FLOAT ? BLOCK : a.rows();
    for (long from = 0; from < a.rows(); from += step) {
      long to = Math.min(a.rows(), from + step);
      add(SymmetricProducts.ofColumns(a, from, to), sum.values());
    }
    return SymmetricProducts.mirrored(sum);
  }

  /** AA' of the rows [from, to), in the type of A; m × m. */
  public static synchronized Dense gramOfRows(INDArray a, long from, long to) {
    int count = Math.toIntExact(to - from);
    Dense sum = Dense.zeros(count, count);
    add(SymmetricProducts.ofRows(a, from, to), sum.values());
    return SymmetricProducts.mirrored(sum);
  }

  /** A'A in float64, whatever the type of A; p × p. */
  public static synchronized Dense gramOfColumns(INDArray a) {
    if (a.dataType() == DataType.DOUBLE) {
      return gram(a);
    }
    Dense sum = Dense.zeros(a.columns(), a.columns());
    for (long from = 0; from < a.rows(); from += BLOCK) {
      INDArray block = rows(a, from, Math.min(a.rows(), from + BLOCK)).castTo(DataType.DOUBLE);
      add(SymmetricProducts.ofColumns(block, 0, block.rows()), sum.values());
    }
    return SymmetricProducts.mirrored(sum);
  }

  /** AA' in float64, whatever the type of A; n × n. */
  public static synchronized Dense gramOfRows(INDArray a) {
    Dense sum = Dense.zeros(a.rows(), a.rows());
    for (long from = 0; from < a.columns(); from += BLOCK) {
      INDArray block = columns(a, from, Math.min(a.columns(), from + BLOCK));
      INDArray product = Nd4j.createUninitialized(DataType.DOUBLE, shape(a.rows(), a.rows()), 'f');
      add(Nd4j.gemm(block, block, product, false, true, 1, 0), sum.values());
    }
    return sum;
  }

  /** AW, computed in float64 and kept in the given type; n × k for a p × k matrix W. */
  public static INDArray times(INDArray a, Dense w, DataType type) {
    return timesTransposed(a, w.transpose(), type);
  }

  /** AW' in the type of A; n × k for a k × p matrix W. */
  public static synchronized INDArray timesTransposed(INDArray a, Dense w) {
    INDArray factor = toTensor(w, a.dataType());
    INDArray transposed = Nd4j.createUninitialized(a.dataType(), shape(w.rows(), a.rows()), 'f');
    return Nd4j.gemm(factor, a, transposed, false, true, 1, 0).transpose();
  }

  /** AW', computed in float64 and kept in the given type; n × k for a k × p matrix W. */
  public static synchronized INDArray timesTransposed(INDArray a, Dense w, DataType type) {
    INDArray factor = toTensor(w, DataType.DOUBLE);
    INDArray product = Nd4j.createUninitialized(type, shape(a.rows(), w.rows()), 'c');
    for (long from = 0; from < a.rows(); from += BLOCK) {
      long to = Math.min(a.rows(), from + BLOCK);
      INDArray block = rows(a, from, to).castTo(DataType.DOUBLE);
      INDArray transposed =
          Nd4j.createUninitialized(DataType.DOUBLE, shape(w.rows(), to - from), 'f');
      Nd4j.gemm(factor, block, transposed, false, true, 1, 0);
      rows(product, from, to).assign(transposed.transpose());
    }
    return product;
  }

  /** AB' of two matrices of p columns, as float64; n × m. */
  public static synchronized Dense timesTranspose(INDArray a, INDArray b) {
    boolean single = a.dataType() == DataType.FLOAT || b.dataType() == DataType.FLOAT;
    DataType type = single ? DataType.FLOAT : DataType.DOUBLE;
    INDArray product = Nd4j.createUninitialized(type, shape(b.rows(), a.rows()), 'f');
    Nd4j.gemm(b.castTo(type), a.castTo(type), product, false, true, 1, 0);
    Dense result = Dense.zeros(a.rows(), b.rows());
    add(product, result.values());
    return result;
  }

  /**
   * The inner products of all rows with all columns, vectors of one length.
   *
   * @return entry (i, j) is that of row i with column j
   */
  public static synchronized Dense ofVectors(List<INDArray> rows, List<INDArray> columns) {
    Dense sum = Dense.zeros(rows.size(), columns.size());
    long length = rows.get(0).length();
    for (long from = 0; from < length; from += VECTOR_BLOCK) {
      long to = Math.min(length, from + VECTOR_BLOCK);
      Dense block = timesTranspose(stacked(rows, from, to), stacked(columns, from, to));
      for (int i = 0; i < sum.values().length; i++) {
        sum.values()[i] += block.values()[i];
      }
    }
    return sum;
  }

  private static INDArray stacked(List<INDArray> vectors, long from, long to) {
    boolean single = vectors.stream().anyMatch(v -> v.dataType() == DataType.FLOAT);
    DataType type = single ? DataType.FLOAT : DataType.DOUBLE;
    INDArray stack = Nd4j.createUninitialized(type, shape(vectors.size(), to - from), 'c');
    for (int i = 0; i < vectors.size(); i++) {
      stack.putRow(i, vectors.get(i).get(NDArrayIndex.interval(from, to)).castTo(type));
    }
    return stack;
  }

  /**
   * Adds the inner products of all rows of a block with each other, times a weight; pieces that are
   * short enough for float32 sums are summed in float64.
   */
  static synchronized void addInnerProducts(Block vectors, double weight, Dense sums) {
    Block products = Block.create(vectors.type(), vectors.rows(), vectors.rows());
    double[] piece = new double[sums.values().length];
    for (int from = 0; from < vectors.columns(); from += PIECE) {
      Block columns = vectors.columns(from, Math.min(vectors.columns(), from + PIECE));
      Blas.timesTranspose(columns, columns, products);
      TensorReader.of(products.tensor()).read(0, piece);
      for (int i = 0; i < piece.length; i++) {
        sums.values()[i] += weight * piece[i];
      }
    }
    products.tensor().close();
  }

  /** The rows [from, to), without a copy. */
  public static INDArray rows(INDArray matrix, long from, long to) {
    return from == 0 && to == matrix.rows()
        ? matrix
        : matrix.get(NDArrayIndex.interval(from, to), NDArrayIndex.all());
  }

  private static INDArray columns(INDArray matrix, long from, long to) {
    INDArray columns =
        from == 0 && to == matrix.columns()
            ? matrix
            : matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to)).dup('c');
    return columns.castTo(DataType.DOUBLE);
  }

  static INDArray toTensor(Dense matrix, DataType type) {
    INDArray tensor =
        Nd4j.createFromArray(matrix.values()).reshape('c', matrix.rows(), matrix.columns());
    return type == DataType.DOUBLE ? tensor : tensor.castTo(type);
  }

  /** BLAS writes columns first, so that B'A is what holds A'B rows first. */
  private static INDArray rowMajorTransposeTimes(INDArray a, INDArray b) {
    INDArray product = Nd4j.createUninitialized(a.dataType(), shape(b.columns(), a.columns()), 'f');
    return Nd4j.gemm(b, a, product, true, false, 1, 0);
  }

  private static long[] shape(long rows, long columns) {
    return new long[] {rows, columns};
  }

  private static void add(INDArray block, double[] sum) {
    if (block.data().indexer() instanceof FloatIndexer floats) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += floats.get(i);
      }
    } else {
      DoubleIndexer doubles = (DoubleIndexer) block.data().indexer();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += doubles.get(i);
      }
    }
  }
}
