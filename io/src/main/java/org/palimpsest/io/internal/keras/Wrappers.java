package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;

/** Layers around another one; what goes on within has no name of its own. */
final class Wrappers {

  static final List<Row> ROWS =
      List.of(
          Row.of("TimeDistributed")
              .reads("layer")
              .means("the layer on samples and steps as one axis: reshape before and after")
              .keepsWithin((s, table) -> inner(s, table, "layer"))
              .differsInTraining()
              .gives(Wrappers::distributed),
          Row.of("SpectralNormalization")
              .reads("layer")
              .ignores("power_iterations")
              .means("the layer as it is stored, which is normalised")
              .keepsWithin(Wrappers::spectralRoles)
              .differsInTraining()
              .gives(Wrappers::spectral),
          Row.of("Addons>SpectralNormalization")
              .reads("layer")
              .ignores("power_iterations")
              .means("the layer as it is stored")
              .keepsWithin(Wrappers::spectralRoles)
              .differsInTraining()
              .gives(Wrappers::spectral));

  private Wrappers() {}

  private static Layer layer(Settings settings, LayerTable table) {
    return Configuration.inner(settings.node("layer"), settings.owner(), table.dialect());
  }

  private static List<Role> inner(Settings settings, LayerTable table, String place) {
    Layer layer = layer(settings, table);
    requireNoNetwork(layer, settings);
    return table.within(layer, "layer/", place);
  }

  private static void requireNoNetwork(Layer layer, Settings settings) {
    if (layer.network().isPresent() || layer.isOperator()) {
      throw settings.wrong("layer", "a layer, not a network");
    }
  }

  private static Tensor distributed(Call call) {
    JsonNode node = call.settings().node("layer");
    Layer layer = Configuration.inner(node, call);
    Tensor x = call.input();
    if (x.rank() < 3) {
      throw call.refused("is called with a tensor of %d axes".formatted(x.rank()));
    }
    Ops ops = call.ops();
    Argument samples = ops.size(x, 0);
    Argument steps = ops.size(x, 1);
    List<Long> shape = new ArrayList<>(x.shape());
    shape.remove(1);
    shape.set(0, Tensor.UNKNOWN);
    Tensor flat = Tensor.of(ops.call("flatten", x.value(), 0, 1), shape);
    List<Tensor> results = call.within(layer, "layer/", List.of(flat), Map.of());
    if (results.size() != 1) {
      throw call.refused("is around a layer of several results");
    }
    Tensor y = results.get(0);
    Argument sizes = new Argument.Items(Argument.Element.INT, List.of(samples, steps));
    Value value = ops.call("unflatten", y.value(), 0, sizes);
    List<Long> all = new ArrayList<>(y.shape());
    all.set(0, x.extent(0));
    all.add(1, x.extent(1));
    return Tensor.of(value, all);
  }

  /** In files of Keras 3 the kernel is there twice. */
  private static List<Role> spectralRoles(Settings settings, LayerTable table) {
    List<Role> roles = new ArrayList<>(inner(settings, table, "layer"));
    roles.add(Role.copyOf("kernel"));
    roles.add(Role.fixed("vector_u"));
    return roles;
  }

  private static Tensor spectral(Call call) {
    Layer layer = Configuration.inner(call.settings().node("layer"), call);
    call.array("vector_u");
    if (call.hasArray(Role.copyOf("kernel").name())) {
      call.array(Role.copyOf("kernel").name());
    }
    return call.within(layer, "layer/", call.inputs(), Map.of()).get(0);
  }
}
