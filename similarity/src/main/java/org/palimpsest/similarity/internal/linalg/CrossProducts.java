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
import org.palimpsest.core.measure.LayerTable;

/**
 * |Xi'Yj|² for all pairs of layers, which is the inner product of their Gram matrices too.
 *
 * @param cross entry (i, j) is |Xi'Yj|²
 * @param ofRows entry i is |Xi'Xi|²
 * @param ofColumns entry j is |Yj'Yj|²
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record CrossProducts(double[][] cross, double[] ofRows, double[] ofColumns) {

  /** The products of all pairs of layers of a table. */
  public record OfAll() implements LayerTable.Need<CentredLayer, CrossProducts> {

    @Override
    public CrossProducts make(List<CentredLayer> rows, List<CentredLayer> columns) {
      return CrossProducts.of(rows, columns);
    }
  }

  /** Of how many samples a Gram matrix is kept for draws: 32 MB. */
  private static final int MOST_SAMPLES = 2048;

  /** On the side of the features or on that of the samples, whichever is cheaper. */
  public static CrossProducts of(List<CentredLayer> rows, List<CentredLayer> columns) {
    return GramTiles.costsLess(rows, columns)
        ? GramTiles.products(rows, columns)
        : onFeatures(rows, columns);
  }

  /** |X'Y|² for one pair. */
  public static double between(CentredLayer a, CentredLayer b) {
    boolean reordered = a instanceof ReorderedLayer || b instanceof ReorderedLayer;
    boolean wide = GramTiles.costsLess(List.of(a), List.of(b));
    if (reordered && wide && a.info().samples() <= MOST_SAMPLES) {
      return reordered(a.gram(), a.order(), b.gram(), b.order());
    }
    return wide ? GramTiles.products(List.of(a), List.of(b)).cross()[0][0] : featureSide(a, b);
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

  static double featureSide(CentredLayer a, CentredLayer b) {
    Dense product =
        a == b ? Products.gramOfColumns(a.matrix(), a.products()) : new LayerPair(a, b).product();
    return product.squaredNorm();
  }

  /**
   * Inner products of many Gram matrices, tile by tile, so that none of them is ever held whole:
   * the same tile of all layers lies in one matrix, whose product with itself has all pairs at
   * once. A tile above the diagonal counts twice.
   */
  static final class GramTiles {

    private static final int HEIGHT = 256;
    private static final long MOST_BYTES = 64L << 20;

    private final List<MatrixBlock> layers;
    private final MatrixBlock stack;
    private final int widest;
    private final int samples;
    private final Dense sums;

    private GramTiles(List<MatrixBlock> layers, DataType type) {
      this.layers = layers;
      this.samples = layers.get(0).rows();
      long fitting = MOST_BYTES / layers.size() / HEIGHT / type.width();
      this.widest = (int) Math.min(samples, Math.max(HEIGHT, fitting));
      this.stack = MatrixBlock.create(type, layers.size(), Math.min(HEIGHT, samples) * widest);
      this.sums = Dense.zeros(layers.size(), layers.size());
    }

    static boolean costsLess(List<CentredLayer> rows, List<CentredLayer> columns) {
      double samples = rows.get(0).info().samples();
      double pairs = (double) rows.size() * columns.size();
      double widthOfRows = width(rows);
      double widthOfColumns = width(columns);
      double tiles = samples * (samples + HEIGHT) / 2;
      double gramSide = tiles * (widthOfRows + widthOfColumns + 2 * pairs);
      double selfTerms = squaredWidths(rows) + squaredWidths(columns);
      return gramSide < samples * (widthOfRows * widthOfColumns + selfTerms);
    }

    private static double width(List<CentredLayer> layers) {
      return layers.stream().mapToDouble(layer -> layer.info().features()).sum();
    }

    private static double squaredWidths(List<CentredLayer> layers) {
      return layers.stream().mapToDouble(layer -> Math.pow(layer.info().features(), 2)).sum();
    }

    static CrossProducts products(List<CentredLayer> rows, List<CentredLayer> columns) {
      List<CentredLayer> layers = distinct(rows, columns);
      int[] ofRows = places(rows, layers);
      int[] ofColumns = places(columns, layers);
      boolean single = layers.stream().anyMatch(layer -> layer.products() == DataType.FLOAT);
      List<MatrixBlock> matrices =
          layers.stream().map(layer -> MatrixBlock.of(layer.matrix())).toList();
      Dense products = new GramTiles(matrices, single ? DataType.FLOAT : DataType.DOUBLE).sum();
      return new CrossProducts(
          Arrays.stream(ofRows)
              .mapToObj(row -> entries(products, row, ofColumns))
              .toArray(double[][]::new),
          Arrays.stream(ofRows).mapToDouble(row -> products.get(row, row)).toArray(),
          Arrays.stream(ofColumns).mapToDouble(column -> products.get(column, column)).toArray());
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
