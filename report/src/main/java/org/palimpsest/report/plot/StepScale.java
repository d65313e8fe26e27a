package org.palimpsest.report.plot;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** How far along an axis the steps of training stand. */
public enum StepScale {
  /** In proportion. */
  LINEAR,
  /** Each factor takes as much room; step 0, which has no logarithm, stands before the first. */
  LOGARITHMIC;

  private static final double MANY_TIMES = 8;
  private static final double EARLY = 0.34;
  private static final double GAP_BEFORE_FIRST = 0.45;

  /** Logarithmic if most of these steps are early ones: half of them in the first third. */
  public static StepScale fitting(Collection<Long> steps) {
    List<Long> after = steps.stream().filter(s -> s > 0).distinct().sorted().toList();
    if (after.size() < 3) {
      return LINEAR;
    }
    double middle = after.get((after.size() - 1) / 2);
    double last = after.get(after.size() - 1);
    return middle <= EARLY * last && last >= MANY_TIMES * after.get(0) ? LOGARITHMIC : LINEAR;
  }

  /** From 0 for the least of all steps to 1 for the greatest; 0.5 if there is but one. */
  List<Double> positions(Collection<Long> steps, TreeSet<Long> all) {
    double low = raw(all.first(), all);
    double high = raw(all.last(), all);
    List<Double> positions = new ArrayList<>();
    for (long step : steps) {
      positions.add(high > low ? (raw(step, all) - low) / (high - low) : 0.5);
    }
    return positions;
  }

  private double raw(long step, TreeSet<Long> all) {
    if (this == LINEAR) {
      return step;
    }
    Long first = all.higher(0L);
    if (step > 0 || first == null) {
      return Math.log10(Math.max(step, 1));
    }
    double decades = Math.log10(all.last()) - Math.log10(first);
    return Math.log10(first) - Math.max(0.1, GAP_BEFORE_FIRST * Math.min(1, decades));
  }
}
