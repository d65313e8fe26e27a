package org.palimpsest.similarity.matching;

import java.util.List;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.HeldOut;
import org.palimpsest.similarity.internal.intervals.HeldOutBracket;
import org.palimpsest.similarity.internal.intervals.ImagesNeeded;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.intervals.Scores;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.FewSamples;
import org.palimpsest.similarity.internal.linalg.Products;

/** A measure that is a function of the correlations of all features of one layer with another's. */
sealed interface CorrelationMatch
    extends Measure<StandardisedColumns>, HasInterval<StandardisedColumns>
    permits HardCorrelationMatch, SoftCorrelationMatch {

  double value(Dense correlations);

  /** How many matrices of one number for each pair of features it holds at once. */
  int copies();

  /** What was matched on some rows. */
  HeldOutBracket.Learnt matched(Dense correlations);

  @Override
  default IntervalEstimator<StandardisedColumns, ?> intervalEstimator() {
    return HeldOutBracket.of(
        StandardisedColumns::scores, (x, y) -> matched(correlations(x, y)), new MatchBracket());
  }

  private static Dense correlations(Dense x, Dense y) {
    return Products.transposeTimes(HeldOut.standardised(x), HeldOut.standardised(y));
  }

  /** The columns of one matrix with these indices. */
  static Dense columns(Dense matrix, int[] chosen) {
    Dense columns = Dense.zeros(matrix.rows(), chosen.length);
    for (int r = 0; r < matrix.rows(); r++) {
      for (int k = 0; k < chosen.length; k++) {
        columns.values()[r * chosen.length + k] = matrix.get(r, chosen[k]);
      }
    }
    return columns;
  }

  /** When brackets of matches hold the true value. */
  record MatchBracket() implements HeldOutBracket.Rules {

    private static final ImagesNeeded NEEDED = new ImagesNeeded(1.6, 1.6);

    @Override
    public double least() {
      return -1;
    }

    @Override
    public long fewestImages(boolean ofPositions, Scores a, Scores b) {
      return NEEDED.of(Math.max(a.rows().columns(), b.rows().columns()), ofPositions);
    }
  }

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
