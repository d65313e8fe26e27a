package org.palimpsest.similarity.filters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.palimpsest.similarity.weights.TestNetworks.network;
import static org.palimpsest.similarity.weights.TestNetworks.unknown;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.filters.NetworkFilterComparison.ChanceLevel;
import org.palimpsest.similarity.filters.NetworkFilterComparison.Pair;
import org.palimpsest.similarity.weights.FilterBank;
import org.palimpsest.similarity.weights.GoldenWeights;
import org.palimpsest.similarity.weights.NetworkFilters.LeftOut;
import org.palimpsest.similarity.weights.WeightStatistic;

class FilterDistanceTest {

  private static final FilterDistance COSINE = FilterDistance.by(FilterDistance.Proximity.COSINE);

  private static FilterBank gaussian(long seed, int filters, int weights) {
    double[] values = Seeds.gaussians(new SplittableRandom(seed), filters * weights);
    return FilterBank.ofRows("layer", filters, List.of(), values);
  }

  @ParameterizedTest
  @MethodSource("org.palimpsest.similarity.weights.GoldenWeights#all")
  void agreesWithNumPyAndSciPy(GoldenWeights golden) {
    for (FilterDistance.Proximity proximity : FilterDistance.Proximity.values()) {
      NetworkFilterComparison.Layer comparison =
          FilterDistance.by(proximity)
              .withSimulations(0)
              .compare(golden.bank("after"), golden.bank("other"));
      JsonNode expected = golden.node().get("nearness").get(proximity.name());

      assertThat(comparison.meanNearestOfA())
          .isCloseTo(expected.get("mean_nearest_of_a").asDouble(), within(1e-12));
      assertThat(comparison.meanNearestOfB())
          .isCloseTo(expected.get("mean_nearest_of_b").asDouble(), within(1e-12));
      assertThat(comparison.meanMatched())
          .isCloseTo(expected.get("mean_matched").asDouble(), within(1e-12));
      assertThat(comparison.matching().stream().mapToDouble(Pair::b).toArray())
          .containsExactly(GoldenWeights.numbers(expected.get("matching")));
    }
  }

  @Test
  void filtersInAnotherOrderAreFoundAgain() {
    FilterBank bank = gaussian(1, 40, 27);
    double[] reversed =
        IntStream.range(0, 40)
            .boxed()
            .flatMapToDouble(i -> Arrays.stream(bank.filter(39 - i)))
            .toArray();

    NetworkFilterComparison.Layer comparison =
        FilterDistance.by(FilterDistance.Proximity.NORMALISED_DISTANCE)
            .compare(bank, FilterBank.ofRows("layer", 40, List.of(), reversed));

    assertThat(comparison.meanMatched()).isZero();
    assertThat(comparison.matching()).allMatch(pair -> pair.b() == 39 - pair.a());
    assertThat(comparison.chance().orElseThrow().matching().p()).isLessThan(1e-12);
  }

  @Test
  void unequalNumbersOfFiltersMatchTheSmallerSet() {
    NetworkFilterComparison.Layer comparison =
        COSINE.compare(gaussian(1, 5, 9), gaussian(2, 12, 9));

    assertThat(comparison.matching()).hasSize(5);
    assertThat(comparison.nearestOfA()).hasSize(5);
    assertThat(comparison.nearestOfB()).hasSize(12);
  }

  @Test
  void deadFiltersAreLeftOutAndListed() {
    FilterBank a = FilterBank.ofRows("a", 3, List.of(), 1, 2, 3, 0, 0, 0, 3, 2, 2);
    FilterBank b = FilterBank.ofRows("b", 3, List.of(), 0.1, 0.1, 0.1, 1, 2, 3, 5, 0, 1);

    NetworkFilterComparison.Layer cosine = COSINE.compare(a, b);
    NetworkFilterComparison.Layer correlation =
        FilterDistance.by(FilterDistance.Proximity.CORRELATION).compare(a, b);

    assertThat(cosine.deadA()).containsExactly(1);
    assertThat(cosine.deadB()).isEmpty();
    assertThat(cosine.matching()).extracting(Pair::a).containsExactly(0, 2);
    assertThat(correlation.deadB()).containsExactly(0);
    assertThat(correlation.matching()).extracting(Pair::b).doesNotContain(0);
  }

