package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;

/**
 * Operators that stand among the layers: functions of TensorFlow in files of Keras 2 (TFOpLambda,
 * SlicingOpLambda), and those of keras.ops in files of Keras 3.
 */
final class Operators {

  /**
   * An operator.
   *
   * @param names in Keras 3 as classes in lower case without underscores, and in TensorFlow
   * @param parameters what it is called with, in order
   */
  record Operator(
      List<String> names, List<String> parameters, Function<OperatorCall, List<Tensor>> gives) {}

  private static final Map<String, String> PAIRS =
      Map.ofEntries(
          Map.entry("add", "add math.add __operators__.add nn.bias_add"),
          Map.entry("sub", "subtract math.subtract __operators__.sub"),
          Map.entry("mul", "multiply math.multiply __operators__.mul"),
          Map.entry(
              "div",
              "divide truedivide math.divide math.truediv realdiv __operators__.truediv"
                  + " __operators__.div"),
          Map.entry("floor_divide", "floordivide math.floordiv"),
          Map.entry("pow", "power math.pow __operators__.pow pow"),
          Map.entry("maximum", "maximum math.maximum"),
          Map.entry("minimum", "minimum math.minimum"));

  private static final Map<String, String> EACH =
      Map.ofEntries(
          Map.entry("abs", "absolute abs math.abs"),
          Map.entry("neg", "negative math.negative"),
          Map.entry("exp", "exp math.exp"),
          Map.entry("expm1", "expm1 math.expm1"),
          Map.entry("log", "log math.log"),
          Map.entry("log1p", "log1p math.log1p"),
          Map.entry("log2", "log2"),
          Map.entry("log10", "log10"),
          Map.entry("sqrt", "sqrt math.sqrt"),
          Map.entry("rsqrt", "rsqrt math.rsqrt"),
          Map.entry("square", "square math.square"),
          Map.entry("reciprocal", "reciprocal math.reciprocal"),
          Map.entry("sin", "sin math.sin"),
          Map.entry("cos", "cos math.cos"),
          Map.entry("tan", "tan math.tan"),
          Map.entry("atan", "arctan math.atan"),
          Map.entry("sinh", "sinh math.sinh"),
          Map.entry("cosh", "cosh math.cosh"),
          Map.entry("sign", "sign math.sign"),
          Map.entry("floor", "floor math.floor"),
          Map.entry("ceil", "ceil math.ceil"),
          Map.entry("round", "rint math.rint"),
          Map.entry("erf", "erf math.erf"));

  private static final Map<String, String> REDUCTIONS =
      Map.of(
          "mean", "mean math.reduce_mean",
          "sum", "sum math.reduce_sum",
          "amax", "max amax math.reduce_max",
          "amin", "min amin math.reduce_min",
          "logsumexp", "logsumexp math.reduce_logsumexp",
          "var", "var math.reduce_variance",
          "std", "std math.reduce_std");

  /** Comparisons give 1 where they hold and 0 where not. */
  private static final Map<String, String> COMPARISONS =
      Map.of(
          "gt", "greater math.greater",
          "ge", "greaterequal math.greater_equal",
          "lt", "less math.less",
          "le", "lessequal math.less_equal",
          "eq", "equal math.equal",
          "ne", "notequal math.not_equal");

  /** Functions that are activations too, by what Keras calls them. */
  private static final Map<String, String> FUNCTIONS =
      Map.ofEntries(
          Map.entry("relu", "relu nn.relu"),
          Map.entry("relu6", "relu6 nn.relu6"),
          Map.entry("elu", "nn.elu"),
          Map.entry("selu", "selu nn.selu"),
          Map.entry("sigmoid", "sigmoid math.sigmoid nn.sigmoid"),
          Map.entry("tanh", "tanh math.tanh nn.tanh"),
          Map.entry("silu", "silu swish nn.silu nn.swish"),
          Map.entry("softplus", "softplus math.softplus nn.softplus"),
          Map.entry("softsign", "softsign nn.softsign math.softsign"),
          Map.entry("log_sigmoid", "logsigmoid math.log_sigmoid"),
          Map.entry("hard_sigmoid", "hardsigmoid"),
          Map.entry("hard_silu", "hardsilu hardswish"),
          Map.entry("hard_tanh", "hardtanh"),
          Map.entry("tanh_shrink", "tanhshrink"),
          Map.entry("sparse_plus", "sparseplus"),
          Map.entry("sparse_sigmoid", "sparsesigmoid"),
          Map.entry("mish", "mish"));

