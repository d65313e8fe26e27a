package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.text.Names;
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
          Map.entry("floor_divide", "floordivide math.floordiv floor_div"),
          Map.entry("pow", "power math.pow __operators__.pow pow"),
          Map.entry("maximum", "maximum math.maximum"),
          Map.entry("minimum", "minimum math.minimum"),
          Map.entry("remainder", "mod math.mod math.floormod"),
          Map.entry("fmod", "fmod"),
          Map.entry("fmax", "fmax"),
          Map.entry("fmin", "fmin"),
          Map.entry("atan2", "arctan2"),
          Map.entry("hypot", "hypot"),
          Map.entry("logaddexp", "logaddexp"),
          Map.entry("logaddexp2", "logaddexp2"));

  private static final Map<String, String> EACH =
      Map.ofEntries(
          Map.entry("abs", "absolute abs fabs math.abs"),
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
          Map.entry("round", "rint math.rint math.round"),
          Map.entry("trunc", "trunc"),
          Map.entry("asin", "arcsin math.asin"),
          Map.entry("acos", "arccos math.acos"),
          Map.entry("asinh", "arcsinh math.asinh"),
          Map.entry("acosh", "arccosh math.acosh"),
          Map.entry("atanh", "arctanh math.atanh"),
          Map.entry("exp2", "exp2"),
          Map.entry("erf", "erf math.erf"),
          Map.entry("erfc", "erfc math.erfc"));

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
    List<Operator> all = new ArrayList<>(ofNumbers());
    all.addAll(ShapeOperators.ALL);
    all.addAll(NumberOperators.all());
    all.addAll(withSettings());
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

  private static List<Operator> ofNumbers() {
    List<Operator> all = new ArrayList<>();
    PAIRS.forEach((own, names) -> all.add(of(names, "x y", call -> call.pair(own))));
    EACH.forEach((own, names) -> all.add(of(names, "x", call -> call.each(own))));
    FUNCTIONS.forEach((own, names) -> all.add(of(names, "x", call -> call.function(own))));
    REDUCTIONS.forEach(
        (own, names) -> all.add(of(names, "x axis keepdims", call -> call.reduced(own))));
    COMPARISONS.forEach((own, names) -> all.add(of(names, "x y", call -> call.compared(own))));
    return all;
  }

  /** Those that need more than one call, or settings. */
  private static List<Operator> withSettings() {
    List<Operator> all = new ArrayList<>();
    all.add(of("where", "condition x y", OperatorCall::chosen));
    all.add(of("einsum", "equation xs", Operators::einsum));
    all.add(
        of(
            "averagepool nn.avg_pool2d nn.avg_pool",
            "x pool_size strides padding data_format",
            c -> pooled(c, false)));
    all.add(
        of(
            "maxpool nn.max_pool2d nn.max_pool",
            "x pool_size strides padding data_format",
            c -> pooled(c, true)));
    all.add(of("matmul linalg.matmul", "x y transpose_a transpose_b", Operators::product));
    all.add(of("cast", "x dtype", Operators::cast));
    all.add(of("identity stopgradient stop_gradient", "x", call -> call.tensor("x")));
    return all;
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
          "%s is the operator '%s', which is not known here; %s."
              .formatted(owner, name, Names.known(name, new TreeSet<>(TABLE.keySet()))));
    }
    Map<String, Argued> all = new LinkedHashMap<>();
    OperatorCall call =
        new OperatorCall(owner, name, ops, dialect, operator.parameters(), all, path, ofTensorFlow);
    boolean listed = name.equals("einsum") && !ofTensorFlow;
    if (listed) {
      all.put("xs", new Argued.Items(arguments));
    }
    if (!listed && arguments.size() > operator.parameters().size()) {
      throw call.refused("is called with %s arguments".formatted(arguments.size()));
    }
    for (int i = 0; !listed && i < arguments.size(); i++) {
      all.put(operator.parameters().get(i), arguments.get(i));
    }
    if (!ofTensorFlow) {
      addSettings(layer, name, call);
    }
    named.forEach(call::add);
    List<Tensor> results = operator.gives().apply(call);
    call.requireAllTaken();
    return results;
  }

  /** In Keras 3 constants are settings of the operator. */
  private static void addSettings(KerasLayer layer, String name, OperatorCall call) {
    for (Map.Entry<String, JsonNode> setting : layer.config().properties()) {
      boolean type = setting.getKey().equals("dtype") && !name.equals("cast");
      if (type) {
        KnownLayers.requireType(call.owner(), layer.config());
      } else if (!Set.of("name", "trainable").contains(setting.getKey())) {
        call.add(setting.getKey(), new Argued.Constant(setting.getValue()));
      }
    }
  }

  private static Tensor einsum(OperatorCall call) {
    List<Tensor> all = call.tensors("xs");
    String equation = call.text("equation", "").replace(" ", "");
    String[] sides = written(equation, all).split("->", -1);
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
    String whole = String.join("->", sides);
    return Tensor.of(call.ops().call("einsum", whole, Argument.tensors(values)), shape);
  }

  /** With letters for the axes that dots stand for, where all tensors have as many of them. */
  private static String written(String equation, List<Tensor> all) {
    String[] inputs = equation.split("->", -1)[0].split(",", -1);
    if (!equation.contains("...") || inputs.length != all.size()) {
      return equation;
    }
    int hidden = all.get(0).rank() - inputs[0].replace("...", "").length();
    StringBuilder letters = new StringBuilder();
    for (char c = 'Z'; letters.length() < hidden && c >= 'A'; c--) {
      letters.append(equation.indexOf(c) < 0 ? String.valueOf(c) : "");
    }
    return equation.replace("...", letters);
  }

  private static Tensor pooled(OperatorCall call, boolean most) {
    Tensor x = call.tensor("x");
    int axes = x.rank() - 2;
    String format = call.text("data_format", call.isOfTensorFlow() ? "NHWC" : "channels_last");
    boolean last = format.equals("NHWC") || format.equals("channels_last");
    if (axes < 1 || axes > 3 || !last && !format.equals("channels_first")) {
      throw call.refused("pools a tensor of %s axes in %s".formatted(x.rank(), format));
    }
    List<Long> size = call.windows("pool_size", axes, last, List.of());
    List<Long> strides = call.windows("strides", axes, last, size);
    String padding = call.text("padding", "valid").toLowerCase(Locale.ROOT);
    if (!padding.equals("same") && !padding.equals("valid")) {
      throw call.refused("pads by '%s'".formatted(padding));
    }
    boolean same = padding.equals("same");
    return SizeLayers.Pooling.pooled(call.ops(), x, size, strides, same, last, most);
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

  /** All numbers are computed as float32, which is told of layers of other types as well. */
  private static Tensor cast(OperatorCall call) {
    Tensor x = call.tensor("x");
    Argued type = call.take("dtype");
    String name = type instanceof Argued.Constant constant ? constant.value().asText("") : "";
    if (!name.matches("b?float\\d\\d")) {
      throw call.refused("makes %s of its numbers, which is not known here".formatted(type));
    }
    if (!name.equals("float32")) {
      call.ops()
          .graph()
          .note(
              "operator '%s' hands on float32, where Keras makes %s of its numbers, whose digits and range are others"
                  .formatted(call.path(), name));
    }
    return new Tensor(x.value(), x.shape(), false);
  }
}
