package org.palimpsest.examples.cookbook;

import java.nio.file.Path;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.similarity.cca.Cca;
import org.palimpsest.similarity.cka.Cka;
import org.palimpsest.similarity.streaming.CoMoments;

/** More probes than memory holds: the networks answer a few at a time, and sums alone are kept. */
public final class StreamedComparison {

  private StreamedComparison() {}

  /**
   * @param arguments two TorchScript networks, and probes as {@code .npy}
   */
  public static void main(String[] arguments) {
    Probes probes = NpyProbes.open(Path.of(arguments[2]));
    try (ActivationSource a = Inputs.network(Path.of(arguments[0]));
        ActivationSource b = Inputs.network(Path.of(arguments[1]))) {

      ComparisonResult result =
          Comparison.by(Cka.linear(), Cca.svcca()).stream(
              a, b, probes, LayerSelector.all(), CoMoments.streaming());

      result
          .rows()
          .forEach(
              row ->
                  System.out.printf(
                      "%s  %s  %s  %.3f%n",
                      row.measure(), row.layerA(), row.layerB(), row.score().value()));
    }
  }
}
