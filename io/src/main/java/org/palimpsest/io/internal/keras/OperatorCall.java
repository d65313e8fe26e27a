package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.text.Names;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.Value;

/** One call of an operator: its arguments, each of which must be taken. */
final class OperatorCall {

  /** What Keras and TensorFlow call the same argument. */
  private static final Map<String, String> SAME =
      Map.ofEntries(
          Map.entry("x1", "x"),
          Map.entry("x2", "y"),
          Map.entry("a", "x"),
          Map.entry("b", "y"),
          Map.entry("bias", "y"),
          Map.entry("input_tensor", "x"),
          Map.entry("input", "x"),
          Map.entry("inputs", "x"),
          Map.entry("features", "x"),
          Map.entry("logits", "x"),
          Map.entry("tensor", "x"),
          Map.entry("images", "x"),
          Map.entry("image", "x"),
          Map.entry("value", "x"),
          Map.entry("values", "xs"),
          Map.entry("arrays", "xs"),
          Map.entry("perm", "axes"),
          Map.entry("newshape", "shape"),
          Map.entry("keep_dims", "keepdims"),
          Map.entry("paddings", "pad_width"),
          Map.entry("x_min", "min"),
          Map.entry("x_max", "max"),
          Map.entry("clip_value_min", "min"),
          Map.entry("clip_value_max", "max"),
          Map.entry("multiples", "repeats"),
          Map.entry("method", "interpolation"),
          Map.entry("slice_spec", "key"),
          Map.entry("ksize", "pool_size"),
          Map.entry("subscripts", "equation"),
          Map.entry("indices_or_sections", "sections"),
          Map.entry("num_or_size_splits", "sections"));

  private static final Set<String> WITHOUT_EFFECT = Set.of("name", "conjugate");

  /** Operators that do with integers what they do with floating numbers. */
  private static final Set<String> TAKE_INTEGERS =
      Set.of("cast", "expanddims", "expand_dims", "squeeze", "reshape");

  private final String owner;
  private final String name;
  private final Ops ops;
  private final Dialect dialect;
  private final List<String> parameters;
  private final Map<String, Argued> arguments;
  private final Map<String, String> written = new HashMap<>();
  private final String path;
  private final boolean ofTensorFlow;

  OperatorCall(
      String owner,
      String name,
      Ops ops,
      Dialect dialect,
      List<String> parameters,
      Map<String, Argued> arguments,
      String path,
      boolean ofTensorFlow) {
    this.owner = owner;
    this.name = name;
    this.ops = ops;
    this.dialect = dialect;
    this.parameters = parameters;
    this.arguments = arguments;
    this.path = path;
    this.ofTensorFlow = ofTensorFlow;
  }

  void add(String argument, Argued value) {
    boolean alpha = argument.equals("alpha") && name.contains("leaky");
    String same = parameters.contains(argument) ? argument : SAME.getOrDefault(argument, argument);
    String own = alpha ? "negative_slope" : same;
    written.put(own, argument);
    if (arguments.put(own, value) != null) {
      throw refused("is called with two values of '%s'".formatted(argument));
    }
  }

  /** What the file calls an argument. */
  private String asWritten(String argument) {
    return written.getOrDefault(argument, argument);
  }

  String owner() {
    return owner;
  }

