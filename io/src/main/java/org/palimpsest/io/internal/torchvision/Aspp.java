package org.palimpsest.io.internal.torchvision;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.ActivationFunctions;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Resizing;
import org.palimpsest.io.internal.nn.Scope;

/**
 * The atrous spatial pyramid pooling of DeepLabV3 (Chen et al., arXiv 1706.05587).
 *
 * @param rates the dilations of its convolutions
 * @param separable whether these are depthwise with a pointwise one after it
 */
public record Aspp(long in, long out, List<Long> rates, boolean separable) implements Layer {

  public Aspp {
    rates = List.copyOf(rates);
  }

  @Override
  public Value apply(Scope module, Value input) {
    List<Layer> branches = new ArrayList<>();
    branches.add(activated(pointwise(in, out), out));
    for (long rate : rates) {
      branches.add(activated(wide(rate), out));
    }
    branches.add(this::pooled);
    List<Value> parts = new ArrayList<>();
    for (int i = 0; i < branches.size(); i++) {
      parts.add(branches.get(i).apply(module.child("convs").child(i), input));
    }
    Layer project =
        Layer.sequence(
            pointwise(branches.size() * out, out),
            ResNet.batchNorm(out),
            ActivationFunctions.relu(),
            Layer.identity());
    return module.tap(project.apply(module.child("project"), module.call("cat", parts, 1)));
  }

  /** A convolution with batch normalisation and an activation after it. */
  public static Layer activated(Layer convolution, long out) {
    return Layer.sequence(convolution, ResNet.batchNorm(out), ActivationFunctions.relu());
  }

  /** A depthwise convolution of 3 x 3 points and a pointwise one after it. */
  public static Layer separable(long in, long out, long rate) {
    return Layer.sequence(dilated(in, in, rate).withGroups(in), pointwise(in, out));
  }

  private Layer wide(long rate) {
    return separable ? separable(in, out, rate) : dilated(in, out, rate);
  }

  private static Convolution dilated(long in, long out, long rate) {
    return Convolution.of(2, in, out, 3).withDilation(rate).withSamePadding().withBias(false);
  }

  private static Convolution pointwise(long in, long out) {
    return Convolution.of(2, in, out, 1).withBias(false);
  }

  /** The mean of the image everywhere; what the module gives is the resized map. */
  private Value pooled(Scope module, Value input) {
    Value value = Pooling.averageTo(List.of(1L, 1L)).apply(module.child(0), input);
    value = pointwise(in, out).apply(module.child(1), value);
    value = ResNet.batchNorm(out).apply(module.child(2), value);
    value = ActivationFunctions.relu().apply(module.child(3), value);
    return module.tap(Resizing.linearTo(module, value, input, 2, false));
  }
}
