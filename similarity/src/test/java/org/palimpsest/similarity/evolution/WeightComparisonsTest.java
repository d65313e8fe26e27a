package org.palimpsest.similarity.evolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.Study.LayerMeasurement;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

class WeightComparisonsTest {

  private static final Weights START = network(1, 1);
  private static final Weights GROWN = network(1, 3);
  private static final Weights OTHER = network(2, 1);

  private static Weights network(long seed, double scale) {
    Random random = new Random(seed);
    double[] kernels = random.doubles(12 * 4 * 9).map(x -> scale * (x - 0.5)).toArray();
    return Weights.of(
        Provenance.inMemory("net" + seed),
        "net" + seed,
        List.of(
            tensor("conv.weight", Nd4j.create(kernels, new long[] {12, 4, 3, 3}, 'c')),
            tensor("conv.bias", Nd4j.ones(12).mul(scale)),
            tensor("norm.weight", Nd4j.ones(12)),
            tensor("norm.bias", Nd4j.ones(12)),
            tensor("norm.running_mean", Nd4j.ones(12).mul(scale)),
            tensor("norm.running_var", Nd4j.ones(12))));
  }

  private static WeightTensor tensor(String name, INDArray values) {
    return new WeightTensor(name, values, "float64", LayerKind.UNKNOWN);
  }

  private static Measurement figure(
      WeightComparison comparison, Weights a, Weights b, String layer, String measure) {
    return comparison.compare(a, b).stream()
        .filter(f -> f.layer().equals(layer) && f.measure().equals(measure))
        .map(LayerMeasurement::measurement)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatIsCalledSymmetricIsTheSameInBothDirections() {
    for (WeightComparison comparison :
        List.of(WeightComparisons.change(), WeightComparisons.filters())) {
      for (LayerMeasurement there : comparison.compare(GROWN, OTHER)) {
        double back = figure(comparison, OTHER, GROWN, there.layer(), there.measure()).value();
        if (comparison.symmetricMeasures().contains(there.measure())) {
          assertThat(there.measurement().value())
              .as(there.measure())
              .isCloseTo(back, within(1e-12));
        }
      }
      assertThat(comparison.measures()).containsAll(comparison.symmetricMeasures());
    }
    assertThat(figure(WeightComparisons.filters(), GROWN, OTHER, "conv", "filter_nearest_cosine"))
        .isNotEqualTo(
            figure(WeightComparisons.filters(), OTHER, GROWN, "conv", "filter_nearest_cosine"));
  }

  @Test
  void changeIsMeasuredAgainstTheSecond() {
    WeightComparison change = WeightComparisons.change();

    assertThat(figure(change, GROWN, START, "conv", "weight_relative_change").value())
        .isCloseTo(2, within(1e-6));
    assertThat(figure(change, START, GROWN, "conv", "weight_relative_change").value())
        .isCloseTo(2.0 / 3, within(1e-6));
    assertThat(figure(change, GROWN, START, "conv", "weight_cosine").value())
        .isCloseTo(1, within(1e-6));
    assertThat(figure(change, GROWN, START, "conv", "weight_norm_change").value())
        .isCloseTo(2, within(1e-6));
    assertThat(figure(change, GROWN, START, "conv.bias", "bias_relative_change").n()).isEqualTo(12);
    assertThat(
            figure(change, GROWN, START, "norm.running_mean", "normalisation_relative_change")
                .value())
        .isCloseTo(2, within(1e-6));
  }

  @Test
  void unrelatedFiltersMatchAsWellAsChanceLets() {
    Measurement matched =
        figure(WeightComparisons.filters(), START, OTHER, "conv", "filter_matched_cosine");

    assertThat(matched.value())
        .isBetween(matched.low().getAsDouble(), matched.high().getAsDouble());
    assertThat(matched.n()).isEqualTo(12);
    assertThat(
            figure(
                    WeightComparisons.filters(),
                    START,
                    GROWN,
                    "conv",
                    "filter_matched_cosine p_value")
                .value())
        .isLessThan(1e-6);
  }

  @Test
  void freshFiltersLookRandomAndOnlyTheViewAgainstTheStartTellsSo() {
    WeightComparison randomness = WeightComparisons.randomness();

    assertThat(randomness.views()).containsExactly(Study.View.TO_START);
    assertThat(figure(randomness, OTHER, START, "conv", "filter_structure p_value").value())
        .isGreaterThan(0.01);
    Measurement rank = figure(randomness, OTHER, START, "conv", "filter_effective_rank");
    assertThat(rank.value()).isBetween(rank.low().getAsDouble(), rank.high().getAsDouble());
  }

  @Test
  void everyFigureIsInTheCatalogueAndNothingElse() {
    List<String> named =
        WeightComparisons.all().stream().flatMap(c -> c.measures().stream()).toList();

    assertThat(WeightComparisons.catalogue().stream().map(MeasureFacts::name).toList())
        .containsExactlyInAnyOrderElementsOf(named);
    for (WeightComparison comparison : WeightComparisons.all()) {
      assertThat(comparison.measures())
          .containsAll(
              comparison.compare(START, OTHER).stream()
                  .map(LayerMeasurement::measure)
                  .collect(Collectors.toSet()));
    }
  }

  @Test
  void comparisonsAreFoundByName() {
    assertThat(WeightComparisons.parse("filters").name()).isEqualTo("filters");
    assertThatThrownBy(() -> WeightComparisons.parse("colour"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("change, filters, randomness");
  }
}
