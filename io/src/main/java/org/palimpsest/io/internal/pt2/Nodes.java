package org.palimpsest.io.internal.pt2;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.pt2.ExportedProgram.Union;

/**
 * The nodes of a program in the order in which they run, those of regions without gradient or with
 * autocast among the others. A value within a region has the name of the region before its own.
 */
final class Nodes {

  /**
   * A call of an operator.
   *
   * @param target such as {@code torch.ops.aten.conv2d.default}
   * @param inputs the arguments, names of values within them not yet the whole ones
   * @param scope which tells the whole names
   * @param results all results by their whole names, in order; empty for what nothing can use
   * @param tensors those that are tensors
   * @param givesList whether the tensors are the elements of one list
   */
  record Node(
      String target,
      String stack,
      List<Input> inputs,
      Scope scope,
      List<String> results,
      List<String> tensors,
      boolean givesList) {

    /** The tensors that it takes, by their whole names. */
    Set<String> taken() {
      Set<String> names = new HashSet<>();
      inputs.forEach(input -> add(input.argument(), names));
      return names;
    }

    private void add(Union argument, Set<String> names) {
      JsonNode value = argument.value();
      switch (argument.kind()) {
        case "as_tensor" -> names.add(scope.of(name(value)));
        case "as_tensors" -> value.forEach(one -> names.add(scope.of(name(one))));
        case "as_optional_tensor" -> add(Union.of(value, "A tensor"), names);
        case "as_optional_tensors" -> value.forEach(one -> add(Union.of(one, "A tensor"), names));
        default -> {}
      }
    }

    /** The operator without its library and overload: {@code conv2d}. */
    String operator() {
      String[] parts = target.split("\\.", -1);
      return parts.length >= 4 ? parts[3] : parts[parts.length - 1];
    }
  }

  /** An argument of a node. */
  record Input(String name, Union argument) {}

  /** What names of values stand for at one place. */
  static final class Scope {
    private final String prefix;
    private final Map<String, String> whole = new HashMap<>();

    private Scope(String prefix) {
      this.prefix = prefix;
    }

    /** The whole name of a value; values that nothing gives keep the name that they have. */
    String of(String name) {
      return whole.getOrDefault(name, prefix + name);
    }
  }

  private static final Pattern GRADIENT = Pattern.compile(".*\\.wrap_with_set_grad_enabled");
  private static final Pattern AUTOCAST = Pattern.compile(".*\\.wrap_with_autocast");
  private static final int AUTOCAST_ENABLED = 2;
  private static final Pattern CAST =
      Pattern.compile(
          "torch\\.ops\\.aten\\.(_?conv\\w*|linear|matmul|mm|bmm|addmm|addbmm|baddbmm|einsum|prelu"
              + "|scaled_dot_product_attention|lstm|gru|rnn_\\w+)\\..*");
  private static final Set<String> BEFORE_SELF =
      Set.of("condition", "n", "sorted_sequence", "grad", "grad_out", "grad_output");
  private static final int MOST_NODES = 1_000_000;
  private static final int DEEPEST = 20;
  private static final Set<Integer> HALVES = Set.of(6, 13);

  private final String file;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, JsonNode> metas = new LinkedHashMap<>();
  private final Scope root = new Scope("");
  private int regions;

  private Nodes(String file) {
    this.file = file;
  }

  static Nodes of(JsonNode graph, String file) {
    Nodes nodes = new Nodes(file);
    nodes.add(graph, nodes.root, 0);
    return nodes;
  }

  List<Node> all() {
    return nodes;
  }

  /** What the program says of its tensors, by their whole names. */
  Map<String, JsonNode> metas() {
    return metas;
  }

  /** The names at the outermost place. */
  Scope root() {
    return root;
  }

  private void add(JsonNode graph, Scope scope, int depth) {
    if (depth > DEEPEST || !graph.path("nodes").isArray()) {
      throw damaged("it has no nodes, or regions within regions within regions");
    }
    graph
        .path("tensor_values")
        .properties()
        .forEach(one -> metas.putIfAbsent(scope.of(one.getKey()), one.getValue()));
    for (JsonNode node : graph.path("nodes")) {
      String target = Union.shown(node.path("target").asText());
      if (GRADIENT.matcher(target).matches() || AUTOCAST.matcher(target).matches()) {
        region(node, target, scope, depth);
      } else {
        nodes.add(node(node, target, scope));
      }
      if (nodes.size() > MOST_NODES) {
        throw damaged("it has more than %s nodes".formatted(MOST_NODES));
      }
    }
  }

