package org.palimpsest.similarity.internal.linalg;

import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorWriter;

/**
 * Matrix products by BLAS, one at a time: it uses all cores by itself, and calls from several
 * threads would only get in each other's way. In the tasks of {@link Cores#sideBySide} each product
 * keeps to its own core instead.
 */
public final class Products {

  /** Float32 sums are no longer than this many samples; the blocks are summed in float64. */
  private static final int BLOCK = 4096;

  private static final long SMALL = 200_000;

  private Products() {}

  /**
   * A'B of two matrices of n rows, as float64; p × q. If one of them is float32, so is the product
   * of each block.
   */
  public static Dense transposeTimes(INDArray a, INDArray b) {
    return transposeTimes(a, b, commonType(List.of(a, b)));
  }

  /** The same with the products of each block in the given type. */
  static Dense transposeTimes(INDArray a, INDArray b, DataType type) {
    return Cores.exclusively(
        () -> {
          MatrixBlock ofA = MatrixBlock.of(a);
          MatrixBlock ofB = MatrixBlock.of(b);
          Dense sum = Dense.zeros(ofA.columns(), ofB.columns());
          MatrixBlock product = MatrixBlock.create(type, ofA.columns(), ofB.columns());
          int step = ofA.type() == DataType.DOUBLE && type == ofB.type() ? ofA.rows() : BLOCK;
          for (int from = 0; from < ofA.rows(); from += step) {
            MatrixBlock rowsOfA = ofA.rows(from, Math.min(ofA.rows(), from + step));
            MatrixBlock rowsOfB = ofB.rows(from, Math.min(ofA.rows(), from + step));
            rowsOfA.inType(
                type,
                left -> rowsOfB.inType(type, right -> Blas.transposeTimes(left, right, product)));
            product.addTo(sum);
          }
          product.close();
          return sum;
        });
  }

  /** A'B of two small matrices; p × q. */
  public static Dense transposeTimes(Dense a, Dense b) {
    return isSmall(a.columns(), a.rows(), b.columns())
        ? inPlace(a.transpose(), b)
        : transposeTimes(toTensor(a, DataType.DOUBLE), toTensor(b, DataType.DOUBLE));
  }

  /** Whether copies to and from BLAS would take longer than the product. */
  private static boolean isSmall(int rows, int inner, int columns) {
    return (long) rows * inner * columns <= SMALL;
  }

  private static Dense inPlace(Dense a, Dense b) {
    Dense product = Dense.zeros(a.rows(), b.columns());
    int width = b.columns();
    for (int i = 0; i < a.rows(); i++) {
      for (int k = 0; k < a.columns(); k++) {
        double factor = a.get(i, k);
        for (int j = 0; j < width; j++) {
          product.values()[i * width + j] += factor * b.values()[k * width + j];
        }
      }
    }
    return product;
  }

  /** AB of two small matrices. */
  public static Dense product(Dense a, Dense b) {
    if (isSmall(a.rows(), a.columns(), b.columns())) {
      return inPlace(a, b);
    }
    return Cores.exclusively(
        () -> {
          MatrixBlock product = MatrixBlock.create(DataType.DOUBLE, a.rows(), b.columns());
          Blas.times(
              MatrixBlock.of(toTensor(a, DataType.DOUBLE)),
              MatrixBlock.of(toTensor(b, DataType.DOUBLE)),
              product);
          return product.toDense();
        });
  }

  /** A'A in the type of A, float32 in blocks that are summed in float64; p × p. */
  public static Dense gram(INDArray a) {
    return gramOfColumns(a, a.dataType());
  }

  /** A'A in float64, whatever the type of A; p × p. */
  public static Dense gramOfColumns(INDArray a) {
    return gramOfColumns(a, DataType.DOUBLE);
  }

  static Dense gramOfColumns(INDArray a, DataType type) {
    return Cores.exclusively(
        () -> {
          MatrixBlock whole = MatrixBlock.of(a);
          Dense sum = Dense.zeros(whole.columns(), whole.columns());
          MatrixBlock product = MatrixBlock.create(type, whole.columns(), whole.columns());
          int step = whole.type() == DataType.DOUBLE ? whole.rows() : BLOCK;
          for (int from = 0; from < whole.rows(); from += step) {
            int to = Math.min(whole.rows(), from + step);
            whole.rows(from, to).inType(type, rows -> Blas.gramOfColumns(rows, product));
            product.addTo(sum);
          }
          product.close();
          return mirrored(sum);
        });
  }

