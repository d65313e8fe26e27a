package org.palimpsest.similarity.filters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.palimpsest.similarity.weights.TestNetworks.array;
import static org.palimpsest.similarity.weights.TestNetworks.network;
import static org.palimpsest.similarity.weights.TestNetworks.tensor;
import static org.palimpsest.similarity.weights.TestNetworks.unknown;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.similarity.filters.NetworkRandomness.Question;
import org.palimpsest.similarity.filters.NetworkRandomness.TestResult;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.weights.FilterBank;
import org.palimpsest.similarity.weights.GoldenWeights;
import org.palimpsest.similarity.weights.NetworkFilters.LeftOut;
import org.palimpsest.similarity.weights.TestNetworks;

class FilterRandomnessTest {

  private static final FilterRandomness RANDOMNESS = FilterRandomness.withDefaults();
  private static final Percentage EXACT = Percentage.withPercentage(1e-6);

  private static void exactlyAs(TestResult result, JsonNode expected) {
    assertThat(result.value()).isCloseTo(expected.get("value").asDouble(), within(1e-10));
    assertThat(result.p()).isCloseTo(expected.get("p").asDouble(), EXACT);
  }

  @ParameterizedTest
  @MethodSource("org.palimpsest.similarity.weights.GoldenWeights#all")
  void agreesWithNumPyAndSciPy(GoldenWeights golden) {
    NetworkRandomness.Layer tested =
        RANDOMNESS.drawnFrom(Initialisation.pytorchDefault()).test(golden.bank("after"));
    JsonNode expected = golden.node().get("randomness");

    exactlyAs(tested.result("skewness"), expected.get("skewness"));
    exactlyAs(tested.result("excess_kurtosis"), expected.get("excess_kurtosis"));
    exactlyAs(tested.result("ks_drawn_from"), expected.get("ks_drawn_from"));
    assertThat(tested.result("variance_ratio").value())
        .isCloseTo(expected.get("variance_ratio").get("value").asDouble(), within(1e-12));
    if (expected.has("spatial_autocorrelation")) {
      exactlyAs(tested.result("spatial_autocorrelation"), expected.get("spatial_autocorrelation"));
      exactlyAs(tested.result("low_frequency_energy"), expected.get("low_frequency_energy"));
      assertThat(tested.result("low_frequency_energy").high())
          .isCloseTo(expected.get("low_frequency_energy").get("high").asDouble(), within(1e-6));
    }
  }

  @Test
  void weightsWhoseFourthPowerOverflowsAreToldByTheirLayer() {
    FilterBank large = FilterBank.ofRows("huge", 2, List.of(), 1e200, -1e200, 2e200, 3e200);
    assertThatThrownBy(() -> RANDOMNESS.test(large))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("layer 'huge' are too large");
  }

  /** Simulated by NumPy with whole matrices, here from bidiagonal ones. */
  @ParameterizedTest
  @MethodSource("org.palimpsest.similarity.weights.GoldenWeights#all")
  void simulatedBandsAgreeWithNumPy(GoldenWeights golden) {
    NetworkRandomness.Layer tested = RANDOMNESS.withSimulations(4999).test(golden.bank("after"));
    JsonNode expected = golden.node().get("randomness");

    for (String statistic : List.of("largest_singular_value", "effective_rank")) {
      TestResult result = tested.result(statistic);
      JsonNode numpy = expected.get(statistic);
      double width = numpy.get("high_simulated").asDouble() - numpy.get("low_simulated").asDouble();
      assertThat(result.value()).isCloseTo(numpy.get("value").asDouble(), within(1e-9));
      assertThat(result.low())
          .isCloseTo(numpy.get("low_simulated").asDouble(), within(0.1 * width));
      assertThat(result.high())
          .isCloseTo(numpy.get("high_simulated").asDouble(), within(0.1 * width));
    }
    TestResult ks = tested.result("ks_gaussian");
    double p = expected.get("ks_gaussian").get("p_simulated").asDouble();
    assertThat(ks.value())
        .isCloseTo(expected.get("ks_gaussian").get("value").asDouble(), within(1e-10));
    assertThat(ks.high())
        .isCloseTo(
            expected.get("ks_gaussian").get("high_simulated").asDouble(),
            Percentage.withPercentage(2));
    assertThat(ks.p()).isCloseTo(p, within(0.01 + 0.1 * p));
  }

  @ParameterizedTest
  @MethodSource("org.palimpsest.similarity.weights.GoldenWeights#all")
  void twoSamplesAgreeWithSciPy(GoldenWeights golden) {
    Weights start = moment(golden, "before");
    NetworkRandomness.Layer tested =
        RANDOMNESS.drawnFrom(start).test(moment(golden, "after")).layer(golden.layer());

    JsonNode expected = golden.node().get("randomness").get("ks_two_sample");
    assertThat(tested.result("ks_drawn_from").value())
        .isCloseTo(expected.get("value").asDouble(), within(1e-12));
    assertThat(tested.result("ks_drawn_from").p())
        .isCloseTo(expected.get("p").asDouble(), within(0.02));
  }

  private static Weights moment(GoldenWeights golden, String moment) {
    double[] values = GoldenWeights.numbers(golden.node().get(moment));
    return network(
        moment, tensor(golden.layer() + ".weight", golden.kind(), array(values, golden.shape())));
  }

  private static double[] gaussians(long seed, int count) {
    return Seeds.gaussians(new SplittableRandom(seed), count);
  }