  private Node node(JsonNode node, String target, Scope scope) {
    List<String> tensors = new ArrayList<>();
    List<String> results = new ArrayList<>();
    boolean list = false;
    for (JsonNode output : node.path("outputs")) {
      Union result = Union.of(output, "Node '%s' of %s".formatted(target, file));
      switch (result.kind()) {
        case "as_tensor" -> {
          tensors.add(scope.of(name(result.value())));
          results.add(scope.of(name(result.value())));
        }
        case "as_tensors" -> {
          list = true;
          result.value().forEach(one -> tensors.add(scope.of(name(one))));
          results.addAll(tensors);
        }
        case "as_sym_int", "as_sym_bool", "as_sym_float" ->
            results.add(scope.of(symbolName(result.value())));
        case Union.NONE -> {
          if (node.path("outputs").size() > 1) {
            results.add("");
          }
        }
        default ->
            throw new PalimpsestException(
                "%s: operator '%s' gives a result of the kind %s, which is not read."
                    .formatted(file, target, Union.shown(result.kind())));
      }
    }
    if (list && node.path("outputs").size() != 1) {
      throw new PalimpsestException(
          "%s: operator '%s' gives a list among other results, which is not read."
              .formatted(file, target));
    }
    String stack = node.path("metadata").path("nn_module_stack").asText("");
    return new Node(target, stack, inputs(node, target), scope, results, tensors, list);
  }

  private List<Input> inputs(JsonNode node, String target) {
    List<Input> inputs = new ArrayList<>();
    for (JsonNode input : node.path("inputs")) {
      String where = "Node '%s' of %s".formatted(target, file);
      inputs.add(
          new Input(Union.shown(input.path("name").asText()), Union.of(input.path("arg"), where)));
    }
    if (target.startsWith("torch.ops.aten.")) {
      putSelfInItsPlace(inputs);
    }
    return inputs;
  }

  /** Arguments with names come in any order; only {@code self} cannot be given by its name. */
  private static void putSelfInItsPlace(List<Input> inputs) {
    boolean first = inputs.isEmpty() || inputs.get(0).name().equals("self");
    boolean named = inputs.stream().noneMatch(input -> input.name().isEmpty());
    if (!first && named) {
      inputs.sort(
          Comparator.comparingInt(
              input ->
                  BEFORE_SELF.contains(input.name()) ? 0 : input.name().equals("self") ? 1 : 2));
    }
  }

  /** A tensor's name; old schemas write it bare in places. */
  static String name(JsonNode tensor) {
    return tensor.isTextual() ? tensor.asText() : tensor.path("name").asText();
  }

  private static String symbolName(JsonNode symbol) {
    return symbol.isTextual() ? symbol.asText() : symbol.path("as_name").asText();
  }

  /** The nodes of a region, whose inputs are the arguments after its graph. */
  private void region(JsonNode node, String target, Scope outer, int depth) {
    List<Input> inputs = inputs(node, target);
    int at = 0;
    while (at < inputs.size() && !inputs.get(at).argument().is("as_graph")) {
      at++;
    }
    if (at == inputs.size()) {
      throw damaged("its node '%s' has no graph".formatted(target));
    }
    JsonNode graph = inputs.get(at).argument().value().path("graph");
    if (AUTOCAST.matcher(target).matches()) {
      requireNoEffect(inputs, graph);
    }
    regions++;
    Scope inner = new Scope("region" + regions + ".");
    List<Input> given = inputs.subList(at + 1, inputs.size());
    if (given.size() != graph.path("inputs").size()) {
      throw damaged("its node '%s' does not give what its graph takes".formatted(target));
    }
    for (int i = 0; i < given.size(); i++) {
      inner.whole.put(
          valueName(Union.of(graph.path("inputs").get(i), file)),
          outer.of(valueName(given.get(i).argument())));
    }
    add(graph, inner, depth + 1);
    bind(node, graph, outer, inner);
  }

  private void bind(JsonNode node, JsonNode graph, Scope outer, Scope inner) {
    List<String> outside = names(node.path("outputs"));
    List<String> inside = names(graph.path("outputs"));
    if (outside.size() != inside.size()) {
      throw damaged("a region of it gives other results than are taken");
    }
    for (int i = 0; i < outside.size(); i++) {
      outer.whole.put(outside.get(i), inner.of(inside.get(i)));
    }
  }

  private List<String> names(JsonNode unions) {
    List<String> names = new ArrayList<>();
    for (JsonNode one : unions) {
      Union union = Union.of(one, file);
      if (union.is("as_tensors")) {
        union.value().forEach(tensor -> names.add(name(tensor)));
      } else {
        names.add(valueName(union));
      }
    }
    return names;
  }

  private String valueName(Union union) {
    return switch (union.kind()) {
      case "as_tensor" -> name(union.value());
      case "as_sym_int", "as_sym_bool", "as_sym_float" -> symbolName(union.value());
      default ->
          throw new PalimpsestException(
              "%s gives a region a value of the kind %s, which is not read."
                  .formatted(file, Union.shown(union.kind())));
    };
  }

