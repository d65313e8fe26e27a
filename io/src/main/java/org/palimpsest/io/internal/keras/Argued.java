package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.List;

/** What a layer or an operator is called with: a tensor, a constant, or a list of both. */
sealed interface Argued {

  /**
   * A tensor that another call gives.
   *
   * @param layer which gives it
   * @param call which of its calls, counted from 0
   * @param result which of its results
   */
  record Reference(String layer, long call, long result) implements Argued {
    @Override
    public String toString() {
      return "the result of layer '%s'".formatted(layer);
    }
  }

  /** A tensor that was found by its reference. */
  record Given(Tensor tensor) implements Argued {
    @Override
    public String toString() {
      return "a tensor of %s axes".formatted(tensor.rank());
    }
  }

  /** A number, a text, a list of them. */
  record Constant(JsonNode value) implements Argued {
    @Override
    public String toString() {
      return KerasSettings.shortened(value);
    }
  }

  /** A list with tensors in it. */
  record Items(List<Argued> items) implements Argued {
    public Items {
      items = List.copyOf(items);
    }

    @Override
    public String toString() {
      return "a list of %s, tensors among them".formatted(items.size());
    }
  }

  static Argued none() {
    return new Constant(NullNode.getInstance());
  }

  /** Whether it is null, or a list of nothing else. */
  default boolean isNone() {
    if (!(this instanceof Constant constant)) {
      return false;
    }
    JsonNode value = constant.value();
    boolean all = value.isArray() && !value.isEmpty();
    for (JsonNode item : value) {
      all &= item.isNull();
    }
    return value.isNull() || all;
  }

  default boolean isFalse() {
    return this instanceof Constant constant
        && constant.value().isBoolean()
        && !constant.value().booleanValue();
  }
}
