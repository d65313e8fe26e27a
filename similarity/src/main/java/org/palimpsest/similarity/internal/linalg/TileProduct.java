package org.palimpsest.similarity.internal.linalg;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The product A'B of two tiles of the same rows: one product takes the place of many narrow ones,
 * each of which would read its matrices again and leave the processor waiting for memory.
 *
 * <p>Float32 sums are no longer than a unit of rows. Units are computed on all cores and handed out
 * in their order, so that what is made of them does not depend on the number of cores.
 */
record TileProduct(Tile a, Tile b) {

  private static final int UNIT = 2048;
  private static final int PIECE = 256;
  private static final Scratch PIECES = new Scratch();
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
      PIECES.lend(
          type(),
          PIECE,
          a.width(),
          ofA -> PIECES.lend(type(), PIECE, b.width(), ofB -> multiply(ofA, ofB, product)));
      turn.await();
      sink.accept(product);
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
}
