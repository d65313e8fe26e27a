package org.palimpsest.core.evolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Consumer;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.evolution.TrainingRun.CheckpointOpener;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.weights.Weights;

/**
 * Groups of runs whose one layer answers a whole number: means, differences and p values are those
 * of all pairs and all divisions, counted in whole numbers.
 */
class GroupPropertiesTest {

  private static final Probes PROBES = Probes.of(Nd4j.ones(2, 1));

  /** The network at a location answers the number that stands before its colon. */
  private static final class Answers implements CheckpointOpener {

    @Override
    public String contentHash(Checkpoint checkpoint) {
      return checkpoint.location();
    }

    @Override
    public ActivationSource open(Checkpoint checkpoint) {
      return new Answering(
          checkpoint.location(), Double.parseDouble(checkpoint.location().split(":")[0]));
    }

    @Override
    public Weights weights(Checkpoint checkpoint) {
      throw new AssertionError("No weights are asked for.");
    }
  }

  private record Answering(String name, double value) implements ActivationSource {

    @Override
    public Provenance provenance() {
      return Provenance.inMemory(name);
    }

    @Override
    public void run(
        Probes probes, LayerSelector layers, Progress progress, Consumer<ActivationBatch> use) {
      use.accept(
          new ActivationBatch(
              0, Map.of("layer", Nd4j.valueArrayOf(new long[] {probes.count(), 1}, value))));
    }

    @Override
    public void close() {}
  }

  private static Measure<?> distanceInUnitsOf(double unit) {
    return Measure.of(
        "distance",
        MeasureProperties.distance("Distance of the answers.").build(),
        (x, y) -> unit * Math.abs(answer(x) - answer(y)));
  }

  private static double answer(Representation layer) {
    return layer.matrix().getDouble(0, 0);
  }

  private static TrainingRun run(String group, int place, int answer) {
    String name = group + "/" + place;
    return new TrainingRun(
        name,
        group,
        OptionalLong.of(place),
        List.of(new Checkpoint(1, answer + ":" + name, OptionalDouble.empty())));
  }

