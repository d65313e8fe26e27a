package org.palimpsest.core.evolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.measure.Direction;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.IntervalMethod;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.ScoreIntervals;

class EvolutionTrackerTest {

  private static final TrainingRun SOURCE = FakeStudy.run("source", 0, 0, 8);
  private static final List<TrainingRun> RUNS =
      List.of(
          FakeStudy.run("random", 0, 0, 2, 5),
          FakeStudy.run("random", 1, 0, 2, 5),
          FakeStudy.run("transfer", 0, 0, 2, 5),
          FakeStudy.run("transfer", 1, 0, 2, 5));

  private final FakeStudy fake = new FakeStudy();

  private Study study() {
    return fake.study(RUNS).withSource(SOURCE);
  }

  private static double value(
      EvolutionTable table, StudyView view, String runA, long stepA, String runB, long stepB) {
    return table.rows(view).stream()
        .filter(r -> r.runA().equals(runA) && r.stepA().equals(OptionalLong.of(stepA)))
        .filter(r -> r.runB().equals(runB) && r.stepB().equals(OptionalLong.of(stepB)))
        .filter(r -> r.layerA().equals("single") && r.layerB().equals("single"))
        .findFirst()
        .orElseThrow()
        .measurement()
        .value();
  }

  @Test
  void everyViewHoldsWhatItSaysAgainstWhatItSays() {
    EvolutionTable table = fake.tracker().track(study());

    assertThat(value(table, StudyView.TO_START, "random/seed0", 5, "random/seed0", 0)).isEqualTo(5);
    assertThat(value(table, StudyView.TO_END, "random/seed0", 2, "random/seed0", 5)).isEqualTo(3);
    assertThat(value(table, StudyView.TO_NEXT, "random/seed0", 0, "random/seed0", 2)).isEqualTo(2);
    assertThat(value(table, StudyView.TO_SOURCE, "random/seed1", 2, "source/seed0", 8))
        .isEqualTo(10 + 2 - 8);
    assertThat(value(table, StudyView.STEPS, "transfer/seed1", 5, "transfer/seed1", 2))
        .isEqualTo(3);
    assertThat(value(table, StudyView.FINALS, "random/seed0", 5, "transfer/seed1", 5))
        .isEqualTo(200 + 10);
    assertThat(table.rows(StudyView.LAYERS)).hasSize((4 * 3 + 2) * 4);
    assertThat(table.rows(StudyView.TO_NEXT)).hasSize((4 * 2 + 1) * 2);
  }

  @Test
  void finalLayersHoldsAllLayersOfAnyTwoRunsAgainstEachOtherWhereAskedFor() {
    assertThat(study().views()).doesNotContain(StudyView.FINAL_LAYERS);

    EvolutionTable table =
        fake.tracker().track(study().withViews(EnumSet.of(StudyView.FINAL_LAYERS)));

    assertThat(table.rows()).hasSize(6 * 4);
    assertThat(value(table, StudyView.FINAL_LAYERS, "random/seed0", 5, "transfer/seed1", 5))
        .isEqualTo(200 + 10);
    assertThat(table.rows()).anyMatch(row -> !row.layerA().equals(row.layerB()));
  }

  @Test
  void allLayersOfPairsThatAreNamedAreHeldAgainstEachOther() {
    RunStepPair pair =
        new RunStepPair(new RunStep("source/seed0", 0), RunStep.parse("random/seed1@5"));
    RunStepPair notYet = new RunStepPair(pair.a(), RunStep.parse("random/seed1@7"));

    EvolutionTable table =
        fake.tracker()
            .track(
                study()
                    .withViews(EnumSet.noneOf(StudyView.class))
                    .withPairs(List.of(pair, notYet)));

    assertThat(table.rows()).hasSize(4).allMatch(row -> row.view() == StudyView.PAIRS);
    assertThat(value(table, StudyView.PAIRS, "source/seed0", 0, "random/seed1", 5)).isEqualTo(15);
    assertThatThrownBy(study().withPairs(List.of(notYet))::requirePairs)
        .hasMessage("There is no checkpoint random/seed1@7. The steps of that run are 0, 2, 5.");
  }

