package org.palimpsest.similarity.statistics;

import java.util.List;
import org.palimpsest.similarity.catalogue.MeasureEntry;

/** This package's part of the catalogue. */
public final class StatisticMeasures {

  private StatisticMeasures() {}

  public static List<MeasureEntry> entries() {
    return List.of(
        MeasureEntry.of("magnitude_difference", MagnitudeDifference::new),
        MeasureEntry.of("uniformity_difference", UniformityDifference::new),
        MeasureEntry.of("concentricity_difference", ConcentricityDifference::new));
  }
}