  private static List<TrainingRun> runs(String group, List<Integer> answers) {
    List<TrainingRun> runs = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      runs.add(run(group, i, answers.get(i)));
    }
    return runs;
  }

  private static List<TrainingRun> runs(List<Integer> random, List<Integer> transfer) {
    List<TrainingRun> runs = new ArrayList<>(runs("random", random));
    runs.addAll(runs("transfer", transfer));
    return runs;
  }

  private static EvolutionTable.Rows groups(List<TrainingRun> runs, Measure<?> measure) {
    return EvolutionTracker.of(new Answers())
        .track(Study.of(runs, PROBES, List.of(measure)).withViews(EnumSet.of(Study.View.GROUPS)))
        .select(Study.View.GROUPS);
  }

  private static Measurement of(
      EvolutionTable.Rows rows, String measure, String first, String second) {
    List<EvolutionTable.Row> found = rows.ofMeasure(measure).between(first, second).all();
    assertThat(found).as("%s of %s and %s", measure, first, second).hasSize(1);
    return found.get(0).measurement();
  }

  /** The sum of all distances within, in whole numbers. */
  private static long sumWithin(List<Integer> answers) {
    long sum = 0;
    for (int i = 0; i < answers.size(); i++) {
      for (int j = 0; j < i; j++) {
        sum += Math.abs(answers.get(i) - answers.get(j));
      }
    }
    return sum;
  }

  private static long pairs(int n) {
    return n * (n - 1L) / 2;
  }

  /** The difference of the means, times the numbers of pairs of both. */
  private static long scaledDifference(List<Integer> first, List<Integer> second) {
    return sumWithin(first) * pairs(second.size()) - sumWithin(second) * pairs(first.size());
  }

  /** Divisions whose difference is at least as large either way, and all of them. */
  private static long[] divisions(List<Integer> first, List<Integer> second) {
    List<Integer> all = new ArrayList<>(first);
    all.addAll(second);
    long observed = Math.abs(scaledDifference(first, second));
    long asLarge = 0;
    long count = 0;
    for (int chosen = 0; chosen < 1 << all.size(); chosen++) {
      if (Integer.bitCount(chosen) == first.size()) {
        List<Integer> one = new ArrayList<>();
        List<Integer> other = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
          ((chosen >> i & 1) == 1 ? one : other).add(all.get(i));
        }
        count++;
        asLarge += Math.abs(scaledDifference(one, other)) >= observed ? 1 : 0;
      }
    }
    return new long[] {asLarge, count};
  }

  @Property(tries = 60)
  void meansDifferencesAndPValuesAreThoseOfAllPairsAndDivisions(
      @ForAll @Size(min = 2, max = 5) List<@IntRange(max = 9) Integer> random,
      @ForAll @Size(min = 2, max = 4) List<@IntRange(max = 9) Integer> transfer) {
    EvolutionTable.Rows rows = groups(runs(random, transfer), distanceInUnitsOf(1));

    double ofRandom = (double) sumWithin(random) / pairs(random.size());
    double ofTransfer = (double) sumWithin(transfer) / pairs(transfer.size());
    long across = 0;
    for (int one : random) {
      for (int other : transfer) {
        across += Math.abs(one - other);
      }
    }
    int crossPairs = random.size() * transfer.size();
    long[] divisions = divisions(random, transfer);
    Measurement pValue = of(rows, "distance p_value", "random", "transfer");

    assertThat(of(rows, "distance", "random", "random").value()).isCloseTo(ofRandom, within(1e-12));
    assertThat(of(rows, "distance", "transfer", "transfer").value())
        .isCloseTo(ofTransfer, within(1e-12));
    assertThat(of(rows, "distance", "random", "transfer").value())
        .isCloseTo((double) across / crossPairs, within(1e-12));
    assertThat(of(rows, "distance", "random", "transfer").n()).isEqualTo(crossPairs);
    assertThat(of(rows, "distance difference", "random", "transfer").value())
        .isCloseTo(ofRandom - ofTransfer, within(1e-12));
    assertThat(pValue.value()).isEqualTo((double) divisions[0] / divisions[1]);
    assertThat(pValue.n()).isEqualTo(divisions[1]);
  }

  /** Nothing tells a distance of 10⁻¹⁴ in one unit from one of 1 in another. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-200, 1e-14, 1e-6, 1e9, 1e200})
  void theUnitOfADistanceIsOfNoConsequence(double unit) {
    List<TrainingRun> runs = runs(List.of(0, 1, 9), List.of(3, 30, 70, 71));
    EvolutionTable.Rows plain = groups(runs, distanceInUnitsOf(1));
    EvolutionTable.Rows inUnits = groups(runs, distanceInUnitsOf(unit));

    assertThat(inUnits.all()).hasSameSizeAs(plain.all());
    for (int i = 0; i < plain.all().size(); i++) {
      Measurement one = plain.all().get(i).measurement();
      Measurement other = inUnits.all().get(i).measurement();
      double factor = plain.all().get(i).measure().endsWith("p_value") ? 1 : unit;

      assertThat(other.value() / factor).isCloseTo(one.value(), within(1e-10));
      assertThat(other.n()).isEqualTo(one.n());
      assertThat(other.low().isPresent()).isEqualTo(one.low().isPresent());
      if (one.low().isPresent()) {
        assertThat(other.low().getAsDouble() / factor)
            .isCloseTo(one.low().getAsDouble(), within(1e-10));
        assertThat(other.high().getAsDouble() / factor)
            .isCloseTo(one.high().getAsDouble(), within(1e-10));
      }
    }
  }

  @Test
  void groupsThatAreFarApartHaveTheLeastPValueThatTheirSizesAllow() {
    Measurement pValue =
        of(
            groups(
                runs(List.of(200, 201, 202, 203), List.of(20, 100, 300, 410)),
                distanceInUnitsOf(1e-13)),
            "distance p_value",
            "random",
            "transfer");

    assertThat(pValue.value()).isEqualTo(2.0 / 70);
  }

  @Property(tries = 30)
  void copiesOfOneNetworkGiveAPValueOfOne(
      @ForAll @IntRange(min = 2, max = 4) int random,
      @ForAll @IntRange(min = 2, max = 4) int transfer,
      @ForAll @IntRange(max = 1000) int answer) {
    EvolutionTable.Rows rows =
        groups(
            runs(Collections.nCopies(random, answer), Collections.nCopies(transfer, answer)),
            distanceInUnitsOf(1));

    assertThat(of(rows, "distance p_value", "random", "transfer").value()).isEqualTo(1);
    assertThat(of(rows, "distance difference", "random", "transfer").value()).isZero();
    assertThat(of(rows, "distance", "random", "transfer").low()).hasValue(0);
    assertThat(of(rows, "distance", "random", "transfer").high()).hasValue(0);
  }

  @Property(tries = 30)
  void anIntervalLiesWithinWhatPairsHave(
      @ForAll @Size(min = 2, max = 5) List<@IntRange(max = 99) Integer> random,
      @ForAll @Size(min = 2, max = 5) List<@IntRange(max = 99) Integer> transfer) {
    for (EvolutionTable.Row row :
        groups(runs(random, transfer), distanceInUnitsOf(1)).ofMeasure("distance").all()) {
      Measurement mean = row.measurement();
      if (mean.low().isPresent()) {
        assertThat(mean.low().getAsDouble()).isBetween(0.0, mean.high().getAsDouble());
        assertThat(mean.high().getAsDouble()).isLessThanOrEqualTo(99);
      }
    }
  }

  /** What is said of two groups does not depend on a third one, nor on the order of runs. */
  @Property(tries = 30)
  void otherGroupsAndTheOrderOfRunsChangeNothing(
      @ForAll @Size(min = 2, max = 4) List<@IntRange(max = 50) Integer> random,
      @ForAll @Size(min = 2, max = 4) List<@IntRange(max = 50) Integer> transfer,
      @ForAll @Size(min = 1, max = 3) List<@IntRange(max = 50) Integer> third,
      @ForAll long seed) {
    List<TrainingRun> two = runs(random, transfer);
    List<TrainingRun> three = new ArrayList<>(two);
    three.addAll(runs("third", third));
    Collections.shuffle(three, new Random(seed));
    Assume.that(
        three.stream().map(TrainingRun::initialisation).distinct().toList().indexOf("random")
            < three.stream()
                .map(TrainingRun::initialisation)
                .distinct()
                .toList()
                .indexOf("transfer"));

    EvolutionTable.Rows alone = groups(two, distanceInUnitsOf(1));
    EvolutionTable.Rows beside = groups(three, distanceInUnitsOf(1));

    for (EvolutionTable.Row row : alone.all()) {
      assertThat(of(beside, row.measure(), row.runA(), row.runB())).isEqualTo(row.measurement());
    }
  }

  /** The p value is of both sides: groups may change places, the difference changes its sign. */
  @Property(tries = 30)
  void exchangedGroupsHaveTheOppositeDifferenceAndTheSamePValue(
      @ForAll @Size(min = 2, max = 4) List<@IntRange(max = 50) Integer> random,
      @ForAll @Size(min = 2, max = 4) List<@IntRange(max = 50) Integer> transfer) {
    List<TrainingRun> exchanged = new ArrayList<>(runs("transfer", transfer));
    exchanged.addAll(runs("random", random));
    EvolutionTable.Rows there = groups(runs(random, transfer), distanceInUnitsOf(1));
    EvolutionTable.Rows back = groups(exchanged, distanceInUnitsOf(1));

    assertThat(of(back, "distance p_value", "transfer", "random").value())
        .isEqualTo(of(there, "distance p_value", "random", "transfer").value());
    assertThat(of(back, "distance difference", "transfer", "random").value())
        .isEqualTo(-of(there, "distance difference", "random", "transfer").value());
    assertThat(of(back, "distance", "transfer", "random").value())
        .isCloseTo(of(there, "distance", "random", "transfer").value(), within(1e-12));
  }
}
