package org.palimpsest.core.evolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.StudyJournal.Outcome;

/** What a tracker does about checkpoints, layers and disks that fail. */
class TrackerFailuresTest extends TrackedStudy {

  @Test
  void aBrokenCheckpointIsReportedAndTheRestGoesOn() {
    fake.broken.add("random/0/2");

    EvolutionTable table = fake.tracker().track(study());

    assertThat(table.broken())
        .singleElement()
        .satisfies(c -> assertThat(c.problem()).contains("random/0/2 is broken."));
    assertThat(table.rows())
        .noneMatch(r -> r.runA().equals("random/seed0") && r.stepA().equals(OptionalLong.of(2)));
    assertThat(value(table, Study.View.TO_START, "random/seed0", 5, "random/seed0", 0))
        .isEqualTo(5);
  }

  @Test
  void aLayerOfUnknownPositionsIsReportedAndTheOthersGoOn() {
    study()
        .allRuns()
        .forEach(run -> run.checkpoints().forEach(c -> fake.shapeless.add(c.location())));

    EvolutionTable table = fake.tracker().track(study());

    assertThat(table.broken()).isEmpty();
    assertThat(table.notes()).anyMatch(n -> n.contains("'double' has the shape [2, 1, 1]"));
    assertThat(value(table, Study.View.TO_START, "random/seed0", 5, "random/seed0", 0))
        .isEqualTo(5);
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
}
