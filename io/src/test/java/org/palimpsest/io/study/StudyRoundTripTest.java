package org.palimpsest.io.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.StudyJournal.LayerGrids;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.internal.file.TemporaryFolder;

/** What a study keeps is read again as it was, whatever its layers and runs are called. */
class StudyRoundTripTest {

  private static Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ofMaxLength(8),
        Arbitraries.of("", " ", "=1+1", "a,b", "\"", "null", "\n", "\\", "\u0000", "\ud83d\ude00"));
  }

  private static Arbitrary<String> names() {
    return texts().map(text -> "n" + text);
  }

  private static Arbitrary<Double> numbers() {
    return Arbitraries.oneOf(
        Arbitraries.doubles(),
        Arbitraries.of(0.0, -0.0, Double.MIN_VALUE, -Double.MAX_VALUE, 0.1 + 0.2, 1e-320, 1.0));
  }

  private static Arbitrary<Interval> intervals(double value) {
    Arbitrary<Interval> refused =
        Combinators.combine(Arbitraries.longs().between(0, 99), texts())
            .as((units, why) -> new Interval.Refused(value, units, why));
    Arbitrary<Interval> known =
        Combinators.combine(
                numbers(),
                numbers(),
                numbers().optional(),
                numbers().optional(),
                Arbitraries.longs().between(1, 99),
                Arbitraries.of(Interval.Method.values()))
            .as(
                (one, other, corrected, unrelated, units, method) ->
                    new Interval.Known(
                        value,
                        ofNumber(corrected),
                        Math.min(one, other),
                        Math.max(one, other),
                        0.95,
                        method,
                        units,
                        ofNumber(unrelated)));
    return Arbitraries.oneOf(refused, known);
  }

  private static OptionalDouble ofNumber(Optional<Double> number) {
    return number.map(OptionalDouble::of).orElse(OptionalDouble.empty());
  }

  private static Arbitrary<Measurement> measurements() {
    return numbers()
        .flatMap(
            value ->
                Combinators.combine(
                        intervals(value).optional(),
                        Arbitraries.longs().between(0, Long.MAX_VALUE),
                        texts().list().ofMaxSize(3),
                        Arbitraries.integers().between(0, 99).optional())
                    .as(
                        (interval, n, warnings, rank) ->
                            new Measurement(
                                    value,
                                    OptionalDouble.empty(),
                                    OptionalDouble.empty(),
                                    n,
                                    warnings,
                                    rank.map(r -> new Measurement.Ranks(r, r + 1)))
                                .withOverProbes(interval)));
  }

  @Provide
  Arbitrary<Outcome> outcomes() {
    return Arbitraries.oneOf(measurements().map(one -> one), texts().map(Outcome.Failure::new));
  }

  @Provide
  Arbitrary<Measurement.Key> keys() {
    return Combinators.combine(texts(), texts(), texts(), texts(), texts(), names())
        .as(Measurement.Key::new);
  }

  @Provide
  Arbitrary<LayerGrids> structures() {
    return Arbitraries.maps(
            texts(), Arbitraries.integers().between(1, 9).list().ofMaxSize(3).map(Grid::new))
        .ofMaxSize(4)
        .map(LayerGrids::new);
  }

  @Provide
  Arbitrary<List<String>> cautions() {
    return texts().list().uniqueElements().ofMaxSize(3);
  }

  @Property(tries = 300)
  void aJournalKnowsWhatItWasTold(
      @ForAll("keys") Measurement.Key key,
      @ForAll("outcomes") Outcome outcome,
      @ForAll("structures") LayerGrids structure,
      @ForAll("cautions") List<String> cautions) {
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      Path place = folder.path().resolve("study");
      try (StudyFolder study = StudyFolder.open(place)) {
        study.journal().keep(key, outcome);
        study.journal().keep(key.hashA(), structure);
        study.journal().keepCautions(key.hashA(), cautions);
      }
      try (StudyFolder study = StudyFolder.open(place)) {
        assertThat(study.journal().outcome(key)).contains(outcome);
        assertThat(study.journal().structure(key.hashA())).contains(structure);
        assertThat(study.journal().cautions(key.hashA())).contains(cautions);
      }
    }
  }

  @Provide
  Arbitrary<EvolutionTable> tables() {
    Arbitrary<TrainingRun> run =
        Combinators.combine(
                names(),
                texts(),
                Arbitraries.longs().optional(),
                numbers().optional(),
                Arbitraries.longs().between(0, Long.MAX_VALUE - 1),
                texts())
            .as(
                (name, start, seed, score, step, file) ->
                    new TrainingRun(
                        name,
                        start,
                        seed.map(OptionalLong::of).orElse(OptionalLong.empty()),
                        List.of(
                            new Checkpoint(step, file, ofNumber(score)),
                            new Checkpoint(step + 1, file, OptionalDouble.empty()))));
    Arbitrary<MeasureFacts> facts =
        Combinators.combine(
                names().filter(name -> !name.isBlank()),
                texts(),
                Arbitraries.of(Direction.values()).optional(),
                Arbitraries.of(Range.UNIT, Range.NON_NEGATIVE, new Range(-1e300, 0.5)),
                Arbitraries.of(true, false),
                Arbitraries.of(true, false))
            .as(MeasureFacts::new)
            .map(one -> one.isKnown() ? one : MeasureFacts.unknown(one.name()));
    Arbitrary<EvolutionTable.Row> row =
        Combinators.combine(
                Arbitraries.of(Study.View.values()),
                names(),
                texts(),
                texts(),
                facts,
                measurements())
            .as(
                (view, runA, layerA, layerB, measure, measurement) ->
                    new EvolutionTable.Row(
                        view,
                        runA,
                        view == Study.View.GROUPS ? OptionalLong.empty() : OptionalLong.of(7),
                        layerA,
                        runA,
                        OptionalLong.empty(),
                        layerB,
                        measure,
                        measurement));
    return Combinators.combine(run, row, texts().list().ofMaxSize(2), texts(), names())
        .as(
            (one, first, notes, samples, problem) ->
                new EvolutionTable(
                    List.of(first),
                    List.of(
                        new CheckpointRecord(one, one.checkpoints().get(0), "ab", Optional.empty()),
                        new CheckpointRecord(
                            one, one.checkpoints().get(1), "cd", Optional.of(problem))),
                    notes,
                    Fingerprint.unknown(),
                    samples,
                    "0.1"));
  }

  @Property(tries = 300)
  void aTableIsReadAsItWasWritten(@ForAll("tables") EvolutionTable table) throws IOException {
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      List<Path> files = EvolutionTables.write(table, folder.path());

      assertThat(EvolutionTables.read(folder.path())).isEqualTo(table);
      assertThat(EvolutionTables.changed(table, folder.path())).isEmpty();
      assertThat(Files.readAllLines(files.get(0))).hasSize(2);
    }
  }

  @Property(tries = 100)
  void settingsAreReadAsTheyWereWritten(@ForAll("choices") Map<String, String> choices) {
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      Path place = folder.path().resolve("study");
      StudyFolder.Settings settings = new StudyFolder.Settings(choices, Map.of("fact", "told"));
      try (StudyFolder study = StudyFolder.open(place)) {
        study.settle(settings, false);
        study.settle(settings, false);
        assertThat(StudyFolder.settingsOf(place)).isEqualTo(settings);
      }
    }
  }

  @Provide
  Arbitrary<Map<String, String>> choices() {
    return Arbitraries.maps(texts(), texts()).ofMaxSize(4).map(LinkedHashMap::new);
  }
}