  @ParameterizedTest
  @EnumSource(FilterDistance.Proximity.class)
  void aLayerOfDeadFiltersIsNamed(FilterDistance.Proximity proximity) {
    FilterBank dead = FilterBank.ofRows("dead", 2, List.of(), 0, 0, 0, 0);

    assertThatThrownBy(() -> FilterDistance.by(proximity).compare(dead, gaussian(1, 2, 2)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'dead'")
        .hasMessageContaining("All its 2 filters");
  }

  @Test
  void filtersOfOtherSizeAreRefused() {
    assertThatThrownBy(() -> COSINE.compare(gaussian(1, 4, 9), gaussian(2, 4, 18)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("4 filters × 9 weights")
        .hasMessageContaining("4 filters × 18 weights");
  }

  @Test
  void singleFiltersOfOneWeightHaveNoChanceLevel() {
    NetworkFilterComparison.Layer comparison =
        COSINE.compare(
            FilterBank.ofRows("a", 1, List.of(), 2), FilterBank.ofRows("b", 1, List.of(), -3));

    assertThat(comparison.meanMatched()).isEqualTo(-1);
    assertThat(comparison.chance()).isEmpty();
  }

  @Test
  void theCosineOfIndependentFiltersSpreadsByOneOverRootOfTheWeights() {
    NetworkFilterComparison.Layer one =
        COSINE.withSimulations(4999).compare(gaussian(1, 1, 36), gaussian(2, 1, 36));
    ChanceLevel chance = one.chance().orElseThrow().matching();

    assertThat(chance.mean()).isCloseTo(0, within(4 / (6 * Math.sqrt(4999))));
    assertThat(chance.sd()).isCloseTo(1.0 / 6, within(0.01));
  }

  @ParameterizedTest
  @EnumSource(FilterDistance.Proximity.class)
  void independentFiltersAreRarelyNearerThanChance(FilterDistance.Proximity proximity) {
    FilterDistance distance = FilterDistance.by(proximity).withSimulations(99);
    int nearest = 0;
    int matched = 0;
    int pairs = 400;
    for (int i = 0; i < pairs; i++) {
      NetworkFilterComparison.Layer.Chance chance =
          distance
              .withSeed(i)
              .compare(gaussian(1000 + i, 12, 18), gaussian(5000 + i, 9, 18))
              .chance()
              .orElseThrow();
      nearest += chance.nearestOfA().p() < 0.05 ? 1 : 0;
      matched += chance.matching().p() < 0.05 ? 1 : 0;
    }

    assertThat((double) nearest / pairs).isCloseTo(0.05, within(Binomial.tolerance(0.05, pairs)));
    assertThat((double) matched / pairs).isCloseTo(0.05, within(Binomial.tolerance(0.05, pairs)));
  }

  @Test
  void chanceDependsOnTheSeedAndNotOnTheThreads() throws Exception {
    FilterBank a = gaussian(1, 20, 27);
    FilterBank b = gaussian(2, 20, 27);
    ForkJoinPool alone = new ForkJoinPool(1);
    try {
      NetworkFilterComparison.Layer onOne = alone.submit(() -> COSINE.compare(a, b)).get();

      assertThat(COSINE.compare(a, b)).isEqualTo(onOne);
      assertThat(COSINE.withSeed(1).compare(a, b)).isNotEqualTo(onOne);
    } finally {
      alone.shutdown();
    }
  }

  @Test
  void networksAreComparedByNameAndTheRestIsListed() {
    NetworkFilterComparison comparison =
        COSINE.compare(
            network(
                "a",
                unknown("c.weight", 4, 3),
                unknown("x.weight", 4, 3),
                unknown("s.weight", 2, 5)),
            network(
                "b",
                unknown("c.weight", 6, 3),
                unknown("y.weight", 4, 3),
                unknown("s.weight", 2, 6)));

    assertThat(comparison.layers()).hasSize(1);
    assertThat(comparison.layer("c").matching()).hasSize(4);
    assertThat(comparison.leftOut()).extracting(LeftOut::name).containsExactly("x", "s", "y");
    assertThat(comparison.rows())
        .filteredOn(row -> row.statistic().equals("mean_matched_cosine"))
        .allSatisfy(row -> assertThat(row.correctedP()).isPresent())
        .extracting(WeightStatistic::layer)
        .containsExactly("c");
  }

  @Test
  void networksWithoutACommonLayerAreRefused() {
    assertThatThrownBy(
            () ->
                COSINE.compare(
                    network("a", unknown("x.weight", 4, 3)),
                    network("b", unknown("y.weight", 4, 3))))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("no layer of one name");
  }
}
