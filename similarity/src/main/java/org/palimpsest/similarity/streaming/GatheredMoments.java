package org.palimpsest.similarity.streaming;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.similarity.streaming.CoMoments.Pairs;

/**
 * All that changes of co-moments while samples come in.
 *
 * @param layersOfA moments of each of the first network's layers
 * @param layersOfB of each of the second's
 * @param crosses of each of the first's with its partners
 */
record GatheredMoments(
    List<LayerMoments> layersOfA, List<LayerMoments> layersOfB, List<List<CrossMoments>> crosses) {

  /** The same with sums of its own, since adding a batch overwrites them. */
  GatheredMoments copy() {
    return new GatheredMoments(
        layersOfA.stream().map(LayerMoments::copy).toList(),
        layersOfB.stream().map(LayerMoments::copy).toList(),
        crosses.stream().map(row -> row.stream().map(CrossMoments::copy).toList()).toList());
  }

  /** With the moments of other samples, brought to the origins of these. */
  GatheredMoments plus(GatheredMoments others, Pairs pairs) {
    List<List<CrossMoments>> sums = new ArrayList<>();
    for (int i = 0; i < crosses.size(); i++) {
      List<CrossMoments> row = new ArrayList<>();
      for (int k = 0; k < crosses.get(i).size(); k++) {
        int j = pairs == Pairs.ALL ? k : i;
        CrossMoments other =
            at(
                others.crosses.get(i).get(k),
                others.layersOfA.get(i),
                layersOfA.get(i).origin(),
                others.layersOfB.get(j),
                layersOfB.get(j).origin());
        row.add(crosses.get(i).get(k).plus(other));
      }
      sums.add(row);
    }
    return new GatheredMoments(
        plus(layersOfA, others.layersOfA), plus(layersOfB, others.layersOfB), sums);
  }

  private static CrossMoments at(
      CrossMoments cross, LayerMoments a, Origin originA, LayerMoments b, Origin originB) {
    return cross
        .shifted(a.moments(), a.origin().towards(originA), b.moments(), b.origin().towards(originB))
        .scaled(a.origin().scale() / originA.scale(), b.origin().scale() / originB.scale());
  }

  private static List<LayerMoments> plus(List<LayerMoments> these, List<LayerMoments> others) {
    List<LayerMoments> sums = new ArrayList<>();
    for (int i = 0; i < these.size(); i++) {
      sums.add(these.get(i).plus(others.get(i)));
    }
    return sums;
  }
}
