package org.palimpsest.report.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
        .hasMessageContaining("10 simulations; an edge of 5% needs at least 20");
  }
}
