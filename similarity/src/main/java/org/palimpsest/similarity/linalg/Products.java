package org.palimpsest.similarity.linalg;

import org.bytedeco.javacpp.indexer.DoubleIndexer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Matrix products by ND4J, one at a time: its BLAS uses all cores by itself, and calls from several
 * threads would only get in each other's way.
 */
public final class Products {

  /** Float32 sums are no longer than this many samples; the blocks are summed in float64. */
  private static final long BLOCK = 4096;

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

  /** AW, of the type of A; n × k. */
  public static synchronized INDArray times(INDArray a, Dense w) {
    INDArray factor = toTensor(w, a.dataType());
    INDArray transposed = Nd4j.createUninitialized(a.dataType(), shape(w.columns(), a.rows()), 'f');
    Nd4j.gemm(factor, a, transposed, true, true, 1, 0);
    return transposed.transpose();
  }

  /** The rows [from, to), without a copy. */
  public static INDArray rows(INDArray matrix, long from, long to) {
    return from == 0 && to == matrix.rows()
        ? matrix
        : matrix.get(NDArrayIndex.interval(from, to), NDArrayIndex.all());
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
