package org.palimpsest.similarity.internal.linalg;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.similarity.internal.linalg.TallProducts.RowSink;

/**
 * Products of two stacks of layers, features one above the other, whose values are made a piece of
 * samples at a time and multiplied while they are in the cache: all of one stack with all of the
 * other, and each layer with itself. In float64.
 *
 * <p>Units are computed side by side and handed out in their order, so that sums do not depend on
 * the number of cores.
 */
public final class StackedProducts {

  private static final int UNIT = 2048;
  private static final int PIECE = 512;
  private static final Scratch PIECES = new Scratch();
  private static final Scratch SUMS = new Scratch();
  private static final Scratch GRAMS = new Scratch();

  private StackedProducts() {}

  /** Makes the values of a stack. */
  @FunctionalInterface
  public interface Filling {

    /**
     * Those of the samples [from, to), called on several threads.
     *
     * @param values receives them, each feature's one after the other
     */
    void fill(int from, int to, double[] values);
  }

  /**
   * A layer in a stack.
   *
   * @param first its first feature among those of the stack
   * @param height how many it has
   * @param gram receives the upper triangle of its product with itself, row by row, of unit after
   *     unit; all are to be added; nobody if that product is not wanted
   */
  public record Layer(int first, int height, Optional<RowSink> gram) {

    int end() {
      return first + height;
    }
  }

  /**
   * Layers one above the other.
   *
   * @param layers in their order, without gaps
   */
  public record Stack(List<Layer> layers, Filling filling) {

    int height() {
      return layers.get(layers.size() - 1).end();
    }

    int highest() {
      return layers.stream().mapToInt(Layer::height).max().orElseThrow();
    }
  }

  /**
   * Computes all products.
   *
   * @param samples how many values each feature has
   * @param crosses receive the products of each layer of the first stack with each of the second
   */
  public static void of(int samples, Stack a, Stack b, GridProducts.Sinks crosses) {
    List<Unit> units = new ArrayList<>();
    Turn turn = Turn.first();
    for (int from = 0; from < samples; from += UNIT, turn = turn.next()) {
      units.add(new Unit(from, Math.min(samples, from + UNIT), turn, a, b, crosses));
    }
    Cores.sideBySide(units.size(), i -> units.get(i).run());
  }

  /** A stretch of samples. */
  private record Unit(int first, int end, Turn turn, Stack a, Stack b, GridProducts.Sinks crosses) {

    void run() {
      try {
        SUMS.lend(
            DataType.DOUBLE,
            a.height(),
            b.height(),
            product -> withGrams(a, ofA -> withGrams(b, ofB -> sum(product, ofA, ofB))));
      } finally {
        turn.pass();
      }
    }

    private static int withGrams(Stack stack, ToIntFunction<Summed> work) {
      return GRAMS.lend(
          DataType.DOUBLE,
          stack.height(),
          stack.highest(),
          grams ->
              PIECES.lend(
                  DataType.DOUBLE,
                  stack.height(),
                  PIECE,
                  piece -> work.applyAsInt(Summed.of(stack, piece, grams))));
    }

    private int sum(MatrixBlock product, Summed ofA, Summed ofB) {
      for (int from = first; from < end; from += PIECE) {
        int to = Math.min(end, from + PIECE);
        boolean isFirst = from == first;
        Blas.timesTranspose(
            ofA.add(from, to, isFirst), ofB.add(from, to, isFirst), product, isFirst);
      }
      turn.await();
      handOut(product);
      ofA.handOut();
      ofB.handOut();
      return end - first;
    }

    private void handOut(MatrixBlock product) {
      for (int i = 0; i < a.layers().size(); i++) {
        Layer row = a.layers().get(i);
        int place = i;
        List<RowSink> sinks =
            IntStream.range(0, b.layers().size()).mapToObj(j -> crosses.of(place, j)).toList();
        product
            .rows(row.first(), row.end())
            .forEachRow(
                (at, values, start) -> {
                  for (int j = 0; j < sinks.size(); j++) {
                    sinks.get(j).add(at, values, start + b.layers().get(j).first());
                  }
                });
      }
    }
  }

  /**
   * A stack within a unit.
   *
   * @param values of a piece
   * @param memory for the same, where BLAS reads them
   * @param grams of each layer with itself, from the first column on
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  private record Summed(Stack stack, double[] values, MatrixBlock memory, MatrixBlock grams) {

    static Summed of(Stack stack, MatrixBlock memory, MatrixBlock grams) {
      return new Summed(stack, new double[stack.height() * PIECE], memory, grams);
    }

    /** Adds the layers' products with themselves over a piece, whose values are returned. */
    MatrixBlock add(int from, int to, boolean isFirst) {
      int samples = to - from;
      stack.filling().fill(from, to, values);
      TensorWriter.into(memory.tensor()).write(memory.from(), values, stack.height() * samples);
      MatrixBlock piece =
          new MatrixBlock(memory.tensor(), memory.from(), stack.height(), samples, samples);
      for (Layer layer : stack.layers()) {
        if (layer.gram().isPresent()) {
          Blas.gramOfRows(piece.rows(layer.first(), layer.end()), gram(layer), isFirst);
        }
      }
      return piece;
    }

    private MatrixBlock gram(Layer layer) {
      return grams.rows(layer.first(), layer.end()).columns(0, layer.height());
    }

    void handOut() {
      stack.layers().forEach(layer -> layer.gram().ifPresent(gram(layer)::forEachRow));
    }
  }
}
