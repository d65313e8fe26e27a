package org.palimpsest.io.internal.pt2;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.Argument;

/**
 * Turns the arguments of nodes into those of a graph's calls.
 *
 * @param values what a name stands for at a place
 * @param notes where it is said what was taken otherwise than it stands there
 */
record NodeArguments(
    String file, BiFunction<String, Nodes.Scope, Argument> values, Consumer<String> notes) {

  /**
   * An argument as the graph takes it.
   *
   * @throws PalimpsestException if it is of a kind that is not read
   */
  Argument argument(Union argument, Nodes.Node node) {
    JsonNode value = argument.value();
    return switch (argument.kind()) {
      case Union.NONE -> Argument.none();
      case "as_tensor" -> values.apply(Nodes.name(value), node.scope());
      case "as_tensors" ->
          list(Argument.Element.TENSOR, value, one -> values.apply(Nodes.name(one), node.scope()));
      case "as_optional_tensor" -> argument(Union.of(value, where(node)), node);
      case "as_optional_tensors" ->
          list(
              Argument.Element.OPTIONAL_TENSOR,
              value,
              one -> argument(Union.of(one, where(node)), node));
      case "as_int" -> integer(value, node);
      case "as_ints" -> list(Argument.Element.INT, value, one -> integer(one, node));
      case "as_float" -> real(value, node);
      case "as_floats" -> list(Argument.Element.REAL, value, one -> real(one, node));
      case "as_bool" -> new Argument.Bool(value.asBoolean());
      case "as_bools" ->
          value.isEmpty()
              ? Argument.ints()
              : list(Argument.Element.BOOL, value, one -> new Argument.Bool(one.asBoolean()));
      case "as_string" -> new Argument.Text(value.asText());
      case "as_strings" ->
          list(Argument.Element.TEXT, value, one -> new Argument.Text(one.asText()));
      default -> special(argument, node);
    };
  }

  private Argument special(Union argument, Nodes.Node node) {
    JsonNode value = argument.value();
    return switch (argument.kind()) {
      case "as_scalar_type" ->
          new Argument.Dtype(
              TensorMeta.type(value.asInt())
                  .orElseThrow(
                      () -> unknown(node, "element type " + Union.shown(value.toString()))));
      case "as_memory_format" ->
          switch (value.asInt()) {
            case 1 -> Argument.MemoryFormat.CONTIGUOUS;
            case 2 -> Argument.MemoryFormat.CHANNELS_LAST;
            case 3 -> Argument.MemoryFormat.CHANNELS_LAST_3D;
            case 4 -> Argument.MemoryFormat.PRESERVE;
            default -> throw unknown(node, "memory format " + Union.shown(value.toString()));
          };
      case "as_layout" -> {
        if (value.asInt() != 7) {
          throw unknown(node, "layout " + Union.shown(value.toString()));
        }
        yield new Argument.Strided();
      }
      case "as_device" -> device(value);
      case "as_sym_int", "as_sym_bool", "as_sym_float" -> symbolic(value, node);
      case "as_sym_ints" -> list(Argument.Element.INT, value, one -> symbolic(one, node));
      case "as_sym_bools" -> list(Argument.Element.BOOL, value, one -> symbolic(one, node));
      case "as_sym_floats" -> list(Argument.Element.REAL, value, one -> symbolic(one, node));
      default -> throw unknown(node, "kind " + Union.shown(argument.kind()));
    };
  }

  private Argument device(JsonNode device) {
    String type = device.path("type").asText();
    if (!type.equals("cpu")) {
      notes.accept("exported on the device '%s'; run on the CPU".formatted(type));
    }
    return new Argument.Cpu();
  }

  private Argument symbolic(JsonNode value, Nodes.Node node) {
    if (!value.isObject()) {
      return value.isBoolean() ? new Argument.Bool(value.asBoolean()) : integer(value, node);
    }
    Union symbol = Union.of(value, where(node));
    return switch (symbol.kind()) {
      case "as_name" -> values.apply(symbol.value().asText(), node.scope());
      case "as_int" -> integer(symbol.value(), node);
      case "as_float" -> real(symbol.value(), node);
      case "as_bool" -> new Argument.Bool(symbol.value().asBoolean());
      default -> throw unknown(node, "kind " + Union.shown(symbol.kind()));
    };
  }

  private Argument integer(JsonNode value, Nodes.Node node) {
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw unknown(node, "integer " + Union.shown(value.toString()));
    }
    return new Argument.Int(value.longValue());
  }

  private Argument real(JsonNode value, Nodes.Node node) {
    if (value.isNumber()) {
      return new Argument.Real(value.doubleValue());
    }
    return switch (value.asText()) {
      case "Infinity" -> new Argument.Real(Double.POSITIVE_INFINITY);
      case "-Infinity" -> new Argument.Real(Double.NEGATIVE_INFINITY);
      case "NaN" -> new Argument.Real(Double.NaN);
      default -> throw unknown(node, "number " + Union.shown(value.toString()));
    };
  }

  private static Argument list(
      Argument.Element element, JsonNode values, Function<JsonNode, Argument> each) {
    List<Argument> items = new ArrayList<>();
    values.forEach(one -> items.add(each.apply(one)));
    return new Argument.Items(element, items);
  }

  private String where(Nodes.Node node) {
    return "Node '%s' of %s".formatted(node.target(), file);
  }

  private PalimpsestException unknown(Nodes.Node node, String what) {
    return new PalimpsestException(
        "%s calls '%s' with an argument that is not read (%s)."
            .formatted(file, node.target(), what));
  }
}
