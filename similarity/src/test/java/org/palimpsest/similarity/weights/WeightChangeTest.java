package org.palimpsest.similarity.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.palimpsest.similarity.weights.TestNetworks.array;
import static org.palimpsest.similarity.weights.TestNetworks.network;
import static org.palimpsest.similarity.weights.TestNetworks.tensor;
import static org.palimpsest.similarity.weights.TestNetworks.unknown;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.similarity.filters.FilterDistance;
import org.palimpsest.similarity.weights.NetworkFilters.LeftOut;

class WeightChangeTest {

  private static final WeightChange CHANGE = WeightChange.withDefaults();

  @ParameterizedTest
  @MethodSource("org.palimpsest.similarity.weights.GoldenWeights#all")
  void agreesWithNumPy(GoldenWeights golden) {
    NetworkChange.Layer change = CHANGE.between(golden.bank("before"), golden.bank("after"));
    var figures =
        change.rows().stream()
            .filter(row -> row.filter().isEmpty())
            .collect(Collectors.toMap(WeightStatistic::statistic, WeightStatistic::value));

    for (String figure :
        List.of(
            "distance",
            "relative_change",
            "mean_absolute_change",
            "sign_flips",
            "moved_share",
            "norm_before",
            "norm_after",
            "mean_cosine",
            "mean_angle")) {
      assertThat(figures.get(figure))
          .as(figure)
          .isCloseTo(golden.expected("change", figure), within(1e-12));
    }
    assertThat(change.filters().stream().mapToDouble(f -> f.cosine().orElseThrow()).toArray())
        .containsExactly(
            GoldenWeights.numbers(golden.node().get("change").get("filter_cosines")),
            within(1e-12));
    assertThat(
            change.filters().stream().mapToDouble(f -> f.relativeChange().orElseThrow()).toArray())
        .containsExactly(
            GoldenWeights.numbers(golden.node().get("change").get("filter_relative_changes")),
            within(1e-12));
  }

  @Test
  void figuresOfOneFilterByHand() {
    NetworkChange.Layer change =
        CHANGE
            .withAbsoluteThreshold(1.5)
            .between(
                FilterBank.ofRows("a", 1, List.of(), 3, 4, 0, -1),
                FilterBank.ofRows("a", 1, List.of(), -3, 4, 1, 1));
    NetworkChange.Filter filter = change.filters().get(0);

    assertThat(filter.distance()).isEqualTo(Math.sqrt(36 + 1 + 4));
    assertThat(filter.relativeChange()).hasValue(Math.sqrt(41) / Math.sqrt(26));
    assertThat(filter.signFlips()).isEqualTo(0.5);
    assertThat(filter.movedShare()).isEqualTo(0.5);
    assertThat(filter.meanAbsoluteChange()).isEqualTo(9.0 / 4);
    assertThat(filter.cosine()).hasValue((-9 + 16 - 1) / (Math.sqrt(26) * Math.sqrt(27)));
  }

  @Test
  void aTinyAngleKeepsItsDigits() {
    double angle = 1e-9;
    NetworkChange.Layer change =
        CHANGE.between(
            FilterBank.ofRows("a", 1, List.of(), 1, 0),
            FilterBank.ofRows("a", 1, List.of(), Math.cos(angle), Math.sin(angle)));

    assertThat(change.meanAngle().orElseThrow()).isCloseTo(angle, within(1e-22));
  }

  @Test
  void aZeroFilterHasNoAngleAndTheOthersDo() {
    NetworkChange.Layer change =
        CHANGE.between(
            FilterBank.ofRows("a", 3, List.of(), 0, 0, 1, 2, 0, 0),
            FilterBank.ofRows("a", 3, List.of(), 1, 0, 2, 4, 0, 0));

    assertThat(change.filters().get(0).cosine()).isEmpty();
    assertThat(change.filters().get(0).relativeChange()).isEmpty();
    assertThat(change.filters().get(1).cosine().orElseThrow()).isCloseTo(1, within(1e-15));
    assertThat(change.filters().get(2).relativeChange()).hasValue(0);
    assertThat(change.filtersWithoutAngle()).isEqualTo(2);
    assertThat(change.rows()).allSatisfy(row -> assertThat(row.value()).isFinite());
  }

