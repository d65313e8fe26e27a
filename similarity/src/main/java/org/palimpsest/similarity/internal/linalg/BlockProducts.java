package org.palimpsest.similarity.internal.linalg;

import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The products A'B of successive blocks of rows, each alone. */
public final class BlockProducts {

  /** Float32 sums are no longer than this many samples. */
  private static final int MOST_ROWS = 4096;

  /** Receives the product of one block. */
  @FunctionalInterface
  public interface Sink {

    /**
     * @param block which
     * @param product p × q, row after row; the next one overwrites it
     */
    void add(int block, double[] product);
  }

  private BlockProducts() {}

  /**
   * Computes them, in float32 if one of the matrices is.
   *
   * @param rows of each block
   */
  public static void forEach(INDArray a, INDArray b, int rows, Sink sink) {
    Cores.exclusively(
        () -> {
          DataType type = Products.commonType(List.of(a, b));
          MatrixBlock ofA = MatrixBlock.of(a).as(type);
          MatrixBlock ofB = MatrixBlock.of(b).as(type);
          MatrixBlock product = MatrixBlock.create(type, ofA.columns(), ofB.columns());
          double[] sum = new double[ofA.columns() * ofB.columns()];
          for (int block = 0; block < ofA.rows() / rows; block++) {
            Arrays.fill(sum, 0);
            for (int from = block * rows; from < (block + 1) * rows; from += MOST_ROWS) {
              int to = Math.min((block + 1) * rows, from + MOST_ROWS);
              Blas.transposeTimes(ofA.rows(from, to), ofB.rows(from, to), product);
              product.addTo(new Dense(product.rows(), product.columns(), sum));
            }
            sink.add(block, sum);
          }
          product.close();
          return rows;
        });
  }
}
