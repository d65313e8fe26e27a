package org.palimpsest.io.internal.frontend;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.network.LayerOutline;

/**
 * What a network that was built says of itself.
 *
 * @param layers in the order in which they finish, each with the operator that gives its value
 * @param notes what it takes, and what is known and assumed
 */
public record GraphOutline(List<LayerOutline> layers, List<String> notes) {

  public GraphOutline {
    layers = List.copyOf(layers);
    notes = List.copyOf(notes);
  }

  static GraphOutline of(NetworkGraph graph) {
    Map<Value, String> operators = new HashMap<>();
    List<LayerOutline> layers = new ArrayList<>();
    for (NetworkGraph.Step step : graph.steps()) {
      if (step instanceof NetworkGraph.Call call) {
        String operator = operator(call, operators);
        call.results().forEach(result -> operators.put(result, operator));
      } else if (step instanceof NetworkGraph.Tap tap) {
        String operator = operators.getOrDefault(tap.value(), "-").split("\\.", 2)[0];
        OptionalLong parameters = OptionalLong.of(parameters(tap.layer(), graph));
        layers.add(new LayerOutline(tap.layer(), operator, parameters, List.of()));
      }
    }
    List<String> notes = new ArrayList<>();
    notes.add(
        "takes probes of the shape %s, as %s"
            .formatted(
                graph.input().extents().isEmpty() ? "any" : graph.input().extents(),
                graph.input().type().displayName()));
    notes.addAll(graph.provenance().notes());
    return new GraphOutline(layers, notes);
  }

  /** Axes in another order are still the result of what gave them. */
  private static String operator(NetworkGraph.Call call, Map<Value, String> operators) {
    boolean moved = call.operator().equals("permute");
    return moved && call.arguments().get(0).argument() instanceof Value value
        ? operators.getOrDefault(value, "-")
        : call.operator();
  }

  /** Of a module and those in it; shared ones count once. */
  private static long parameters(String layer, NetworkGraph graph) {
    String path = layer.split("[#\\[]", 2)[0];
    Set<StoredTensor> seen = new HashSet<>();
    long sum = 0;
    for (NetworkGraph.Tensor tensor : graph.tensors()) {
      String name = String.join(".", tensor.path());
      boolean within = name.startsWith(path + ".") || name.startsWith(path + "/");
      if (tensor.trained() && within && seen.add(tensor.stored())) {
        sum += tensor.stored().elements();
      }
    }
    return sum;
  }
}