  String name() {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  Ops ops() {
    return ops;
  }

  Dialect dialect() {
    return dialect;
  }

  String path() {
    return path;
  }

  boolean isOfTensorFlow() {
    return ofTensorFlow;
  }

  PalimpsestException refused(String why) {
    return new PalimpsestException("%s %s.".formatted(owner, why));
  }

  Argued take(String argument) {
    Argued taken = arguments.remove(argument);
    return taken == null ? Argued.none() : taken;
  }

  void requireAllTaken() {
    arguments.forEach(
        (argument, value) -> {
          if (!WITHOUT_EFFECT.contains(argument) && !value.isNone()) {
            throw refused(
                "has the setting '%s' (%s), which is not known here; %s"
                    .formatted(asWritten(argument), value, Names.known(argument, parameters)));
          }
        });
  }

  void requireNot(String argument) {
    Argued value = take(argument);
    if (!value.isNone() && !value.isFalse()) {
      throw refused("has '%s' %s, which is not known here".formatted(asWritten(argument), value));
    }
  }

  /** Takes an argument that is null for one that is not given. */
  void passOverNull(String argument) {
    arguments.computeIfPresent(argument, (name, value) -> value.isNone() ? null : value);
  }

  boolean isTensor(String argument) {
    return arguments.get(argument) instanceof Argued.Given;
  }

  Tensor tensor(String argument) {
    if (take(argument) instanceof Argued.Given given) {
      return floating(given.tensor());
    }
    throw refused("needs a tensor as '%s'".formatted(asWritten(argument)));
  }

  private Tensor floating(Tensor tensor) {
    if (tensor.integers() && !TAKE_INTEGERS.contains(name)) {
      throw refused("is given integers, which it is known for floating numbers alone");
    }
    return tensor;
  }

  List<Tensor> tensors(String argument) {
    List<Tensor> tensors = new ArrayList<>();
    if (take(argument) instanceof Argued.Items list) {
      for (Argued item : list.items()) {
        if (!(item instanceof Argued.Given given)) {
          throw refused("needs a list of tensors as '%s'".formatted(asWritten(argument)));
        }
        tensors.add(floating(given.tensor()));
      }
    }
    if (tensors.isEmpty()) {
      throw refused("needs a list of tensors as '%s'".formatted(asWritten(argument)));
    }
    return tensors;
  }

  private Optional<JsonNode> constant(String argument) {
    Argued value = take(argument);
    if (!(value instanceof Argued.Constant constant)) {
      throw refused("has a tensor as '%s', which is not known here".formatted(asWritten(argument)));
    }
    return value.isNone() ? Optional.empty() : Optional.of(constant.value());
  }

  double real(String argument) {
    return number(argument, constant(argument).orElseThrow(() -> wrong(argument, "a number")));
  }

  private double number(String argument, JsonNode node) {
    if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
      throw wrong(argument, "a finite number and not " + KerasSettings.shortened(node));
    }
    return node.doubleValue();
  }

  double real(String argument, double otherwise) {
    return constant(argument).map(node -> number(argument, node)).orElse(otherwise);
  }

  /** Null counts as false, as everywhere in Python. */
  boolean truth(String argument, boolean otherwise) {
    boolean said = arguments.containsKey(argument);
    Optional<JsonNode> node = constant(argument);
    if (node.isPresent() && !node.get().isBoolean()) {
      throw wrong(argument, "true or false");
    }
    return node.map(JsonNode::booleanValue).orElse(!said && otherwise);
  }

  String text(String argument, String otherwise) {
    Optional<JsonNode> node = constant(argument);
    if (node.isPresent() && !node.get().isTextual()) {
      throw wrong(argument, "a text");
    }
    return node.map(JsonNode::textValue).orElse(otherwise);
  }

  Optional<JsonNode> node(String argument) {
    return constant(argument);
  }

  List<Long> integers(String argument) {
    return integers(argument, constant(argument).orElseThrow(() -> wrong(argument, "integers")));
  }

  List<Long> integers(String argument, JsonNode node) {
    List<Long> numbers = new ArrayList<>();
    for (JsonNode item : node.isArray() ? node : List.of(node)) {
      if (!KerasSettings.isInteger(item)) {
        throw wrong(argument, "integers and not " + KerasSettings.shortened(node));
      }
      numbers.add(item.longValue());
    }
    return numbers;
  }

  long integer(String argument, long otherwise) {
    List<Long> numbers =
        constant(argument).map(node -> integers(argument, node)).orElse(List.of(otherwise));
    if (numbers.size() != 1) {
      throw wrong(argument, "one integer");
    }
    return numbers.get(0);
  }

  PalimpsestException wrong(String argument, String expected) {
    return refused("needs as '%s' %s".formatted(asWritten(argument), expected));
  }

  /**
   * Axes counted from the first; none of them is the samples'. Null stands for all axes, also where
   * one is taken if nothing is said.
   */
  List<Integer> axes(String argument, int rank, List<Long> otherwise) {
    boolean said = arguments.containsKey(argument);
    List<Long> given =
        constant(argument)
            .map(node -> integers(argument, node))
            .orElse(said ? List.of() : otherwise);
    if (given.isEmpty()) {
      throw refused("works along all axes, the samples' too");
    }
    return given.stream().map(axis -> axis(argument, axis, rank)).sorted().distinct().toList();
  }

  /** An axis that is not the samples'. */
  int axis(String argument, long axis, int rank) {
    long counted = axis < 0 ? axis + rank : axis;
    if (counted < 1 || counted >= rank) {
      throw refused(
          "has the axis %s ('%s') in a tensor of %s axes, the first of them the samples'"
              .formatted(axis, argument, rank));
    }
    return (int) counted;
  }