  @Test
  void aTrackerWithoutFoldersFindsTheSame() {
    EvolutionTable kept = fake.tracker().track(study());
    FakeStudy another = new FakeStudy();

    EvolutionTable inMemory =
        EvolutionTracker.of(another)
            .withMemoryBound(1)
            .track(another.study(RUNS).withSource(SOURCE));

    assertThat(inMemory).isEqualTo(kept);
    assertThat(another.kept).isEmpty();
    assertThat(another.spills).isZero();
  }

  @Test
  void rowsOfASessionInMemoryAreNotFoundOutTwice() {
    TrackingSession session = EvolutionTracker.of(fake).session();
    EvolutionTable first = session.track(study());
    fake.runsOfNetworks.clear();

    assertThat(session.track(study())).isEqualTo(first);
    assertThat(fake.runsOfNetworks).isEmpty();
  }

  @Test
  void rowsCarryTheScoreOfTheirMeasure() {
    fake.hasWeights = true;
    EvolutionTable table =
        fake.tracker().withWeights(List.of(new FakeStudy.FirstWeights())).track(study());

    for (EvolutionRow row : table.rows()) {
      if (row.measure().equals("distance")) {
        Score score = row.score().orElseThrow();
        assertThat(score.value()).isEqualTo(row.measurement().value());
        assertThat(score.direction()).isEqualTo(Direction.DISTANCE);
        assertThat(score.range()).isEqualTo(Range.NON_NEGATIVE);
        assertThat(score.diagnostics().samples()).isEqualTo(row.measurement().n());
        assertThat(row.facts().description()).isEqualTo("distance of the values");
      } else {
        assertThat(row.score()).isEmpty();
      }
    }
    assertThat(table.select(StudyView.GROUPS).ofMeasure("distance").all()).isNotEmpty();
    assertThat(table.measures())
        .extracting(MeasureFacts::name)
        .startsWith("distance", "weight_difference", "weight_ratio");
  }

  @Test
  void eachCheckpointIsRunOnceAndEachLayerPreparedOnce() {
    fake.tracker().track(study());

    assertThat(fake.runsOfNetworks).hasSize(14).doesNotHaveDuplicates();
    assertThat(fake.preparations).hasSize(28);
    assertThat(fake.kept).doesNotHaveDuplicates();
  }

  @Test
  void anInterruptedStudyGoesOnAndEndsInTheSameTable() {
    EvolutionTable whole = new FakeStudy().tracker().track(new FakeStudy().study(RUNS));
    for (int after : new int[] {0, 1, 17, 40, 60}) {
      FakeStudy killed = new FakeStudy();
      killed.failAfterMeasurements = after;
      assertThatThrownBy(() -> killed.tracker().track(killed.study(RUNS))).hasMessage("killed");
      killed.failAfterMeasurements = Integer.MAX_VALUE;

      EvolutionTable resumed = killed.tracker().track(killed.study(RUNS));

      assertThat(resumed.rows()).isEqualTo(whole.rows());
      assertThat(killed.kept).doesNotHaveDuplicates();
    }
  }

  @Test
  void aFinishedStudyRunsNothingAgain() {
    EvolutionTable first = fake.tracker().track(study());
    fake.runsOfNetworks.clear();

    EvolutionTable second = fake.tracker().track(study());

    assertThat(second.rows()).isEqualTo(first.rows());
    assertThat(fake.runsOfNetworks).isEmpty();
  }

  /** Half a unit on either side of every distance but those of "single" with itself. */
  private record HalfUnits(String settings) implements ScoreIntervals {

