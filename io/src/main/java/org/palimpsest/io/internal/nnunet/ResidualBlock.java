package org.palimpsest.io.internal.nnunet;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Scope;

/**
 * {@code BasicBlockD} and {@code BottleneckD} of dynamic_network_architectures, after ResNet-D (He
 * et al. 2019): the way around pools before it projects.
 *
 * @param bottleneck channels within, if it is a bottleneck
 */
record ResidualBlock(
    UNetPlan plan,
    long in,
    long out,
    List<Long> kernel,
    List<Long> stride,
    Optional<Long> bottleneck)
    implements Layer {

  @Override
  public Value apply(Scope module, Value input) {
    Value around = around(module, input);
    Value through = input;
    List<Layer> parts = parts();
    for (int i = 0; i < parts.size(); i++) {
      through = parts.get(i).apply(module.child("conv" + (i + 1)), through);
    }
    Value sum = module.call("add", through, around);
    if (plan.activation().isPresent()) {
      sum = plan.activation().get().apply(module.child("nonlin" + parts.size()), sum);
    }
    return module.tap(sum);
  }

  private List<Layer> parts() {
    if (bottleneck.isEmpty()) {
      return List.of(
          part(in, out, kernel, stride, true, true), part(out, out, kernel, ones(), false, false));
    }
    long within = bottleneck.get();
    return List.of(
        part(in, within, ones(), ones(), false, true),
        part(within, within, kernel, stride, true, true),
        part(within, out, ones(), ones(), false, false));
  }

  private Layer part(
      long from, long to, List<Long> extent, List<Long> step, boolean dropout, boolean activated) {
    return plan.residualPart(
        UNetPlan.convolution(from, to, extent, step).withBias(plan.bias()), dropout, activated);
  }

  private Value around(Scope module, Value input) {
    List<Layer> layers = new ArrayList<>();
    if (stride.stream().anyMatch(step -> step != 1)) {
      layers.add(Pooling.average(stride));
    }
    if (in != out) {
      layers.add(plan.residualPart(UNetPlan.convolution(in, out, ones(), ones()), false, false));
    }
    return layers.isEmpty()
        ? input
        : Layer.sequence(layers.toArray(Layer[]::new)).apply(module.child("skip"), input);
  }

  private List<Long> ones() {
    return Collections.nCopies(kernel.size(), 1L);
  }
}
