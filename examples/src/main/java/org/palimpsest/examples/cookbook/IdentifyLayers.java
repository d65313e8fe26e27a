package org.palimpsest.examples.cookbook;

import java.nio.file.Path;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.SimilarityMatrix.Identification;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.similarity.cka.Cka;

/** Does the measure find each layer again in a network that was started differently? */
public final class IdentifyLayers {

  private IdentifyLayers() {}

  /**
   * @param arguments two TorchScript networks of one design, and probes as {@code .npy}
   */
  public static void main(String[] arguments) {
    Probes probes = NpyProbes.open(Path.of(arguments[2]));
    try (ActivationSource a = Inputs.network(Path.of(arguments[0]));
        ActivationSource b = Inputs.network(Path.of(arguments[1]))) {

      Identification identified =
          Comparison.by(Cka.linear())
              .compare(a.capture(probes), b.capture(probes))
              .matrix("linear_cka")
              .identification();

      System.out.printf(
          "found %.0f %% of the layers: %s%n", 100 * identified.accuracy(), identified.found());
    }
  }
}
