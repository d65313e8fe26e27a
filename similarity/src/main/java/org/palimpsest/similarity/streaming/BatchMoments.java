package org.palimpsest.similarity.streaming;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
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
    TallProducts.of(groups(known));
    List<List<CrossMoments>> crosses = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) {
      crosses.add(counted(known.crosses.get(i), i));
    }
    return new Sums(counted(a, known.ofA), counted(b, known.ofB), crosses);
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

  private List<CrossMoments> counted(List<CrossMoments> sums, int layer) {
    int[] partners = partnersOfA.apply(layer);
    return IntStream.range(0, partners.length)
        .mapToObj(place -> a.get(layer).countedWith(sums.get(place), b.get(partners[place])))
        .toList();
  }

  private static List<SideMoments> counted(List<ShiftedBatch> batch, List<SideMoments> sums) {
    return IntStream.range(0, batch.size())
        .mapToObj(layer -> batch.get(layer).countedWith(sums.get(layer)))
        .toList();
  }
}
