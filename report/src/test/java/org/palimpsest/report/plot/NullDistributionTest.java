package org.palimpsest.report.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.report.plot.NullDistribution.Tail;

class NullDistributionTest {

  private static final double[] OBSERVED = new Random(3).doubles(40, -0.1, 0.6).toArray();

  @TempDir private Path folder;

  @Test
  void observedValuesStandBesideANormalNull() {
    double beyond = DoubleStream.of(OBSERVED).filter(x -> x > 0.1644853).count();
    Drawn drawn =
        Drawn.of(
            NullDistribution.normal("cosine of matched filters", OBSERVED, 0, 0.1, Tail.UPPER)
                .withTitle("Are filters nearer than chance?")
                .withDetail("enc2.0, 16 filters of 100 weights")
                .draw(),
            folder,
            "null_normal");
    assertThat(drawn.texts())
        .contains("Are filters nearer than chance?", "cosine of matched filters", "density")
        .contains("observed (40)", "chance alone", "5% edge of chance, 0.16")
        .anyMatch(
            t -> t.contains("%d of 40 beyond the 5%% edge (chance: 2.0)".formatted((int) beyond)));
  }

  @Test
  void theEdgeOfSimulationsLeavesFiveInAHundredBeyondIt() {
    double[] simulated = DoubleStream.iterate(1, i -> i <= 100, i -> i + 1).toArray();
    double[] one = {96};
    assertThat(
            Drawn.of(
                    NullDistribution.simulated("x", one, simulated, Tail.UPPER).draw(),
                    folder,
                    "upper")
                .texts())
        .contains("5% edge of chance, 95.00")
        .anyMatch(t -> t.contains("1 of 1 beyond"));
    assertThat(
            Drawn.of(
                    NullDistribution.simulated("x", one, simulated, Tail.LOWER).draw(),
                    folder,
                    "lower")
                .texts())
        .contains("5% edge of chance, 6.00")
        .anyMatch(t -> t.contains("0 of 1 beyond"));
  }

  @Test
  void valuesThatAreAllAlikeAreDrawn() {
    double[] same = DoubleStream.generate(() -> 0.5).limit(30).toArray();
    Drawn.of(NullDistribution.simulated("x", same, same, Tail.UPPER).draw(), folder, "same");
  }

  @Test
  void tooFewSimulationsHaveNoEdge() {
    assertThatThrownBy(() -> NullDistribution.simulated("x", OBSERVED, new double[10], Tail.UPPER))
        .hasMessageContaining("10 simulations are too few: an edge of 5% needs at least 20");
  }

  private static double[] with(double odd) {
    double[] values = OBSERVED.clone();
    values[7] = odd;
    return values;
  }

  /** A picture of these was empty, or its drawing ended in an error about an index. */
  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, -1e308})
  void whatCannotBeDrawnIsRefused(double odd) {
    for (ThrowingCallable drawing :
        List.<ThrowingCallable>of(
            () -> NullDistribution.simulated("cosine", with(odd), OBSERVED, Tail.UPPER),
            () -> NullDistribution.simulated("cosine", new double[] {odd}, OBSERVED, Tail.UPPER),
            () -> NullDistribution.simulated("cosine", OBSERVED, with(odd), Tail.LOWER),
            () -> NullDistribution.normal("cosine", with(odd), 0, 1, Tail.UPPER),
            () -> NullDistribution.normal("cosine", OBSERVED, odd, 1, Tail.UPPER),
            () -> density(new double[] {0, 1}, new double[] {1, 1}, odd),
            () -> density(new double[] {0, 1}, new double[] {odd, 1}, 1))) {
      assertThatThrownBy(drawing)
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining(String.valueOf(odd));
    }
  }

  private static NullDistribution density(double[] at, double[] density, double edge) {
    return NullDistribution.density("cosine", OBSERVED, at, density, edge, Tail.UPPER);
  }

  @Test
  void chanceWithoutADensityIsRefused() {
    for (ThrowingCallable drawing :
        List.<ThrowingCallable>of(
            () -> NullDistribution.normal("cosine", OBSERVED, 0, 0, Tail.UPPER),
            () -> NullDistribution.normal("cosine", OBSERVED, 0, -1, Tail.UPPER),
            () -> density(new double[0], new double[0], 0),
            () -> density(new double[] {1, 0}, new double[] {1, 1}, 0),
            () -> density(new double[] {0, 1}, new double[] {0, 0}, 0),
            () -> density(new double[] {0, 1}, new double[] {-1, 1}, 0))) {
      assertThatThrownBy(drawing)
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("'cosine'");
    }
  }
}
