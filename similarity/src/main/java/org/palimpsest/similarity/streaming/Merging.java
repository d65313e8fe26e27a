package org.palimpsest.similarity.streaming;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.similarity.streaming.CoMoments.State;

/** Brings the moments of other samples to the origins of these and adds them. */
final class Merging {

  private Merging() {}

  static State of(Pairs pairs, State these, State others) {
    List<List<CrossMoments>> crosses = new ArrayList<>();
    for (int i = 0; i < these.crosses().size(); i++) {
      List<CrossMoments> row = new ArrayList<>();
      for (int k = 0; k < these.crosses().get(i).size(); k++) {
        int j = pairs == Pairs.ALL ? k : i;
        CrossMoments other =
            at(
                others.crosses().get(i).get(k),
                others.layersOfA().get(i),
                these.layersOfA().get(i).origin(),
                others.layersOfB().get(j),
                these.layersOfB().get(j).origin());
        row.add(these.crosses().get(i).get(k).plus(other));
      }
      crosses.add(row);
    }
    return new State(
        plus(these.layersOfA(), others.layersOfA()),
        plus(these.layersOfB(), others.layersOfB()),
        crosses);
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
