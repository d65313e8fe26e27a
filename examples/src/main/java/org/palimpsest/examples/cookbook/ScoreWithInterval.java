package org.palimpsest.examples.cookbook;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.ComparisonResult.PairScore;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.similarity.cka.Cka;
import org.palimpsest.similarity.uncertainty.Intervals;

/** How far would the values move with other images? */
public final class ScoreWithInterval {

  private ScoreWithInterval() {}

  /**
   * @param arguments two TorchScript networks, and probes as {@code .npy}
   */
  public static void main(String[] arguments) {
    Probes probes = NpyProbes.open(Path.of(arguments[2]));
    try (ActivationSource a = Inputs.network(Path.of(arguments[0]));
        ActivationSource b = Inputs.network(Path.of(arguments[1]))) {

      ComparisonResult result =
          Comparison.by(List.of(Cka.linear()))
              .matched() // each layer with its namesake alone
              .withIntervals(Intervals.withDefaults().withLevel(0.9))
              .compare(a.capture(probes), b.capture(probes));

      result.rows().forEach(row -> System.out.println(row.layerA() + "  " + told(row)));
    }
  }

  private static String told(PairScore row) {
    String value = String.format(Locale.ROOT, "%.3f", row.score().value());
    Interval interval = row.score().interval().orElseThrow();
    if (interval instanceof Interval.Known known) {
      return value + String.format(Locale.ROOT, "  from %.3f to %.3f", known.low(), known.high());
    }
    return value + "  no interval: " + ((Interval.Refused) interval).reason();
  }
}
