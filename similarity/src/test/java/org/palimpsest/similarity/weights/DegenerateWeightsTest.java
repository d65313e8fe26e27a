package org.palimpsest.similarity.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.palimpsest.similarity.weights.TestNetworks.array;
import static org.palimpsest.similarity.weights.TestNetworks.network;
import static org.palimpsest.similarity.weights.TestNetworks.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.similarity.filters.FilterDistance;
import org.palimpsest.similarity.filters.FilterRandomness;
import org.palimpsest.similarity.filters.Initialisation;
import org.palimpsest.similarity.filters.NetworkFilterComparison;
import org.palimpsest.similarity.filters.NetworkRandomness;

/**
 * Weights as they should not be, held against each other in every way: binary ones, nearly all
 * zero, all of one value, one filter, one weight. Whatever is told is a number, and what is not
 * told has a reason.
 */
class DegenerateWeightsTest {

  private static final List<long[]> SHAPES =
      List.of(
          new long[] {4, 2, 3, 3},
          new long[] {1, 2, 3, 3},
          new long[] {6, 1},
          new long[] {1, 6},
          new long[] {1, 1},
          new long[] {2, 1, 1, 1},
          new long[] {3, 1, 1, 2, 2},
          new long[] {5, 4});

  /** What is put at each place of a layer. */
  private static Map<String, IntToDoubleFunction> fills() {
    SplittableRandom random = new SplittableRandom(4);
    double[] drawn = random.doubles(200, -1, 1).toArray();
    Map<String, IntToDoubleFunction> fills = new LinkedHashMap<>();
    fills.put("ordinary", i -> drawn[i % 200]);
    fills.put("signs", i -> i % 2 == 0 ? 1 : -1);
    fills.put("other signs", i -> i / 2 % 2 == 0 ? 0.5 : -0.5);
    fills.put("one sign turned", i -> i == 1 ? 1 : i % 2 == 0 ? 1 : -1);
    fills.put("sparse", i -> i % 19 == 3 ? drawn[i % 200] : 0);
    fills.put("one weight", i -> i == 0 ? 1 : 0);
    fills.put("constant", i -> 0.1);
    fills.put("zero", i -> 0);
    fills.put("minus zero", i -> -0.0);
    fills.put("nearly constant", i -> i == 0 ? Math.nextUp(0.1) : 0.1);
    fills.put("small integers", i -> i % 3 - 1);
    fills.put("one large", i -> i == 2 ? 1e8 : drawn[i % 200]);
    fills.put("growing", i -> i);
    return fills;
  }

  static List<String> names() {
    return List.copyOf(fills().keySet());
  }

  private static Weights weights(String fill) {
    IntToDoubleFunction at = fills().get(fill);
    List<WeightTensor> tensors = new ArrayList<>();
    for (long[] shape : SHAPES) {
      int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      double[] values = new double[count];
      Arrays.setAll(values, at::applyAsDouble);
      String name = Arrays.toString(shape);
      LayerKind kind = shape.length == 2 ? LayerKind.LINEAR : LayerKind.CONVOLUTION;
      tensors.add(tensor(name + ".weight", kind, array(values, shape)));
      tensors.add(tensor(name + ".bias", kind, array(Arrays.copyOf(values, 1), 1)));
    }
    return network(fill, tensors);
  }

  @ParameterizedTest
  @MethodSource("names")
  void changesAreNumbers(String fill) {
    for (String other : names()) {
      NetworkChange change = WeightChange.withDefaults().betweenAll(weights(fill), weights(other));
      assertThat(change.layers()).hasSameSizeAs(SHAPES);
      assertThat(change.biases()).hasSameSizeAs(SHAPES);
      assertNumbers(change.rows(), fill + " and " + other);
      for (NetworkChange.Layer layer : change.layers()) {
        assertShares(layer, fill + " and " + other);
      }
    }
  }

