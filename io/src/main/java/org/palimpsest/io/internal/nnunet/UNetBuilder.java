package org.palimpsest.io.internal.nnunet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Scope;
import org.palimpsest.io.internal.nn.TransposedConvolution;

/** Builds the U-Nets of nnU-Net v2 (dynamic_network_architectures). */
final class UNetBuilder implements Layer {

  private final UNetPlan plan;

  UNetBuilder(UNetPlan plan) {
    this.plan = plan;
  }

  /** The decoder keeps a reference to the encoder, so that its tensors stand there again. */
  @Override
  public Value apply(Scope network, Value images) {
    Scope decoder = network.child("decoder");
    Scope encoder = network.child("encoder").alsoNamed(decoder.child("encoder"));
    Value output = decode(decoder, encode(encoder, images));
    return network.tap(output);
  }

  private List<Value> encode(Scope encoder, Value images) {
    List<Value> skips = new ArrayList<>();
    Value value = images;
    long channels = plan.inputs();
    if (plan.form().hasResidualEncoder()) {
      value =
          stacked(1, channels, plan.stem(), 0, unitStride()).apply(encoder.child("stem"), value);
      channels = plan.stem();
    }
    for (int stage = 0; stage < plan.stages(); stage++) {
      Layer layer =
          plan.form().hasResidualEncoder()
              ? residual(channels, stage)
              : Layer.sequence(
                  stacked(
                      plan.encoderDepths().get(stage),
                      channels,
                      plan.features().get(stage),
                      stage,
                      plan.strides().get(stage)));
      value = layer.apply(encoder.child("stages").child(stage), value);
      channels = plan.features().get(stage);
      skips.add(value);
    }
    return skips;
  }

  private Value decode(Scope decoder, List<Value> skips) {
    Value value = skips.get(skips.size() - 1);
    for (int step = 0; step < plan.stages() - 1; step++) {
      int stage = plan.stages() - 2 - step;
      long features = plan.features().get(stage);
      List<Long> stride = plan.strides().get(stage + 1);
      value =
          TransposedConvolution.of(plan.features().get(stage + 1), features, stride, stride)
              .withBias(plan.bias())
              .apply(decoder.child("transpconvs").child(step), value);
      value = decoder.call("cat", List.of(value, skips.get(stage)), 1);
      value = decoderStage(step, stage).apply(decoder.child("stages").child(step), value);
    }
    return decoder.tap(segment(decoder.child("seg_layers"), value));
  }

  private Layer decoderStage(int step, int stage) {
    long features = plan.features().get(stage);
    long depth = plan.decoderDepths().get(step);
    List<Long> kernel = plan.kernels().get(stage);
    return plan.form() == UNetPlan.Form.RESIDUAL
        ? blocks(depth, 2 * features, features, kernel, unitStride(), Optional.empty())
        : stacked(depth, 2 * features, features, stage, unitStride());
  }

  /** The heads of the lower stages serve the training alone. */
  private Value segment(Scope heads, Value value) {
    int last = plan.stages() - 2;
    for (int head = 0; head < last; head++) {
      long[] shape = new long[plan.axes() + 2];
      Arrays.fill(shape, 1);
      shape[0] = plan.outputs();
      shape[1] = plan.features().get(last - head);
      heads.child(head).setAside("weight", shape);
      heads.child(head).setAside("bias", plan.outputs());
    }
    if (last > 0) {
      heads
          .graph()
          .note(
              "not run, since they serve the training alone: %s.0 to %s.%d"
                  .formatted(heads.name(), heads.name(), last - 1));
    }
    return Convolution.of(plan.axes(), plan.features().get(0), plan.outputs(), 1)
        .apply(heads.child(last), value);
  }

  private Layer stacked(long count, long in, long out, int stage, List<Long> stride) {
    Map<String, Layer> layers = new LinkedHashMap<>();
    List<Long> kernel = plan.kernels().get(stage);
    for (int i = 0; i < count; i++) {
      layers.put(
          String.valueOf(i),
          plan.block(i == 0 ? in : out, out, kernel, i == 0 ? stride : unitStride()));
    }
    return Layer.sequence(Map.of("convs", Layer.sequence(layers)));
  }

  private Layer residual(long in, int stage) {
    return blocks(
        plan.encoderDepths().get(stage),
        in,
        plan.features().get(stage),
        plan.kernels().get(stage),
        plan.strides().get(stage),
        plan.bottleneck().map(channels -> channels.get(stage)));
  }

  private Layer blocks(
      long count,
      long in,
      long out,
      List<Long> kernel,
      List<Long> stride,
      Optional<Long> bottleneck) {
    Map<String, Layer> layers = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      layers.put(
          String.valueOf(i),
          new ResidualBlock(
              plan, i == 0 ? in : out, out, kernel, i == 0 ? stride : unitStride(), bottleneck));
    }
    return Layer.sequence(Map.of("blocks", Layer.sequence(layers)));
  }

  private List<Long> unitStride() {
    return Collections.nCopies(plan.axes(), 1L);
  }
}
