package org.palimpsest.io.internal.nn;

import java.util.LinkedHashMap;
import java.util.Map;
import org.palimpsest.io.internal.graph.Value;

/** A layer or a block of them: what it does with a value, and under which names. */
@FunctionalInterface
public interface Layer {

  /**
   * Adds this layer to a network.
   *
   * @param module its place: its tensors are taken from there, and what it gives is tapped there
   * @return what it gives
   */
  Value apply(Scope module, Value input);

  /** A layer that hands on what it is given, as dropout does in evaluation mode. */
  static Layer identity() {
    return Scope::tap;
  }

  /** Layers one after the other, named 0, 1, … as {@code Sequential} names them. */
  static Layer sequence(Layer... layers) {
    Map<String, Layer> named = new LinkedHashMap<>();
    for (int i = 0; i < layers.length; i++) {
      named.put(String.valueOf(i), layers[i]);
    }
    return sequence(named);
  }

  /** Layers one after the other under their names, in the map's order. */
  static Layer sequence(Map<String, Layer> layers) {
    return (module, input) -> {
      Value value = input;
      for (Map.Entry<String, Layer> layer : layers.entrySet()) {
        value = layer.getValue().apply(module.child(layer.getKey()), value);
      }
      return module.tap(value);
    };
  }
}
