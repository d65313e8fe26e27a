package org.palimpsest.io.internal.nn;

import org.palimpsest.io.internal.graph.Value;

/**
 * {@code torch.nn.Linear}.
 *
 * @param bias whether it has one
 */
public record Linear(long in, long out, boolean bias) implements Layer {

  @Override
  public Value apply(Scope module, Value input) {
    Value weight = module.parameter("weight", out, in);
    return module.tap(module.call("linear", input, weight, module.parameterIf(bias, "bias", out)));
  }
}