  Value constant(String constant, List<Long> shape, double... values) {
    float[] numbers = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      numbers[i] = (float) values[i];
    }
    return ops.graph()
        .buffer(
            List.of(path, constant), StoredTensor.ofFloats(path + "." + constant, shape, numbers));
  }

  /** Extents of a window; TensorFlow may have some, of 1, for the samples and channels too. */
  List<Long> windows(String argument, int count, boolean channelsLast, List<Long> otherwise) {
    List<Long> given = constant(argument).map(node -> integers(argument, node)).orElse(otherwise);
    if (!ofTensorFlow || given.size() != count + 2) {
      return sound(argument, count, given);
    }
    if (given.get(0) != 1 || given.get(channelsLast ? count + 1 : 1) != 1) {
      throw wrong(argument, "1 for the samples and channels");
    }
    return sound(
        argument, count, channelsLast ? given.subList(1, count + 1) : given.subList(2, count + 2));
  }

  private List<Long> sound(String argument, int count, List<Long> given) {
    List<Long> all = given.size() == 1 ? Collections.nCopies(count, given.get(0)) : given;
    if (all.size() != count
        || all.stream().anyMatch(number -> number < 1 || number > KerasSettings.MOST)) {
      throw wrong(argument, "%s integers from 1 to %s".formatted(count, KerasSettings.MOST));
    }
    return all;
  }

  /** 1 where a comparison holds, 0 where not. */
  Tensor compared(String operator) {
    Tensor truth = pair(operator);
    Value numbers =
        ops.graph().operator("to").with(truth.value(), ElementType.FLOAT32, false, false).value();
    return Tensor.of(numbers, truth.shape());
  }

  /** One tensor or the other, where a comparison holds or not. */
  Tensor chosen() {
    Tensor condition = tensor("condition");
    Tensor x = operand("x", condition);
    Tensor y = operand("y", condition);
    Value holds = ops.call("gt", condition.value(), 0.5);
    List<Long> shape = Ops.broadcast(condition.shape(), Ops.broadcast(x.shape(), y.shape()));
    return Tensor.of(ops.call("where", holds, x.value(), y.value()), shape);
  }

  private Tensor operand(String argument, Tensor like) {
    if (isTensor(argument)) {
      return tensor(argument);
    }
    JsonNode node = constant(argument).orElseThrow(() -> wrong(argument, "a tensor or numbers"));
    return numbers(node, argument, like);
  }

  Tensor each(String operator) {
    return ops.each(operator, tensor("x"));
  }

  Tensor function(String function) {
    return KerasActivations.named(ops, function, tensor("x"), dialect).orElseThrow();
  }

  Tensor reduced(String operator) {
    Tensor x = tensor("x");
    boolean keep = truth("keepdims", false);
    List<Integer> axes = axes("axis", x.rank(), List.of());
    if (!operator.equals("var") && !operator.equals("std")) {
      return ops.reduced(operator, x, axes, keep);
    }
    Tensor mean = ops.reduced("mean", x, axes, true);
    Tensor apart = ops.pairwise("sub", x, mean);
    Tensor variance = ops.reduced("mean", ops.pairwise("mul", apart, apart), axes, keep);
    return operator.equals("var") ? variance : ops.each("sqrt", variance);
  }

  /** An operator on two tensors, or on a tensor and numbers on either side. */
  Tensor pair(String operator) {
    if (isTensor("x") && isTensor("y")) {
      return ops.pairwise(operator, tensor("x"), tensor("y"));
    }
    boolean right = isTensor("x");
    Tensor x = tensor(right ? "x" : "y");
    String other = right ? "y" : "x";
    JsonNode node = constant(other).orElseThrow(() -> wrong(other, "a tensor or numbers"));
    Tensor constant = numbers(node, other, x);
    return right ? ops.pairwise(operator, x, constant) : ops.pairwise(operator, constant, x);
  }

  private Tensor numbers(JsonNode node, String argument, Tensor x) {
    if (!node.isArray()) {
      return ops.alike(x, "full_like", x.value(), number(argument, node));
    }
    List<Double> values = new ArrayList<>();
    List<Long> shape = new ArrayList<>();
    for (JsonNode level = node; level.isArray(); level = level.path(0)) {
      shape.add((long) level.size());
    }
    addNumbers(argument, node, values);
    if (shape.stream().reduce(1L, (a, b) -> a * b) != values.size()) {
      throw wrong(argument, "numbers in rows of the same length");
    }
    double[] all = values.stream().mapToDouble(Double::doubleValue).toArray();
    return Tensor.of(constant(argument, shape, all), shape);
  }

  private void addNumbers(String argument, JsonNode node, List<Double> values) {
    if (node.isArray()) {
      node.forEach(item -> addNumbers(argument, item, values));
    } else {
      values.add(number(argument, node));
    }
  }
}
