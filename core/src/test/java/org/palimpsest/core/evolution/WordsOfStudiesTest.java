package org.palimpsest.core.evolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.StudyJournal.LayerGrids;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.evolution.TrainingRun.RunStep;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.representation.FeatureMaps.Grid;

/** The values in which a study is asked and answered. */
class WordsOfStudiesTest {

  private static final TrainingRun RUN = FakeStudy.run("random", 0, 5, 0, 2);

  private static Checkpoint at(long step) {
    return new Checkpoint(step, "step" + step + ".pt", OptionalDouble.empty());
  }

  private static TrainingRun run(Checkpoint... checkpoints) {
    return new TrainingRun("r", "random", OptionalLong.empty(), List.of(checkpoints));
  }

  @Test
  void checkpointsAreSortedByStep() {
    assertThat(RUN.steps()).containsExactly(0L, 2L, 5L);
    assertThat(RUN.start().step()).isZero();
    assertThat(RUN.end().step()).isEqualTo(5);
  }

  @Test
  void aRunWithoutCheckpointsIsRefused() {
    assertThatThrownBy(WordsOfStudiesTest::run)
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("Run 'r' has no checkpoint.");
  }

  @Test
  void twoCheckpointsOfOneStepAreRefusedByName() {
    Checkpoint other = new Checkpoint(2, "copy.pt", OptionalDouble.of(0.5));

    assertThatThrownBy(() -> run(at(2), at(0), other))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'r'", "step 2", "step2.pt", "copy.pt");
  }