  @Test
  void aConstantLayerIsListedAndNamed() {
    Weights weights =
        network(
            "n",
            tensor("dead.weight", LayerKind.LINEAR, Nd4j.valueArrayOf(new long[] {8, 8}, 0.1)),
            tensor("alive.weight", LayerKind.LINEAR, array(gaussians(1, 64), 8, 8)));

    NetworkRandomness tested = RANDOMNESS.test(weights);

    assertThat(tested.leftOut()).extracting(LeftOut::name).containsExactly("dead");
    assertThat(tested.layers()).hasSize(1);
    assertThatThrownBy(() -> RANDOMNESS.test(FilterBank.ofRows("dead", 2, List.of(), 3, 3, 3, 3)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'dead'")
        .hasMessageContaining("All 4 weights are 3.0");
  }

  @Test
  void pointwiseKernelsHaveNoSpatialResults() {
    NetworkRandomness.Layer tested =
        RANDOMNESS.test(
            FilterBank.of("point", LayerKind.CONVOLUTION, array(gaussians(1, 64), 8, 8, 1, 1)));

    assertThat(tested.results())
        .extracting(TestResult::statistic)
        .contains("largest_singular_value")
        .doesNotContain("spatial_autocorrelation", "low_frequency_energy");
    assertThat(tested.notes()).hasSize(2);
    assertThatThrownBy(() -> tested.result("spatial_autocorrelation"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'point'");
  }

  @Test
  void aSingleTinyFilterGetsOnlyWhatItsWeightsAllow() {
    NetworkRandomness.Layer tested =
        RANDOMNESS.test(FilterBank.ofRows("out", 1, List.of(), gaussians(3, 8)));

    assertThat(tested.results())
        .extracting(TestResult::statistic)
        .containsExactly("ks_gaussian", "skewness");
    assertThat(tested.notes()).anyMatch(note -> note.contains("1 filters × 8 weights"));
    assertThat(tested.p(Question.STRUCTURE)).isEmpty();
  }

  @Test
  void aNaNIsNamed() {
    double[] values = gaussians(1, 64);
    values[9] = Double.NaN;

    assertThatThrownBy(
            () ->
                RANDOMNESS.test(
                    network("n", tensor("fc.weight", LayerKind.LINEAR, array(values, 8, 8)))))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'fc' holds NaN (filter 1, weight 1 of 8)");
  }

  @Test
  void aNetworkWithoutFiltersIsRefused() {
    assertThatThrownBy(() -> RANDOMNESS.test(network("n", unknown("bn.weight", 8))))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'n' has no filters");
  }

  @Test
  void resultsDependOnTheSeedAndNotOnTheThreads() throws Exception {
    Weights weights = TestNetworks.convolutions(1, 3, r -> r.nextGaussian(), 6, 4, 3, 3);
    ForkJoinPool alone = new ForkJoinPool(1);
    try {
      for (FilterRandomness.NullModel model : FilterRandomness.NullModel.values()) {
        FilterRandomness randomness =
            FilterRandomness.withDefaults().withNullModel(model).withSimulations(99);
        NetworkRandomness onOne = alone.submit(() -> randomness.test(weights)).get();

        assertThat(randomness.withSeed(0).test(weights).rows()).isEqualTo(onOne.rows());
        assertThat(randomness.withSeed(1).test(weights).rows()).isNotEqualTo(onOne.rows());
      }
    } finally {
      alone.shutdown();
    }
  }

  @Test
  void pValuesAreCorrectedForTheNumberOfLayers() {
    NetworkRandomness tested =
        RANDOMNESS.test(TestNetworks.convolutions(1, 10, r -> r.nextGaussian(), 6, 4, 3, 3));
    List<TestResult> results =
        tested.layers().stream().map(layer -> layer.result("skewness")).toList();
    TestResult smallest =
        results.stream().min((a, b) -> Double.compare(a.p(), b.p())).orElseThrow();

    assertThat(smallest.correctedP()).isCloseTo(Math.min(1, 10 * smallest.p()), within(1e-12));
    assertThat(results).allMatch(result -> result.correctedP() >= result.p());
  }

  /** R 4: p.adjust(c(0.01, 0.04, 0.03, 0.5), "holm"). */
  @Test
  void holmAgreesWithR() {
    assertThat(Judgement.holm(0.01, 0.04, 0.03, 0.5))
        .containsExactly(new double[] {0.04, 0.09, 0.09, 0.5}, within(1e-12));
  }

  @Test
  void singularValuesThatStickOutAreCounted() {
    double[] values = gaussians(5, 32 * 64);
    for (int pattern = 0; pattern < 3; pattern++) {
      double[] left = gaussians(10 + pattern, 32);
      double[] right = gaussians(20 + pattern, 64);
      for (int i = 0; i < values.length; i++) {
        values[i] += 0.8 * left[i / 64] * right[i % 64];
      }
    }

    NetworkRandomness.Layer tested =
        RANDOMNESS.test(FilterBank.ofRows("fc", 32, List.of(), values));

    assertThat(tested.result("singular_values_beyond_edge").value()).isEqualTo(3);
    assertThat(tested.result("effective_rank").value())
        .isLessThan(tested.result("effective_rank").low());
  }

  @Test
  void tooFewSimulationsAreRefused() {
    assertThatThrownBy(() -> RANDOMNESS.withSimulations(5))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("at least 19");
  }
}