  private static final Map<String, Operator> TABLE = table();

  private Operators() {}

  static boolean isOperator(KerasLayer layer) {
    return layer.className().equals("TFOpLambda")
        || layer.className().equals("SlicingOpLambda")
        || layer.module().contains(".ops.")
        || layer.module().endsWith(".ops");
  }

  /** All operators, by their first names. */
  static Set<String> names() {
    return TABLE.keySet();
  }

  private static Map<String, Operator> table() {
    List<Operator> all = new ArrayList<>();
    PAIRS.forEach((own, names) -> all.add(of(names, "x y", call -> call.pair(own))));
    EACH.forEach((own, names) -> all.add(of(names, "x", call -> call.each(own))));
    FUNCTIONS.forEach((own, names) -> all.add(of(names, "x", call -> call.function(own))));
    REDUCTIONS.forEach(
        (own, names) -> all.add(of(names, "x axis keepdims", call -> call.reduced(own))));
    COMPARISONS.forEach((own, names) -> all.add(of(names, "x y", call -> call.compared(own))));
    all.addAll(ShapeOperators.ALL);
    all.add(of("where", "condition x y", OperatorCall::chosen));
    all.add(of("prod math.reduce_prod", "x axis keepdims", Operators::multiplied));
    all.add(of("argmax math.argmax argmin math.argmin", "x axis keepdims", Operators::place));
    all.add(of("cumsum math.cumsum", "x axis", Operators::summedUp));
    all.add(of("zeroslike zeros_like", "x", call -> call.each("zeros_like")));
    all.add(of("oneslike ones_like", "x", call -> call.each("ones_like")));
    all.add(of("normalize", "x axis order epsilon", Operators::normalised));
    all.add(of("nn.l2_normalize math.l2_normalize", "x axis epsilon", Operators::normalised));
    all.add(of("einsum", "equation xs", Operators::einsum));
    all.add(
        of(
            "averagepool nn.avg_pool2d",
            "x pool_size strides padding data_format",
            c -> pooled(c, false)));
    all.add(
        of(
            "maxpool nn.max_pool2d",
            "x pool_size strides padding data_format",
            c -> pooled(c, true)));
    all.add(of("leakyrelu nn.leaky_relu", "x negative_slope", Operators::leaky));
    all.add(of("elu celu", "x alpha", Operators::alpha));
    all.add(of("gelu nn.gelu", "x approximate", Operators::gelu));
    all.add(
        of(
            "squareplus",
            "x b",
            c -> KerasActivations.squareplus(c.ops(), c.tensor("x"), c.real("b", 4))));
    all.add(of("softmax nn.softmax logsoftmax nn.log_softmax", "x axis", Operators::softmax));
    all.add(of("clip clip_by_value", "x min max", Operators::clipped));
    all.add(of("matmul linalg.matmul", "x y transpose_a transpose_b", Operators::product));
    all.add(
        of(
            "resize image.resize",
            "x size interpolation antialias data_format",
            Operators::resized));
    all.add(of("cast", "x dtype", Operators::cast));
    all.add(of("identity stopgradient stop_gradient", "x", call -> call.tensor("x")));
    all.add(of("hardshrink softshrink", "x threshold", Operators::shrunk));
    all.add(of("glu", "x axis", Operators::gated));
    Map<String, Operator> table = new LinkedHashMap<>();
    for (Operator operator : all) {
      for (String name : operator.names()) {
        if (table.put(name, operator) != null) {
          throw new IllegalStateException("two operators " + name);
        }
      }
    }
    return table;
  }

  static Operator of(String names, String parameters, Function<OperatorCall, Tensor> gives) {
    return ofSeveral(names, parameters, call -> List.of(gives.apply(call)));
  }

  /** With several results. */
  static Operator ofSeveral(
      String names, String parameters, Function<OperatorCall, List<Tensor>> gives) {
    return new Operator(List.of(names.split(" ")), List.of(parameters.split(" ")), gives);
  }

