package org.palimpsest.core.evolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.TrainingRun.RunStep;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Interval.ScoreIntervals;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;

class EvolutionTrackerTest extends TrackedStudy {

  @Test
  void everyViewHoldsWhatItSaysAgainstWhatItSays() {
    EvolutionTable table = fake.tracker().track(study());

    assertThat(value(table, Study.View.TO_START, "random/seed0", 5, "random/seed0", 0))
        .isEqualTo(5);
    assertThat(value(table, Study.View.TO_END, "random/seed0", 2, "random/seed0", 5)).isEqualTo(3);
    assertThat(value(table, Study.View.TO_NEXT, "random/seed0", 0, "random/seed0", 2)).isEqualTo(2);
    assertThat(value(table, Study.View.TO_SOURCE, "random/seed1", 2, "source/seed0", 8))
        .isEqualTo(10 + 2 - 8);
    assertThat(value(table, Study.View.STEPS, "transfer/seed1", 5, "transfer/seed1", 2))
        .isEqualTo(3);
    assertThat(value(table, Study.View.FINALS, "random/seed0", 5, "transfer/seed1", 5))
        .isEqualTo(200 + 10);
    assertThat(table.rows(Study.View.LAYERS)).hasSize((4 * 3 + 2) * 4);
    assertThat(table.rows(Study.View.TO_NEXT)).hasSize((4 * 2 + 1) * 2);
  }

  @Test
  void finalLayersHoldsAllLayersOfAnyTwoRunsAgainstEachOtherWhereAskedFor() {
    assertThat(study().views()).doesNotContain(Study.View.FINAL_LAYERS);

    EvolutionTable table =
        fake.tracker().track(study().withViews(EnumSet.of(Study.View.FINAL_LAYERS)));

    assertThat(table.rows()).hasSize(6 * 4);
    assertThat(value(table, Study.View.FINAL_LAYERS, "random/seed0", 5, "transfer/seed1", 5))
        .isEqualTo(200 + 10);
    assertThat(table.rows()).anyMatch(row -> !row.layerA().equals(row.layerB()));
  }

  @Test
  void allLayersOfPairsThatAreNamedAreHeldAgainstEachOther() {
    RunStep.Pair pair =
        new RunStep.Pair(new RunStep("source/seed0", 0), RunStep.parse("random/seed1@5"));
    RunStep.Pair notYet = new RunStep.Pair(pair.a(), RunStep.parse("random/seed1@7"));

    EvolutionTable table =
        fake.tracker()
            .track(
                study()
                    .withViews(EnumSet.noneOf(Study.View.class))
                    .withPairs(List.of(pair, notYet)));

    assertThat(table.rows()).hasSize(4).allMatch(row -> row.view() == Study.View.PAIRS);
    assertThat(value(table, Study.View.PAIRS, "source/seed0", 0, "random/seed1", 5)).isEqualTo(15);
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
    EvolutionTracker.Session session = EvolutionTracker.of(fake).session();
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

    for (EvolutionTable.Row row : table.rows()) {
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
    assertThat(table.select(Study.View.GROUPS).ofMeasure("distance").all()).isNotEmpty();
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
                  Interval.Method.BOOTSTRAP,
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

    for (EvolutionTable.Row row : table.rows()) {
      if (row.view() == Study.View.GROUPS) {
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
  void preparedLayersBeyondTheBoundAreSpilledAndTheTableIsTheSame() {
    EvolutionTable bounded = fake.tracker().withMemoryBound(64).track(study());
    FakeStudy other = new FakeStudy();

    assertThat(fake.spills).isPositive();
    assertThat(fake.preparations).hasSize(28);
    assertThat(bounded.rows())
        .isEqualTo(other.tracker().track(other.study(RUNS).withSource(SOURCE)).rows());
  }

  @Test
  void thePlanIsToldBeforeTheWork() {
    List<EvolutionTracker.Plan> plans = new ArrayList<>();
    fake.tracker().withPlanListener(plans::add).track(study());

    assertThat(plans).singleElement().extracting(EvolutionTracker.Plan::modelRuns).isEqualTo(14);
    assertThat(plans.get(0).comparisons()).isEqualTo(fake.kept.size());
  }

  @Test
  void aSessionRunsOnlyWhatIsNew() {
    EvolutionTracker.Session session = fake.tracker().session();
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
