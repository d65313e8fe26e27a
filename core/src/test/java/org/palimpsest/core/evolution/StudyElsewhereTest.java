package org.palimpsest.core.evolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Study.LayerMeasurement;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.evolution.TrainingRun.CheckpointOpener;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Prepared.PreparedShelf;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.weights.Weights;

/** A study whose work is done by others: one bench prepares, another one compares. */
class StudyElsewhereTest extends TrackedStudy {

  private static final long BOUND = 1 << 20;

  /** In memory, as sealed bytes. */
  private static class Shelf implements PreparedShelf {

    private final Map<String, byte[]> layers = new HashMap<>();
    private final Map<String, String> failures = new HashMap<>();

    @Override
    public boolean holds(String name) {
      return layers.containsKey(name) || failures.containsKey(name);
    }

    @Override
    public <P extends Prepared> void put(String name, P prepared, PreparedFormat<P> format) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try {
        Prepared.Sealed.write(prepared, format, bytes);
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
      layers.putIfAbsent(name, bytes.toByteArray());
    }

    @Override
    public void putFailure(String name, String reason) {
      failures.putIfAbsent(name, reason);
    }

    @Override
    public Optional<String> failure(String name) {
      return Optional.ofNullable(failures.get(name));
    }

    @Override
    public <P extends Prepared> P get(String name, PreparedFormat<P> format) {
      byte[] bytes = layers.get(name);
      try {
        return Prepared.Sealed.read(new ByteArrayInputStream(bytes), bytes.length, format);
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
    }
  }

  /** Two benches that know of each other by the shelf alone. */
  private static class TwoBenches implements StudyWorkers {

    private final StudyWorkbench preparing;
    private final StudyWorkbench comparing;

    TwoBenches(Study study, CheckpointOpener networks, PreparedShelf shelf) {
      StudyWorkbench.Questions questions = StudyWorkbench.Questions.of(study);
      StudyWorkbench.Tools tools =
          new StudyWorkbench.Tools(
              networks, Optional.empty(), List.of(new FakeStudy.FirstWeights()), BOUND, BOUND);
      this.preparing = StudyWorkbench.sharing(questions, tools, shelf);
      this.comparing = StudyWorkbench.sharing(questions, tools, shelf);
    }

    @Override
    public boolean isPrepared(String hash, String layer, Grid grid, Measure<?> measure) {
      return comparing.isPrepared(hash, layer, grid, measure);
    }

    @Override
    public void runNetworks(List<NetworkTask> tasks, NetworkResults results) {
      for (NetworkTask task : tasks) {
        try {
          results.ran(task, preparing.run(task));
        } catch (PalimpsestException failure) {
          results.failed(task, String.valueOf(failure.getMessage()));
        }
      }
    }

    @Override
    public void compareLayers(List<LayerTask> tasks, BiConsumer<LayerTask, Outcome> results) {
      tasks.forEach(task -> results.accept(task, comparing.compare(task)));
    }

    @Override
    public void compareWeights(List<WeightTask> tasks, WeightResults results) {
      tasks.stream()
          .filter(results::isWanted)
          .forEach(task -> results.found(task, comparing.compare(task)));
    }

    @Override
    public int sideBySide() {
      return 2;
    }
  }

  private static EvolutionTable trackedElsewhere(FakeStudy fake, Study study, PreparedShelf shelf) {
    return fake.tracker()
        .withWeights(List.of(new FakeStudy.FirstWeights()))
        .withWorkers(any -> new TwoBenches(any, fake, shelf))
        .track(study);
  }

  private static EvolutionTable trackedHere(FakeStudy fake, Study study) {
    return fake.tracker().withWeights(List.of(new FakeStudy.FirstWeights())).track(study);
  }

  @Test
  void theTableIsThatOfAStudyHere() {
    FakeStudy here = new FakeStudy();
    fake.hasWeights = true;
    here.hasWeights = true;

    assertThat(trackedElsewhere(fake, fake.twoSidedStudy(RUNS).withSource(SOURCE), new Shelf()))
        .isEqualTo(trackedHere(here, here.twoSidedStudy(RUNS).withSource(SOURCE)));
    assertThat(fake.preparations).hasSameSizeAs(here.preparations);
  }

