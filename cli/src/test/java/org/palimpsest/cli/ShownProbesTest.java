package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.probe.Probes;

class ShownProbesTest {

  private static String saidOf(double[][] probes) {
    StringWriter said = new StringWriter();
    Path file = Path.of("probes.npy");
    new ShownProbes(file, List.of(), Probes.of(Nd4j.createFromArray(probes)), "", file)
        .reportCopies(new PrintWriter(said, true));
    return said.toString();
  }

  @Test
  void copiesAreCounted() {
    assertThat(saidOf(new double[][] {{1, 2}, {3, 4}, {1, 2}, {1, 2}, {4, 3}}))
        .startsWith("warning: 2 of the 5 probes are copies of others.");
  }

  @Test
  void nothingIsSaidOfProbesThatDiffer() {
    assertThat(saidOf(new double[][] {{1, 2}, {3, 4}, {2, 1}})).isEmpty();
  }
}
