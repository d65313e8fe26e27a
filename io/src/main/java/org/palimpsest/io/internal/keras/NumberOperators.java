package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.Value;

/** Operators on numbers that need settings, or more than one call. */
final class NumberOperators {

  private NumberOperators() {}

  static List<Operators.Operator> all() {
    List<Operators.Operator> all = new ArrayList<>();
    all.add(Operators.of("prod math.reduce_prod", "x axis keepdims", NumberOperators::multiplied));
    all.add(
        Operators.of(
            "argmax math.argmax argmin math.argmin", "x axis keepdims", NumberOperators::place));
    all.add(
        Operators.of(
            "cumsum math.cumsum cumprod math.cumprod", "x axis", NumberOperators::summedUp));
    all.add(Operators.of("average", "x axis weights", NumberOperators::average));
    all.add(Operators.of("norm", "x ord axis keepdims", NumberOperators::norm));
    all.add(Operators.of("sort", "x axis", NumberOperators::sorted));
    all.add(Operators.of("round", "x decimals", NumberOperators::rounded));
    all.add(Operators.of("threshold", "x threshold default_value", NumberOperators::thresholded));
    all.add(Operators.of("math.squared_difference", "x y", NumberOperators::squaredDifference));
    all.add(Operators.of("math.divide_no_nan dividenonan", "x y", NumberOperators::dividedOrZero));
    all.add(Operators.of("nn.crelu", "x axis", NumberOperators::bothParts));
    all.add(Operators.of("math.add_n", "xs", NumberOperators::total));
    all.add(Operators.of("math.atan2", "y x", NumberOperators::angle));
    all.add(Operators.of("diff", "x n axis", NumberOperators::difference));
    all.add(Operators.of("sparsemax", "x axis", NumberOperators::sparsemax));
    all.add(Operators.of("zeroslike zeros_like", "x", call -> call.each("zeros_like")));
    all.add(Operators.of("oneslike ones_like", "x", call -> call.each("ones_like")));
    all.add(Operators.of("normalize", "x axis order epsilon", NumberOperators::normalised));
    all.add(
        Operators.of(
            "nn.l2_normalize math.l2_normalize", "x axis epsilon", NumberOperators::normalised));
    all.addAll(likeActivations());
    return List.copyOf(all);
  }

  /** Those that are activations too, with their settings. */
  private static List<Operators.Operator> likeActivations() {
    List<Operators.Operator> all = new ArrayList<>();
    all.add(Operators.of("leakyrelu nn.leaky_relu", "x negative_slope", NumberOperators::leaky));
    all.add(Operators.of("elu celu", "x alpha", NumberOperators::alpha));
    all.add(Operators.of("gelu nn.gelu", "x approximate", NumberOperators::gelu));
    all.add(
        Operators.of(
            "squareplus",
            "x b",
            c -> KerasActivations.squareplus(c.ops(), c.tensor("x"), c.real("b", 4))));
    all.add(
        Operators.of(
            "softmax nn.softmax logsoftmax nn.log_softmax", "x axis", NumberOperators::softmax));
    all.add(Operators.of("clip clip_by_value", "x min max", NumberOperators::clipped));
    all.add(Operators.of("hardshrink softshrink", "x threshold", NumberOperators::shrunk));
    all.add(Operators.of("glu", "x axis", NumberOperators::gated));
    return all;
  }

  private static Tensor multiplied(OperatorCall call) {
    Tensor x = call.tensor("x");
    boolean keep = call.truth("keepdims", false);
    int axis = onlyAxis(call, x, "multiplies several axes");
    return Tensor.of(call.ops().call("prod", x.value(), axis, keep), reduced(x, axis, keep));
  }

  /** The axis of an operator that PyTorch has for one alone. */
  private static int onlyAxis(OperatorCall call, Tensor x, String ofSeveral) {
    List<Integer> axes = call.axes("axis", x.rank(), List.of());
    if (axes.size() != 1) {
      throw call.refused(ofSeveral);
    }
    return axes.get(0);
  }

