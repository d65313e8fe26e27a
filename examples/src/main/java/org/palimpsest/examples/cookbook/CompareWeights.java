package org.palimpsest.examples.cookbook;

import java.nio.file.Path;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.Inputs;
import org.palimpsest.similarity.weights.NetworkChange;
import org.palimpsest.similarity.weights.WeightChange;

/** How far did training move the filters of each layer? */
public final class CompareWeights {

  private CompareWeights() {}

  /**
   * @param arguments two checkpoints of one network: state dicts, TorchScript, safetensors, …
   */
  public static void main(String[] arguments) {
    Weights before = Inputs.weights(Path.of(arguments[0]));
    Weights after = Inputs.weights(Path.of(arguments[1]));

    NetworkChange change = WeightChange.withDefaults().between(before, after);

    change
        .layers()
        .forEach(
            layer ->
                System.out.printf(
                    "%s  moved by %.2f of its norm, turned by %.1f degrees%n",
                    layer.layer(),
                    layer.relativeChange().orElse(Double.NaN),
                    Math.toDegrees(layer.meanAngle().orElse(Double.NaN))));
  }
}
