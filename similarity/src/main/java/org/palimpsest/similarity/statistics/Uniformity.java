package org.palimpsest.similarity.statistics;

import java.util.Optional;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.pairwise.SampleRows;
import org.palimpsest.similarity.internal.pairwise.SquaredDistances;

/**
 * log mean exp(−2 d²) over all n² pairs, plus log n: log(1 + 2 Σ_{i&lt;j} exp(−2 d²) / n). Without
 * the term that all layers of n samples share, small differences keep their digits.
 */
record Uniformity() implements Preparation<LayerStatistic> {

  @Override
  public LayerStatistic prepare(Representation representation) {
    SampleRows rows = SampleRows.of(representation).centred();
    double scale = rows.powerOfTwoScale();
    double exponent = -2 * scale * scale;
    int n = rows.count();
    double[] sums = new double[n];
    SquaredDistances.upper(
        rows.dividedBy(scale),
        (i, first, squared) -> {
          double sum = 0;
          for (int j = i + 1; j < n; j++) {
            double distance = squared[j - first];
            sum += distance == 0 ? 1 : Math.exp(exponent * distance);
          }
          sums[i] = sum;
        });
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    return new LayerStatistic(representation.info(), Math.log1p(2 * total / n));
  }

  @Override
  public Optional<PreparedFormat<LayerStatistic>> format() {
    return Optional.of(new LayerStatistic.Format());
  }
}
