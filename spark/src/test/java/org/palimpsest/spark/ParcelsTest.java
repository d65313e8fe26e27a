package org.palimpsest.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Study.LayerMeasurement;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.evolution.StudyWorkers.LayerTask;
import org.palimpsest.core.evolution.StudyWorkers.NetworkRun;
import org.palimpsest.core.evolution.StudyWorkers.NetworkTask;
import org.palimpsest.core.evolution.StudyWorkers.UnreadWeights;
import org.palimpsest.core.evolution.StudyWorkers.WeightTask;
import org.palimpsest.core.evolution.StudyWorkers.WeightsFound;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.similarity.uncertainty.Intervals;
import org.palimpsest.spark.Parcels.CheckpointParcel;
import org.palimpsest.spark.Parcels.LayerParcel;
import org.palimpsest.spark.Parcels.NetworkAnswer;
import org.palimpsest.spark.Parcels.NetworkParcel;
import org.palimpsest.spark.Parcels.OutcomeParcel;
import org.palimpsest.spark.Parcels.SaidParcel;
import org.palimpsest.spark.Parcels.WeightAnswer;
import org.palimpsest.spark.Parcels.WeightParcel;

/** What Spark carries to another machine is there what it was here. */
class ParcelsTest {

  /** As Spark sends it: through Java's serialisation. */
  @SuppressWarnings("unchecked")
  private static <T> T sent(T parcel) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(parcel);
      out.flush();
      try (ObjectInputStream in =
          new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
        return (T) in.readObject();
      }
    } catch (IOException | ClassNotFoundException failure) {
      throw new AssertionError(failure);
    }
  }

  private static Arbitrary<Double> numbers() {
    return Arbitraries.doubles().between(-1e6, 1e6);
  }

  private static Arbitrary<OptionalDouble> optional() {
    return numbers()
        .optional()
        .map(value -> value.map(OptionalDouble::of).orElse(OptionalDouble.empty()));
  }

  private static Arbitrary<Interval> intervals() {
    Arbitrary<Interval> known =
        Combinators.combine(
                numbers(),
                optional(),
                numbers(),
                Arbitraries.doubles().between(0, 1e3),
                Arbitraries.of(0.5, 0.9, 0.95, 0.999),
                Arbitraries.of(Interval.Method.class),
                Arbitraries.longs().between(0, 1L << 40),
                optional())
            .as(
                (value, corrected, low, width, level, method, units, unrelated) ->
                    new Interval.Known(
                        value, corrected, low, low + width, level, method, units, unrelated));
    Arbitrary<Interval> refused =
        Combinators.combine(numbers(), Arbitraries.longs().between(0, 99), Arbitraries.strings())
            .as(Interval.Refused::new);
    return Arbitraries.oneOf(known, refused);
  }

  @Provide
  Arbitrary<Outcome> outcomes() {
    Arbitrary<Outcome> measured =
        Combinators.combine(
                numbers(),
                optional(),
                Arbitraries.longs().between(0, 1L << 40),
                Arbitraries.strings().list().ofMaxSize(3),
                Arbitraries.integers().optional(),
                intervals().optional())
            .as(
                (value, low, n, warnings, rank, interval) ->
                    new Measurement(
                        value,
                        low,
                        low.isPresent()
                            ? OptionalDouble.of(low.getAsDouble() + 1)
                            : OptionalDouble.empty(),
                        n,
                        warnings,
                        rank.map(a -> new Measurement.Ranks(a, ~a)),
                        interval));
    return Arbitraries.oneOf(measured, Arbitraries.strings().map(Outcome.Failure::new));
  }

  @Property(tries = 200)
  void outcomesArriveToTheLastDigit(@ForAll("outcomes") Outcome outcome) {
    assertThat(sent(OutcomeParcel.of(outcome)).opened()).isEqualTo(outcome);
  }

  @Test
  void endsThatAreNotFiniteArriveToo() {
    Interval open =
        new Interval.Known(
            0.5,
            OptionalDouble.of(-0.0),
            Double.NEGATIVE_INFINITY,
            Double.POSITIVE_INFINITY,
            0.95,
            Interval.Method.BOOTSTRAP,
            3,
            OptionalDouble.empty());
    assertThat(sent(Parcels.IntervalParcel.of(open)).opened()).isEqualTo(open);
    Interval refused = new Interval.Refused(Double.MIN_VALUE, 2, "");
    assertThat(sent(Parcels.IntervalParcel.of(refused)).opened()).isEqualTo(refused);
  }

  private static final NetworkOptions NOTHING = NetworkOptions.none();
  private static final NetworkOptions ALL =
      new NetworkOptions(
          Optional.of(Path.of("architecture.json").toAbsolutePath()),
          Optional.of("ema"),
          Optional.of("0"),
          Optional.of("best"),
          List.of("module.", "net."));

  @Test
  void whatIsSaidOfANetworkArrivesAsItWas() {
    assertThat(sent(SaidParcel.of(NOTHING)).opened()).isEqualTo(NOTHING);
    assertThat(sent(SaidParcel.of(ALL)).opened()).isEqualTo(ALL);
  }

  /** On another machine a relative path would begin elsewhere; a score is of no use there. */
  @Test
  void checkpointsArriveByTheirWholePaths() {
    Checkpoint checkpoint = new Checkpoint(400, "runs/a/step_0400.pt", OptionalDouble.of(0.8));
    CheckpointParcel parcel = sent(CheckpointParcel.of(checkpoint, ALL));
    assertThat(parcel.opened())
        .isEqualTo(
            new Checkpoint(
                400,
                Path.of("runs/a/step_0400.pt").toAbsolutePath().toString(),
                OptionalDouble.empty()));
    assertThat(parcel.said().opened()).isEqualTo(ALL);
    NetworkOptions relative =
        new NetworkOptions(
            Optional.of(Path.of("a.json")),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of());
    assertThat(SaidParcel.of(relative).opened().architecture())
        .hasValue(Path.of("a.json").toAbsolutePath());
  }

  private static Checkpoint whole(int step) {
    return new Checkpoint(
        step, Path.of("step" + step + ".pt").toAbsolutePath().toString(), OptionalDouble.empty());
  }

  @Test
  void tasksArriveWithTheirLayersInOrder() {
    Map<String, Set<Grid>> wanted = new LinkedHashMap<>();
    for (String layer : List.of("out", "enc1", "dec2", "bottleneck", "a")) {
      wanted.put(layer, Set.of(Grid.of(8, 16)));
    }
    wanted.put("point", Set.of(Grid.point()));
    wanted.put("several", Set.of(Grid.of(4, 4), Grid.of(2, 2, 2)));
    for (Optional<Map<String, Set<Grid>>> layers :
        List.of(
            Optional.of(wanted),
            Optional.of(Map.<String, Set<Grid>>of()),
            Optional.<Map<String, Set<Grid>>>empty())) {
      for (boolean across : new boolean[] {true, false}) {
        NetworkTask task = new NetworkTask("ab".repeat(32), whole(4), layers, across);
        NetworkTask arrived =
            sent(NetworkParcel.of(task, CheckpointParcel.of(whole(4), NOTHING))).opened();
        assertThat(arrived).isEqualTo(task);
        assertThat(List.copyOf(arrived.wanted().orElse(Map.of()).keySet()))
            .isEqualTo(List.copyOf(layers.orElse(Map.of()).keySet()));
      }
    }
    LayerTask compared =
        new LayerTask(
            new Measurement.Key("context", "a", "enc1", "b", "dec1", "svcca:0.9"), Grid.of(3, 5));
    assertThat(sent(LayerParcel.of(compared)).opened()).isEqualTo(compared);
    WeightTask weights = new WeightTask("weight_change", "a", whole(1), "b", whole(2));
    assertThat(
            sent(new WeightParcel(
                    weights.comparison(),
                    "a",
                    CheckpointParcel.of(whole(1), NOTHING),
                    "b",
                    CheckpointParcel.of(whole(2), ALL)))
                .opened())
        .isEqualTo(weights);
  }

  @Test
  void whatNetworksToldArrivesInTheOrderInWhichLayersRan() {
    NetworkAnswer told =
        new NetworkAnswer(
            new LinkedHashMap<>(Map.of("enc1", List.of(4, 4))), List.of("It draws numbers."), null);
    NetworkRun run = sent(told).opened();
    assertThat(run.layers().grids()).isEqualTo(Map.of("enc1", Grid.of(4, 4)));
    assertThat(run.cautions()).containsExactly("It draws numbers.");
    assertThat(NetworkAnswer.of(run)).isEqualTo(told);
    assertThat(sent(NetworkAnswer.failed("It is cut short.")).failure())
        .isEqualTo("It is cut short.");
  }

  @Test
  void whatWeightsToldArrivesWhateverItIs() {
    List<WeightsFound> all =
        List.of(
            new WeightsFound.Made(
                List.of(
                    new LayerMeasurement("enc1", "distance", Measurement.of(0.5, 0.25, 0.75, 72)),
                    new LayerMeasurement("out", "mean_cosine", Measurement.of(-1, 8)))),
            new WeightsFound.Made(List.of()),
            new WeightsFound.Impossible("They have no layer in common."),
            new WeightsFound.Unread(
                List.of(
                    new UnreadWeights("ab", "It is cut short.", false),
                    new UnreadWeights("cd", "It changed.", true))));
    for (WeightsFound found : all) {
      assertThat(sent(WeightAnswer.of(found)).opened()).isEqualTo(found);
    }
  }

  @Test
  void settingsOfAStudyArriveAsTheyWere() {
    for (FeatureMaps maps :
        List.of(
            FeatureMaps.positions(),
            FeatureMaps.pool(),
            FeatureMaps.flatten(),
            FeatureMaps.positions().withPositionsPerProbe(7, -3),
            new FeatureMaps(FeatureMaps.Mode.POSITIONS, OptionalInt.empty(), 5))) {
      assertThat(sent(StudyBrief.MapsParcel.of(maps)).opened()).isEqualTo(maps);
    }
    Intervals intervals = Intervals.withDefaults().withLevel(0.9).withDraws(321).withSeed(-7);
    assertThat(sent(StudyBrief.IntervalsParcel.of(intervals)).opened().settings())
        .isEqualTo(intervals.settings())
        .isNotEqualTo(Intervals.withDefaults().settings());
  }

  @Test
  void aBriefNamesItsMeasuresLayersAndProbes() {
    StudyBrief brief =
        new StudyBrief(
            new PluginParcel(List.of(), "none"),
            "file:///shared",
            "ab".repeat(32),
            List.of("linear_cka", "svcca:0.9"),
            List.of("enc*", "out"),
            StudyBrief.MapsParcel.of(FeatureMaps.pool()),
            null,
            List.of("weight_change"),
            true,
            1L << 33,
            1L << 31);
    StudyBrief arrived = sent(brief);
    assertThat(arrived).isEqualTo(brief).hasSameHashCodeAs(brief);
    List<String> names = arrived.openedMeasures().stream().map(Measure::name).toList();
    assertThat(names).containsExactly("linear_cka", "svcca:0.9");
    assertThat(arrived.probesFile()).isEqualTo("probes-" + "ab".repeat(32) + ".npy");
    KnownProbes probes = new KnownProbes(9, new Fingerprint("ab".repeat(32)));
    assertThat(arrived.questions(probes).probes()).isEqualTo(probes);
    assertThatThrownBy(() -> probes.batch(0, 1))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("The probes are not on this machine.");
  }
}
