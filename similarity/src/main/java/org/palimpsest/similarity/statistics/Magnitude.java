package org.palimpsest.similarity.statistics;

import java.util.Optional;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.pairwise.SampleRows;

/** The norm of the mean row. */
record Magnitude() implements Preparation<LayerStatistic> {

  @Override
  public LayerStatistic prepare(Representation representation) {
    SampleRows rows = SampleRows.of(representation);
    double scale = rows.powerOfTwoScale();
    double sum = 0;
    for (double mean : rows.dividedBy(scale).mean()) {
      sum += mean * mean;
    }
    return new LayerStatistic(representation.info(), scale * Math.sqrt(sum));
  }

  @Override
  public Optional<PreparedFormat<LayerStatistic>> format() {
    return Optional.of(new LayerStatistic.Format());
  }
}