  @Test
  void aLayerThatStartsAtZeroHasNoRelativeChange() {
    NetworkChange.Layer change =
        CHANGE.between(
            FilterBank.ofRows("a", 2, List.of(), 0, 0, 0, 0),
            FilterBank.ofRows("a", 2, List.of(), 1, 0, 0, 0));

    assertThat(change.relativeChange()).isEmpty();
    assertThat(change.relativeNormChange()).isEmpty();
    assertThat(change.threshold()).isZero();
    assertThat(change.movedShare()).isEqualTo(0.25);
    assertThat(change.meanCosine()).isEmpty();
  }

  private static Weights unet(String name, double scale, String extra) {
    return network(
        name,
        tensor("conv.weight", LayerKind.CONVOLUTION, array(new double[] {scale, 2, 3, 4}, 2, 1, 2)),
        tensor("conv.bias", LayerKind.CONVOLUTION, array(new double[] {1, scale}, 2)),
        tensor("bn.weight", LayerKind.NORMALISATION, array(new double[] {scale, 1}, 2)),
        unknown("other.weight", 3, name.length()),
        unknown(extra, 2, 2));
  }

  @Test
  void whereOneNetworkKeepsAWeightInPartsItsBiasIsComparedAllTheSame() {
    Weights parts =
        network(
            "parts",
            unknown("c.parametrizations.weight.original", 6, 4),
            unknown("c.bias", 6),
            unknown("d.weight", 3, 6));
    Weights whole =
        network(
            "whole", unknown("c.weight", 6, 4), unknown("c.bias", 6), unknown("d.weight", 3, 6));

    NetworkChange change = CHANGE.between(parts, whole);

    assertThat(change.unmatched())
        .contains(new LeftOut("c", "parts has it, but there it is left out."))
        .extracting(LeftOut::name)
        .doesNotContain("c.bias");
  }

  @Test
  void oneNameWithTwoShapesIsToldWithBoth() {
    Weights one = network("one", unknown("c.weight", 6, 5));
    Weights other = network("other", unknown("c.weight", 6, 4));
    assertThatThrownBy(() -> CHANGE.between(one, other))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("5 input channels")
        .hasMessageContaining("4 input channels");
  }

  @Test
  void namesAndShapesThatDoNotMatchAreListed() {
    NetworkChange change = CHANGE.between(unet("a", 1, "x.weight"), unet("bb", 2, "y.weight"));

    assertThat(change.layers()).extracting(NetworkChange.Layer::layer).containsExactly("conv");
    assertThat(change.unmatched()).extracting(LeftOut::name).containsExactly("other", "x", "y");
    assertThat(change.unmatched().get(0).reason()).contains("shapes differ");
    assertThat(change.unmatched().get(2).reason()).contains("bb alone");
  }

  @Test
  void biasesAndNormalisationAreReportedApart() {
    NetworkChange change = CHANGE.between(unet("a", 1, "x.weight"), unet("bb", 2, "y.weight"));

    assertThat(change.biases())
        .extracting(NetworkChange.Vector::tensor)
        .containsExactly("conv.bias");
    assertThat(change.normalisation().get(0).relativeChange()).hasValue(1 / Math.sqrt(2));
    assertThat(change.layer("conv").layout().weights()).isEqualTo(4);
    assertThat(change.rows())
        .filteredOn(row -> row.layer().equals("bn.weight"))
        .extracting(WeightStatistic::statistic)
        .contains("relative_change");
  }

  @Test
  void networksWithoutACommonLayerAreRefused() {
    assertThatThrownBy(
            () ->
                CHANGE.between(
                    network("a", unknown("one.weight", 2, 2)),
                    network("b", unknown("two.weight", 2, 2))))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("one")
        .hasMessageContaining("two");
  }

