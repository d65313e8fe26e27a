package org.palimpsest.similarity.matching;

import java.util.List;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.linalg.Dense;
import org.palimpsest.similarity.linalg.FewSamples;

/** A measure that is a function of the correlations of all features of one layer with another's. */
sealed interface CorrelationMatch extends Measure<StandardisedColumns>
    permits HardCorrelationMatch, SoftCorrelationMatch {

  double value(Dense correlations);

  /** How many matrices of one number for each pair of features it holds at once. */
  int copies();

  @Override
  default Preparation<StandardisedColumns> preparation() {
    return new ColumnStandardising();
  }

  @Override
  default Score compare(StandardisedColumns a, StandardisedColumns b) {
    a.info().requireSameSamples(b.info());
    Dense.requireRoom(a.features(), b.features(), copies());
    Diagnostics diagnostics = Diagnostics.of(a.info().samples());
    return Score.of(
        value(a.correlations(b)),
        properties(),
        withDeadFeatures(withDeadFeatures(diagnostics, a), b));
  }

  private static Diagnostics withDeadFeatures(Diagnostics diagnostics, StandardisedColumns of) {
    return of.dead() == 0
        ? diagnostics
        : diagnostics.withWarning(
            "%d of the %d features of layer '%s' never vary; their correlations count as 0."
                .formatted(of.dead(), of.features(), of.info().layer()));
  }

  @Override
  default List<String> cautions(StandardisedColumns a, StandardisedColumns b, Score score) {
    return FewSamples.of(a.info(), b.info()).bestCorrelations();
  }
}