  private static void assertShares(NetworkChange.Layer layer, String which) {
    assertThat(layer.signFlips()).as(which).isBetween(0.0, 1.0);
    assertThat(layer.movedShare()).as(which).isBetween(0.0, 1.0);
    for (NetworkChange.Filter filter : layer.filters()) {
      assertThat(filter.angle().orElse(0)).as(which).isBetween(0.0, Math.PI);
      assertThat(filter.cosine().orElse(0)).as(which).isBetween(-1.0, 1.0);
      assertThat(filter.angle().isPresent())
          .as(which)
          .isEqualTo(filter.normBefore() > 0 && filter.normAfter() > 0);
    }
  }

  @Test
  void equalWeightsHaveNotMoved() {
    for (String fill : names()) {
      for (NetworkChange.Layer layer :
          WeightChange.withDefaults().between(weights(fill), weights(fill)).layers()) {
        assertThat(layer.distance()).as(fill).isZero();
        assertThat(layer.relativeChange()).as(fill).hasValue(0);
        assertThat(layer.movedShare()).as(fill).isZero();
        assertThat(layer.signFlips()).as(fill).isZero();
        assertThat(layer.meanAngle().orElse(0)).as(fill).isLessThan(1e-7);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void distancesOfFiltersAreNumbersOrHaveAReason(String fill) {
    for (String other : List.of("ordinary", "signs", "sparse", "zero")) {
      for (FilterDistance.Proximity proximity : FilterDistance.Proximity.values()) {
        NetworkFilterComparison comparison =
            FilterDistance.by(proximity).withSimulations(19).compare(weights(fill), weights(other));
        String which = "%s and %s by %s".formatted(fill, other, proximity);
        assertThat(comparison.layers().size() + comparison.leftOut().size())
            .as(which)
            .isEqualTo(SHAPES.size());
        assertThat(comparison.leftOut()).allMatch(left -> left.reason().endsWith("."));
        assertNumbers(comparison.rows(), which);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void randomnessIsTestedOrHasAReason(String fill) {
    List<FilterRandomness> tests = new ArrayList<>();
    FilterRandomness plain = FilterRandomness.withDefaults().withSimulations(19);
    tests.add(plain);
    tests.add(plain.assuming(Initialisation.pytorchDefault()));
    tests.add(plain.drawnFrom(Initialisation.heNormal()));
    tests.add(plain.drawnFrom(Initialisation.uniform(1)));
    for (String start : List.of("ordinary", "signs", "other signs", "one weight", "constant")) {
      tests.add(plain.drawnFrom(weights(start)));
    }
    tests.add(plain.assumingStartOf(weights("signs")));
    tests.add(plain.assumingStartOf(weights("sparse")));
    for (FilterRandomness test : tests) {
      NetworkRandomness found = test.test(weights(fill));
      assertThat(found.layers().size() + found.leftOut().size()).isEqualTo(SHAPES.size());
      assertNumbers(found.rows(), fill);
      for (NetworkRandomness.Layer layer : found.layers()) {
        for (NetworkRandomness.Question question : NetworkRandomness.Question.values()) {
          assertThat(layer.p(question).orElse(1)).isBetween(0.0, 1.0);
        }
      }
    }
  }

  private static void assertNumbers(List<WeightStatistic> rows, String which) {
    for (WeightStatistic row : rows) {
      String what = which + ": " + row;
      assertThat(row.value()).as(what).isFinite();
      assertThat(row.n()).as(what).isPositive();
      assertThat(row.p().orElse(1)).as(what).isBetween(0.0, 1.0);
      assertThat(row.correctedP().orElse(1)).as(what).isBetween(row.p().orElse(0), 1.0);
      for (OptionalDouble end : List.of(row.low(), row.high())) {
        assertThat(end.orElse(0)).as(what).isNotNaN();
      }
      assertThat(row.low().orElse(0)).as(what).isLessThanOrEqualTo(row.high().orElse(0));
    }
  }

  @Test
  void aNetworkOfZerosWithoutLayersIsRefusedInWords() {
    Weights counters =
        network("counters", tensor("n", LayerKind.UNKNOWN, array(new double[] {1}, 1)));
    for (Runnable asked :
        List.<Runnable>of(
            () -> WeightPath.along(List.of(counters, counters)),
            () -> WeightChange.withDefaults().between(counters, counters),
            () -> FilterRandomness.withDefaults().test(counters))) {
      assertThatThrownBy(asked::run)
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("'counters' has no filters of a known layer");
    }
  }
}