  @Test
  void aNaNInANormalisationIsNamed() {
    assertThatThrownBy(
            () -> CHANGE.between(unet("a", 1, "x.weight"), unet("bb", Double.NaN, "y.weight")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'conv'");
  }

  @Test
  void aNegativeThresholdIsRefused() {
    assertThatThrownBy(() -> CHANGE.withRelativeThreshold(-1))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("-1.0");
  }

  @Test
  void aNetworkWithoutKnownLayersIsRefusedWithWhatItsFileTells() {
    Provenance told = new Provenance("bare.h5", "", List.of("give the architecture as well."));
    Weights bare =
        Weights.of(
            told, "bare.h5", List.of(tensor("k", LayerKind.OTHER, array(new double[4], 2, 2))));
    Weights known = network("a", unknown("x.weight", 4, 3));

    for (Weights[] pair : new Weights[][] {{bare, known}, {known, bare}, {bare, bare}}) {
      assertThatThrownBy(() -> CHANGE.between(pair[0], pair[1]))
          .isInstanceOf(PalimpsestException.class)
          .hasMessage(
              "'bare.h5' has no filters of a known layer; left out: k (give the architecture as"
                  + " well).");
    }
  }

  private static Weights listed(String name, double first, String also) {
    return network(
        name,
        tensor("k/0", LayerKind.OTHER, array(new double[] {first, 2, 3, 4}, 2, 2)),
        tensor("k/1", LayerKind.OTHER, array(new double[] {3, 4}, 2)),
        tensor(also, LayerKind.OTHER, array(new double[] {1, 1, 1}, 3)));
  }

  @Test
  void arraysOfWhoseAxesNothingIsKnownAreComparedAsAWhole() {
    NetworkChange change = CHANGE.betweenAll(listed("a", 1, "x"), listed("b", 4, "y"));

    assertThat(change.layers()).isEmpty();
    assertThat(change.arrays())
        .extracting(NetworkChange.Vector::tensor)
        .containsExactly("k/0", "k/1");
    assertThat(change.arrays().get(0).relativeChange()).hasValue(3 / Math.sqrt(30));
    assertThat(change.arrays().get(1).distance()).isZero();
    assertThat(change.rows()).extracting(WeightStatistic::layer).contains("k/0", "k/1");
    assertThat(change.unmatched())
        .containsExactly(
            new LeftOut("x", "Read from a alone."), new LeftOut("y", "Read from b alone."));
  }

  @Test
  void arraysAreComparedBesideLayersAndNeverInTheirPlace() {
    Weights a =
        network(
            "a",
            unknown("x.weight", 4, 3),
            tensor("t", LayerKind.OTHER, array(new double[] {2}, 1)));
    Weights b =
        network(
            "b",
            unknown("x.weight", 4, 3),
            tensor("t", LayerKind.OTHER, array(new double[] {3}, 1)));
    Weights other =
        network(
            "c",
            unknown("z.weight", 4, 3),
            tensor("t", LayerKind.OTHER, array(new double[] {3}, 1)));

    NetworkChange change = CHANGE.betweenAll(a, b);
    assertThat(change).isEqualTo(CHANGE.between(a, b));
    assertThat(change.arrays().get(0).relativeChange()).hasValue(0.5);
    assertThat(change.unmatched()).isEmpty();
    assertThatThrownBy(() -> CHANGE.betweenAll(a, other))
        .hasMessageContainingAll("no layer of one name", "x", "z");
    assertThatThrownBy(() -> CHANGE.betweenAll(a, listed("l", 1, "t")))
        .hasMessageContaining("'l' has no filters of a known layer");
    assertThatThrownBy(
            () ->
                CHANGE.betweenAll(
                    listed("l", 1, "x"),
                    network("m", tensor("n", LayerKind.OTHER, array(new double[1], 1)))))
        .hasMessageContainingAll("no array of one name and shape", "k/0, k/1, x and n");
  }

  @Test
  void whichNetworkAloneHasALayerIsToldInEitherOrder() {
    Weights large = network("large", unknown("x.weight", 4, 3), unknown("y.weight", 4, 3));
    Weights small = network("small", unknown("x.weight", 4, 3));

    for (Weights[] pair : new Weights[][] {{large, small}, {small, large}}) {
      assertThat(CHANGE.between(pair[0], pair[1]).unmatched())
          .containsExactly(new LeftOut("y", "Read from large alone."));
      assertThat(
              FilterDistance.by(FilterDistance.Proximity.COSINE)
                  .withSimulations(0)
                  .compare(pair[0], pair[1])
                  .leftOut())
          .containsExactly(new LeftOut("y", "Read from large alone."));
    }
  }

  @Test
  void aBiasBesideAWeightThatOneFileLacksIsComparedAllTheSame() {
    Weights whole =
        network(
            "whole", unknown("c.weight", 6, 4), unknown("c.bias", 6), unknown("d.weight", 3, 6));
    Weights part = network("part", unknown("c.bias", 6), unknown("d.weight", 3, 6));

    for (Weights[] pair : new Weights[][] {{whole, part}, {part, whole}}) {
      NetworkChange change = CHANGE.between(pair[0], pair[1]);
      assertThat(change.biases())
          .extracting(NetworkChange.Vector::tensor)
          .containsExactly("c.bias");
      assertThat(change.unmatched()).containsExactly(new LeftOut("c", "Read from whole alone."));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"int8", "uint8", "bool", "INT4", "int64"})
  void integersAreNotComparedWithFloatingWeights(String type) {
    Weights floating =
        network("a", unknown("c.weight", 6, 4), unknown("c.bias", 6), unknown("d.weight", 3, 6));
    Weights quantised =
        network(
            "b",
            new WeightTensor("c.weight", unknown("c", 6, 4).values(), type, LayerKind.UNKNOWN),
            new WeightTensor("c.bias", unknown("c", 6).values(), type, LayerKind.UNKNOWN),
            unknown("d.weight", 3, 6));
    LeftOut layer =
        new LeftOut(
            "c",
            "Stored as float64 in a and as %s in b, and integers are weights only with their scale."
                .formatted(type));

    NetworkChange change = CHANGE.between(floating, quantised);
    assertThat(change.layers()).extracting(NetworkChange.Layer::layer).containsExactly("d");
    assertThat(change.biases()).isEmpty();
    assertThat(change.unmatched()).containsExactly(layer, new LeftOut("c.bias", layer.reason()));
    assertThat(
            FilterDistance.by(FilterDistance.Proximity.COSINE)
                .withSimulations(0)
                .compare(floating, quantised)
                .leftOut())
        .containsExactly(layer);
    assertThat(CHANGE.between(quantised, quantised).layers()).hasSize(2);
    assertThatThrownBy(
            () ->
                CHANGE.between(
                    network("a", unknown("c.weight", 6, 4)),
                    network(
                        "b",
                        new WeightTensor(
                            "c.weight", unknown("c", 6, 4).values(), type, LayerKind.UNKNOWN))))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Stored as float64 in a");
  }

  @Test
  void theFileOfAWeightThatIsNoNumberIsNamed() {
    Weights sound = network("a", unknown("x.weight", 2, 2), unknown("x.bias", 2));
    Weights weight =
        network(
            "b",
            tensor("x.weight", LayerKind.UNKNOWN, array(new double[] {Double.NaN, 1, 2, 3}, 2, 2)),
            unknown("x.bias", 2));
    Weights bias =
        network(
            "b",
            unknown("x.weight", 2, 2),
            tensor("x.bias", LayerKind.UNKNOWN, array(new double[] {Double.NaN, 1}, 2)));
    for (Weights bad : List.of(weight, bias)) {
      assertThatThrownBy(() -> CHANGE.between(sound, bad))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageStartingWith(bad.provenance().origin() + ": ")
          .hasMessageContaining("holds NaN");
    }
  }
}
