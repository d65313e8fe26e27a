package org.palimpsest.similarity.streaming;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.GridProducts;
import org.palimpsest.similarity.internal.linalg.TallProducts;

/**
 * Adds one batch of two networks' layers to the sums of earlier ones, in place: new sums for each
 * batch would cost more than its products.
 *
 * @param a of the first network's layers
 * @param b of the second's
 * @param partnersOfA which of the second's each of the first's is multiplied with
 */
record BatchMoments(List<ShiftedBatch> a, List<ShiftedBatch> b, IntFunction<int[]> partnersOfA) {

  /**
   * All sums.
   *
   * @param ofA of each of the first network's layers
   * @param ofB of each of the second's
   * @param crosses of each of the first's with its partners
   */
  record Sums(List<SideMoments> ofA, List<SideMoments> ofB, List<List<CrossMoments>> crosses) {}

  /** Overwrites the known sums; of products of a layer with itself, the upper triangle alone. */
  Sums addTo(Sums known) {
    List<List<CrossMoments>> crosses = new ArrayList<>();
    if (isTable()) {
      addTable(known);
      Dense squares = ShiftedBatch.productsOfSquares(a, b);
      for (int i = 0; i < a.size(); i++) {
        int row = i;
        crosses.add(counted(known.crosses.get(i), j -> squares.get(row, j)));
      }
    } else {
      TallProducts.of(groups(known));
      for (int i = 0; i < a.size(); i++) {
        ShiftedBatch layer = a.get(i);
        int[] partners = partnersOfA.apply(i);
        crosses.add(
            counted(known.crosses.get(i), place -> layer.productOfSquares(b.get(partners[place]))));
      }
    }
    return new Sums(counted(a, known.ofA), counted(b, known.ofB), crosses);
  }

  /** Whether each layer meets each, and there are several, which pays to multiply side by side. */
  private boolean isTable() {
    return a.size() > 1
        && b.size() > 1
        && IntStream.range(0, a.size()).allMatch(i -> partnersOfA.apply(i).length == b.size());
  }

  private void addTable(Sums known) {
    GridProducts.forEachPair(
        a.stream().map(ShiftedBatch::values).toList(),
        b.stream().map(ShiftedBatch::values).toList(),
        (i, j) -> a.get(i).into(known.crosses.get(i).get(j), b.get(j)).sink());
    TallProducts.of(Stream.concat(grams(a, known.ofA), grams(b, known.ofB)).map(List::of).toList());
  }

  private static Stream<TallProducts.Product> grams(
      List<ShiftedBatch> layers, List<SideMoments> known) {
    return IntStream.range(0, layers.size()).mapToObj(i -> layers.get(i).into(known.get(i)));
  }

  /** A pair's layers are multiplied with themselves where they first meet another. */
  private List<List<TallProducts.Product>> groups(Sums known) {
    List<List<TallProducts.Product>> groups = new ArrayList<>();
    Set<Integer> met = new HashSet<>();
    for (int i = 0; i < a.size(); i++) {
      int[] partners = partnersOfA.apply(i);
      for (int place = 0; place < partners.length; place++) {
        ShiftedBatch other = b.get(partners[place]);
        List<TallProducts.Product> group = new ArrayList<>();
        group.add(a.get(i).into(known.crosses.get(i).get(place), other));
        if (place == 0) {
          group.add(a.get(i).into(known.ofA.get(i)));
        }
        if (met.add(partners[place])) {
          group.add(other.into(known.ofB.get(partners[place])));
        }
        groups.add(group);
      }
    }
    return groups;
  }

  private static List<CrossMoments> counted(
      List<CrossMoments> sums, IntToDoubleFunction productsOfSquares) {
    return IntStream.range(0, sums.size())
        .mapToObj(place -> sums.get(place).withSquares(productsOfSquares.applyAsDouble(place)))
        .toList();
  }

  private static List<SideMoments> counted(List<ShiftedBatch> batch, List<SideMoments> sums) {
    return IntStream.range(0, batch.size())
        .mapToObj(layer -> batch.get(layer).countedWith(sums.get(layer)))
        .toList();
  }
}
