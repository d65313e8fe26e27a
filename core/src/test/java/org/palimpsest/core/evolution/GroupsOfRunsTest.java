package org.palimpsest.core.evolution;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a study says of groups of runs. */
class GroupsOfRunsTest extends TrackedStudy {

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
}
