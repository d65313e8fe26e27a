package org.palimpsest.similarity.internal.linalg;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.measure.Computation.LayerTable;

/**
 * |Xi'Yj|² for all pairs of layers, which is the inner product of their Gram matrices too.
 *
 * @param cross entry (i, j) is |Xi'Yj|²
 * @param ofRows entry i is |Xi'Xi|²
 * @param ofColumns entry j is |Yj'Yj|²
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
public record CrossProducts(double[][] cross, double[] ofRows, double[] ofColumns) {

  /** The products of all pairs of layers of a table. */
  public record OfAll() implements LayerTable.Need<CentredLayer, CrossProducts> {

    @Override
    public CrossProducts make(List<CentredLayer> rows, List<CentredLayer> columns) {
      return CrossProducts.of(rows, columns);
    }
  }

  /** A Gram matrix is taken to serve so many pairs. */
  private static final long SHARED = 8;

  /** Of how many samples a Gram matrix is kept for draws: 32 MB. */
  private static final int MOST_SAMPLES = 2048;

  /**
   * Each pair on the side of the features or on that of the samples. Which one is decided by the
   * two layers alone, so that a value does not depend on the layers beside them.
   */
  public static CrossProducts of(List<CentredLayer> rows, List<CentredLayer> columns) {
    List<Integer> narrowRows = narrow(rows);
    List<Integer> narrowColumns = narrow(columns);
    if (narrowRows.size() == rows.size() && narrowColumns.size() == columns.size()) {
      return onFeatures(rows, columns);
    }
    CrossProducts products = GramTiles.products(rows, columns);
    if (!narrowRows.isEmpty() && !narrowColumns.isEmpty()) {
      CrossProducts ofNarrow = onFeatures(at(narrowRows, rows), at(narrowColumns, columns));
      products.write(ofNarrow.cross, narrowRows, narrowColumns);
    }
    narrowRows.forEach(i -> products.ofRows[i] = rows.get(i).selfProduct());
    narrowColumns.forEach(j -> products.ofColumns[j] = columns.get(j).selfProduct());
    return products;
  }

  private void write(double[][] part, List<Integer> toRows, List<Integer> toColumns) {
    for (int i = 0; i < part.length; i++) {
      for (int j = 0; j < part[i].length; j++) {
        cross[toRows.get(i)][toColumns.get(j)] = part[i][j];
      }
    }
  }

  private static List<Integer> narrow(List<CentredLayer> layers) {
    return IntStream.range(0, layers.size()).filter(i -> !isWide(layers.get(i))).boxed().toList();
  }

  private static List<CentredLayer> at(List<Integer> places, List<CentredLayer> layers) {
    return places.stream().map(layers::get).toList();
  }

  /**
   * Whether its pairs are computed on the side of the samples, where a layer's n × n Gram matrix is
   * made once for all its pairs and is then cheaper.
   */
  private static boolean isWide(CentredLayer layer) {
    return SHARED * layer.info().features() >= layer.info().samples() + GramTiles.HEIGHT;
  }

  /** |X'Y|² for one pair. */
  public static double between(CentredLayer a, CentredLayer b) {
    boolean reordered = a instanceof ReorderedLayer || b instanceof ReorderedLayer;
    if (!isWide(a) && !isWide(b)) {
      return a == b
          ? GridProducts.selfProduct(a)
          : GridProducts.squaredNorms(List.of(a), List.of(b))[0][0];
    }
    return reordered && a.info().samples() <= MOST_SAMPLES
        ? reordered(a.gram(), a.order(), b.gram(), b.order())
        : GramTiles.products(List.of(a), List.of(b)).cross()[0][0];
  }

  /** The Gram matrices stay what they were; only where their entries meet changes. */
  private static double reordered(Dense a, int[] orderOfA, Dense b, int[] orderOfB) {
    double product = 0;
    for (int i = 0; i < orderOfA.length; i++) {
      int rowOfA = orderOfA[i] * a.columns();
      int rowOfB = orderOfB[i] * b.columns();
      double above = 0;
      for (int j = i + 1; j < orderOfA.length; j++) {
        above += a.values()[rowOfA + orderOfA[j]] * b.values()[rowOfB + orderOfB[j]];
      }
      product += 2 * above + a.values()[rowOfA + orderOfA[i]] * b.values()[rowOfB + orderOfB[i]];
    }
    return product;
  }

  private static CrossProducts onFeatures(List<CentredLayer> rows, List<CentredLayer> columns) {
    return new CrossProducts(
        GridProducts.squaredNorms(rows, columns),
        rows.stream().mapToDouble(CentredLayer::selfProduct).toArray(),
        columns.stream().mapToDouble(CentredLayer::selfProduct).toArray());
  }

  /**
   * Inner products of many Gram matrices, tile by tile, so that none of them is ever held whole:
   * the same tile of all layers lies in one matrix, whose product with itself has all pairs at
   * once. A tile above the diagonal counts twice.
   */
  static final class GramTiles {

    private static final int HEIGHT = 256;
    private static final int WIDTH = 1024;

    /** There are multiples of so many vectors, since BLAS sums few of them in another order. */
    private static final int VECTORS = 16;

    private final List<MatrixBlock> layers;
    private final MatrixBlock stack;
    private final int widest;
    private final int samples;
    private final Dense sums;

    private GramTiles(List<MatrixBlock> layers, DataType type) {
      this.layers = layers;
      this.samples = layers.get(0).rows();
      this.widest = Math.min(samples, WIDTH);
      int height = (layers.size() + VECTORS - 1) / VECTORS * VECTORS;
      int length = Math.min(HEIGHT, samples) * widest;
      this.stack = MatrixBlock.of(Nd4j.zeros(type, height, length));
      this.sums = Dense.zeros(height, height);
    }

    static CrossProducts products(List<CentredLayer> rows, List<CentredLayer> columns) {
      List<CentredLayer> layers = distinct(rows, columns);
      int[] ofRows = places(rows, layers);
      int[] ofColumns = places(columns, layers);
      Dense products = products(layers);
      return new CrossProducts(
          Arrays.stream(ofRows)
              .mapToObj(row -> entries(products, row, ofColumns))
              .toArray(double[][]::new),
          Arrays.stream(ofRows).mapToDouble(row -> products.get(row, row)).toArray(),
          Arrays.stream(ofColumns).mapToDouble(column -> products.get(column, column)).toArray());
    }

    /** Of two layers in float64 if both are float64, whatever the others are. */
    private static Dense products(List<CentredLayer> layers) {
      int[] precise =
          IntStream.range(0, layers.size())
              .filter(i -> layers.get(i).products() == DataType.DOUBLE)
              .toArray();
      if (precise.length == layers.size()) {
        return sum(layers, DataType.DOUBLE);
      }
      Dense products = sum(layers, DataType.FLOAT);
      if (precise.length > 0) {
        Dense part = sum(Arrays.stream(precise).mapToObj(layers::get).toList(), DataType.DOUBLE);
        for (int i = 0; i < precise.length; i++) {
          for (int j = 0; j < precise.length; j++) {
            products.values()[precise[i] * products.columns() + precise[j]] = part.get(i, j);
          }
        }
      }
      return products;
    }

    private static Dense sum(List<CentredLayer> layers, DataType type) {
      return new GramTiles(
              layers.stream().map(layer -> MatrixBlock.of(layer.matrix())).toList(), type)
          .sum();
    }

    private static double[] entries(Dense products, int row, int[] columns) {
      return Arrays.stream(columns).mapToDouble(column -> products.get(row, column)).toArray();
    }

    /**
     * A layer that is compared with itself is there once. The widest come first, so that no core is
     * left with one at the end.
     */
    private static List<CentredLayer> distinct(
        List<CentredLayer> rows, List<CentredLayer> columns) {
      Set<CentredLayer> seen = Collections.newSetFromMap(new IdentityHashMap<>());
      return Stream.concat(rows.stream(), columns.stream())
          .filter(seen::add)
          .sorted(Comparator.comparingLong((CentredLayer layer) -> -layer.info().features()))
          .toList();
    }

    private static int[] places(List<CentredLayer> side, List<CentredLayer> layers) {
      return side.stream().mapToInt(layer -> indexOf(layer, layers)).toArray();
    }

    private static int indexOf(CentredLayer layer, List<CentredLayer> layers) {
      return IntStream.range(0, layers.size())
          .filter(i -> layers.get(i) == layer)
          .findFirst()
          .orElseThrow();
    }

    private Dense sum() {
      for (int from = 0; from < samples; from += HEIGHT) {
        int to = Math.min(samples, from + HEIGHT);
        addTile(from, to, from, to, 1);
        for (int across = to; across < samples; across += widest) {
          addTile(from, to, across, Math.min(samples, across + widest), 2);
        }
      }
      stack.close();
      return sums;
    }

    private void addTile(int from, int to, int left, int end, int weight) {
      int width = end - left;
      Cores.sideBySide(
          layers.size(),
          i -> {
            MatrixBlock layer = layers.get(i);
            MatrixBlock tile =
                new MatrixBlock(stack.tensor(), (long) i * stack.stride(), to - from, width, width);
            MatrixBlock across = layer.rows(left, end);
            layer
                .rows(from, to)
                .inType(
                    stack.type(),
                    rows ->
                        across.inType(
                            stack.type(), columns -> Blas.timesTranspose(rows, columns, tile)));
          });
      InnerSums.add(stack.columns(0, (to - from) * width), weight, sums);
    }
  }
}
