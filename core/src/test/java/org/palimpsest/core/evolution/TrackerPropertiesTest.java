package org.palimpsest.core.evolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;

/** What holds of any study, however it is interrupted, bounded, extended or damaged. */
class TrackerPropertiesTest {

  /** Some runs of one to four checkpoints, with a source that some of them started from. */
  private record Runs(Optional<TrainingRun> source, List<TrainingRun> others) {

    static Runs of(long seed) {
      Random random = new Random(seed);
      List<TrainingRun> runs = new ArrayList<>();
      for (String initialisation : List.of("random", "transfer")) {
        int seeds = 1 + random.nextInt(2);
        for (int one = 0; one < seeds; one++) {
          runs.add(FakeStudy.run(initialisation, one, steps(random)));
        }
      }
      Optional<TrainingRun> source =
          random.nextBoolean()
              ? Optional.of(FakeStudy.run("source", 0, steps(random)))
              : Optional.empty();
      return new Runs(source, runs);
    }

    private static long[] steps(Random random) {
      return random.ints(0, 9).distinct().limit(1 + random.nextInt(3)).asLongStream().toArray();
    }

    Study study(FakeStudy fake) {
      return fake.study(others).withRuns(source, others);
    }

    List<Checkpoint> checkpoints() {
      return Stream.concat(source.stream(), others.stream())
          .flatMap(run -> run.checkpoints().stream())
          .toList();
    }
  }

  /** What every layer of a fake network answers, from its run and step. */
  private static double answer(String run, long step, String layer) {
    String[] parts = run.split("/seed");
    double single = 100.0 * parts[0].length() + 10 * Integer.parseInt(parts[1]) + step;
    return layer.equals("double") ? 2 * single : single;
  }

  private static void assertRight(EvolutionTable.Row row) {
    double expected =
        Math.abs(
            answer(row.runA(), row.stepA().orElseThrow(), row.layerA())
                - answer(row.runB(), row.stepB().orElseThrow(), row.layerB()));

    assertThat(row.measurement().value()).as("%s", row).isEqualTo(expected);
    assertThat(row.measurement().n()).isEqualTo(2);
  }

  private static List<EvolutionTable.Row> ofCheckpoints(EvolutionTable table) {
    return table.rows().stream().filter(row -> row.view() != Study.View.GROUPS).toList();
  }

  @Property(tries = 25)
  void eachRowIsTheDistanceOfTheTwoLayersThatItNames(@ForAll long seed) {
    FakeStudy fake = new FakeStudy();
    Runs runs = Runs.of(seed);
    EvolutionTable table = fake.tracker().track(runs.study(fake));
    List<EvolutionTable.Row> rows = ofCheckpoints(table);

    rows.forEach(TrackerPropertiesTest::assertRight);
    assertThat(rows).doesNotHaveDuplicates();
    assertThat(fake.runsOfNetworks).doesNotHaveDuplicates();
    assertThat(table.checkpoints()).hasSize(runs.checkpoints().size());
  }

  /** By the definitions of the views, from numbers of checkpoints alone. */
  @Property(tries = 25)
  void eachViewHasAsManyRowsAsItPairsCheckpoints(@ForAll long seed) {
    FakeStudy fake = new FakeStudy();
    Runs runs = Runs.of(seed);
    Study study = runs.study(fake);
    EvolutionTable table = fake.tracker().track(study.withViews(EnumSet.allOf(Study.View.class)));
    List<Integer> counts = study.allRuns().stream().map(run -> run.checkpoints().size()).toList();
    int all = counts.stream().mapToInt(Integer::intValue).sum();
    int ofOthers = runs.others().stream().mapToInt(run -> run.checkpoints().size()).sum();
    int pairs = runs.others().size() * (runs.others().size() - 1) / 2;

    assertThat(table.rows(Study.View.TO_START)).hasSize(2 * all);
    assertThat(table.rows(Study.View.TO_END)).hasSize(2 * all);
    assertThat(table.rows(Study.View.TO_NEXT)).hasSize(2 * (all - counts.size()));
    assertThat(table.rows(Study.View.STEPS))
        .hasSize(2 * counts.stream().mapToInt(n -> n * n).sum());
    assertThat(table.rows(Study.View.LAYERS)).hasSize(4 * all);
    assertThat(table.rows(Study.View.TO_SOURCE))
        .hasSize(runs.source().isPresent() ? 2 * ofOthers : 0);
    assertThat(table.rows(Study.View.FINALS)).hasSize(2 * pairs);
    assertThat(table.rows(Study.View.FINAL_LAYERS)).hasSize(4 * pairs);
    assertThat(table.rows(Study.View.PAIRS)).isEmpty();
  }

