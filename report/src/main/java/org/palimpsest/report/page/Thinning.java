package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.List;

/** Leaves out evenly what there is no room for. */
final class Thinning {

  private Thinning() {}

  /** At most that many, evenly chosen, the first and the last among them. */
  static <T> List<T> evenly(List<T> all, int most) {
    if (all.size() <= most) {
      return List.copyOf(all);
    }
    if (most == 1) {
      return List.of(all.get(0));
    }
    List<T> chosen = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      chosen.add(all.get((int) Math.round(i * (all.size() - 1.0) / (most - 1))));
    }
    return chosen;
  }
}
