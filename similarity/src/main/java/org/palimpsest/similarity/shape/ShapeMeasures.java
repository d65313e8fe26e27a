package org.palimpsest.similarity.shape;

import java.util.List;
import org.palimpsest.similarity.catalogue.MeasureEntry;
import org.palimpsest.similarity.linalg.RankTolerance;

/** This package's part of the catalogue. */
public final class ShapeMeasures {

  private ShapeMeasures() {}

  public static List<MeasureEntry> entries() {
    return List.of(
        MeasureEntry.of(
            "procrustes_normalized", () -> new Procrustes(Procrustes.Variant.NORMALIZED)),
        MeasureEntry.of("procrustes_angular", () -> new Procrustes(Procrustes.Variant.ANGULAR)),
        MeasureEntry.of(
            "procrustes_size_and_shape", () -> new Procrustes(Procrustes.Variant.SIZE_AND_SHAPE)),
        MeasureEntry.of(
            "shape",
            "alpha, from 0 (whitened: CCA) to 1 (as it is: Procrustes) (0.5); "
                + RankTolerance.PARAMETER,
            parameters ->
                new ShapeMetric(
                    parameters.number(0, 0.5, 0, 1), RankTolerance.from(parameters, 1))),
        MeasureEntry.of("aligned_cosine", AlignedCosine::new));
  }
}
