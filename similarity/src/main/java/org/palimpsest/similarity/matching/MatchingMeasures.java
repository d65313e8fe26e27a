package org.palimpsest.similarity.matching;

import java.util.List;
import org.palimpsest.similarity.catalogue.MeasureEntry;

/** This package's part of the catalogue. */
public final class MatchingMeasures {

  private MatchingMeasures() {}

  public static List<MeasureEntry> entries() {
    return List.of(
        MeasureEntry.of("hard_correlation_match", HardCorrelationMatch::new),
        MeasureEntry.of("soft_correlation_match", SoftCorrelationMatch::new),
        MeasureEntry.of("permutation_procrustes", PermutationProcrustes::new));
  }
}