  @Test
  void whatFailsElsewhereFailsAsItDoesHere() {
    FakeStudy here = new FakeStudy();
    for (FakeStudy one : List.of(fake, here)) {
      one.broken.add("random/0/2");
      one.shapeless.add("transfer/1/5");
      one.weightsAlone.add("random/1/0");
    }

    assertThat(trackedElsewhere(fake, study(), new Shelf()))
        .isEqualTo(trackedHere(here, here.study(RUNS).withSource(SOURCE)));
  }

  @Test
  void whatLiesOnTheShelfIsNotPreparedAgain() {
    Shelf shelf = new Shelf();
    EvolutionTable first = trackedElsewhere(fake, study(), shelf);
    fake.outcomes.clear();
    fake.preparations.clear();

    assertThat(trackedElsewhere(fake, study(), shelf)).isEqualTo(first);
    assertThat(fake.preparations).isEmpty();
  }

  @Test
  void aShelfThatLosesWhatWasPutThereEndsTheStudyWithAdvice() {
    Shelf shelf =
        new Shelf() {
          @Override
          public <P extends Prepared> void put(String name, P prepared, PreparedFormat<P> format) {
            // lost, as in a folder that other machines do not see
          }
        };

    assertThatThrownBy(() -> trackedElsewhere(fake, study(), shelf))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("cannot be found", "a folder that all machines see");
    assertThat(fake.outcomes).isEmpty();
  }

  /** One whose preparation cannot be written. */
  private record Unwritten() implements Measure<Unwritten.Whole> {

    record Whole(Representation.Info info) implements Prepared {}

    @Override
    public String name() {
      return "unwritten";
    }

    @Override
    public MeasureProperties properties() {
      return MeasureProperties.similarity("One.").build();
    }

    @Override
    public Preparation<Whole> preparation() {
      return (Representation layer) -> new Whole(layer.info());
    }

    @Override
    public Score compare(Whole a, Whole b) {
      throw new IllegalStateException("never asked");
    }
  }

  @Test
  void whatCannotBeWrittenCannotBeSharedAndSaysSo() {
    Study study = Study.of(RUNS.subList(0, 1), FakeStudy.PROBES, List.of(new Unwritten()));

    assertThatThrownBy(() -> trackedElsewhere(fake, study, new Shelf()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Leave the measure out");
  }

  @Test
  void aMeasureThatNobodyAskedForIsAFailureNotANumber() {
    StudyWorkbench bench =
        StudyWorkbench.sharing(
            StudyWorkbench.Questions.of(study()),
            new StudyWorkbench.Tools(fake, Optional.empty(), List.of(), BOUND, BOUND),
            new Shelf());
    Measurement.Key key = new Measurement.Key("", "a", "single", "b", "single", "svcca");

    assertThat(bench.compare(new StudyWorkers.LayerTask(key, Grid.point())))
        .isEqualTo(new Outcome.Failure("The study does not ask for svcca."));
  }

  /** Cannot compare anything with the networks that started from random weights. */
  private record Picky() implements WeightComparison {

    @Override
    public String name() {
      return "picky";
    }

    @Override
    public List<String> measures() {
      return List.of("weight_difference");
    }

    @Override
    public List<LayerMeasurement> compare(Weights a, Weights b) {
      if (a.name().startsWith("random") || b.name().startsWith("random")) {
        throw new PalimpsestException("%s and %s share no layer.".formatted(a.name(), b.name()));
      }
      return List.of(new LayerMeasurement("fc", "weight_difference", Measurement.of(0.5, 1)));
    }
  }

  @Test
  void weightsThatCannotBeComparedAreNotedAndNotTriedAgain() {
    fake.hasWeights = true;
    EvolutionTracker tracker = fake.tracker().withWeights(List.of(new Picky()));
    Study study = Study.ofWeights(List.of(RUNS.get(0), RUNS.get(2)));
    EvolutionTable table = tracker.track(study);
    int kept = fake.kept.size();

    assertThat(table.notes()).contains("random/0/2 and random/0/0 share no layer.");
    assertThat(table.rows()).isNotEmpty().allMatch(row -> row.runA().equals("transfer/seed0"));
    assertThat(tracker.track(study)).isEqualTo(table);
    assertThat(fake.kept).hasSize(kept);
  }
}
