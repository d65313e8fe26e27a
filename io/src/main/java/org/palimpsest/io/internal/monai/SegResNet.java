package org.palimpsest.io.internal.monai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Scope;

/** {@code monai.networks.nets.SegResNet}: skips are added, not concatenated. */
final class SegResNet implements Layer {

  private final String what;
  private final int axes;
  private final long width;
  private final long inputs;
  private final long outputs;
  private final boolean hasDropout;
  private final JsonNode act;
  private final JsonNode norm;
  private final boolean hasFinal;
  private final List<Long> down;
  private final List<Long> up;
  private final Upsampling upsampling;

  private SegResNet(Arguments arguments) {
    what = arguments.what();
    axes = arguments.isGiven("spatial_dims") ? MonaiNetworks.spatialDims(arguments) : 3;
    width = arguments.integer("init_filters", 8);
    inputs = arguments.integer("in_channels", 1);
    outputs = arguments.integer("out_channels", 2);
    hasDropout = arguments.has("dropout_prob");
    act = Factories.setting(arguments, "act", "[\"RELU\", {\"inplace\": true}]");
    norm = norm(arguments);
    hasFinal = arguments.truth("use_conv_final", true);
    down = blocks(arguments, "blocks_down", List.of(1L, 2L, 2L, 4L));
    up = blocks(arguments, "blocks_up", List.of(1L, 1L, 1L));
    if (up.size() != down.size() - 1) {
      throw arguments.wrong("blocks_up", "one entry less than blocks_down");
    }
    upsampling = Upsampling.of(arguments, "upsample_mode", Upsampling.NONTRAINABLE);
    arguments.withoutEffect("spatial_dims", "dropout_prob").requireAllAsked();
  }

  static Blueprint of(Arguments arguments) {
    SegResNet network = new SegResNet(arguments);
    return Blueprint.of(network.inputs, network.axes, network);
  }

  private static JsonNode norm(Arguments arguments) {
    JsonNode norm = Factories.setting(arguments, "norm", "[\"GROUP\", {\"num_groups\": 8}]");
    String old = arguments.optionalText("norm_name").orElse("");
    long groups = arguments.integer("num_groups", 8);
    if (old.isEmpty()) {
      return norm;
    }
    if (!old.toLowerCase(Locale.ROOT).equals("group")) {
      throw arguments.wrong("norm_name", "\"group\"");
    }
    return Factories.json("[\"group\", {\"num_groups\": %s}]".formatted(groups));
  }

  private static List<Long> blocks(Arguments arguments, String name, List<Long> usual) {
    List<Long> blocks = arguments.isGiven(name) ? arguments.integers(name) : usual;
    arguments.withoutEffect(name);
    return blocks;
  }

  @Override
  public Value apply(Scope network, Value images) {
    Value value = convolution(inputs, width, 3, 1).apply(network.child("convInit"), images);
    value = hasDropout ? network.child("dropout").tap(value) : value;
    List<Value> skips = new ArrayList<>();
    for (int level = 0; level < down.size(); level++) {
      value = down(level).apply(network.child("down_layers").child(level), value);
      skips.add(value);
    }
    for (int i = 0; i < up.size(); i++) {
      int level = down.size() - 2 - i;
      value = up(level).apply(network.child("up_samples").child(i), value);
      value = network.call("add", value, skips.get(level));
      Layer blocks = Layer.sequence(blocks(up.get(i), width << level).toArray(Layer[]::new));
      value = blocks.apply(network.child("up_layers").child(i), value);
    }
    return network.tap(end(network, value));
  }

  private Layer down(int level) {
    long channels = width << level;
    List<Layer> layers = new ArrayList<>();
    layers.add(level == 0 ? Layer.identity() : convolution(channels / 2, channels, 3, 2));
    layers.addAll(blocks(down.get(level), channels));
    return Layer.sequence(layers.toArray(Layer[]::new));
  }

  private Layer up(int level) {
    long channels = width << level;
    return Layer.sequence(
        convolution(2 * channels, channels, 1, 1),
        upsampling.layer(axes, channels, channels, true, false));
  }

  /** The last activation is known by the name under which it comes first in the network. */
  private Value end(Scope network, Value value) {
    Scope end = network.child("conv_final");
    Scope activation = network.child("act_mod").alsoNamed(end.child(1));
    Layer last = MonaiBlock.only(Convolution.of(axes, width, outputs, 1));
    if (!hasFinal) {
      end.setAsideAll();
      activation.setAsideAll();
      network.graph().note("not run, as use_conv_final says: conv_final");
      return value;
    }
    Value normalised = normalised(end.child(0), value, width);
    return end.tap(last.apply(end.child(2), activation().apply(activation, normalised)));
  }

  private List<Layer> blocks(long count, long channels) {
    List<Layer> blocks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      blocks.add((module, input) -> block(module, input, channels));
    }
    return blocks;
  }

  private Value block(Scope module, Value input, long channels) {
    Value value = input;
    for (int i = 1; i <= 2; i++) {
      value = normalised(module.child("norm" + i), value, channels);
      value = activation().apply(module.child("act"), value);
      value = convolution(channels, channels, 3, 1).apply(module.child("conv" + i), value);
    }
    return module.tap(module.call("add", value, input));
  }

  private Value normalised(Scope module, Value input, long channels) {
    Optional<Layer> layer = Factories.normalisation(norm, channels, what);
    return layer.isEmpty() ? module.tap(input) : layer.get().apply(module, input);
  }

  private Layer activation() {
    return Factories.activation(act, what)
        .orElseThrow(() -> new PalimpsestException(what + " has no activation, which it needs."));
  }

  private Layer convolution(long in, long out, long kernel, long stride) {
    return MonaiBlock.only(
        MonaiBlock.padded(
            in, out, MonaiBlock.all(axes, kernel), MonaiBlock.all(axes, stride), false));
  }
}