  /**
   * Autocast that turns numbers into shorter ones changes results; where it does not, none. Some
   * releases say of the values within that they are of 32 bits though they are not.
   */
  private void requireNoEffect(List<Input> inputs, JsonNode graph) {
    boolean enabled =
        inputs.size() <= AUTOCAST_ENABLED
            || !inputs.get(AUTOCAST_ENABLED).argument().is("as_bool")
            || inputs.get(AUTOCAST_ENABLED).argument().value().asBoolean(true);
    if (!enabled) {
      return;
    }
    for (Map.Entry<String, JsonNode> one : graph.path("tensor_values").properties()) {
      JsonNode meta = one.getValue();
      JsonNode plain = meta.path("meta").isObject() ? meta.path("meta") : meta;
      if (HALVES.contains(plain.path("dtype").asInt())) {
        throw autocast();
      }
    }
    for (JsonNode node : graph.path("nodes")) {
      if (CAST.matcher(node.path("target").asText()).matches()) {
        throw autocast();
      }
    }
  }

  /** The refusal of a program that computes in 16 bits without saying so step by step. */
  PalimpsestException autocast() {
    return new PalimpsestException(
        file
            + " runs a part of itself under torch.autocast in 16 bits, which is not done here."
            + " Export the network without autocast.");
  }

  /** Whether an operator is one that autocast runs in 16 bits. */
  static boolean isCast(String target) {
    return CAST.matcher(target).matches();
  }

  private PalimpsestException damaged(String why) {
    return new PalimpsestException("%s is damaged: %s.".formatted(file, why));
  }

  /**
   * Turns the arguments of nodes into those of a graph's calls.
   *
   * @param values what a name stands for at a place
   * @param notes where it is said what was taken otherwise than it stands there
   */
  record Arguments(
      String file, BiFunction<String, Scope, Argument> values, Consumer<String> notes) {

    /**
     * An argument as the graph takes it.
     *
     * @throws PalimpsestException if it is of a kind that is not read
     */
    Argument argument(Union argument, Node node) {
      JsonNode value = argument.value();
      return switch (argument.kind()) {
        case Union.NONE -> Argument.none();
        case "as_tensor" -> values.apply(name(value), node.scope());
        case "as_tensors" ->
            list(Argument.Element.TENSOR, value, one -> values.apply(name(one), node.scope()));
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
        case "as_bool" -> truth(value, node);
        case "as_bools" ->
            value.isEmpty()
                ? Argument.ints()
                : list(Argument.Element.BOOL, value, one -> truth(one, node));
        case "as_string" -> text(value, node);
        case "as_strings" -> list(Argument.Element.TEXT, value, one -> text(one, node));
        default -> special(argument, node);
      };
    }

    private Argument special(Union argument, Node node) {
      JsonNode value = argument.value();
      return switch (argument.kind()) {
        case "as_scalar_type" ->
            new Argument.Dtype(
                TensorMeta.type(code(value))
                    .orElseThrow(
                        () -> unknown(node, "element type " + Union.shown(value.toString()))));
        case "as_memory_format" ->
            switch (code(value)) {
              case 1 -> Argument.MemoryFormat.CONTIGUOUS;
              case 2 -> Argument.MemoryFormat.CHANNELS_LAST;
              case 3 -> Argument.MemoryFormat.CHANNELS_LAST_3D;
              case 4 -> Argument.MemoryFormat.PRESERVE;
              default -> throw unknown(node, "memory format " + Union.shown(value.toString()));
            };
        case "as_layout" -> {
          if (code(value) != 7) {
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

    private Argument symbolic(JsonNode value, Node node) {
      if (!value.isObject()) {
        return value.isBoolean() ? truth(value, node) : integer(value, node);
      }
      Union symbol = Union.of(value, where(node));
      return switch (symbol.kind()) {
        case "as_name" -> values.apply(symbol.value().asText(), node.scope());
        case "as_int" -> integer(symbol.value(), node);
        case "as_float" -> real(symbol.value(), node);
        case "as_bool" -> truth(symbol.value(), node);
        default -> throw unknown(node, "kind " + Union.shown(symbol.kind()));
      };
    }

    private Argument truth(JsonNode value, Node node) {
      if (!value.isBoolean()) {
        throw unknown(node, "truth value " + Union.shown(value.toString()));
      }
      return new Argument.Bool(value.booleanValue());
    }

    private Argument text(JsonNode value, Node node) {
      if (!value.isTextual()) {
        throw unknown(node, "text " + Union.shown(value.toString()));
      }
      return new Argument.Text(value.textValue());
    }

    /** A number that stands for a type or form; 0 stands for none. */
    private static int code(JsonNode value) {
      return value.isIntegralNumber() && value.canConvertToInt() ? value.intValue() : 0;
    }

    private Argument integer(JsonNode value, Node node) {
      if (!value.isIntegralNumber() || !value.canConvertToLong()) {
        throw unknown(node, "integer " + Union.shown(value.toString()));
      }
      return new Argument.Int(value.longValue());
    }

    private Argument real(JsonNode value, Node node) {
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

    private String where(Node node) {
      return "Node '%s' of %s".formatted(node.target(), file);
    }

    private PalimpsestException unknown(Node node, String what) {
      return new PalimpsestException(
          "%s calls '%s' with an argument that is not read (%s)."
              .formatted(file, node.target(), what));
    }
  }
}
