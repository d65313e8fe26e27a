package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Centring;

/**
 * Layers so large that they stay in float32, and heat maps, take other roads to the same values.
 */
class LargeLayersTest {

  private static final double[][] TALL_X = Data.layer(4500, 70, 1);
  private static final double[][] TALL_Y = Data.relative(TALL_X, 64, 2);
  private static final double[][] WIDE_X = wide(3);
  private static final double[][] WIDE_Y = Data.relative(Data.columns(WIDE_X, first(20)), 1000, 4);

  private static double[][] wide(long seed) {
    return Data.times(Data.layer(300, 40, seed), Data.normal(40, 1100, seed + 1));
  }

  private static int[] first(int count) {
    return IntStream.range(0, count).toArray();
  }

  private static Stream<String> measures() {
    return Stream.of(
        "linear_cka",
        "debiased_linear_cka",
        "minibatch_cka:64",
        "svcca",
        "svcca:0.9",
        "svcca:k=5",
        "cca_mean",
        "pwcca",
        "procrustes_angular",
        "shape:0.3",
        "linear_regression_x_from_y",
        "eigenspace_overlap",
        "aligned_cosine",
        "soft_correlation_match",
        "gulp");
  }

  @ParameterizedTest
  @MethodSource("measures")
  void tallFloat32AgreesWithFloat64(String name) {
    Measure<?> measure = Measures.parse(name);
    double precise =
        measure.compare(Data.representation("x", TALL_X), Data.representation("y", TALL_Y)).value();

    assertThat(measure.compare(Data.single("x", TALL_X), Data.single("y", TALL_Y)).value())
        .isCloseTo(precise, within(2e-5 * Math.max(1, precise)));
  }

  @ParameterizedTest
  @MethodSource("measures")
  void wideFloat32AgreesWithFloat64(String name) {
    Measure<?> measure = Measures.parse(name);
    double precise =
        measure.compare(Data.representation("x", WIDE_X), Data.representation("y", WIDE_Y)).value();

    assertThat(measure.compare(Data.single("x", WIDE_X), Data.single("y", WIDE_Y)).value())
        .isCloseTo(precise, within(2e-5 * Math.max(1, precise)));
  }

  @ParameterizedTest
  @MethodSource("waysIntoFloat32")
  void largeMeansChangeNothingInFloat32(String name) {
    double[][] far = Data.map(TALL_X, (i, j, value) -> 1e4 + Math.rint(64 * value) / 64);
    Measure<?> measure = Measures.parse(name);
    double precise =
        measure.compare(Data.representation("x", far), Data.representation("y", TALL_Y)).value();

    assertThat(measure.compare(Data.single("x", far), Data.single("y", TALL_Y)).value())
        .isCloseTo(precise, within(2e-5 * Math.max(1, precise)));
  }

  @ParameterizedTest
  @MethodSource("waysAndScales")
  void extremeScalesChangeNothingInFloat32(String name, int exponent) {
    double[][] extreme = Data.map(TALL_X, (i, j, value) -> Math.scalb(value, exponent));
    Measure<?> measure = Measures.parse(name);
    double usual = measure.compare(Data.single("x", TALL_X), Data.single("y", TALL_Y)).value();

    assertThat(measure.compare(Data.single("x", extreme), Data.single("y", TALL_Y)).value())
        .isCloseTo(usual, within(2e-5 * Math.max(1, usual)));
  }

  /** Layers centred as they are, batch by batch, and column by column. */
  private static Stream<String> waysIntoFloat32() {
    return Stream.of("linear_cka", "minibatch_cka:64", "soft_correlation_match");
  }

  /** Squares, and products of products, leave the range of float32 at these powers of two. */
  private static Stream<Arguments> waysAndScales() {
    return waysIntoFloat32()
        .flatMap(name -> IntStream.of(-110, 40).mapToObj(e -> Arguments.of(name, e)));
  }

  @Test
  void theTallOnesReallyAreInFloat32() {
    CentredLayer layer = Centring.ofFeatures().prepare(Data.single("x", TALL_X));

    assertThat(layer.matrix().dataType()).isEqualTo(DataType.FLOAT);
  }

  @ParameterizedTest
  @MethodSource("measures")
  void aHeatMapHoldsWhatItsPairsGive(String name) {
    agree(
        Measures.parse(name),
        List.of(Data.single("a", WIDE_X), Data.representation("b", Data.layer(300, 12, 7))),
        List.of(
            Data.representation("c", Data.layer(300, 30, 8)),
            Data.single("d", WIDE_Y),
            Data.representation("e", Data.columns(WIDE_X, first(140)))));
  }

  private static <P extends Prepared> void agree(
      Measure<P> measure, List<Representation> rows, List<Representation> columns) {
    List<P> a = rows.stream().map(measure.preparation()::prepare).toList();
    List<P> b = columns.stream().map(measure.preparation()::prepare).toList();
    List<List<Score>> all = measure.compareAll(a, b);
    for (int i = 0; i < a.size(); i++) {
      for (int j = 0; j < b.size(); j++) {
        Score alone = measure.compare(a.get(i), b.get(j));
        assertThat(all.get(i).get(j).value())
            .isCloseTo(alone.value(), within(1e-6 * Math.max(1, alone.value())));
        assertThat(all.get(i).get(j).diagnostics()).isEqualTo(alone.diagnostics());
      }
    }
  }
}
