package org.palimpsest.similarity.linalg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.core.measure.Score;

/**
 * Scores of all pairs that each take one product and one decomposition: the products on the calling
 * thread, since BLAS uses all cores by itself, the decompositions in parallel where each uses one.
 */
public final class PairTable {

  /** Makes the product of a pair. */
  @FunctionalInterface
  public interface Product {
    Dense of(CentredLayer a, CentredLayer b);
  }

  /** Decomposes the product of a pair and makes the score of it. */
  @FunctionalInterface
  public interface Finish {
    Score of(CentredLayer a, CentredLayer b, Dense product);
  }

  private final Product product;
  private final Finish finish;

  private PairTable(Product product, Finish finish) {
    this.product = product;
    this.finish = finish;
  }

  public static PairTable of(Product product, Finish finish) {
    return new PairTable(product, finish);
  }

  /** One pair. */
  public Score compare(CentredLayer a, CentredLayer b) {
    a.info().requireSameSamples(b.info());
    return finish.of(a, b, product.of(a, b));
  }

  /** All pairs, row by row. */
  public List<List<Score>> compareAll(List<CentredLayer> rows, List<CentredLayer> columns) {
    List<List<Score>> scores = new ArrayList<>();
    for (CentredLayer row : rows) {
      columns.forEach(column -> row.info().requireSameSamples(column.info()));
      List<Dense> products = columns.stream().map(column -> product.of(row, column)).toList();
      scores.add(finishAll(row, columns, products));
    }
    return scores;
  }

  private List<Score> finishAll(
      CentredLayer row, List<CentredLayer> columns, List<Dense> products) {
    Score[] scores = new Score[products.size()];
    int[] small = columnsWhere(products, true);
    Arrays.stream(small)
        .parallel()
        .forEach(j -> scores[j] = finish.of(row, columns.get(j), products.get(j)));
    for (int j : columnsWhere(products, false)) {
      scores[j] = finish.of(row, columns.get(j), products.get(j));
    }
    return List.of(scores);
  }

  private static int[] columnsWhere(List<Dense> products, boolean oneCore) {
    return IntStream.range(0, products.size())
        .filter(j -> Decompositions.usesOneCore(products.get(j)) == oneCore)
        .toArray();
  }
}
