package org.palimpsest.similarity.internal.linalg;

import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.core.tensor.TensorWriter;

/**
 * Inner products of few long vectors, as matrix products of pieces that stay in the cache; the sum
 * of a piece is in the vectors' type, that of the pieces in float64.
 */
public final class InnerSums {

  private static final int PIECE = 1 << 12;
  private static final int PIECES_PER_TASK = 16;
  private static final int PART = PIECE * PIECES_PER_TASK;

  private static final Scratch ROWS = new Scratch();
  private static final Scratch COLUMNS = new Scratch();

  private InnerSums() {}

  /** Adds the inner products of all rows of a block with each other, times a weight. */
  static void add(MatrixBlock vectors, double weight, Dense sums) {
    int tasks = (vectors.columns() + PART - 1) / PART;
    Dense[] parts = new Dense[tasks];
    Cores.sideBySide(
        tasks,
        task -> {
          int from = task * PART;
          MatrixBlock part = vectors.columns(from, Math.min(vectors.columns(), from + PART));
          parts[task] = products(part, part);
        });
    Arrays.stream(parts).forEach(part -> add(part, weight, sums));
  }

  /** Some vectors of one length, however they are stored. */
  public interface Vectors {

    /** Their number. */
    int count();

    /** The length of each. */
    int length();

    /** In which the products are computed; float32 if either side's is. */
    DataType type();

    /** Writes the entries [from, from + count) of one vector to a place. */
    void copy(int vector, int from, int count, TensorWriter target, long to);

    /** Of tensors. */
    static Vectors of(List<INDArray> tensors) {
      return new TensorVectors(tensors, Products.commonType(tensors));
    }
  }

  private record TensorVectors(List<INDArray> tensors, DataType type) implements Vectors {

    @Override
    public int count() {
      return tensors.size();
    }

    @Override
    public int length() {
      return Math.toIntExact(tensors.get(0).length());
    }

    @Override
    public void copy(int vector, int from, int count, TensorWriter target, long to) {
      TensorReader reader = TensorReader.of(tensors.get(vector));
      if (reader.type() == DataType.FLOAT) {
        float[] values = new float[count];
        reader.read(from, values);
        target.write(to, values, count);
      } else {
        double[] values = new double[count];
        reader.read(from, values);
        target.write(to, values, count);
      }
    }
  }

  /**
   * The inner products of all rows with all columns, vectors of one length.
   *
   * @return entry (i, j) is that of row i with column j
   */
  public static Dense of(Vectors rows, Vectors columns) {
    DataType type =
        rows.type() == DataType.FLOAT || columns.type() == DataType.FLOAT
            ? DataType.FLOAT
            : DataType.DOUBLE;
    int length = rows.length();
    int tasks = (length + PART - 1) / PART;
    Dense[] parts = new Dense[tasks];
    Cores.sideBySide(
        tasks,
        task -> {
          int from = task * PART;
          int count = Math.min(PART, length - from);
          parts[task] =
              ROWS.lend(
                  type,
                  rows.count(),
                  count,
                  ofRows ->
                      COLUMNS.lend(
                          type,
                          columns.count(),
                          count,
                          ofColumns -> {
                            stack(rows, from, ofRows);
                            stack(columns, from, ofColumns);
                            return products(ofRows, ofColumns);
                          }));
        });
    Dense sums = Dense.zeros(rows.count(), columns.count());
    Arrays.stream(parts).forEach(part -> add(part, 1, sums));
    return sums;
  }

  private static void stack(Vectors vectors, int from, MatrixBlock stack) {
    TensorWriter writer = TensorWriter.into(stack.tensor());
    for (int i = 0; i < vectors.count(); i++) {
      vectors.copy(i, from, stack.columns(), writer, (long) i * stack.columns());
    }
  }

  private static Dense products(MatrixBlock rows, MatrixBlock columns) {
    Dense sums = Dense.zeros(rows.rows(), columns.rows());
    MatrixBlock product = MatrixBlock.create(rows.type(), rows.rows(), columns.rows());
    for (int from = 0; from < rows.columns(); from += PIECE) {
      int to = Math.min(rows.columns(), from + PIECE);
      Blas.timesTranspose(rows.columns(from, to), columns.columns(from, to), product);
      product.addTo(sums);
    }
    product.close();
    return sums;
  }

  private static void add(Dense part, double weight, Dense sums) {
    for (int i = 0; i < sums.values().length; i++) {
      sums.values()[i] += weight * part.values()[i];
    }
  }
}
