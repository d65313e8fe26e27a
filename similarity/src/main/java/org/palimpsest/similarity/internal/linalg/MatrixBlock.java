package org.palimpsest.similarity.internal.linalg;

import java.util.function.Consumer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.similarity.internal.linalg.TallProducts.RowSink;

/**
 * A part of a matrix, or of any stretch of memory taken for one, rows first, without a copy.
 *
 * @param tensor whose memory it is, in C order and no view
 * @param from its first element, counted in that memory
 * @param rows its number of rows
 * @param columns its number of columns
 * @param stride from one row to the next
 */
record MatrixBlock(INDArray tensor, long from, int rows, int columns, int stride) {

  private static final int READ_AT_ONCE = 1 << 13;

  /** All of a matrix; a view, or one in another order, is copied first. */
  static MatrixBlock of(INDArray matrix) {
    INDArray plain = TensorReader.liesInOrder(matrix) ? matrix : matrix.dup('c');
    return new MatrixBlock(plain, 0, plain.rows(), plain.columns(), plain.columns());
  }

  /** Memory for a matrix of this shape, not filled. */
  static MatrixBlock create(DataType type, int rows, int columns) {
    return of(Nd4j.createUninitialized(type, new long[] {rows, columns}, 'c'));
  }

  DataType type() {
    return tensor.dataType();
  }

  /** The rows [first, end). */
  MatrixBlock rows(int first, int end) {
    return new MatrixBlock(tensor, from + (long) first * stride, end - first, columns, stride);
  }

  /** The columns [first, end). */
  MatrixBlock columns(int first, int end) {
    return new MatrixBlock(tensor, from + first, rows, end - first, stride);
  }

  /** The same in another type: a copy, unless it is of that type already. */
  MatrixBlock as(DataType wanted) {
    return wanted == type() ? this : of(view().castTo(wanted));
  }

  /** Does something with the same in another type, a copy of which is given back at once. */
  void inType(DataType wanted, Consumer<MatrixBlock> work) {
    MatrixBlock converted = as(wanted);
    work.accept(converted);
    if (converted != this) {
      converted.close();
    }
  }

  /** Overwrites this block with one of the same shape and any type. */
  void assign(MatrixBlock other) {
    double[] values = other.values();
    TensorWriter.into(tensor).write(from, values, values.length);
  }

  /** Adds it to a matrix of the same shape; it must be all there is in its rows. */
  void addTo(Dense sum) {
    TensorReader.of(tensor).addTo(from, sum.values());
  }

  /** Shows its rows one after the other. */
  void forEachRow(RowSink sink) {
    TensorReader reader = TensorReader.of(tensor);
    int many = stride > columns ? 1 : Math.max(1, Math.min(rows, READ_AT_ONCE / columns));
    double[] values = new double[many * columns];
    for (int first = 0; first < rows; first += many) {
      int count = Math.min(many, rows - first);
      reader.read(from + (long) first * stride, values, count * columns);
      for (int i = 0; i < count; i++) {
        sink.add(first + i, values, i * columns);
      }
    }
  }

  /** Copies it and gives its memory back. */
  Dense toDense() {
    Dense copy = new Dense(rows, columns, values());
    close();
    return copy;
  }

  private double[] values() {
    double[] values = new double[rows * columns];
    TensorReader.of(tensor).read(from, values);
    return values;
  }

  /** Gives the memory back at once, rather than when the collector comes by. */
  void close() {
    tensor.close();
  }

  /** The same as ND4J sees it. */
  INDArray view() {
    return Nd4j.create(
        tensor.data(), new long[] {rows, columns}, new long[] {stride, 1}, from, 'c');
  }
}