  @Property(tries = 40)
  void aStudyThatIsKilledAnywhereGoesOnToTheSameTable(
      @ForAll long seed,
      @ForAll @IntRange(max = 120) int first,
      @ForAll @IntRange(max = 60) int more) {
    FakeStudy whole = new FakeStudy();
    Runs runs = Runs.of(seed);
    EvolutionTable expected = whole.tracker().track(runs.study(whole));
    FakeStudy killed = new FakeStudy();
    for (int after : List.of(first, first + more)) {
      killed.failAfterMeasurements = after;
      if (after < whole.kept.size()) {
        assertThatThrownBy(() -> killed.tracker().track(runs.study(killed))).hasMessage("killed");
      } else {
        killed.tracker().track(runs.study(killed));
      }
      assertThat(killed.kept).hasSize(Math.min(after, whole.kept.size()));
    }
    killed.failAfterMeasurements = Integer.MAX_VALUE;

    assertThat(killed.tracker().track(runs.study(killed))).isEqualTo(expected);
    assertThat(killed.kept).doesNotHaveDuplicates().hasSameSizeAs(whole.kept);
  }

  @Property(tries = 25)
  void aViewByItselfHasTheRowsThatItHasAmongOthers(
      @ForAll long seed, @ForAll @NotEmpty Set<Study.View> views) {
    FakeStudy all = new FakeStudy();
    FakeStudy some = new FakeStudy();
    Runs runs = Runs.of(seed);
    EvolutionTable ofAll =
        all.tracker().track(runs.study(all).withViews(EnumSet.allOf(Study.View.class)));
    EvolutionTable ofSome = some.tracker().track(runs.study(some).withViews(views));

    for (Study.View view : views) {
      assertThat(ofSome.rows(view)).isEqualTo(ofAll.rows(view));
    }
    assertThat(all.runsOfNetworks).containsAll(some.runsOfNetworks);
  }

  @Property(tries = 25)
  void aBoundOfMemoryChangesNothing(
      @ForAll long seed, @ForAll @LongRange(min = 1, max = 3000) long bytes) {
    FakeStudy free = new FakeStudy();
    FakeStudy bounded = new FakeStudy();
    Runs runs = Runs.of(seed);

    assertThat(bounded.tracker().withMemoryBound(bytes).track(runs.study(bounded)))
        .isEqualTo(free.tracker().track(runs.study(free)));
    assertThat(bounded.preparations).hasSameSizeAs(free.preparations);
  }

  @Property(tries = 25)
  void theOrderOfRunsIsTheOrderOfRowsAndNothingElse(@ForAll long seed) {
    FakeStudy one = new FakeStudy();
    FakeStudy other = new FakeStudy();
    Runs runs = Runs.of(seed);
    List<TrainingRun> shuffled = new ArrayList<>(runs.others());
    Collections.shuffle(shuffled, new Random(seed));
    Set<Study.View> oriented =
        EnumSet.complementOf(
            EnumSet.of(Study.View.FINALS, Study.View.FINAL_LAYERS, Study.View.GROUPS));
    EvolutionTable plain = one.tracker().track(runs.study(one).withViews(oriented));
    EvolutionTable moved =
        other.tracker().track(new Runs(runs.source(), shuffled).study(other).withViews(oriented));

    assertThat(moved.rows()).containsExactlyInAnyOrderElementsOf(plain.rows());
  }

  @Property(tries = 25)
  void checkpointsThatCannotBeReadTakeTheirRowsAlone(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int broken) {
    FakeStudy sound = new FakeStudy();
    FakeStudy damaged = new FakeStudy();
    Runs runs = Runs.of(seed);
    List<Checkpoint> all = new ArrayList<>(runs.checkpoints());
    Collections.shuffle(all, new Random(seed));
    Set<String> lost = new HashSet<>();
    all.stream().limit(Math.min(broken, all.size() - 1)).forEach(c -> lost.add(c.location()));
    damaged.broken.addAll(lost);
    EvolutionTable whole = sound.tracker().track(runs.study(sound));
    EvolutionTable rest = damaged.tracker().track(runs.study(damaged));

    assertThat(ofCheckpoints(rest))
        .isEqualTo(
            ofCheckpoints(whole).stream()
                .filter(
                    row ->
                        !lost.contains(location(row.runA(), row.stepA().orElseThrow()))
                            && !lost.contains(location(row.runB(), row.stepB().orElseThrow())))
                .toList());
    assertThat(rest.broken())
        .extracting(record -> record.checkpoint().location())
        .containsExactlyInAnyOrderElementsOf(lost);
    assertThat(rest.broken()).allMatch(r -> r.problem().orElseThrow().contains("is broken"));
  }

  private static String location(String run, long step) {
    return run.replace("/seed", "/") + "/" + step;
  }