    @Override
    public <P extends Prepared> List<List<Score>> attach(
        Measure<P> measure, List<P> rows, List<P> columns, List<List<Score>> scores) {
      Score score = scores.get(0).get(0);
      double value = score.value();
      Interval interval =
          isSingle(rows.get(0)) && isSingle(columns.get(0))
              ? new Interval.Refused(value, 3, "Nobody knows.")
              : new Interval.Known(
                  value,
                  OptionalDouble.empty(),
                  value - 0.5,
                  value + 0.5,
                  0.9,
                  IntervalMethod.BOOTSTRAP,
                  3,
                  OptionalDouble.empty());
      return List.of(List.of(score.withInterval(interval)));
    }

    private static boolean isSingle(Prepared layer) {
      return layer.info().layer().equals("single");
    }
  }

  @Test
  void measurementsOfLayersHaveTheirIntervalsOverProbes() {
    EvolutionTable table = fake.tracker().withIntervals(new HalfUnits("level 0.9")).track(study());

    for (EvolutionRow row : table.rows()) {
      if (row.view() == StudyView.GROUPS) {
        assertThat(row.measurement().overProbes()).isEmpty();
      } else if (row.layerA().equals("single") && row.layerB().equals("single")) {
        assertThat(row.measurement().low()).isEmpty();
        assertThat(row.measurement().overProbes().orElseThrow())
            .isInstanceOf(Interval.Refused.class);
      } else {
        assertThat(row.measurement().high()).hasValue(row.measurement().value() + 0.5);
        assertThat(row.score().orElseThrow().interval()).isEqualTo(row.measurement().overProbes());
      }
    }
    assertThat(table.rows()).anyMatch(row -> row.measurement().overProbes().isPresent());
  }

  @Test
  void intervalsThatWereMadeDifferentlyAreNotTakenFromTheJournal() {
    EvolutionTable plain = fake.tracker().track(study());
    EvolutionTracker asked = fake.tracker().withIntervals(new HalfUnits("level 0.9"));
    EvolutionTable first = asked.track(study());
    fake.runsOfNetworks.clear();

    assertThat(asked.track(study()).rows()).isEqualTo(first.rows());
    assertThat(fake.tracker().track(study()).rows()).isEqualTo(plain.rows());
    assertThat(fake.runsOfNetworks).isEmpty();
    fake.tracker().withIntervals(new HalfUnits("level 0.8")).track(study());
    assertThat(fake.runsOfNetworks).isNotEmpty();
  }

  @Test
  void aCheckpointWhoseContentChangedIsLookedAtAgain() {
    fake.tracker().track(study());
    int before = fake.kept.size();
    fake.runsOfNetworks.clear();
    fake.hashes.put("random/0/2", "another");

    fake.tracker().track(study());

    assertThat(fake.runsOfNetworks).contains("random/0/2");
    assertThat(fake.kept.size()).isGreaterThan(before);
    assertThat(fake.kept.subList(before, fake.kept.size()))
        .allMatch(key -> key.hashA().equals("another") || key.hashB().equals("another"));
  }

  @Test
  void aBrokenCheckpointIsReportedAndTheRestGoesOn() {
    fake.broken.add("random/0/2");

    EvolutionTable table = fake.tracker().track(study());

    assertThat(table.broken())
        .singleElement()
        .satisfies(c -> assertThat(c.problem()).contains("random/0/2 is broken."));
    assertThat(table.rows())
        .noneMatch(r -> r.runA().equals("random/seed0") && r.stepA().equals(OptionalLong.of(2)));
    assertThat(value(table, StudyView.TO_START, "random/seed0", 5, "random/seed0", 0)).isEqualTo(5);
  }