  private static List<Long> reduced(Tensor x, int axis, boolean keep) {
    List<Long> shape = new ArrayList<>(x.shape());
    shape.remove(axis);
    if (keep) {
      shape.add(axis, 1L);
    }
    return shape;
  }

  /** Keras has integers there; the first of several equal ones is told, as in PyTorch. */
  private static Tensor place(OperatorCall call) {
    Tensor x = call.tensor("x");
    boolean keep = call.truth("keepdims", false);
    call.take("output_type");
    int axis = onlyAxis(call, x, "looks along several axes");
    String operator = call.name().replaceFirst("math\\.", "");
    Value places = call.ops().call(operator, x.value(), axis, keep);
    Value numbers =
        call.ops().graph().operator("to").with(places, ElementType.FLOAT32, false, false).value();
    return new Tensor(numbers, reduced(x, axis, keep), true);
  }

  private static Tensor summedUp(OperatorCall call) {
    Tensor x = call.tensor("x");
    call.requireNot("exclusive");
    boolean backwards = call.truth("reverse", false);
    int axis = call.axes("axis", x.rank(), List.of(0L)).get(0);
    Ops ops = call.ops();
    List<Long> turned = List.of((long) axis);
    Tensor sums = ops.each(call.name(), backwards ? ops.each("flip", x, turned) : x, axis);
    return backwards ? ops.each("flip", sums, turned) : sums;
  }

  private static Tensor angle(OperatorCall call) {
    return call.ops().pairwise("atan2", call.tensor("y"), call.tensor("x"));
  }

  /** The positive and the negative part, one behind the other. */
  private static Tensor bothParts(OperatorCall call) {
    Tensor x = call.tensor("x");
    int axis = call.axes("axis", x.rank(), List.of(-1L)).get(0);
    Ops ops = call.ops();
    return ops.concatenated(
        List.of(ops.each("relu", x), ops.each("relu", ops.each("neg", x))), axis);
  }

  private static Tensor total(OperatorCall call) {
    return call.tensors("xs").stream()
        .reduce((a, b) -> call.ops().pairwise("add", a, b))
        .orElseThrow();
  }

  /** Differences of neighbours. */
  private static Tensor difference(OperatorCall call) {
    Tensor x = call.tensor("x");
    int axis = call.axes("axis", x.rank(), List.of(-1L)).get(0);
    long extent = x.extent(axis);
    if (call.integer("n", 1) != 1 || extent < 2) {
      throw call.refused(
          "takes differences more than once, or along an axis of %s".formatted(extent));
    }
    Ops ops = call.ops();
    return ops.pairwise(
        "sub",
        ops.part(x, axis, Ops.number(1), Ops.number(extent)),
        ops.part(x, axis, Ops.number(0), Ops.number(extent - 1)));
  }

  private static Tensor average(OperatorCall call) {
    if (!call.take("weights").isNone()) {
      throw call.refused("weighs what it averages");
    }
    Tensor x = call.tensor("x");
    return call.ops().reduced("mean", x, call.axes("axis", x.rank(), List.of()), false);
  }

  /** Of each row along one axis or more. */
  private static Tensor norm(OperatorCall call) {
    String order = call.node("ord").map(JsonNode::asText).orElse("");
    if (!List.of("", "null", "euclidean", "2", "2.0").contains(order)) {
      throw call.refused("is the norm of order %s".formatted(order));
    }
    Tensor x = call.tensor("x");
    boolean keep = call.truth("keepdims", false);
    List<Integer> axis = List.of(onlyAxis(call, x, "is the norm of matrices"));
    Ops ops = call.ops();
    return ops.each("sqrt", ops.reduced("sum", ops.pairwise("mul", x, x), axis, keep));
  }

  private static Tensor sorted(OperatorCall call) {
    Tensor x = call.tensor("x");
    if (!call.text("direction", "ASCENDING").equals("ASCENDING")) {
      throw call.refused("sorts from the greatest on");
    }
    int axis = call.axes("axis", x.rank(), List.of(-1L)).get(0);
    return Tensor.of(
        call.ops().graph().operator("sort").with(x.value(), axis, false).values(2).get(0),
        x.shape());
  }

