package org.palimpsest.io.torchscript;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.palimpsest.io.graph.NetworkGraph;

/**
 * What recorded names are to people.
 *
 * <p>The code records {@code .enc1.conv} for a submodule, nothing for the network itself, and
 * {@code /conv2d} for an operator of a network without submodules.
 *
 * @param output what the network's own result is called
 * @param given recorded names that stand for layers whose names the code does not hold
 */
public record LayerNames(String output, Map<String, String> given) {

  private static final String OUTPUT = "output";

  LayerNames(String output) {
    this(output, Map.of());
  }

  /** Calls the network's result {@code output}, unless it has an attribute of this name. */
  static LayerNames avoiding(Set<String> attributes) {
    String name = OUTPUT;
    while (attributes.contains(name)) {
      name = "network_" + name;
    }
    return new LayerNames(name);
  }

  /** The names of a graph's layers; in its code they are numbers. */
  static LayerNames of(NetworkGraph graph) {
    Map<String, String> given = new HashMap<>();
    Set<String> roots = new HashSet<>();
    for (String layer : graph.layers()) {
      given.put("." + GraphCode.tap(given.size()), layer);
      roots.add(layer.split("[.#\\[]", 2)[0]);
    }
    String output = avoiding(roots).output();
    for (int i = 0; i < graph.outputs().size() && graph.outputs().size() > 1; i++) {
      given.put("[%d]".formatted(i), "%s[%s]".formatted(output, graph.outputs().get(i).label()));
    }
    return new LayerNames(output, Map.copyOf(given));
  }

  /** The layer's path for a recorded name. */
  public String layer(String recorded) {
    String known = given.get(recorded);
    if (known != null) {
      return known;
    }
    if (recorded.startsWith(".")) {
      return recorded.substring(1);
    }
    return recorded.startsWith("/") ? recorded : output + recorded;
  }
}
