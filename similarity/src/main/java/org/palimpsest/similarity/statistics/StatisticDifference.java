package org.palimpsest.similarity.statistics;

import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Score;

/** The absolute difference of one number of each layer. */
sealed interface StatisticDifference extends Measure<LayerStatistic>
    permits MagnitudeDifference, UniformityDifference, ConcentricityDifference {

  @Override
  default Score compare(LayerStatistic a, LayerStatistic b) {
    a.info().requireSameSamples(b.info());
    return Score.of(
        Math.abs(a.value() - b.value()), properties(), Diagnostics.of(a.info().samples()));
  }
}
