package org.palimpsest.similarity.geometry;

import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Score;

/** The absolute difference of one number of each layer. */
class StatisticDifference implements Computation<LayerStatistic> {

  private final Preparation<LayerStatistic> preparation;
  private final MeasureProperties properties;

  StatisticDifference(Preparation<LayerStatistic> preparation, MeasureProperties properties) {
    this.preparation = preparation;
    this.properties = properties;
  }

  @Override
  public Preparation<LayerStatistic> preparation() {
    return preparation;
  }

  @Override
  public Score compare(LayerStatistic a, LayerStatistic b) {
    a.info().requireSameSamples(b.info());
    return Score.of(
        Math.abs(a.value() - b.value()), properties, Diagnostics.of(a.info().samples()));
  }
}
