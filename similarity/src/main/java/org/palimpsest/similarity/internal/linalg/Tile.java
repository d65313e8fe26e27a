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
    return COPIES.lend(
        type,
        longest,
        width(),
        into -> work.apply(type == DataType.FLOAT ? new Singles(into) : new Doubles(into)));
  }

  private int widest() {
    return matrices.stream().mapToInt(Placed::width).max().orElseThrow();
  }

  /** Copies in float32, through arrays that are made once. */
  private final class Singles implements Stretches {

    private final MatrixBlock into;
    private final TensorWriter writer;
    private final float[] sideBySide;
    private final float[] alone;

    Singles(MatrixBlock into) {
      this.into = into;
      this.writer = TensorWriter.into(into.tensor());
      this.sideBySide = new float[into.rows() * width()];
      this.alone = new float[into.rows() * widest()];
    }

    @Override
    public MatrixBlock rows(int from, int to) {
      for (Placed matrix : matrices) {
        int width = matrix.width();
        matrix.reader().read((long) from * width, alone, (to - from) * width);
        for (int row = 0; row < to - from; row++) {
          System.arraycopy(alone, row * width, sideBySide, row * width() + matrix.first(), width);
        }
      }
      writer.write(into.from(), sideBySide, (to - from) * width());
      return into.rows(0, to - from);
    }
  }

  /** The same in float64. */
  private final class Doubles implements Stretches {

    private final MatrixBlock into;
    private final TensorWriter writer;
    private final double[] sideBySide;
    private final double[] alone;

    Doubles(MatrixBlock into) {
      this.into = into;
      this.writer = TensorWriter.into(into.tensor());
      this.sideBySide = new double[into.rows() * width()];
      this.alone = new double[into.rows() * widest()];
    }

    @Override
    public MatrixBlock rows(int from, int to) {
      for (Placed matrix : matrices) {
        int width = matrix.width();
        matrix.reader().read((long) from * width, alone, (to - from) * width);
        for (int row = 0; row < to - from; row++) {
          System.arraycopy(alone, row * width, sideBySide, row * width() + matrix.first(), width);
        }
      }
      writer.write(into.from(), sideBySide, (to - from) * width());
      return into.rows(0, to - from);
    }
  }
}