  private static Tensor rounded(OperatorCall call) {
    if (call.integer("decimals", 0) != 0) {
      throw call.refused("rounds to decimals");
    }
    return call.ops().each("round", call.tensor("x"));
  }

  private static Tensor thresholded(OperatorCall call) {
    return call.ops()
        .each("threshold", call.tensor("x"), call.real("threshold"), call.real("default_value"));
  }

  private static Tensor squaredDifference(OperatorCall call) {
    Tensor apart = call.pair("sub");
    return call.ops().pairwise("mul", apart, apart);
  }

  /** 0 where it is divided by 0. */
  private static Tensor dividedOrZero(OperatorCall call) {
    Ops ops = call.ops();
    Tensor x = call.tensor("x");
    Tensor y = call.tensor("y");
    Tensor quotient = ops.pairwise("div", x, y);
    Value zero = ops.call("eq", y.value(), 0);
    return Tensor.of(ops.call("masked_fill", quotient.value(), zero, 0.0), quotient.shape());
  }

  private static Tensor sparsemax(OperatorCall call) {
    Tensor x = call.tensor("x");
    return KerasActivations.sparsemax(
        call.ops(), x, call.axes("axis", x.rank(), List.of(-1L)).get(0));
  }

  /** The least norm in Keras, the least square of it in TensorFlow. */
  private static Tensor normalised(OperatorCall call) {
    Tensor x = call.tensor("x");
    List<Long> usual = call.isOfTensorFlow() ? List.of() : List.of(-1L);
    List<Integer> axes = call.axes("axis", x.rank(), usual);
    if (call.integer("order", 2) != 2) {
      throw call.refused("normalises by another order than 2");
    }
    double least = call.real("epsilon", call.isOfTensorFlow() ? 1e-12 : 1e-7);
    if (least <= 0) {
      throw call.wrong("epsilon", "a number above 0");
    }
    return call.isOfTensorFlow()
        ? NormalisationLayers.unitBySquare(call.ops(), x, axes, least)
        : NormalisationLayers.unitByNorm(call.ops(), x, axes, least);
  }

  private static Tensor leaky(OperatorCall call) {
    return call.ops().each("leaky_relu", call.tensor("x"), call.real("negative_slope", 0.2));
  }

  private static Tensor alpha(OperatorCall call) {
    return call.ops().each(call.name(), call.tensor("x"), call.real("alpha", 1));
  }

  /** keras.ops.gelu is an approximation by default, tf.nn.gelu is not. */
  private static Tensor gelu(OperatorCall call) {
    boolean approximate = call.truth("approximate", !call.isOfTensorFlow());
    return KerasActivations.gelu(call.ops(), call.tensor("x"), approximate ? "tanh" : "none");
  }

  /** Where TensorFlow is given no axis, it takes the last one. */
  private static Tensor softmax(OperatorCall call) {
    Tensor x = call.tensor("x");
    if (call.isOfTensorFlow()) {
      call.passOverNull("axis");
    }
    List<Integer> axes = call.axes("axis", x.rank(), List.of(-1L));
    if (call.name().contains("log")) {
      if (axes.size() != 1) {
        throw call.refused("has an axis that is not known here");
      }
      return call.ops().each("log_softmax", x, axes.get(0));
    }
    return KerasActivations.softmax(call.ops(), x, axes);
  }

  private static Tensor clipped(OperatorCall call) {
    return call.ops().each("clamp", call.tensor("x"), call.real("min"), call.real("max"));
  }

  private static Tensor shrunk(OperatorCall call) {
    return call.ops().each(call.name(), call.tensor("x"), call.real("threshold", 0.5));
  }

  private static Tensor gated(OperatorCall call) {
    Tensor x = call.tensor("x");
    int axis = call.axes("axis", x.rank(), List.of(-1L)).get(0);
    long half = x.isKnown(axis) ? x.extent(axis) / 2 : Tensor.UNKNOWN;
    return Tensor.of(call.ops().call("glu", x.value(), axis), x.shapeWith(axis, half));
  }
}
