package org.palimpsest.io.internal.nnunet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Normalisation;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Scope;
import org.palimpsest.io.internal.nn.TransposedConvolution;

/**
 * What a U-Net of dynamic_network_architectures is built from, whichever form of plans said so.
 *
 * @param form which of its classes
 * @param inputs channels of the images, and of the stage before in a cascade
 * @param outputs classes or regions
 * @param features channels of each stage, the first being the one of full resolution
 * @param kernels of each stage, one extent for each axis
 * @param strides of each stage
 * @param encoderDepths convolutions or residual blocks of each stage
 * @param decoderDepths the same of the decoder, the lowest stage first
 * @param bias whether convolutions have one
 * @param hasDropout whether dropout stands behind convolutions
 * @param normalisation for so many channels, if there is one
 * @param activation if there is one
 * @param activationFirst whether it stands before the normalisation
 * @param bottleneck channels within the blocks of each stage, if these are bottlenecks
 * @param stem channels of the stem
 */
record UNetPlan(
    Form form,
    long inputs,
    long outputs,
    List<Long> features,
    List<List<Long>> kernels,
    List<List<Long>> strides,
    List<Long> encoderDepths,
    List<Long> decoderDepths,
    boolean bias,
    boolean hasDropout,
    Optional<LongFunction<Layer>> normalisation,
    Optional<Layer> activation,
    boolean activationFirst,
    Optional<List<Long>> bottleneck,
    long stem) {

  /** The classes of networks. */
  enum Form {
    PLAIN("PlainConvUNet"),
    RESIDUAL_ENCODER("ResidualEncoderUNet"),
    RESIDUAL("ResidualUNet");

    private final String className;

    Form(String className) {
      this.className = className;
    }

    String className() {
      return className;
    }

    boolean hasResidualEncoder() {
      return this != PLAIN;
    }
  }

  int stages() {
    return features.size();
  }

  int axes() {
    return kernels.get(0).size();
  }

  /** Whether it normalises by the statistics of each image alone. */
  boolean normalisesEachImage() {
    return normalisation
        .map(norm -> norm.apply(1))
        .filter(norm -> norm instanceof Normalisation.Instance instance && !instance.tracked())
        .isPresent();
  }

  /** The same with another normalisation for so many channels. */
  UNetPlan withNormalisation(LongFunction<Layer> other) {
    return new UNetPlan(
        form,
        inputs,
        outputs,
        features,
        kernels,
        strides,
        encoderDepths,
        decoderDepths,
        bias,
        hasDropout,
        Optional.of(other),
        activation,
        activationFirst,
        bottleneck,
        stem);
  }

  /** The network, without weights. */
  Blueprint network() {
    return Blueprint.of(inputs, axes(), new Network(this));
  }

  /** A convolution with all that the plan puts behind it. */
  private ConvolutionBlock block(long in, long out, List<Long> kernel, List<Long> stride) {
    return new ConvolutionBlock(
        convolution(in, out, kernel, stride).withBias(bias),
        hasDropout,
        normalisation.map(norm -> norm.apply(out)),
        activation,
        activationFirst);
  }

  /** A convolution in a residual block, where the order of parts is fixed. */
  private ConvolutionBlock residualPart(
      Convolution convolution, boolean dropout, boolean activated) {
    return new ConvolutionBlock(
        convolution,
        dropout && hasDropout,
        normalisation.map(norm -> norm.apply(convolution.out())),
        activated ? activation : Optional.empty(),
        false);
  }

  /** A convolution with nnU-Net's padding and no bias. */
  static Convolution convolution(long in, long out, List<Long> kernel, List<Long> stride) {
    return Convolution.of(in, out, kernel)
        .withStride(stride)
        .withPadding(kernel.stream().map(extent -> (extent - 1) / 2).toList())
        .withBias(false);
  }

  /** Builds the U-Nets of nnU-Net v2 (dynamic_network_architectures). */
  private static final class Network implements Layer {

    private final UNetPlan plan;

    Network(UNetPlan plan) {
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
      return plan.form() == Form.RESIDUAL
          ? blocks(
              depth,
              new ResidualBlock(
                  plan, 2 * features, features, kernel, unitStride(), Optional.empty()))
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
                last == 1
                    ? "not run, since it serves the training alone: %s.0".formatted(heads.name())
                    : "not run, since they serve the training alone: %s.0 to %s.%s"
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
          new ResidualBlock(
              plan,
              in,
              plan.features().get(stage),
              plan.kernels().get(stage),
              plan.strides().get(stage),
              plan.bottleneck().map(channels -> channels.get(stage))));
    }

    private Layer blocks(long count, ResidualBlock first) {
      Map<String, Layer> layers = new LinkedHashMap<>();
      for (int i = 0; i < count; i++) {
        layers.put(String.valueOf(i), i == 0 ? first : first.next());
      }
      return Layer.sequence(Map.of("blocks", Layer.sequence(layers)));
    }

    private List<Long> unitStride() {
      return Collections.nCopies(plan.axes(), 1L);
    }
  }

  /**
   * {@code BasicBlockD} and {@code BottleneckD} of dynamic_network_architectures, after ResNet-D
   * (He et al. 2019): the way around pools before it projects.
   *
   * @param bottleneck channels within, if it is a bottleneck
   */
  private record ResidualBlock(
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

    /** The one behind it, which keeps channels and extents. */
    ResidualBlock next() {
      return new ResidualBlock(plan, out, out, kernel, ones(), bottleneck);
    }

    private List<Layer> parts() {
      if (bottleneck.isEmpty()) {
        return List.of(
            part(convolution(in, out, kernel, stride), true, true),
            part(convolution(out, out, kernel, ones()), false, false));
      }
      long within = bottleneck.get();
      return List.of(
          part(convolution(in, within, ones(), ones()), false, true),
          part(convolution(within, within, kernel, stride), true, true),
          part(convolution(within, out, ones(), ones()), false, false));
    }

    private Layer part(Convolution convolution, boolean dropout, boolean activated) {
      return plan.residualPart(convolution.withBias(plan.bias()), dropout, activated);
    }

    private Value around(Scope module, Value input) {
      List<Layer> layers = new ArrayList<>();
      if (stride.stream().anyMatch(step -> step != 1)) {
        layers.add(Pooling.average(stride));
      }
      if (in != out) {
        layers.add(plan.residualPart(convolution(in, out, ones(), ones()), false, false));
      }
      return layers.isEmpty()
          ? input
          : Layer.sequence(layers.toArray(Layer[]::new)).apply(module.child("skip"), input);
    }

    private List<Long> ones() {
      return Collections.nCopies(kernel.size(), 1L);
    }
  }

  /**
   * {@code ConvDropoutNormReLU} of dynamic_network_architectures: a convolution, then what the plan
   * asks for. Each part has a name of its own and stands once more in {@code all_modules}.
   */
  private record ConvolutionBlock(
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
}
