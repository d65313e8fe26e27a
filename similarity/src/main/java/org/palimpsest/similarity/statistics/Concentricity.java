package org.palimpsest.similarity.statistics;

import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.pairwise.SampleRows;

/** The mean cosine of the rows to the mean row. */
record Concentricity() implements Preparation<LayerStatistic> {

  /** A mean below this part of the largest value is what rounding left of a mean of zero. */
  private static final double ROUNDING = 1e-14;

  @Override
  public LayerStatistic prepare(Representation representation) {
    SampleRows rows = SampleRows.of(representation);
    SampleRows unit = rows.normalised("is all zero, so that no angle to it is defined");
    double[] direction = direction(rows.dividedBy(rows.powerOfTwoScale()));
    double sum = 0;
    for (int i = 0; i < unit.count(); i++) {
      sum += unit.product(i, direction);
    }
    return new LayerStatistic(representation.info(), sum / unit.count());
  }

  private static double[] direction(SampleRows rows) {
    double[] mean = rows.mean();
    double squares = 0;
    for (double entry : mean) {
      squares += entry * entry;
    }
    double norm = Math.sqrt(squares);
    if (norm < ROUNDING) {
      throw new PalimpsestException(
          "The mean sample of layer '%s' (%d samples × %d features) is zero, so that no angle to it is defined. Concentricity is of activations before they are centred."
              .formatted(rows.info().layer(), rows.count(), rows.width()));
    }
    for (int j = 0; j < mean.length; j++) {
      mean[j] /= norm;
    }
    return mean;
  }

  @Override
  public Optional<PreparedFormat<LayerStatistic>> format() {
    return Optional.of(new LayerStatistic.Format());
  }
}
