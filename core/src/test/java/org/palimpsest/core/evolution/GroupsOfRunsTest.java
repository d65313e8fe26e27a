package org.palimpsest.core.evolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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

    List<EvolutionTable.Row> groups = table.rows(Study.View.GROUPS);
    EvolutionTable.Row between =
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

  private static List<EvolutionTable.Row> groupsOf(List<Integer> order) {
    FakeStudy fake = new FakeStudy();
    fake.hasWeights = true;
    return fake.tracker()
        .withWeights(List.of(new FakeStudy.FirstWeights()))
        .track(fake.twoSidedStudy(renamed(order)).withViews(EnumSet.of(Study.View.GROUPS)))
        .rows(Study.View.GROUPS);
  }

  @Test
  void measurementsOfGroupsDoNotDependOnTheNamesOfSeeds() {
    List<EvolutionTable.Row> groups = groupsOf(List.of(0, 1, 2, 3));
    Random random = new Random(3);
    for (int trial = 0; trial < 12; trial++) {
      List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3));
      Collections.shuffle(order, random);

      assertThat(groupsOf(order)).isEqualTo(groups);
    }
    assertThat(groups)
        .extracting(EvolutionTable.Row::measure)
        .contains("distance", "excess", "excess p_value", "weight_difference")
        .doesNotContain("weight_ratio");
  }

  @Test
  void aMeasureThatIsNotSymmetricCountsInGroupsWithBothDirections() {
    EvolutionTable table =
        fake.tracker()
            .track(
                fake.twoSidedStudy(List.of(RUNS.get(0), RUNS.get(1)))
                    .withViews(EnumSet.of(Study.View.GROUPS)));

    assertThat(table.rows(Study.View.GROUPS))
        .filteredOn(row -> row.measure().equals("excess") && row.layerA().equals("single"))
        .singleElement()
        .satisfies(row -> assertThat(row.measurement().value()).isEqualTo((10.0 / 605 + 0) / 2));
    assertThat(table.rows(Study.View.FINALS))
        .filteredOn(row -> row.measure().equals("excess") && row.layerA().equals("single"))
        .singleElement()
        .satisfies(row -> assertThat(row.measurement().value()).isZero());
  }

  private static TrainingRun endingAt(String group, int seed, long step) {
    return FakeStudy.run(group, seed, step);
  }

  private static Measurement ofGroups(
      List<EvolutionTable.Row> rows, String measure, String first, String second) {
    return rows.stream()
        .filter(row -> row.measure().equals(measure) && row.layerA().equals("single"))
        .filter(row -> row.runA().equals(first) && row.runB().equals(second))
        .findFirst()
        .orElseThrow()
        .measurement();
  }

  /**
   * Ends answer 600, 613, 629 and 801, 850, 822, 907: means of distances within and between, and
   * the share of all 35 divisions, by Python's itertools.combinations.
   */
  @Test
  void meansAndTheExactTestAreThoseOfAllPairsAndAllDivisions() {
    List<EvolutionTable.Row> rows =
        fake.tracker()
            .track(
                fake.study(
                        List.of(
                            endingAt("random", 0, 0),
                            endingAt("random", 1, 3),
                            endingAt("random", 2, 9),
                            endingAt("transfer", 0, 1),
                            endingAt("transfer", 1, 40),
                            endingAt("transfer", 2, 2),
                            endingAt("transfer", 3, 77)))
                    .withViews(EnumSet.of(Study.View.GROUPS)))
            .rows(Study.View.GROUPS);
    Measurement pValue = ofGroups(rows, "distance p_value", "random", "transfer");

    assertThat(ofGroups(rows, "distance", "random", "random").value())
        .isCloseTo(58.0 / 3, within(1e-12));
    assertThat(ofGroups(rows, "distance", "transfer", "transfer").value())
        .isCloseTo(346.0 / 6, within(1e-12));
    assertThat(ofGroups(rows, "distance", "random", "transfer").value())
        .isCloseTo(231.0, within(1e-12));
    assertThat(ofGroups(rows, "distance difference", "random", "transfer").value())
        .isCloseTo(58.0 / 3 - 346.0 / 6, within(1e-12));
    assertThat(pValue.value()).isCloseTo(18 / 35.0, within(1e-12));
    assertThat(pValue.n()).isEqualTo(35);
  }

  @Test
  void groupsOfOneRunHaveNoIntervalAndNoTest() {
    List<EvolutionTable.Row> rows =
        fake.tracker()
            .track(
                fake.study(List.of(endingAt("random", 0, 4), endingAt("transfer", 0, 4)))
                    .withViews(EnumSet.of(Study.View.GROUPS)))
            .rows(Study.View.GROUPS);

    assertThat(rows).extracting(EvolutionTable.Row::measure).containsOnly("distance");
    assertThat(rows).hasSize(2).allMatch(row -> row.measurement().low().isEmpty());
    assertThat(ofGroups(rows, "distance", "random", "transfer").value()).isEqualTo(200);
  }

  /** Two groups of eight can be divided in 12,870 ways, of which 5,000 are tried. */
  @Test
  void ofManyDivisionsSomeAreDrawnAndTheObservedOneIsAmongThem() {
    List<TrainingRun> runs = new ArrayList<>();
    for (int seed = 0; seed < 8; seed++) {
      runs.add(endingAt("random", seed, 1));
      runs.add(endingAt("transfer", seed, 100L * seed * seed));
    }
    List<EvolutionTable.Row> rows =
        fake.tracker()
            .track(fake.study(runs).withViews(EnumSet.of(Study.View.GROUPS)))
            .rows(Study.View.GROUPS);
    Measurement pValue = ofGroups(rows, "distance p_value", "random", "transfer");

    assertThat(pValue.n()).isEqualTo(5000);
    assertThat(pValue.value()).isGreaterThanOrEqualTo(1.0 / 5000).isLessThan(0.05);
    assertThat(ofGroups(rows, "distance", "random", "random").n()).isEqualTo(28);
    assertThat(ofGroups(rows, "distance", "random", "transfer").n()).isEqualTo(64);
  }
}