  @ParameterizedTest
  @CsvSource({
    "random/seed0@400, random/seed0, 400",
    "a@b@7, a@b, 7",
    "r@0, r, 0",
    "' r @1', ' r ', 1",
    "r@007, r, 7"
  })
  void aStepOfARunIsRead(String text, String run, long step) {
    assertThat(RunStep.parse(text)).isEqualTo(new RunStep(run, step));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "r", "@3", "r@", "r@-1", "r@1.5", "r@1e3", "r@ 1", "r@1234567890123456789"})
  void whatNamesNoStepIsRefused(String text) {
    assertThatThrownBy(() -> RunStep.parse(text))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'" + text + "'", "RUN@STEP");
  }

  @Test
  void aStepIsWrittenAsItIsRead() {
    RunStep step = new RunStep("transfer/seed1", 123_456_789_012L);

    assertThat(RunStep.parse(step.toString())).isEqualTo(step);
    assertThat(new RunStep.Pair(step, new RunStep("r", 1)))
        .hasToString("transfer/seed1@123456789012,r@1");
  }

  private static Study study(TrainingRun... runs) {
    return Study.of(List.of(runs), FakeStudy.PROBES, List.of());
  }

  @Test
  void aStudyOfNoRunsIsRefused() {
    assertThatThrownBy(WordsOfStudiesTest::study)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("at least one training run");
  }

  @Test
  void theSourceMayNotBeOneOfTheRunsThatStartedFromIt() {
    assertThatThrownBy(() -> study(RUN).withSource(RUN))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'random/seed0'");
  }

  @Test
  void groupsNeedFinalsAndPairsNeedNames() {
    RunStep.Pair pair = new RunStep.Pair(new RunStep("a", 0), new RunStep("b", 0));

    assertThat(study(RUN).withViews(Set.of(Study.View.GROUPS)).views())
        .containsExactlyInAnyOrder(Study.View.GROUPS, Study.View.FINALS);
    assertThat(study(RUN).withViews(Set.of(Study.View.PAIRS)).views()).isEmpty();
    assertThat(study(RUN).withViews(Set.of()).withPairs(List.of(pair)).views())
        .containsExactly(Study.View.PAIRS);
    assertThat(study(RUN).withPairs(List.of(pair)).withPairs(List.of()).views())
        .doesNotContain(Study.View.PAIRS);
    assertThat(study(RUN).views())
        .containsExactlyInAnyOrderElementsOf(
            EnumSet.complementOf(EnumSet.of(Study.View.FINAL_LAYERS, Study.View.PAIRS)));
  }

  @Test
  void aPairOfARunThatIsNotThereNamesThoseThatAre() {
    Study study =
        study(RUN)
            .withPairs(
                List.of(new RunStep.Pair(new RunStep("random/seed0", 2), new RunStep("x", 2))));

    assertThatThrownBy(study::requirePairs)
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("There is no checkpoint x@2. The runs are random/seed0.");
  }

  @Test
  void aStudyOfWeightsAloneHasNoProbesToShow() {
    Probes none = Study.ofWeights(List.of(RUN)).probes();

    assertThat(none.count()).isZero();
    assertThat(none.shape()).containsExactly(0);
    assertThat(none.fingerprint()).isEqualTo(Fingerprint.unknown());
    assertThatThrownBy(() -> none.batch(0, 1))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("weights alone");
    assertThatThrownBy(() -> none.range(0, 1)).isInstanceOf(PalimpsestException.class);
  }

  @ParameterizedTest
  @CsvSource({"0, '0 s'", "89, '89 s'", "90, '2 min'", "150, '3 min'", "7200, '120 min'"})
  void aPlanSaysAboutHowLongItTakes(long seconds, String words) {
    EvolutionTracker.Plan plan =
        new EvolutionTracker.Plan(14, 3, 1200, 30, 8, Duration.ofSeconds(seconds));

    assertThat(plan.describe())
        .isEqualTo(
            "14 checkpoints, 3 to run; 1200 comparisons of layers to make, 30 known, and 8 of weights; about %s until the tables are written."
                .formatted(words));
  }

  @Test
  void eachViewHasALabelOfItsOwn() {
    assertThat(Study.View.values())
        .extracting(Study.View::label)
        .doesNotHaveDuplicates()
        .allMatch(label -> label.matches("[a-z_]+"));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void aMeasurementThatIsNotFiniteIsRefused(double wrong) {
    assertThatThrownBy(() -> Measurement.of(wrong, 3)).isInstanceOf(PalimpsestException.class);
    assertThatThrownBy(() -> Measurement.of(1, wrong, 2, 3))
        .isInstanceOf(PalimpsestException.class);
    assertThatThrownBy(() -> Measurement.of(1, 0, wrong, 3))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(String.valueOf(wrong));
  }

  @Test
  void anIntervalThatEndsBelowItsBeginningAndFewerThanNoThingsAreRefused() {
    assertThatThrownBy(() -> Measurement.of(0.5, 0.75, 0.25, 3))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("in this order", "0.75 and 0.25");
    assertThatThrownBy(() -> Measurement.of(0.5, -1))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("unlike -1");
    assertThat(Measurement.of(0.5, 0.25, 0.25, 0).high()).hasValue(0.25);
  }

  @Test
  void aMeasurementTakesItsEndsFromItsIntervalOverProbes() {
    Interval known =
        new Interval.Known(
            0.5,
            OptionalDouble.of(0.45),
            0.4,
            0.6,
            0.95,
            Interval.Method.JACKKNIFE_ARTANH,
            8,
            OptionalDouble.empty());
    Interval refused = new Interval.Refused(0.5, 2, "Too few images.");
    Measurement plain = Measurement.of(0.5, 0.1, 0.9, 64);

    assertThat(plain.withOverProbes(Optional.of(known)).low()).hasValue(0.4);
    assertThat(plain.withOverProbes(Optional.of(known)).high()).hasValue(0.6);
    assertThat(plain.withOverProbes(Optional.of(known)).overProbes()).contains(known);
    assertThat(plain.withOverProbes(Optional.of(refused)).high()).hasValue(0.9);
    assertThat(plain.withOverProbes(Optional.of(refused)).overProbes()).contains(refused);
    assertThat(plain.withOverProbes(Optional.empty())).isEqualTo(plain);
  }

  @Test
  void warningsTakeThePlaceOfThoseBefore() {
    Measurement warned = Measurement.of(1, 2).withWarnings(List.of("a")).withWarnings(List.of("b"));

    assertThat(warned.warnings()).containsExactly("b");
  }

  private static EvolutionTable.Row row(
      String run, long step, String layer, String other, double value) {
    return new EvolutionTable.Row(
        Study.View.TO_START,
        run,
        OptionalLong.of(step),
        layer,
        run,
        OptionalLong.of(0),
        other,
        "linear_cka",
        Measurement.of(value, 9));
  }

  private static final EvolutionTable.Rows ROWS =
      new EvolutionTable.Rows(
          List.of(
              row("random/seed0", 5, "enc1", "enc1", 0.5),
              row("random/seed0", 0, "enc1", "enc1", 1),
              row("random/seed0", 5, "out", "enc1", 0.25),
              row("random/seed1", 5, "enc1", "out", 0.75),
              row("random/seed1", 7, "enc1", "enc1", 0.125)));

  @Test
  void rowsAreNarrowedDownStepByStep() {
    assertThat(ROWS.ofRun("random/seed0").ofLayer("enc1").values()).containsExactly(0.5, 1.0);
    assertThat(ROWS.atStep(5).values()).containsExactly(0.5, 0.25, 0.75);
    assertThat(ROWS.atEndOf(List.of(RUN)).values()).containsExactly(0.5, 0.25);
    assertThatThrownBy(() -> ROWS.atEndOf(List.of(RUN, RUN)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'" + RUN.name() + "'");
    assertThat(ROWS.ofMeasure("linear_cka")).isEqualTo(ROWS);
    assertThat(ROWS.ofMeasure("svcca").all()).isEmpty();
    assertThat(ROWS.between("random/seed0", "random/seed1").all()).isEmpty();
    assertThat(ROWS.layers()).containsExactly("enc1", "out");
    assertThat(ROWS.steps()).containsExactly(5L, 0L, 7L);
    assertThat(ROWS.ofLayer("enc1").mean()).isEqualTo((0.5 + 1 + 0.75 + 0.125) / 4);
    assertThat(ROWS.ofLayer("dec1").mean()).isNaN();
  }

  @Test
  void rowsOfGroupsHaveNoStep() {
    EvolutionTable.Row group =
        new EvolutionTable.Row(
            Study.View.GROUPS,
            "random",
            OptionalLong.empty(),
            "out",
            "transfer",
            OptionalLong.empty(),
            "out",
            "linear_cka",
            Measurement.of(0.5, 4));
    EvolutionTable.Rows rows = new EvolutionTable.Rows(List.of(group));

    assertThat(rows.atStep(0).all()).isEmpty();
    assertThat(rows.atEndOf(List.of(RUN)).all()).isEmpty();
    assertThat(rows.steps()).isEmpty();
    assertThat(rows.between("random", "transfer").all()).containsExactly(group);
    assertThat(group.score()).isEmpty();
  }

  @Test
  void valuesByLayersHaveAPlaceForEachPair() {
    double[][] grid = ROWS.atStep(5).byLayers(List.of("enc1", "out"), List.of("out", "enc1", "x"));

    assertThat(grid).hasNumberOfRows(2);
    assertThat(grid[0]).containsExactly(0.75, 0.5, Double.NaN);
    assertThat(grid[1]).containsExactly(Double.NaN, 0.25, Double.NaN);
  }

  @Test
  void factsTellHowAValueIsRead() {
    MeasureFacts similarity =
        new MeasureFacts("m", "", Optional.of(Direction.SIMILARITY), Range.UNIT, false, true);
    MeasureFacts distance =
        new MeasureFacts("m", "", Optional.of(Direction.DISTANCE), Range.UNIT, true, true);

    assertThat(similarity.reading()).isEqualTo("higher is more alike");
    assertThat(distance.reading()).isEqualTo("lower is more alike");
    assertThat(List.of(similarity.isDistance(), distance.isDistance()))
        .containsExactly(false, true);
    assertThat(similarity.isKnown()).isTrue();
    assertThat(MeasureFacts.unknown("m").isKnown()).isFalse();
    assertThat(MeasureFacts.unknown("m").reading()).isEmpty();
    assertThat(MeasureFacts.unknown("m").range()).hasToString("(-inf, inf)");
  }

  @Test
  void aJournalInMemoryKeepsWhatItIsGiven() {
    StudyJournal journal = StudyJournal.inMemory();
    Measurement.Key key = new Measurement.Key("c", "h1", "a", "h2", "b", "m");
    Measurement.Key turned = new Measurement.Key("c", "h2", "b", "h1", "a", "m");
    Outcome failure = new Outcome.Failure("It is constant.");
    LayerGrids grids = new LayerGrids(Map.of("a", Grid.of(2, 2)));
    journal.keep(key, failure);
    journal.keep("net", grids);
    journal.keepCautions("net", List.of());

    assertThat(journal.outcome(key)).contains(failure);
    assertThat(journal.outcome(turned)).isEmpty();
    assertThat(journal.structure("net").orElseThrow().layers()).containsExactly("a");
    assertThat(journal.structure("other")).isEmpty();
    assertThat(journal.cautions("net")).contains(List.of());
    assertThat(journal.cautions("other")).isEmpty();
    assertThat(StudyJournal.inMemory().outcome(key)).isEmpty();
  }

  @Test
  void aTableTellsWhatIsBrokenAndByWhatItMeasured() {
    CheckpointRecord sound = new CheckpointRecord(RUN, RUN.start(), "aa", Optional.empty());
    CheckpointRecord broken = new CheckpointRecord(RUN, RUN.end(), "", Optional.of("cut short"));
    EvolutionTable table =
        new EvolutionTable(
            ROWS.all(),
            List.of(sound, broken),
            List.of(),
            Fingerprint.of(Nd4j.ones(1, 1)),
            "positions as samples",
            "1");

    assertThat(table.broken()).containsExactly(broken);
    assertThat(table.measures()).extracting(MeasureFacts::name).containsExactly("linear_cka");
    assertThat(table.rows(Study.View.TO_START)).isEqualTo(ROWS.all());
    assertThat(table.select(Study.View.STEPS).all()).isEmpty();
  }

  /** A score that is not a number was drawn, and judged, as one. */
  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void aScoreThatIsNoNumberIsRefused(double score) {
    assertThatThrownBy(() -> new Checkpoint(400, "step400.pt", OptionalDouble.of(score)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("step400.pt", String.valueOf(score));
  }

  @Test
  void stepsBelowZeroAndRunsWithoutANameAreRefused() {
    assertThatThrownBy(() -> new Checkpoint(-1, "before.pt", OptionalDouble.empty()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("before.pt", "-1");
    assertThatThrownBy(() -> new RunStep("random/seed0", -1))
        .isInstanceOf(PalimpsestException.class);
    assertThatThrownBy(() -> new RunStep("", 1)).isInstanceOf(PalimpsestException.class);
    Checkpoint one = new Checkpoint(0, "step0.pt", OptionalDouble.empty());
    assertThatThrownBy(() -> new TrainingRun("", "random", OptionalLong.empty(), List.of(one)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("step0.pt");
  }

  @Test
  void aBoundWithoutAnyMemoryIsRefused() {
    EvolutionTracker tracker = EvolutionTracker.of(new FakeStudy());
    for (long bytes : new long[] {0, -1}) {
      assertThatThrownBy(() -> tracker.withMemoryBound(bytes))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("unlike " + bytes);
    }
  }
}
