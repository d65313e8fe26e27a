package org.palimpsest.similarity.internal.linalg;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Products A'B of matrices of many rows and one type. Products of one group are computed piece by
 * piece of their rows, so that a piece is read once for all of them and stays in a core's cache.
 * Float32 sums are no longer than a unit of rows.
 *
 * <p>Units are computed side by side and handed out in their order, so that sums do not depend on
 * the number of cores.
 */
public final class TallProducts {

  private static final int UNIT = 2048;
  private static final int PIECE = 256;
  private static final Scratch SUMS = new Scratch();

  private TallProducts() {}

  /**
   * One product.
   *
   * @param a n × p
   * @param b n × q; if it is the same as {@code a}, what lies left of the diagonal is not to be
   *     looked at
   * @param sink receives the rows of each unit's product
   */
  public record Product(INDArray a, INDArray b, RowSink sink) {}

  /**
   * Computes all products.
   *
   * @param groups products of the same rows in each
   */
  public static void of(List<List<Product>> groups) {
    List<Unit> units = new ArrayList<>();
    groups.forEach(group -> units.addAll(unitsOf(group)));
    Cores.sideBySide(units.size(), i -> units.get(i).run());
  }

  private static List<Unit> unitsOf(List<Product> group) {
    List<Factors> factors = group.stream().map(Factors::of).toList();
    List<Unit> units = new ArrayList<>();
    int rows = factors.get(0).a().rows();
    Turn turn = Turn.first();
    for (int from = 0; from < rows; from += UNIT, turn = turn.next()) {
      units.add(new Unit(factors, from, Math.min(rows, from + UNIT), turn));
    }
    return units;
  }

  private record Factors(MatrixBlock a, MatrixBlock b, boolean isGram, RowSink sink) {

    static Factors of(Product product) {
      MatrixBlock a = MatrixBlock.of(product.a());
      boolean isGram = product.a() == product.b();
      return new Factors(a, isGram ? a : MatrixBlock.of(product.b()), isGram, product.sink());
    }

    void multiply(int from, int to, boolean isFirst, MatrixBlock sum) {
      if (isGram) {
        Blas.gramOfColumns(a.rows(from, to), sum, isFirst);
      } else {
        Blas.transposeTimes(a.rows(from, to), b.rows(from, to), sum, isFirst);
      }
    }
  }

  private static final class Unit {

    private final List<Factors> group;
    private final int first;
    private final int end;
    private final Turn turn;

    Unit(List<Factors> group, int first, int end, Turn turn) {
      this.group = group;
      this.first = first;
      this.end = end;
      this.turn = turn;
    }

    void run() {
      try {
        Cores.exclusively(() -> lend(List.of()));
      } finally {
        turn.pass();
      }
    }

    private int lend(List<MatrixBlock> lent) {
      if (lent.size() == group.size()) {
        return multiply(lent);
      }
      Factors next = group.get(lent.size());
      return SUMS.lend(
          next.a.type(),
          next.a.columns(),
          next.b.columns(),
          block -> {
            List<MatrixBlock> more = new ArrayList<>(lent);
            more.add(block);
            return lend(more);
          });
    }

    private int multiply(List<MatrixBlock> sums) {
      for (int from = first; from < end; from += PIECE) {
        int to = Math.min(end, from + PIECE);
        for (int i = 0; i < sums.size(); i++) {
          group.get(i).multiply(from, to, from == first, sums.get(i));
        }
      }
      turn.await();
      for (int i = 0; i < sums.size(); i++) {
        sums.get(i).forEachRow(group.get(i).sink());
      }
      return end - first;
    }
  }

  /** Receives a matrix row by row. */
  @FunctionalInterface
  public interface RowSink {

    /**
     * One row.
     *
     * @param row its index
     * @param values hold it, until this returns
     * @param at where it begins
     */
    void add(int row, double[] values, int at);
  }
}
