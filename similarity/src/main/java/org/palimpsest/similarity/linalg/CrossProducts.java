package org.palimpsest.similarity.linalg;

import java.util.List;

/**
 * |Xi'Yj|² for all pairs of layers, which is the inner product of their Gram matrices too.
 *
 * @param cross entry (i, j) is |Xi'Yj|²
 * @param ofRows entry i is |Xi'Xi|²
 * @param ofColumns entry j is |Yj'Yj|²
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record CrossProducts(double[][] cross, double[] ofRows, double[] ofColumns) {

  /** On the side of the features, pair by pair, or on that of the samples, whichever is cheaper. */
  public static CrossProducts of(List<CentredLayer> rows, List<CentredLayer> columns) {
    return GramTiles.costsLess(rows, columns)
        ? GramTiles.products(rows, columns)
        : pairwise(rows, columns);
  }

  /** |X'Y|² for one pair. */
  public static double between(CentredLayer a, CentredLayer b) {
    return GramTiles.costsLess(List.of(a), List.of(b))
        ? GramTiles.products(List.of(a), List.of(b)).cross()[0][0]
        : featureSide(a, b);
  }

  private static CrossProducts pairwise(List<CentredLayer> rows, List<CentredLayer> columns) {
    return new CrossProducts(
        rows.stream()
            .map(row -> columns.stream().mapToDouble(column -> featureSide(row, column)).toArray())
            .toArray(double[][]::new),
        rows.stream().mapToDouble(CentredLayer::selfProduct).toArray(),
        columns.stream().mapToDouble(CentredLayer::selfProduct).toArray());
  }

  private static double featureSide(CentredLayer a, CentredLayer b) {
    Dense product =
        a == b ? Products.gram(a.matrix()) : Products.transposeTimes(a.matrix(), b.matrix());
    return product.squaredNorm();
  }
}
