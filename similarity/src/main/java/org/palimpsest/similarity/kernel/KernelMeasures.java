package org.palimpsest.similarity.kernel;

import java.util.List;
import org.palimpsest.similarity.catalogue.MeasureEntry;
import org.palimpsest.similarity.catalogue.MeasureParameters;

/** This package's part of the catalogue. */
public final class KernelMeasures {

  private KernelMeasures() {}

  public static List<MeasureEntry> entries() {
    return List.of(
        MeasureEntry.of(
            "rbf_cka",
            "the bandwidth as a fraction of the median distance; %s if not given"
                .formatted(RbfCka.DEFAULT_FRACTION),
            KernelMeasures::rbfCka),
        MeasureEntry.of("distance_correlation", DistanceCorrelation::new));
  }

  private static RbfCka rbfCka(MeasureParameters parameters) {
    parameters.requireAtMost(1);
    return new RbfCka(parameters.number(0, RbfCka.DEFAULT_FRACTION, Double.MIN_NORMAL, 1e6));
  }
}
