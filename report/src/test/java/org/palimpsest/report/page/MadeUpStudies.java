package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.measure.Interval;

/** Made-up studies for the generators of other packages. */
public final class MadeUpStudies {

  private MadeUpStudies() {}

  /** One run in each of two groups, at three steps, and a checkpoint that could not be read. */
  public static EvolutionTable of(List<String> layers, List<String> groups) {
    EvolutionTable table = MadeUpStudy.of(layers, groups, 1, 0, 50, 400);
    List<CheckpointRecord> records = new ArrayList<>(table.checkpoints());
    records.add(
        new CheckpointRecord(
            records.get(0).run(),
            new Checkpoint(500, layers.get(0), OptionalDouble.empty()),
            "",
            Optional.of("It is no network: " + layers.get(1))));
    return with(table, table.rows(), records);
  }

  /** The same with other figures. */
  public static EvolutionTable withValues(EvolutionTable table, DoubleUnaryOperator change) {
    return withValues(table, change, EvolutionTable.Row::facts);
  }

  /** The figures of one view and measure alone. */
  static EvolutionTable ofView(EvolutionTable table, Study.View view, String measure) {
    List<EvolutionTable.Row> rows =
        table.rows(view).stream().filter(row -> row.measure().equals(measure)).toList();
    return with(table, rows, table.checkpoints());
  }

  /** The same with intervals over probes, an eighth on either side. */
  static EvolutionTable withIntervals(EvolutionTable table) {
    List<EvolutionTable.Row> rows =
        table.rows().stream()
            .map(
                row ->
                    row.withMeasurement(
                        row.measurement()
                            .withOverProbes(Optional.of(around(row.measurement().value())))))
            .toList();
    return with(table, rows, table.checkpoints());
  }

  private static Interval around(double value) {
    return new Interval.Known(
        value,
        OptionalDouble.empty(),
        value - 0.125,
        value + 0.125,
        0.95,
        Interval.Method.JACKKNIFE_ARTANH,
        8,
        OptionalDouble.of(0));
  }

  /** The same of measures of which only the names are known. */
  static EvolutionTable ofUnknownMeasures(EvolutionTable table) {
    return withValues(table, value -> value, row -> MeasureFacts.unknown(row.measure()));
  }

  private static EvolutionTable withValues(
      EvolutionTable table,
      DoubleUnaryOperator change,
      Function<EvolutionTable.Row, MeasureFacts> facts) {
    List<EvolutionTable.Row> rows =
        table.rows().stream()
            .map(
                row ->
                    row.withFacts(facts.apply(row))
                        .withMeasurement(
                            Measurement.of(
                                change.applyAsDouble(row.measurement().value()),
                                row.measurement().n())))
            .toList();
    return with(table, rows, table.checkpoints());
  }

  private static EvolutionTable with(
      EvolutionTable table, List<EvolutionTable.Row> rows, List<CheckpointRecord> records) {
    return new EvolutionTable(
        rows, records, table.notes(), table.probes(), table.samples(), table.version());
  }

  /** With this title. */
  public static StudyReport.Facts facts(String title) {
    return StudyReport.Facts.of(title, "8 probes").withNote("Runs: " + title).withFailure(title);
  }

  /** Of which the range of one measure is known to end, and that of another is not. */
  public static StudyReport.Facts facts() {
    return MadeUpStudy.FACTS;
  }
}
