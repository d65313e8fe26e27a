package org.palimpsest.similarity.filters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.similarity.filters.NetworkRandomness.Question;
import org.palimpsest.similarity.filters.NetworkRandomness.TestResult;
import org.palimpsest.similarity.weights.TestNetworks;

/** Fresh filters are rejected as often as the level says, patterned ones always. */
class RandomnessCalibrationTest {

  private static final int LAYERS = 600;
  private static final double LEVEL = 0.05;
  private static final FilterRandomness RANDOMNESS =
      FilterRandomness.withDefaults().withSimulations(999);

  private static Map<String, Double> rejectionRates(NetworkRandomness tested) {
    return tested.layers().stream()
        .flatMap(layer -> layer.results().stream())
        .collect(
            Collectors.groupingBy(
                TestResult::statistic,
                Collectors.averagingDouble(result -> result.p() < LEVEL ? 1 : 0)));
  }

  private static void requireLevel(Map<String, Double> rates, int layers, String... but) {
    assertThat(rates)
        .allSatisfy(
            (statistic, rate) -> {
              if (!List.of(but).contains(statistic)) {
                assertThat(rate)
                    .as(statistic)
                    .isCloseTo(LEVEL, within(Binomial.tolerance(LEVEL, layers)));
              }
            });
  }

  @ParameterizedTest
  @CsvSource({"8,1,3,3", "16,8,3,3", "24,4,2,2"})
  void freshGaussianFiltersAreRejectedAtTheLevel(int out, int in, int height, int width) {
    Weights fresh =
        TestNetworks.convolutions(1, LAYERS, r -> 0.1 * r.nextGaussian(), out, in, height, width);

    Map<String, Double> rates =
        rejectionRates(RANDOMNESS.drawnFrom(Initialisation.normal(0.1)).test(fresh));

    assertThat(rates).hasSize(11);
    requireLevel(rates, LAYERS);
  }

  @Test
  void freshThreeDimensionalFiltersAreRejectedAtTheLevel() {
    Weights fresh = TestNetworks.convolutions(1, LAYERS, r -> r.nextGaussian(), 8, 4, 3, 3, 2);

    requireLevel(rejectionRates(RANDOMNESS.test(fresh)), LAYERS);
  }

  @Test
  void freshHeUniformFiltersAreRejectedAtTheLevelByWhatTheyWereDrawnFrom() {
    double bound = Math.sqrt(6.0 / (8 * 9));
    Weights fresh =
        TestNetworks.convolutions(1, LAYERS, r -> bound * (2 * r.nextDouble() - 1), 16, 8, 3, 3);

    Map<String, Double> rates =
        rejectionRates(RANDOMNESS.drawnFrom(Initialisation.heUniform()).test(fresh));

    for (String statistic :
        List.of(
            "ks_drawn_from",
            "mean_shift",
            "variance_ratio",
            "spatial_autocorrelation",
            "low_frequency_energy")) {
      assertThat(rates.get(statistic))
          .as(statistic)
          .isCloseTo(LEVEL, within(Binomial.tolerance(LEVEL, LAYERS)));
    }
    assertThat(rates.get("ks_gaussian")).isGreaterThan(0.99);
    assertThat(rates.get("excess_kurtosis")).isEqualTo(1);
  }

  @Test
  void shufflingJudgesUniformAndHeavyTailedFiltersAtTheLevel() {
    int layers = 200;
    FilterRandomness shuffled =
        RANDOMNESS.withNullModel(FilterRandomness.NullModel.SHUFFLED).withSimulations(199);
    Weights uniform = TestNetworks.convolutions(1, layers, r -> r.nextDouble() - 0.5, 12, 4, 3, 3);
    Weights heavy = TestNetworks.convolutions(1, layers, r -> cubed(r), 12, 4, 3, 3);

    for (Weights fresh : List.of(uniform, heavy)) {
      requireLevel(
          rejectionRates(shuffled.test(fresh)),
          layers,
          "ks_gaussian",
          "skewness",
          "excess_kurtosis");
    }
  }

  private static double cubed(SplittableRandom random) {
    double value = random.nextGaussian();
    return value * Math.abs(value);
  }

  @ParameterizedTest
  @CsvSource({
    "UNIFORM,8,1,3,3",
    "UNIFORM,16,8,3,3",
    "TRUNCATED_NORMAL,8,1,3,3",
    "TRUNCATED_NORMAL,16,8,3,3"
  })
  void freshFiltersOfAnyStartAreRejectedAtTheLevelOnceThatIsTold(
      ValueForm form, int out, int in, int height, int width) {
    Weights start = fresh(form, 1, 20, out, in, height, width);

    Map<String, Double> rates =
        rejectionRates(
            RANDOMNESS
                .assumingStartOf(fresh(form, 1, 1, out, in, height, width))
                .test(fresh(form, 2, LAYERS, out, in, height, width)));

    assertThat(rates).containsKey(ValuesCheck.statistic(form)).hasSize(8);
    requireLevel(rates, LAYERS);
    assertThat(RANDOMNESS.assumingStartOf(start).test(start).layers())
        .allSatisfy(layer -> assertThat(layer.p(Question.VALUES).orElseThrow()).isPositive());
  }

