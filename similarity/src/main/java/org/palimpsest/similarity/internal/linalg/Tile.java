package org.palimpsest.similarity.internal.linalg;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;

/**
 * Matrices of the same rows side by side, whose products are computed in one type.
 *
 * @param products the type
 * @param matrices of which at least one is there
 */
record Tile(DataType products, List<Placed> matrices) {

  /** Columns side by side; a wider matrix is a tile by itself. */
  private static final int WIDTH = 512;

  /**
   * One matrix of a tile.
   *
   * @param place among all matrices of its side
   * @param first its first column in the tile
   */
  record Placed(TensorReader reader, int rows, int width, int place, int first) {

    int end() {
      return first + width;
    }
  }

  /**
   * Lays matrices side by side in their order, those of one type together.
   *
   * @param matrices n × p each, of any widths
   * @param products in which type the products of each are computed
   */
  static List<Tile> all(List<INDArray> matrices, List<DataType> products) {
    Map<DataType, List<List<Placed>>> tiles = new LinkedHashMap<>();
    for (int place = 0; place < matrices.size(); place++) {
      INDArray matrix = matrices.get(place);
      List<List<Placed>> ofType =
          tiles.computeIfAbsent(products.get(place), any -> new ArrayList<>());
      List<Placed> tile = ofType.isEmpty() ? new ArrayList<>() : ofType.get(ofType.size() - 1);
      int first = tile.isEmpty() ? 0 : tile.get(tile.size() - 1).end();
      if (tile.isEmpty() || first + matrix.columns() > WIDTH) {
        first = 0;
        tile = new ArrayList<>();
        ofType.add(tile);
      }
      TensorReader reader = TensorReader.of(matrix);
      tile.add(new Placed(reader, matrix.rows(), matrix.columns(), place, first));
    }
    return tiles.entrySet().stream()
        .flatMap(entry -> entry.getValue().stream().map(tile -> new Tile(entry.getKey(), tile)))
        .toList();
  }

  int width() {
    return matrices.get(matrices.size() - 1).end();
  }

  /** A matrix that is a tile by itself, whatever the others are. */
  boolean isWide() {
    return width() > WIDTH;
  }

  int rows() {
    return matrices.get(0).rows();
  }

  /** Copies some rows of all matrices into a block of at least as many. */
  MatrixBlock rows(int from, int to, MatrixBlock into) {
    TensorWriter writer = TensorWriter.into(into.tensor());
    if (into.type() == DataType.FLOAT) {
      float[] rows = new float[(to - from) * width()];
      matrices.forEach(matrix -> copy(matrix, from, to, rows));
      writer.write(into.from(), rows, rows.length);
    } else {
      double[] rows = new double[(to - from) * width()];
      matrices.forEach(matrix -> copy(matrix, from, to, rows));
      writer.write(into.from(), rows, rows.length);
    }
    return into.rows(0, to - from);
  }

  private void copy(Placed matrix, int from, int to, float[] rows) {
    int width = matrix.width();
    float[] values = new float[(to - from) * width];
    matrix.reader().read((long) from * width, values);
    for (int row = 0; row < to - from; row++) {
      System.arraycopy(values, row * width, rows, row * width() + matrix.first(), width);
    }
  }

  private void copy(Placed matrix, int from, int to, double[] rows) {
    int width = matrix.width();
    double[] values = new double[(to - from) * width];
    matrix.reader().read((long) from * width, values);
    for (int row = 0; row < to - from; row++) {
      System.arraycopy(values, row * width, rows, row * width() + matrix.first(), width);
    }
  }
}
