package org.palimpsest.similarity.internal.linalg;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.similarity.internal.linalg.TallProducts.RowSink;
import org.palimpsest.similarity.internal.linalg.Tile.Placed;
import org.palimpsest.similarity.internal.linalg.Tile.Stretches;

/** Products Xi'Yj of all pairs of layers of the same samples, many layers side by side. */
public final class GridProducts {

  private GridProducts() {}

  /** Where the product of one pair goes. */
  @FunctionalInterface
  public interface Sinks {

    /**
     * That of matrix a of the rows and matrix b of the columns.
     *
     * @return receives the rows of a part of the product, part after part; all are to be added
     */
    RowSink of(int a, int b);
  }

  /**
   * The products of all pairs, in the type of the matrices.
   *
   * @param rows n × p each
   * @param columns n × q each, of the same type
   */
  public static void forEachPair(List<INDArray> rows, List<INDArray> columns, Sinks sinks) {
    for (Tile a : Tile.all(rows, types(rows))) {
      for (Tile b : Tile.all(columns, types(columns))) {
        new TileProduct(a, b).forEachUnit(unit -> handOut(unit, a, b, sinks));
      }
    }
  }

  private static List<DataType> types(List<INDArray> matrices) {
    return matrices.stream().map(INDArray::dataType).toList();
  }

  private static void handOut(MatrixBlock unit, Tile a, Tile b, Sinks sinks) {
    for (Placed row : a.matrices()) {
      List<RowSink> ofRow =
          b.matrices().stream().map(column -> sinks.of(row.place(), column.place())).toList();
      unit.rows(row.first(), row.end())
          .forEachRow(
              (i, values, at) -> {
                for (int j = 0; j < ofRow.size(); j++) {
                  ofRow.get(j).add(i, values, at + b.matrices().get(j).first());
                }
              });
    }
  }

  /** Entry (i, j) is |Xi'Yj|². */
  static double[][] squaredNorms(List<CentredLayer> rows, List<CentredLayer> columns) {
    double[][] squares = new double[rows.size()][columns.size()];
    List<Tile> tilesOfColumns = tiles(columns);
    for (Tile a : tiles(rows)) {
      for (Tile b : tilesOfColumns) {
        if (a.isWide() && b.isWide()) {
          int row = a.matrices().get(0).place();
          int column = b.matrices().get(0).place();
          squares[row][column] = squaredNorm(rows.get(row), columns.get(column));
        } else {
          writeSquares(a, rows, b, columns, squares);
        }
      }
    }
    return squares;
  }

  private static List<Tile> tiles(List<CentredLayer> layers) {
    return Tile.all(
        layers.stream().map(CentredLayer::matrix).toList(),
        layers.stream().map(CentredLayer::products).toList());
  }

  /** Of two wide layers. */
  private static double squaredNorm(CentredLayer row, CentredLayer column) {
    return row == column ? row.selfProduct() : new LayerPair(row, column).product().squaredNorm();
  }

  private static void writeSquares(
      Tile a, List<CentredLayer> rows, Tile b, List<CentredLayer> columns, double[][] squares) {
    Dense sum = Dense.zeros(a.width(), b.width());
    new TileProduct(a, b).forEachUnit(unit -> unit.addTo(sum));
    for (Placed row : a.matrices()) {
      for (Placed column : b.matrices()) {
        CentredLayer layer = rows.get(row.place());
        squares[row.place()][column.place()] =
            layer == columns.get(column.place())
                ? layer.selfProduct()
                : squaredNorm(sum, row, column);
      }
    }
  }

  private static double squaredNorm(Dense sum, Placed row, Placed column) {
    double square = 0;
    for (int i = row.first(); i < row.end(); i++) {
      for (int j = column.first(); j < column.end(); j++) {
        square += sum.get(i, j) * sum.get(i, j);
      }
    }
    return square;
  }

  /** |X'X|². */
  static double selfProduct(CentredLayer layer) {
    return Products.gramOfColumns(layer.matrix(), layer.products()).squaredNorm();
  }

  /**
   * The product A'B of two tiles of the same rows: one product takes the place of many narrow ones,
   * each of which would read its matrices again and leave the processor waiting for memory.
   *
   * <p>Float32 sums are no longer than a unit of rows. Units are computed on all cores and handed
   * out in their order, so that what is made of them does not depend on the number of cores.
   */
  private record TileProduct(Tile a, Tile b) {

    private static final int UNIT = 2048;
    private static final int PIECE = 256;
    private static final Scratch SUMS = new Scratch();

    /**
     * Computes it.
     *
     * @param sink receives the product of each unit, until it returns
     */
    void forEachUnit(Consumer<MatrixBlock> sink) {
      int rows = a.rows();
      List<Unit> units = new ArrayList<>();
      Turn turn = Turn.first();
      for (int from = 0; from < rows; from += UNIT, turn = turn.next()) {
        units.add(new Unit(from, Math.min(rows, from + UNIT), turn, sink));
      }
      Cores.sideBySide(units.size(), i -> units.get(i).run());
    }

    private DataType type() {
      return a.products() == DataType.DOUBLE && b.products() == DataType.DOUBLE
          ? DataType.DOUBLE
          : DataType.FLOAT;
    }

    /** A stretch of rows, summed in the type of the product. */
    private final class Unit {

      private final int first;
      private final int end;
      private final Turn turn;
      private final Consumer<MatrixBlock> sink;

      Unit(int first, int end, Turn turn, Consumer<MatrixBlock> sink) {
        this.first = first;
        this.end = end;
        this.turn = turn;
        this.sink = sink;
      }

      void run() {
        try {
          SUMS.lend(type(), a.width(), b.width(), this::sum);
        } finally {
          turn.pass();
        }
      }

      private int sum(MatrixBlock product) {
        a.read(type(), PIECE, ofA -> b.read(type(), PIECE, ofB -> multiply(ofA, ofB, product)));
        turn.await();
        sink.accept(product);
        return end - first;
      }

      private int multiply(Stretches ofA, Stretches ofB, MatrixBlock product) {
        for (int from = first; from < end; from += PIECE) {
          int to = Math.min(end, from + PIECE);
          Blas.transposeTimes(ofA.rows(from, to), ofB.rows(from, to), product, from == first);
        }
        return end - first;
      }
    }
  }
}
