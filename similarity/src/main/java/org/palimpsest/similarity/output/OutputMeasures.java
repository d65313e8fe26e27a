package org.palimpsest.similarity.output;

import java.util.List;
import java.util.function.Function;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.similarity.catalogue.MeasureEntry;

/** This package's part of the catalogue. */
public final class OutputMeasures {

  private static final String SCALES = "logits|probabilities; logits if not given";

  private OutputMeasures() {}

  public static List<MeasureEntry> entries() {
    return List.of(
        entry("prediction_dice", PredictionDice::new),
        entry("disagreement", Disagreement::new),
        entry("jensen_shannon", JensenShannon::new));
  }

  private static MeasureEntry entry(String name, Function<OutputScale, Measure<?>> factory) {
    return MeasureEntry.of(
        name,
        SCALES,
        parameters -> {
          parameters.requireAtMost(1);
          String wanted = parameters.word(0, OutputScale.LOGITS.label());
          for (OutputScale scale : OutputScale.values()) {
            if (wanted.equals(scale.label())) {
              return factory.apply(scale);
            }
          }
          throw parameters.refuse("'%s' is neither".formatted(wanted));
        });
  }
}