  @Property(tries = 25)
  void runsThatGrowStepByStepEndInTheSameTable(@ForAll long seed) {
    FakeStudy grown = new FakeStudy();
    FakeStudy atOnce = new FakeStudy();
    Runs runs = Runs.of(seed);
    EvolutionTracker.Session session = grown.tracker().session();
    EvolutionTable last = session.track(upTo(1, runs).study(grown));
    for (int steps = 2; steps <= 3; steps++) {
      last = session.track(upTo(steps, runs).study(grown));
    }

    assertThat(last).isEqualTo(atOnce.tracker().track(runs.study(atOnce)));
    assertThat(grown.runsOfNetworks).doesNotHaveDuplicates();
  }

  private static Runs upTo(int steps, Runs runs) {
    return new Runs(
        runs.source().map(run -> upTo(steps, run)),
        runs.others().stream().map(run -> upTo(steps, run)).toList());
  }

  private static TrainingRun upTo(int steps, TrainingRun run) {
    return new TrainingRun(
        run.name(),
        run.initialisation(),
        run.seed(),
        run.checkpoints().subList(0, Math.min(steps, run.checkpoints().size())));
  }

  @Test
  void checkpointsOfEqualContentAreRunOnceAndAllHaveTheirRows() {
    FakeStudy fake = new FakeStudy();
    fake.hashes.put("random/0/0", "same");
    fake.hashes.put("random/1/0", "same");
    Study study =
        fake.study(List.of(FakeStudy.run("random", 0, 0, 4), FakeStudy.run("random", 1, 0, 4)));
    EvolutionTable table = fake.tracker().track(study);
    Map<String, Double> ofSecond = new HashMap<>();
    table.select(Study.View.TO_START).ofRun("random/seed1").ofLayer("single").all().stream()
        .filter(row -> row.stepA().orElseThrow() == 4)
        .forEach(row -> ofSecond.put(row.measure(), row.measurement().value()));

    assertThat(fake.runsOfNetworks).contains("random/0/0").doesNotContain("random/1/0");
    // the content of seed 0's first checkpoint stands for both: 614 - 600
    assertThat(ofSecond).containsExactly(Map.entry("distance", 14.0));
    assertThat(table.checkpoints()).hasSize(4);
  }

  @Test
  void ofEqualContentThatIsBrokenEachCheckpointNamesTheFirst() {
    FakeStudy fake = new FakeStudy();
    fake.hashes.put("random/0/0", "same");
    fake.hashes.put("random/1/0", "same");
    fake.broken.add("random/0/0");
    EvolutionTable table =
        fake.tracker()
            .track(
                fake.study(
                    List.of(FakeStudy.run("random", 0, 0, 4), FakeStudy.run("random", 1, 0, 4))));

    assertThat(table.broken())
        .extracting(record -> record.problem().orElseThrow())
        .containsExactly(
            "random/0/0 is broken.", "random/0/0 has the same bytes: random/0/0 is broken.");
  }

  @Test
  void asymmetricMeasuresAreMadeInBothDirections() {
    FakeStudy fake = new FakeStudy();
    List<TrainingRun> runs =
        List.of(FakeStudy.run("random", 0, 0, 5), FakeStudy.run("random", 1, 0, 5));
    EvolutionTable table = fake.tracker().track(fake.twoSidedStudy(runs));
    EvolutionTable.Rows excess =
        table.select(Study.View.STEPS).ofMeasure("excess").ofLayer("single");

    assertThat(excess.ofRun("random/seed0").values())
        .containsExactly(0.0, 0.0, 5.0 / 600, 0.0); // 0 of 5 and 5 of 0
    assertThat(fake.kept.stream().filter(key -> key.measure().equals("distance")).count())
        .isLessThan(fake.kept.stream().filter(key -> key.measure().equals("excess")).count());
  }

  @Test
  void aMeasureOfOneNameThatTwoStudiesShareIsNotMadeAgain() {
    FakeStudy fake = new FakeStudy();
    List<TrainingRun> runs = List.of(FakeStudy.run("random", 0, 0, 2, 5));
    fake.tracker().track(fake.study(runs).withViews(EnumSet.of(Study.View.TO_START)));
    int before = fake.kept.size();
    fake.tracker().track(fake.study(runs).withViews(EnumSet.of(Study.View.STEPS)));

    // of 3 × 3 pairs of steps and 2 layers: symmetric ones once, and those to the start are known
    assertThat(before).isEqualTo(2 * 3);
    assertThat(fake.kept).hasSize(2 * 6);
  }

  @Test
  void aStudyOfLayersThatNoNetworkHasNamesThem() {
    FakeStudy fake = new FakeStudy();
    Study study =
        fake.study(List.of(FakeStudy.run("random", 0, 0))).withLayers(LayerSelector.of("triple"));

    assertThatThrownBy(() -> fake.tracker().track(study))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'triple'");
  }
}
