package org.palimpsest.similarity.internal.linalg;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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

  private static final Scratch COPIES = new Scratch();

  /**
   * One matrix of a tile.
   *
   * @param place among all matrices of its side
   * @param first its first column in the tile
   */
  record Placed(MatrixBlock matrix, TensorReader reader, int place, int first) {

    static Placed of(INDArray matrix, int place, int first) {
      MatrixBlock block = MatrixBlock.of(matrix);
      return new Placed(block, TensorReader.of(block.tensor()), place, first);
    }

    int width() {
      return matrix.columns();
    }

    int end() {
      return first + width();
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
      tile.add(Placed.of(matrix, place, first));
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
    return matrices.get(0).matrix().rows();
  }

  /** Some rows of all matrices side by side. */
  @FunctionalInterface
  interface Stretches {

    /** The rows [from, to), until the next are asked for. */
    MatrixBlock rows(int from, int to);
  }

  /**
   * Does something with stretches of rows in one type. A matrix that is alone and of that type is
   * read where it lies; others are copied.
   *
   * @param type float32 or float64
   * @param longest the most rows of a stretch
   */
  <T> T read(DataType type, int longest, Function<Stretches, T> work) {
    MatrixBlock first = matrices.get(0).matrix();
    if (matrices.size() == 1 && first.type() == type) {
      return work.apply(first::rows);
    }
    return COPIES.lend(type, longest, width(), into -> work.apply(new Copies(into)));
  }

  private int widest() {
    return matrices.stream().mapToInt(Placed::width).max().orElseThrow();
  }

  /** Copies, through arrays that are made once. */
  private final class Copies implements Stretches {

    private final MatrixBlock into;
    private final TensorWriter writer;
    private final Values sideBySide;
    private final Values alone;

    Copies(MatrixBlock into) {
      this.into = into;
      this.writer = TensorWriter.into(into.tensor());
      this.sideBySide = Values.create(into.type(), into.rows() * width());
      this.alone = Values.create(into.type(), into.rows() * widest());
    }

    @Override
    public MatrixBlock rows(int from, int to) {
      for (Placed matrix : matrices) {
        int width = matrix.width();
        alone.read(matrix.reader(), (long) from * width, (to - from) * width);
        for (int row = 0; row < to - from; row++) {
          System.arraycopy(
              alone.array(),
              row * width,
              sideBySide.array(),
              row * width() + matrix.first(),
              width);
        }
      }
      sideBySide.write(writer, into.from(), (to - from) * width());
      return into.rows(0, to - from);
    }
  }

  /** An array of one of the two types. */
  private sealed interface Values {

    static Values create(DataType type, int length) {
      return type == DataType.FLOAT
          ? new Singles(new float[length])
          : new Doubles(new double[length]);
    }

    Object array();

    void read(TensorReader reader, long from, int count);

    void write(TensorWriter writer, long to, int count);

    @SuppressWarnings("ArrayRecordComponent") // never compared by value
    record Singles(float[] array) implements Values {

      @Override
      public void read(TensorReader reader, long from, int count) {
        reader.read(from, array, count);
      }

      @Override
      public void write(TensorWriter writer, long to, int count) {
        writer.write(to, array, count);
      }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared by value
    record Doubles(double[] array) implements Values {

      @Override
      public void read(TensorReader reader, long from, int count) {
        reader.read(from, array, count);
      }

      @Override
      public void write(TensorWriter writer, long to, int count) {
        writer.write(to, array, count);
      }
    }
  }
}
