package org.palimpsest.similarity.internal.linalg;

import java.util.List;
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
}