  @Test
  void aLayerOfUnknownPositionsIsReportedAndTheOthersGoOn() {
    study()
        .allRuns()
        .forEach(run -> run.checkpoints().forEach(c -> fake.shapeless.add(c.location())));

    EvolutionTable table = fake.tracker().track(study());

    assertThat(table.broken()).isEmpty();
    assertThat(table.notes()).anyMatch(n -> n.contains("'double' has the shape [2, 1, 1]"));
    assertThat(value(table, StudyView.TO_START, "random/seed0", 5, "random/seed0", 0)).isEqualTo(5);
    assertThat(table.rows()).isNotEmpty().allMatch(row -> row.layerA().equals("single"));
  }

  @Test
  void aStudyWithoutOneGoodCheckpointIsAnError() {
    Study all = fake.study(List.of(FakeStudy.run("random", 0, 0)));
    fake.broken.add("random/0/0");

    assertThatThrownBy(() -> fake.tracker().track(all))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("None of the 1 checkpoints can be used")
        .hasMessageContaining("random/0/0 is broken.");
  }

  @Test
  void preparedLayersBeyondTheBoundAreSpilledAndTheTableIsTheSame() {
    EvolutionTable bounded = fake.tracker().withMemoryBound(64).track(study());
    FakeStudy other = new FakeStudy();

    assertThat(fake.spills).isPositive();
    assertThat(fake.preparations).hasSize(28);
    assertThat(bounded.rows())
        .isEqualTo(other.tracker().track(other.study(RUNS).withSource(SOURCE)).rows());
  }

  @Test
  void groupsAreSummedUpWithIntervalsAndATest() {
    EvolutionTable table = fake.tracker().track(study());

    List<EvolutionRow> groups = table.rows(StudyView.GROUPS);
    EvolutionRow between =
        groups.stream()
            .filter(r -> r.runA().equals("random") && r.runB().equals("transfer"))
            .filter(r -> r.layerA().equals("single") && r.measure().equals("distance"))
            .findFirst()
            .orElseThrow();
    assertThat(between.measurement().value()).isEqualTo(200);
    assertThat(between.measurement().n()).isEqualTo(4);
    assertThat(between.measurement().low().orElseThrow()).isLessThanOrEqualTo(200);
    assertThat(between.measurement().warnings())
        .singleElement()
        .asString()
        .contains("rests on 2 runs and is too narrow");
    assertThat(groups).anyMatch(r -> r.measure().equals("distance p_value"));
  }

  @Test
  void thePlanIsToldBeforeTheWork() {
    List<StudyPlan> plans = new ArrayList<>();
    fake.tracker().withPlanListener(plans::add).track(study());

    assertThat(plans).singleElement().extracting(StudyPlan::modelRuns).isEqualTo(14);
    assertThat(plans.get(0).comparisons()).isEqualTo(fake.kept.size());
  }

  @Test
  void anUnknownLayerIsAnErrorThatNamesTheNearest() {
    Study misspelt = study().withLayers(LayerSelector.of("singel"));

    assertThatThrownBy(() -> fake.tracker().track(misspelt))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("singel");
  }

  @Test
  void runsOfOneNameAreRefused() {
    assertThatThrownBy(() -> fake.study(List.of(RUNS.get(0), RUNS.get(0))))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("random/seed0");
  }

  @Test
  void aSessionRunsOnlyWhatIsNew() {
    TrackingSession session = fake.tracker().session();
    TrainingRun begun = FakeStudy.run("random", 0, 0, 2);
    session.track(fake.study(List.of(begun)));
    fake.runsOfNetworks.clear();

    EvolutionTable grown = session.track(fake.study(List.of(FakeStudy.run("random", 0, 0, 2, 5))));

    assertThat(fake.runsOfNetworks).containsExactly("random/0/5");
    FakeStudy other = new FakeStudy();
    assertThat(grown.rows())
        .isEqualTo(
            other
                .tracker()
                .track(other.study(List.of(FakeStudy.run("random", 0, 0, 2, 5))))
                .rows());
  }

