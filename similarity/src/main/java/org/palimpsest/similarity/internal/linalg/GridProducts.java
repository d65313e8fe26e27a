package org.palimpsest.similarity.internal.linalg;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;

/**
 * Products Xi'Yj of all pairs of layers of the same samples. Layers are multiplied side by side:
 * one product of two tiles of layers takes the place of many narrow ones, each of which would read
 * its layers again and leave the processor waiting for memory.
 *
 * <p>Float32 sums are no longer than a unit of rows. Units are computed on all cores and added in
 * their order, so that sums do not depend on the number of cores.
 */
final class GridProducts {

  /** Features side by side; a wider layer is a tile by itself. */
  private static final int WIDTH = 512;

  private static final int UNIT = 2048;
  private static final int PIECE = 256;
  private static final Scratch PIECES = new Scratch();
  private static final Scratch SUMS = new Scratch();

  private final Tile a;
  private final Tile b;
  private final DataType type;
  private final Dense sum;

  private GridProducts(Tile a, Tile b) {
    this.a = a;
    this.b = b;
    this.type =
        a.products() == DataType.DOUBLE && b.products() == DataType.DOUBLE
            ? DataType.DOUBLE
            : DataType.FLOAT;
    this.sum = Dense.zeros(a.width(), b.width());
  }

  /** Entry (i, j) is |Xi'Yj|². */
  static double[][] squaredNorms(List<CentredLayer> rows, List<CentredLayer> columns) {
    double[][] squares = new double[rows.size()][columns.size()];
    List<Tile> tilesOfRows = Tile.all(rows);
    List<Tile> tilesOfColumns = Tile.all(columns);
    for (Tile a : tilesOfRows) {
      for (Tile b : tilesOfColumns) {
        if (a.isWide() && b.isWide()) {
          squares[a.layers().get(0).place()][b.layers().get(0).place()] = wide(a, b);
        } else {
          new GridProducts(a, b).compute().writeSquares(squares);
        }
      }
    }
    return squares;
  }

  /** |X'X|². */
  static double selfProduct(CentredLayer layer) {
    return Products.gramOfColumns(layer.matrix(), layer.products()).squaredNorm();
  }

  private static double wide(Tile a, Tile b) {
    CentredLayer row = a.layers().get(0).layer();
    CentredLayer column = b.layers().get(0).layer();
    return row == column ? row.selfProduct() : new LayerPair(row, column).product().squaredNorm();
  }

  private GridProducts compute() {
    int rows = a.rows();
    List<Unit> units = new ArrayList<>();
    Turn turn = Turn.first();
    for (int from = 0; from < rows; from += UNIT, turn = turn.next()) {
      units.add(new Unit(from, Math.min(rows, from + UNIT), turn));
    }
    Cores.sideBySide(units.size(), i -> units.get(i).run());
    return this;
  }

  private void writeSquares(double[][] squares) {
    for (Placed row : a.layers()) {
      for (Placed column : b.layers()) {
        squares[row.place()][column.place()] =
            row.layer() == column.layer() ? row.layer().selfProduct() : squaredNorm(row, column);
      }
    }
  }

  private double squaredNorm(Placed row, Placed column) {
    double square = 0;
    for (int i = row.first(); i < row.end(); i++) {
      for (int j = column.first(); j < column.end(); j++) {
        square += sum.get(i, j) * sum.get(i, j);
      }
    }
    return square;
  }

  /** A stretch of rows, summed in the type of the product. */
  private final class Unit {

    private final int first;
    private final int end;
    private final Turn turn;

    Unit(int first, int end, Turn turn) {
      this.first = first;
      this.end = end;
      this.turn = turn;
    }

    void run() {
      try {
        SUMS.lend(type, a.width(), b.width(), this::sum);
      } finally {
        turn.pass();
      }
    }

    private int sum(MatrixBlock product) {
      PIECES.lend(
          type,
          PIECE,
          a.width(),
          ofA -> PIECES.lend(type, PIECE, b.width(), ofB -> multiply(ofA, ofB, product)));
      turn.await();
      product.addTo(sum);
      return end - first;
    }

    private int multiply(MatrixBlock ofA, MatrixBlock ofB, MatrixBlock product) {
      for (int from = first; from < end; from += PIECE) {
        int to = Math.min(end, from + PIECE);
        Blas.transposeTimes(a.rows(from, to, ofA), b.rows(from, to, ofB), product, from == first);
      }
      return end - first;
    }
  }

  /**
   * One layer of a tile.
   *
   * @param place among all layers of its side
   * @param first its first column in the tile
   */
  private record Placed(CentredLayer layer, TensorReader reader, int place, int first) {

    int width() {
      return layer.matrix().columns();
    }

    int end() {
      return first + width();
    }
  }

  /** Layers side by side, whose products are of one type. */
  private record Tile(DataType products, List<Placed> layers) {

    static List<Tile> all(List<CentredLayer> layers) {
      Map<DataType, List<List<Placed>>> tiles = new LinkedHashMap<>();
      for (int place = 0; place < layers.size(); place++) {
        CentredLayer layer = layers.get(place);
        List<List<Placed>> ofType =
            tiles.computeIfAbsent(layer.products(), any -> new ArrayList<>());
        List<Placed> tile = ofType.isEmpty() ? new ArrayList<>() : ofType.get(ofType.size() - 1);
        int first = tile.isEmpty() ? 0 : tile.get(tile.size() - 1).end();
        if (tile.isEmpty() || first + layer.matrix().columns() > WIDTH) {
          first = 0;
          tile = new ArrayList<>();
          ofType.add(tile);
        }
        tile.add(new Placed(layer, TensorReader.of(layer.matrix()), place, first));
      }
      return tiles.entrySet().stream()
          .flatMap(entry -> entry.getValue().stream().map(tile -> new Tile(entry.getKey(), tile)))
          .toList();
    }

    int width() {
      return layers.get(layers.size() - 1).end();
    }

    /** A layer that is a tile by itself, whatever the others are. */
    boolean isWide() {
      return width() > WIDTH;
    }

    int rows() {
      return layers.get(0).layer().matrix().rows();
    }

    /** Copies some rows of all layers into a block of at least as many. */
    MatrixBlock rows(int from, int to, MatrixBlock into) {
      TensorWriter writer = TensorWriter.into(into.tensor());
      if (into.type() == DataType.FLOAT) {
        float[] rows = new float[(to - from) * width()];
        layers.forEach(layer -> copy(layer, from, to, rows));
        writer.write(into.from(), rows, rows.length);
      } else {
        double[] rows = new double[(to - from) * width()];
        layers.forEach(layer -> copy(layer, from, to, rows));
        writer.write(into.from(), rows, rows.length);
      }
      return into.rows(0, to - from);
    }

    private void copy(Placed layer, int from, int to, float[] rows) {
      int width = layer.width();
      float[] values = new float[(to - from) * width];
      layer.reader().read((long) from * width, values);
      for (int row = 0; row < to - from; row++) {
        System.arraycopy(values, row * width, rows, row * width() + layer.first(), width);
      }
    }

    private void copy(Placed layer, int from, int to, double[] rows) {
      int width = layer.width();
      double[] values = new double[(to - from) * width];
      layer.reader().read((long) from * width, values);
      for (int row = 0; row < to - from; row++) {
        System.arraycopy(values, row * width, rows, row * width() + layer.first(), width);
      }
    }
  }
}