  /** What a call of an operator gives. */
  static List<Tensor> call(
      KerasLayer layer,
      String owner,
      Ops ops,
      Dialect dialect,
      List<Argued> arguments,
      Map<String, Argued> named,
      String path) {
    boolean ofTensorFlow = !layer.module().contains(".ops");
    String name =
        ofTensorFlow
            ? layer.config().path("function").asText("").replace("compat.v1.", "")
            : layer.className().toLowerCase(Locale.ROOT);
    Operator operator = TABLE.get(name);
    if (operator == null) {
      throw new PalimpsestException(
          "%s is the operator '%s', which is not known here.".formatted(owner, name));
    }
    Map<String, Argued> all = new LinkedHashMap<>();
    OperatorCall call =
        new OperatorCall(owner, name, ops, dialect, operator.parameters(), all, path, ofTensorFlow);
    boolean listed = name.equals("einsum") && !ofTensorFlow;
    if (listed) {
      all.put("xs", new Argued.Items(arguments));
    }
    if (!listed && arguments.size() > operator.parameters().size()) {
      throw call.refused("is called with %d arguments".formatted(arguments.size()));
    }
    for (int i = 0; !listed && i < arguments.size(); i++) {
      all.put(operator.parameters().get(i), arguments.get(i));
    }
    if (!ofTensorFlow) {
      for (Map.Entry<String, JsonNode> setting : layer.config().properties()) {
        if (!Set.of("name", "trainable", "dtype").contains(setting.getKey())
            || name.equals("cast")) {
          call.add(setting.getKey(), new Argued.Constant(setting.getValue()));
        }
      }
    }
    named.forEach(call::add);
    List<Tensor> results = operator.gives().apply(call);
    call.requireAllTaken();
    return results;
  }

  private static Tensor multiplied(OperatorCall call) {
    Tensor x = call.tensor("x");
    boolean keep = call.truth("keepdims", false);
    List<Integer> axes = call.axes("axis", x.rank(), List.of());
    if (axes.size() != 1) {
      throw call.refused("multiplies several axes");
    }
    List<Long> shape = new ArrayList<>(x.shape());
    shape.remove((int) axes.get(0));
    if (keep) {
      shape.add(axes.get(0), 1L);
    }
    return Tensor.of(call.ops().call("prod", x.value(), axes.get(0), keep), shape);
  }

  /** Keras has integers there; the first of several equal ones is told, as in PyTorch. */
  private static Tensor place(OperatorCall call) {
    Tensor x = call.tensor("x");
    boolean keep = call.truth("keepdims", false);
    call.take("output_type");
    List<Integer> axes = call.axes("axis", x.rank(), List.of());
    if (axes.size() != 1) {
      throw call.refused("looks along several axes");
    }
    String operator = call.name().replaceFirst("math\\.", "");
    List<Long> shape = new ArrayList<>(x.shape());
    shape.remove((int) axes.get(0));
    if (keep) {
      shape.add(axes.get(0), 1L);
    }
    Value places = call.ops().call(operator, x.value(), axes.get(0), keep);
    Value numbers =
        call.ops().graph().operator("to").with(places, ElementType.FLOAT32, false, false).value();
    return new Tensor(numbers, shape, true);
  }

  private static Tensor summedUp(OperatorCall call) {
    Tensor x = call.tensor("x");
    call.requireNot("exclusive");
    call.requireNot("reverse");
    return call.ops().each("cumsum", x, call.axes("axis", x.rank(), List.of(0L)).get(0));
  }

  private static Tensor normalised(OperatorCall call) {
    Tensor x = call.tensor("x");
    List<Integer> axes = call.axes("axis", x.rank(), List.of(-1L));
    if (call.integer("order", 2) != 2) {
      throw call.refused("normalises by another order than 2");
    }
    double least = call.real("epsilon", 1e-12);
    Ops ops = call.ops();
    Tensor sum = ops.reduced("sum", ops.pairwise("mul", x, x), axes, true);
    return ops.pairwise("mul", x, ops.each("rsqrt", ops.each("clamp_min", sum, least)));
  }