  @Test
  void weightsAloneAreComparedAndNothingIsRun() {
    fake.weightsAlone.add("random/0/2");
    EvolutionTable table = fake.tracker().track(study());

    assertThat(fake.runsOfNetworks).doesNotContain("random/0/2");
    assertThat(table.broken()).isEmpty();
    assertThat(table.notes()).anyMatch(n -> n.contains("1 checkpoints hold weights without"));
    assertThat(table.rows())
        .noneMatch(r -> r.runA().equals("random/seed0") && r.stepA().equals(OptionalLong.of(2)));
  }

  /** The same trainings under other names: what was seed i is now seed order[i]. */
  private static List<TrainingRun> renamed(List<Integer> order) {
    List<TrainingRun> runs = new ArrayList<>();
    for (String group : List.of("random", "transfer")) {
      for (int name = 0; name < order.size(); name++) {
        TrainingRun run = FakeStudy.run(group, order.get(name), 0, 2 + 3 * order.get(name));
        runs.add(
            new TrainingRun(
                group + "/seed" + name, group, OptionalLong.of(name), run.checkpoints()));
      }
    }
    return runs;
  }

  private static List<EvolutionRow> groupsOf(List<Integer> order) {
    FakeStudy fake = new FakeStudy();
    fake.hasWeights = true;
    return fake.tracker()
        .withWeights(List.of(new FakeStudy.FirstWeights()))
        .track(fake.twoSidedStudy(renamed(order)).withViews(EnumSet.of(StudyView.GROUPS)))
        .rows(StudyView.GROUPS);
  }

  @Test
  void measurementsOfGroupsDoNotDependOnTheNamesOfSeeds() {
    List<EvolutionRow> groups = groupsOf(List.of(0, 1, 2, 3));
    Random random = new Random(3);
    for (int trial = 0; trial < 12; trial++) {
      List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3));
      Collections.shuffle(order, random);

