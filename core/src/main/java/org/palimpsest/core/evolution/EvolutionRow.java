package org.palimpsest.core.evolution;

import java.util.Optional;
import java.util.OptionalLong;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.Score;

/**
 * One row of the table: one measurement, and what its measure is. A row names both networks and
 * layers, so that it can be read by itself; in a view of layers of one name both names are the
 * same.
 *
 * @param view which view asked for it
 * @param runA the first run, or group of runs
 * @param stepA its step; none for a group
 * @param layerA its layer
 * @param runB the second run, or group of runs
 * @param stepB its step; none for a group
 * @param layerB its layer
 * @param facts the measure's name, direction and range
 * @param measurement the number, its interval, how many things it rests on
 */
public record EvolutionRow(
    StudyView view,
    String runA,
    OptionalLong stepA,
    String layerA,
    String runB,
    OptionalLong stepB,
    String layerB,
    MeasureFacts facts,
    Measurement measurement) {

  /** A row of a measure of which only the name is known. */
  public EvolutionRow(
      StudyView view,
      String runA,
      OptionalLong stepA,
      String layerA,
      String runB,
      OptionalLong stepB,
      String layerB,
      String measure,
      Measurement measurement) {
    this(
        view, runA, stepA, layerA, runB, stepB, layerB, MeasureFacts.unknown(measure), measurement);
  }

  /** The measure's name. */
  public String measure() {
    return facts.name();
  }

  /**
   * The measurement as a score, with direction, range and ranks; none where the measurement is not
   * about alikeness, or that is not known. Its interval is that over probes.
   */
  public Optional<Score> score() {
    return facts
        .direction()
        .map(
            direction -> {
              Diagnostics plain = Diagnostics.of(measurement.n());
              Diagnostics ranked =
                  measurement
                      .ranks()
                      .map(ranks -> plain.withRanks(ranks.a(), ranks.b()))
                      .orElse(plain);
              Diagnostics warned = ranked;
              for (String warning : measurement.warnings()) {
                warned = warned.withWarning(warning);
              }
              return new Score(
                  measurement.value(), direction, facts.range(), warned, measurement.overProbes());
            });
  }

  /** The same measurement of a measure of which more is known. */
  EvolutionRow withFacts(MeasureFacts known) {
    return new EvolutionRow(view, runA, stepA, layerA, runB, stepB, layerB, known, measurement);
  }
}