  private static Tensor einsum(OperatorCall call) {
    List<Tensor> all = call.tensors("xs");
    String equation = call.text("equation", "").replace(" ", "");
    String[] sides = equation.split("->", -1);
    String[] inputs = sides[0].split(",", -1);
    if (sides.length != 2 || inputs.length != all.size() || sides[1].isEmpty()) {
      throw call.refused("sums by '%s', which is not known here".formatted(equation));
    }
    Map<Character, Long> extents = new LinkedHashMap<>();
    for (int i = 0; i < inputs.length; i++) {
      boolean samples = !inputs[i].isEmpty() && inputs[i].charAt(0) == sides[1].charAt(0);
      if (!samples || inputs[i].length() != all.get(i).rank() || !inputs[i].matches("[a-zA-Z]+")) {
        throw call.refused("sums by '%s', which may mix samples".formatted(equation));
      }
      for (int axis = 0; axis < inputs[i].length(); axis++) {
        extents.merge(inputs[i].charAt(axis), all.get(i).extent(axis), Math::max);
      }
    }
    List<Long> shape = new ArrayList<>();
    for (char axis : sides[1].toCharArray()) {
      shape.add(extents.getOrDefault(axis, Tensor.UNKNOWN));
    }
    List<Value> values = all.stream().map(Tensor::value).toList();
    return Tensor.of(call.ops().call("einsum", equation, Argument.tensors(values)), shape);
  }

  private static Tensor pooled(OperatorCall call, boolean most) {
    Tensor x = call.tensor("x");
    int axes = x.rank() - 2;
    String format = call.text("data_format", call.isOfTensorFlow() ? "NHWC" : "channels_last");
    boolean last = format.equals("NHWC") || format.equals("channels_last");
    if (axes < 1 || axes > 3 || !last && !format.equals("channels_first")) {
      throw call.refused("pools a tensor of %d axes in %s".formatted(x.rank(), format));
    }
    List<Long> size = call.counts("pool_size", axes, List.of());
    List<Long> strides = call.counts("strides", axes, size);
    String padding = call.text("padding", "valid").toLowerCase(Locale.ROOT);
    if (!padding.equals("same") && !padding.equals("valid")) {
      throw call.refused("pads by '%s'".formatted(padding));
    }
    boolean same = padding.equals("same");
    return SizeLayers.Pooling.pooled(call.ops(), x, size, strides, same, last, most);
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

  private static Tensor softmax(OperatorCall call) {
    Tensor x = call.tensor("x");
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

  private static Tensor product(OperatorCall call) {
    Ops ops = call.ops();
    Tensor x = call.tensor("x");
    Tensor y = call.tensor("y");
    if (x.rank() < 3 || x.rank() != y.rank()) {
      throw call.refused("multiplies matrices of different numbers of axes, or of all samples");
    }
    Tensor a = call.truth("transpose_a", false) ? ops.moved(x, x.rank() - 1, x.rank() - 2) : x;
    Tensor b = call.truth("transpose_b", false) ? ops.moved(y, y.rank() - 1, y.rank() - 2) : y;
    List<Long> shape = new ArrayList<>(a.shape());
    shape.set(a.rank() - 1, b.extent(b.rank() - 1));
    return Tensor.of(ops.call("matmul", a.value(), b.value()), shape);
  }

  /** All numbers are computed as float32. */
  private static Tensor cast(OperatorCall call) {
    Tensor x = call.tensor("x");
    Argued type = call.take("dtype");
    String name = type instanceof Argued.Constant constant ? constant.value().asText("") : "";
    if (!name.matches("b?float\\d\\d")) {
      throw call.refused("makes %s of its numbers, which is not known here".formatted(type));
    }
    return new Tensor(x.value(), x.shape(), false);
  }

  private static Tensor resized(OperatorCall call) {
    Tensor x = call.tensor("x");
    if (x.rank() != 4) {
      throw call.refused("resizes a tensor of %d axes".formatted(x.rank()));
    }
    boolean last = !call.text("data_format", "channels_last").equals("channels_first");
    if (!call.isOfTensorFlow() && call.dialect().channelsFirst()) {
      throw call.refused("resizes in a network of channels first, where its order is not told");
    }
    List<Long> size = call.integers("size");
    if (size.size() != 2 || size.stream().anyMatch(extent -> extent < 1)) {
      throw call.refused("resizes to %s".formatted(size));
    }
    Tensor y =
        Resizer.resized(
            call.ops(),
            Spatial.channelsSecond(call.ops(), x, last),
            size.stream().map(Ops::number).toList(),
            call.text("interpolation", "bilinear"),
            call.truth("antialias", false),
            call.path(),
            call::refused,
            call::constant);
    call.requireNot("crop_to_aspect_ratio");
    call.requireNot("pad_to_aspect_ratio");
    call.requireNot("preserve_aspect_ratio");
    call.take("fill_mode");
    call.take("fill_value");
    return Spatial.asKeras(call.ops(), y, last);
  }
}