      assertThat(groupsOf(order)).isEqualTo(groups);
    }
    assertThat(groups)
        .extracting(EvolutionRow::measure)
        .contains("distance", "excess", "excess p_value", "weight_difference")
        .doesNotContain("weight_ratio");
  }

  @Test
  void aMeasureThatIsNotSymmetricCountsInGroupsWithBothDirections() {
    EvolutionTable table =
        fake.tracker()
            .track(
                fake.twoSidedStudy(List.of(RUNS.get(0), RUNS.get(1)))
                    .withViews(EnumSet.of(StudyView.GROUPS)));

    assertThat(table.rows(StudyView.GROUPS))
        .filteredOn(row -> row.measure().equals("excess") && row.layerA().equals("single"))
        .singleElement()
        .satisfies(row -> assertThat(row.measurement().value()).isEqualTo((10.0 / 605 + 0) / 2));
    assertThat(table.rows(StudyView.FINALS))
        .filteredOn(row -> row.measure().equals("excess") && row.layerA().equals("single"))
        .singleElement()
        .satisfies(row -> assertThat(row.measurement().value()).isZero());
  }

  @Test
  void aCheckpointThatChangesWhileItIsRunIsAnErrorAndNothingIsKeptOfIt() {
    fake.replacedWhileRead.add("random/0/2");

    EvolutionTable table = fake.tracker().track(study());

    assertThat(table.broken())
        .singleElement()
        .satisfies(
            c -> assertThat(c.problem().orElseThrow()).contains("changed while it was read"));
    assertThat(fake.kept)
        .noneMatch(key -> key.hashA().equals("random/0/2") || key.hashB().equals("random/0/2"));
    fake.hashes.clear();
    FakeStudy other = new FakeStudy();
    assertThat(fake.tracker().track(study()).rows())
        .isEqualTo(other.tracker().track(other.study(RUNS).withSource(SOURCE)).rows());
  }

  @Test
  void aCheckpointThatChangesWhileItsWeightsAreReadIsAnErrorAndNothingIsKeptOfIt() {
    fake.hasWeights = true;
    fake.replacedWhileRead.add("random/0/2");
    Study weights = Study.ofWeights(RUNS);
    EvolutionTracker tracker = fake.tracker().withWeights(List.of(new FakeStudy.FirstWeights()));

    EvolutionTable table = tracker.track(weights);

    assertThat(table.broken()).hasSize(1);
    assertThat(fake.kept)
        .isNotEmpty()
        .noneMatch(key -> key.hashA().equals("random/0/2") || key.hashB().equals("random/0/2"));
    fake.hashes.clear();
    assertThat(tracker.track(weights).rows()).hasSizeGreaterThan(table.rows().size());
  }

  @Test
  void measurementsOfWeightsThatTheJournalLacksAreMadeAnew() {
    fake.hasWeights = true;
    Study weights = Study.ofWeights(RUNS);
    EvolutionTracker tracker = fake.tracker().withWeights(List.of(new FakeStudy.FirstWeights()));
    EvolutionTable whole = tracker.track(weights);

    fake.outcomes.keySet().removeIf(key -> key.measure().equals("weight_ratio"));
    fake.kept.clear();

    assertThat(tracker.track(weights).rows()).isEqualTo(whole.rows());
    assertThat(fake.kept).isNotEmpty().allMatch(key -> key.measure().equals("weight_ratio"));
  }

  @Test
  void weightsThatCannotBeReadNowAreReadAnotherTime() {
    Study weights = Study.ofWeights(RUNS);
    EvolutionTracker tracker = fake.tracker().withWeights(List.of(new FakeStudy.FirstWeights()));
    assertThatThrownBy(() -> tracker.track(weights))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("can be used")
        .hasMessageContaining("holds no weights");
    fake.hasWeights = true;

    assertThat(tracker.track(weights).rows()).isNotEmpty();
  }

  @Test
  void aCheckpointWithoutWeightsIsBrokenWhereNothingElseIsAskedOfIt() {
    fake.hasWeights = true;
    fake.broken.add("random/0/2");
    fake.hashes.put("random/0/2", "same");
    fake.hashes.put("random/1/2", "same");
    Study weights =
        Study.ofWeights(
            List.of(FakeStudy.run("random", 0, 0, 2, 5), FakeStudy.run("random", 1, 0, 2, 5)));
    EvolutionTable table =
        fake.tracker().withWeights(List.of(new FakeStudy.FirstWeights())).track(weights);

    assertThat(table.broken())
        .extracting(broken -> broken.problem().orElseThrow())
        .containsExactly(
            "random/0/2 is broken.", "random/0/2 has the same bytes: random/0/2 is broken.");
    assertThat(table.rows()).isNotEmpty();
  }

  @Test
  void aFullDiskIsNoFailureOfACheckpointOrALayer() {
    fake.spillIsFull = true;
    assertThatThrownBy(() -> fake.tracker().withMemoryBound(64).track(study()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("no room for what is spilled");
    assertThat(fake.outcomes.values()).noneMatch(Outcome.Failure.class::isInstance);

    fake.journalIsFull = true;
    assertThatThrownBy(() -> fake.tracker().track(study()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("no room in the journal");
  }

  @Test
  void whatShouldBeKnownOfAnswersIsInTheTableAlsoWhenNothingRunsAgain() {
    fake.random.addAll(List.of("random/0/2", "random/1/5"));
    String note = "random/seed0, step 2 and 1 more: draws random numbers";

    assertThat(fake.tracker().track(study()).notes()).containsExactly(note);
    fake.runsOfNetworks.clear();
    assertThat(fake.tracker().track(study()).notes()).containsExactly(note);
    assertThat(fake.runsOfNetworks).isEmpty();
    fake.cautionsKept.keySet().removeIf(subject -> subject.endsWith("random/1/5"));
    assertThat(fake.tracker().track(study()).notes()).containsExactly(note);
    assertThat(fake.runsOfNetworks).contains("random/1/5");
  }
}
