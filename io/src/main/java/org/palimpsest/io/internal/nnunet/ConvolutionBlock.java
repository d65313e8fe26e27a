package org.palimpsest.io.internal.nnunet;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Scope;

/**
 * {@code ConvDropoutNormReLU} of dynamic_network_architectures: a convolution, then what the plan
 * asks for. Each part has a name of its own and stands once more in {@code all_modules}.
 */
record ConvolutionBlock(
    Convolution convolution,
    boolean hasDropout,
    Optional<Layer> normalisation,
    Optional<Layer> activation,
    boolean activationFirst)
    implements Layer {

  private record Part(String name, Layer layer) {}

  @Override
  public Value apply(Scope module, Value input) {
    Scope all = module.child("all_modules");
    Value value = input;
    List<Part> parts = parts();
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      Scope place = module.child(part.name()).alsoNamed(all.child(i));
      value = part.layer().apply(place, value);
    }
    all.tap(value);
    return module.tap(value);
  }

  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    parts.add(new Part("conv", convolution));
    if (hasDropout) {
      parts.add(new Part("dropout", Layer.identity()));
    }
    normalisation.ifPresent(layer -> parts.add(new Part("norm", layer)));
    activation.ifPresent(layer -> parts.add(new Part("nonlin", layer)));
    if (activationFirst && normalisation.isPresent() && activation.isPresent()) {
      Part last = parts.remove(parts.size() - 1);
      parts.add(parts.size() - 1, last);
    }
    return parts;
  }
}
