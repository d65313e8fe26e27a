package org.palimpsest.reproduction.verdict;

import java.util.List;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

/** Spearman's rank correlation; equal values share their mean rank. */
public final class RankCorrelation {

  private RankCorrelation() {}

  /** How far values rise along a list: 1 if each is above the one before, -1 if below. */
  public static double withPosition(List<Double> values) {
    double[] positions = new double[values.size()];
    double[] given = new double[values.size()];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = i;
      given[i] = values.get(i);
    }
    return new SpearmansCorrelation().correlation(positions, given);
  }
}
