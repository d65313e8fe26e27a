package org.palimpsest.similarity.streaming;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.palimpsest.similarity.linalg.Cores;

/**
 * Adds one batch of two networks' layers to the sums of earlier ones, side by side and in place:
 * new sums for each batch would cost more than its products.
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

  /** Overwrites the known sums. */
  Sums addTo(Sums known) {
    SideMoments[] ofA = new SideMoments[a.size()];
    SideMoments[] ofB = new SideMoments[b.size()];
    CrossMoments[][] crosses = new CrossMoments[a.size()][];
    List<Runnable> tasks = new ArrayList<>();
    for (int i = 0; i < crosses.length; i++) {
      int row = i;
      int[] partners = partnersOfA.apply(i);
      crosses[i] = new CrossMoments[partners.length];
      for (int j = 0; j < partners.length; j++) {
        int place = j;
        CrossMoments before = known.crosses.get(row).get(place);
        tasks.add(() -> crosses[row][place] = a.get(row).addTo(before, b.get(partners[place])));
      }
    }
    for (int i = 0; i < ofA.length; i++) {
      int layer = i;
      tasks.add(() -> ofA[layer] = a.get(layer).addTo(known.ofA.get(layer)));
    }
    for (int i = 0; i < ofB.length; i++) {
      int layer = i;
      tasks.add(() -> ofB[layer] = b.get(layer).addTo(known.ofB.get(layer)));
    }
    Cores.sideBySide(tasks.size(), task -> tasks.get(task).run());
    return new Sums(List.of(ofA), List.of(ofB), Arrays.stream(crosses).map(List::of).toList());
  }
}
