package org.palimpsest.io.internal.monai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Scope;

/** {@code monai.networks.nets.BasicUNet}: five levels, max pooling, two convolutions each. */
final class BasicUNet implements Layer {

  private static final int LEVELS = 5;

  private final int axes;
  private final long inputs;
  private final long outputs;
  private final List<Long> features;
  private final boolean bias;
  private final Upsampling upsampling;
  private final Block block;

  private BasicUNet(Arguments arguments) {
    axes = arguments.has("spatial_dims") ? Networks.axes(arguments, "spatial_dims") : 3;
    inputs = arguments.integer("in_channels", 1);
    outputs = arguments.integer("out_channels", 2);
    features =
        arguments.has("features")
            ? arguments.integers("features", LEVELS + 1)
            : List.of(32L, 32L, 64L, 128L, 256L, 32L);
    bias = arguments.truth("bias", true);
    upsampling = Upsampling.of(arguments, "upsample", Upsampling.DECONV);
    JsonNode activation =
        Factories.setting(
            arguments, "act", "[\"LeakyReLU\", {\"negative_slope\": 0.1, \"inplace\": true}]");
    JsonNode normalisation =
        Factories.setting(arguments, "norm", "[\"instance\", {\"affine\": true}]");
    JsonNode dropout = Factories.setting(arguments, "dropout", "0.0");
    block = new Block(arguments.what(), "NDA", normalisation, activation, dropout);
    arguments.withoutEffect("spatial_dims", "features").requireAllAsked();
  }

  static Blueprint of(Arguments arguments) {
    BasicUNet network = new BasicUNet(arguments);
    return Blueprint.of(network.inputs, network.axes, network);
  }

  @Override
  public Value apply(Scope network, Value images) {
    List<Value> skips = new ArrayList<>();
    Value value = twice(inputs, features.get(0)).apply(network.child("conv_0"), images);
    for (int level = 1; level < LEVELS; level++) {
      skips.add(value);
      value = down(level).apply(network.child("down_" + level), value);
    }
    long channels = features.get(LEVELS - 1);
    for (int level = LEVELS - 1; level > 0; level--) {
      long out = level == 1 ? features.get(LEVELS) : features.get(level - 1);
      Scope module = network.child("upcat_" + level);
      value = up(module, value, channels, skips.get(level - 1), level, out);
      channels = out;
    }
    return network.tap(
        Convolution.of(axes, channels, outputs, 1).apply(network.child("final_conv"), value));
  }

  private Layer down(int level) {
    return (module, input) -> {
      Value pooled = Pooling.max(Block.all(axes, 2)).apply(module.child("max_pooling"), input);
      return module.tap(
          twice(features.get(level - 1), features.get(level)).apply(module.child("convs"), pooled));
    };
  }

  private Value up(Scope module, Value below, long in, Value skip, int level, long out) {
    long upsampled = level == 1 ? in : in / 2;
    Value large =
        upsampling.layer(axes, in, upsampled, true, true).apply(module.child("upsample"), below);
    Value joined = module.call("cat", List.of(skip, fitted(module, large, skip)), 1);
    Layer convolutions = twice(features.get(level - 1) + upsampled, out);
    return module.tap(convolutions.apply(module.child("convs"), joined));
  }

  /** Where the skip is larger by one, as after pooling an odd size, the far edge is repeated. */
  private Value fitted(Scope module, Value large, Value skip) {
    List<Argument> padding = new ArrayList<>();
    for (int axis = axes + 1; axis > 1; axis--) {
      Value wanted = module.call("size", skip, axis);
      Value there = module.call("size", large, axis);
      padding.add(new Argument.Int(0));
      padding.add(module.call("sub", wanted, there));
    }
    return module.call(
        "pad", large, new Argument.Items(Argument.Element.INT, padding), "replicate");
  }

  private Layer twice(long in, long out) {
    List<Long> kernel = Block.all(axes, 3);
    List<Long> stride = Block.all(axes, 1);
    return Layer.sequence(
        ordered(
            block.convolution(Block.padded(in, out, kernel, stride, bias)),
            block.convolution(Block.padded(out, out, kernel, stride, bias))));
  }

  private static Map<String, Layer> ordered(Layer first, Layer second) {
    Map<String, Layer> parts = new LinkedHashMap<>();
    parts.put("conv_0", first);
    parts.put("conv_1", second);
    return parts;
  }
}
