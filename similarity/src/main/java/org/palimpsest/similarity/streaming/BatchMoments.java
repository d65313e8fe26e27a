package org.palimpsest.similarity.streaming;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.palimpsest.similarity.linalg.Cores;

/**
 * The moments of one batch of two networks' layers, computed side by side.
 *
 * @param ofA of each of the first network's layers
 * @param ofB of each of the second's
 * @param crosses of each of the first's with its partners
 */
record BatchMoments(
    List<SideMoments> ofA, List<SideMoments> ofB, List<List<CrossMoments>> crosses) {

  static BatchMoments of(
      List<ShiftedBatch> a, List<ShiftedBatch> b, IntFunction<int[]> partnersOfA) {
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
        tasks.add(() -> crosses[row][place] = a.get(row).with(b.get(partners[place])));
      }
    }
    for (int i = 0; i < ofA.length; i++) {
      int layer = i;
      tasks.add(() -> ofA[layer] = a.get(layer).moments());
    }
    for (int i = 0; i < ofB.length; i++) {
      int layer = i;
      tasks.add(() -> ofB[layer] = b.get(layer).moments());
    }
    Cores.sideBySide(tasks.size(), task -> tasks.get(task).run());
    return new BatchMoments(
        List.of(ofA), List.of(ofB), Arrays.stream(crosses).map(List::of).toList());
  }
}