  /** AA' in float64, whatever the type of A; n × n. */
  public static Dense gramOfRows(INDArray a) {
    return gramOfRows(a, DataType.DOUBLE);
  }

  static Dense gramOfRows(INDArray a, DataType type) {
    return Cores.exclusively(
        () -> {
          MatrixBlock whole = MatrixBlock.of(a);
          Dense sum = Dense.zeros(whole.rows(), whole.rows());
          MatrixBlock product = MatrixBlock.create(type, whole.rows(), whole.rows());
          for (int from = 0; from < whole.columns(); from += BLOCK) {
            int to = Math.min(whole.columns(), from + BLOCK);
            whole.columns(from, to).inType(type, part -> Blas.gramOfRows(part, product));
            product.addTo(sum);
          }
          product.close();
          return mirrored(sum);
        });
  }

  /** AA' of the rows [from, to), in the type of A; m × m, its upper triangle filled at least. */
  public static Dense upperGramOfRows(INDArray a, int from, int to) {
    return Cores.exclusively(
        () -> {
          MatrixBlock product = MatrixBlock.create(a.dataType(), to - from, to - from);
          Blas.gramOfRows(MatrixBlock.of(a).rows(from, to), product);
          return product.toDense();
        });
  }

  /** AW, computed in float64 and kept in the given type; n × k for a p × k matrix W. */
  public static INDArray times(INDArray a, Dense w, DataType type) {
    return timesTransposed(a, w.transpose(), type);
  }

  /** AW' in the type of A; n × k for a k × p matrix W. */
  public static INDArray timesTransposed(INDArray a, Dense w) {
    return Cores.exclusively(
        () -> {
          MatrixBlock product = MatrixBlock.create(a.dataType(), a.rows(), w.rows());
          Blas.timesTranspose(
              MatrixBlock.of(a), MatrixBlock.of(toTensor(w, a.dataType())), product);
          return product.tensor();
        });
  }

  /** AW', computed in float64 and kept in the given type; n × k for a k × p matrix W. */
  public static INDArray timesTransposed(INDArray a, Dense w, DataType type) {
    return Cores.exclusively(
        () -> {
          MatrixBlock whole = MatrixBlock.of(a);
          MatrixBlock factor = MatrixBlock.of(toTensor(w, DataType.DOUBLE));
          MatrixBlock result = MatrixBlock.create(type, whole.rows(), w.rows());
          for (int from = 0; from < whole.rows(); from += BLOCK) {
            int to = Math.min(whole.rows(), from + BLOCK);
            MatrixBlock product = MatrixBlock.create(DataType.DOUBLE, to - from, w.rows());
            Blas.timesTranspose(whole.rows(from, to).as(DataType.DOUBLE), factor, product);
            result.rows(from, to).assign(product);
            product.close();
          }
          return result.tensor();
        });
  }

  /** Float32 if one of them is. */
  static DataType commonType(List<INDArray> matrices) {
    boolean single = matrices.stream().anyMatch(matrix -> matrix.dataType() == DataType.FLOAT);
    return single ? DataType.FLOAT : DataType.DOUBLE;
  }

  static INDArray toTensor(Dense matrix, DataType type) {
    TensorWriter writer = TensorWriter.create(type, matrix.rows(), matrix.columns());
    writer.write(0, matrix.values(), matrix.values().length);
    return writer.tensor();
  }

  /** Copies the upper triangle to the lower one, tile by tile to stay within the cache. */
  public static Dense mirrored(Dense matrix) {
    int size = matrix.rows();
    int tile = 32;
    for (int i = 0; i < size; i += tile) {
      for (int j = 0; j <= i; j += tile) {
        mirrorTile(matrix, i, Math.min(size, i + tile), j, Math.min(size, j + tile));
      }
    }
    return matrix;
  }

  private static void mirrorTile(Dense matrix, int fromRow, int toRow, int from, int to) {
    int size = matrix.rows();
    double[] values = matrix.values();
    for (int i = fromRow; i < toRow; i++) {
      for (int j = from; j < Math.min(i, to); j++) {
        values[i * size + j] = values[j * size + i];
      }
    }
  }
}
