package org.palimpsest.examples.cookbook;

import java.nio.file.Path;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.report.plot.Figure;
import org.palimpsest.report.plot.HeatMap;
import org.palimpsest.similarity.cka.Cka;

/** Every layer of one network with every layer of another, as a picture. */
public final class DrawHeatMap {

  private DrawHeatMap() {}

  /**
   * @param arguments two TorchScript networks, probes as {@code .npy}, and the picture to write, a
   *     {@code .png}
   */
  public static void main(String[] arguments) {
    Probes probes = NpyProbes.open(Path.of(arguments[2]));
    try (ActivationSource a = Inputs.network(Path.of(arguments[0]));
        ActivationSource b = Inputs.network(Path.of(arguments[1]))) {

      ComparisonResult result =
          Comparison.by(Cka.linear()).compare(a.capture(probes), b.capture(probes));

      Figure picture = HeatMap.of(result.matrix("linear_cka"), a.name(), b.name()).draw();
      picture.writePng(Path.of(arguments[3]));
    }
  }
}