  @ParameterizedTest
  @CsvSource({"64,1,3,3", "8,4,3,3"})
  void freshOrthogonalFiltersAreRejectedNoOftenerThanTheLevel(
      int out, int in, int height, int width) {
    Map<String, Double> rates =
        rejectionRates(
            RANDOMNESS
                .assumingStartOf(fresh(ValueForm.ORTHOGONAL, 1, 1, out, in, height, width))
                .test(fresh(ValueForm.ORTHOGONAL, 2, 300, out, in, height, width)));

    assertThat(rates)
        .containsKey("ks_orthogonal")
        .allSatisfy(
            (statistic, rate) ->
                assertThat(rate).as(statistic).isLessThan(LEVEL + Binomial.tolerance(LEVEL, 300)));
  }

  private static Weights fresh(
      ValueForm form, long seed, int layers, int out, int in, int height, int width) {
    SplittableRandom random = new SplittableRandom(seed);
    List<double[]> drawn =
        Stream.generate(() -> form.draw(out, in * height * width, random)).limit(layers).toList();
    return TestNetworks.convolutions(drawn, out, in, height, width);
  }

  @ParameterizedTest
  @EnumSource(ValueForm.class)
  void gaborFiltersAreFoundWhateverTheStart(ValueForm form) {
    SplittableRandom random = new SplittableRandom(1);
    List<double[]> layers = Stream.generate(() -> gabors(random, 32)).limit(8).toList();

    NetworkRandomness tested =
        RANDOMNESS
            .assumingStartOf(fresh(form, 3, 8, 32, 1, 7, 7))
            .test(TestNetworks.convolutions(layers, 32, 1, 7, 7));

    assertThat(tested.assumedStart()).startsWith(form.words() + " values in 8 of 8 layers");
    assertThat(tested.layers()).allMatch(layer -> layer.p(Question.STRUCTURE).orElseThrow() < 1e-6);
  }

  @Test
  void layersThatFitNoStartAreTakenForNormalOnesAndSaidToBe() {
    Weights trained = TestNetworks.convolutions(1, 3, r -> cubed(r) * cubed(r), 16, 8, 3, 3);

    NetworkRandomness tested = RANDOMNESS.assumingStartOf(trained).test(trained);

    assertThat(tested.assumedStart()).contains("normal values in 3 that fit no usual start");
    assertThat(tested.layers()).allMatch(layer -> layer.p(Question.VALUES).orElseThrow() < 1e-6);
  }

  @Test
  void otherDrawsOfTheSameDistributionAreRejectedAtTheLevel() {
    Weights fresh = TestNetworks.convolutions(1, LAYERS, r -> r.nextGaussian(), 8, 4, 3, 3);
    Weights other = TestNetworks.convolutions(2, LAYERS, r -> r.nextGaussian(), 8, 4, 3, 3);

    Map<String, Double> rates = rejectionRates(RANDOMNESS.drawnFrom(other).test(fresh));

    for (String statistic : List.of("ks_drawn_from", "mean_shift", "variance_ratio")) {
      assertThat(rates.get(statistic))
          .as(statistic)
          .isCloseTo(LEVEL, within(Binomial.tolerance(LEVEL, LAYERS)));
    }
  }

  @Test
  void atMostOneNetworkInTwentyHasAnyLayerRejectedAfterCorrection() {
    int networks = 200;
    int rejected = 0;
    for (int i = 0; i < networks; i++) {
      Weights fresh = TestNetworks.convolutions(i, 6, r -> r.nextGaussian(), 8, 2, 3, 3);
      boolean any =
          RANDOMNESS.test(fresh).layers().stream()
              .anyMatch(layer -> layer.p(Question.STRUCTURE).orElseThrow() < LEVEL);
      rejected += any ? 1 : 0;
    }

    assertThat((double) rejected / networks)
        .isLessThan(LEVEL + Binomial.tolerance(LEVEL, networks));
  }

  @Test
  void gaborFiltersAreAlwaysRejected() {
    SplittableRandom random = new SplittableRandom(1);
    List<double[]> layers = Stream.generate(() -> gabors(random, 32)).limit(50).toList();

    NetworkRandomness tested = RANDOMNESS.test(TestNetworks.convolutions(layers, 32, 1, 7, 7));

    assertThat(rejectionRates(tested))
        .containsEntry("spatial_autocorrelation", 1.0)
        .containsEntry("low_frequency_energy", 1.0)
        .containsEntry("largest_singular_value", 1.0)
        .containsEntry("effective_rank", 1.0);
    assertThat(tested.layers()).allMatch(layer -> layer.p(Question.STRUCTURE).orElseThrow() < 1e-6);
  }

  /** Filters of 7 × 7 weights, of random orientation and phase. */
  private static double[] gabors(SplittableRandom random, int filters) {
    double[] values = new double[filters * 49];
    for (int filter = 0; filter < filters; filter++) {
      double angle = Math.PI * random.nextDouble();
      double phase = 2 * Math.PI * random.nextDouble();
      for (int i = 0; i < 49; i++) {
        double y = i / 7 - 3;
        double x = i % 7 - 3;
        double along = x * Math.cos(angle) + y * Math.sin(angle);
        values[filter * 49 + i] =
            Math.exp(-(x * x + y * y) / 8) * Math.cos(2 * Math.PI * along / 6 + phase);
      }
    }
    return values;
  }
}
