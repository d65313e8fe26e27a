package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.internal.text.Names;
import org.palimpsest.io.internal.graph.Value;

/** Activations: keras/src/activations/activations.py, keras/src/layers/activations. */
final class KerasActivations {

  static final List<Row> ROWS =
      List.of(
          Row.of("Activation")
              .reads("activation")
              .means("the function of that name; see the list of functions")
              .gives(call -> call.activated(call.input())),
          Row.of("ReLU")
              .reads("max_value negative_slope threshold")
              .means(
                  "x > threshold: x, if max_value is given from 0 to it; else slope*(x-threshold)")
              .gives(KerasActivations::relu),
          Row.of("LeakyReLU")
              .reads("negative_slope alpha")
              .means("leaky_relu; Keras 3 calls the slope negative_slope, older ones alpha; 0.3")
              .gives(KerasActivations::leaky),
          Row.of("PReLU")
              .reads("shared_axes")
              .ignores("weights")
              .means("relu(x) - alpha*relu(-x); in Keras 1 shared axes are those of one element")
              .keeps("alpha")
              .gives(KerasActivations::parametric),
          Row.of("ParametricSoftplus")
              .ignores("alpha_init beta_init weights shared_axes")
              .means("Keras 1: alphas * softplus(betas * x)")
              .keeps("alphas", "betas")
              .gives(KerasActivations::parametricSoftplus),
          Row.of("SReLU")
              .ignores("t_left_init a_left_init t_right_init a_right_init shared_axes")
              .means(
                  "Keras 1: linear between t_left and t_left + |t_right|, with slopes a_left and"
                      + " a_right beside them, each as Keras 1 adds them up")
              .keeps("t_left", "a_left", "t_right", "a_right")
              .gives(KerasActivations::shaped),
          Row.of("ELU")
              .reads("alpha")
              .means("elu")
              .gives(
                  call -> call.ops().each("elu", call.input(), call.settings().real("alpha", 1))),
          Row.of("ThresholdedReLU")
              .reads("theta")
              .means("x > theta: x; else 0")
              .gives(
                  call ->
                      call.ops()
                          .each("threshold", call.input(), call.settings().real("theta", 1), 0.0)),
          Row.of("Softmax")
              .reads("axis")
              .ignores("robust_masking")
              .means("softmax over one axis, or several together")
              .gives(KerasActivations::softmax));

  private KerasActivations() {}

  /** What Keras calls the functions that are known, for the reader of the table. */
  static final List<String> FUNCTIONS =
      List.of(
          "linear",
          "relu",
          "relu6",
          "leaky_relu",
          "elu",
          "selu",
          "celu",
          "gelu",
          "silu",
          "swish",
          "hard_silu",
          "hard_swish",
          "hard_sigmoid",
          "hard_tanh",
          "hard_shrink",
          "soft_shrink",
          "tanh_shrink",
          "sigmoid",
          "log_sigmoid",
          "tanh",
          "softmax",
          "log_softmax",
          "softplus",
          "softsign",
          "exponential",
          "mish",
          "glu",
          "sparse_plus",
          "sparse_sigmoid",
          "sparsemax",
          "squareplus",
          "");

  /**
   * What an activation gives that is named or described in a setting.
   *
   * @param function null, a name, or a layer
   */
  static Tensor apply(Call call, JsonNode function, Tensor x) {
    if (function.isNull()) {
      return x;
    }
    if (function.isTextual()) {
      return named(call.ops(), function.textValue(), x, call.dialect())
          .orElseThrow(() -> unknown(call, function));
    }
    if (!function.path("class_name").isTextual() || !function.has("config")) {
      throw unknown(call, function);
    }
    if (function.path("class_name").asText().equals("function")) {
      String module = function.path("module").asText("");
      if (!KnownLayers.isOfKeras(module) && !module.equals("builtins")) {
        throw unknown(call, function);
      }
      requireNameOfKeras(call, function, module);
      return apply(call, function.path("config"), x);
    }
    KerasLayer layer = Configuration.inner(function, call);
    if (layer.className().equals("PReLU")) {
      throw call.refused(
          "has a PReLU as its activation, which keeps weights of its own: these are read of a PReLU that is a layer behind it");
    }
    if (!List.of("Activation", "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU", "Softmax")
        .contains(layer.className())) {
      Optional<Tensor> operator =
          KnownLayers.isOfKeras(layer.module())
              ? named(call.ops(), snakeCase(layer.className()), x, call.dialect())
              : Optional.empty();
      return operator.orElseThrow(() -> unknown(call, function));
    }
    return call.within(layer, "activation/", List.of(x), Map.of()).get(0);
  }

  private static String snakeCase(String name) {
    return name.replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(java.util.Locale.ROOT);
  }

  /** Keras 3 writes its own functions as their names alone, and anyone's else as objects. */
  private static void requireNameOfKeras(Call call, JsonNode function, String module) {
    if (module.equals("builtins") && !call.dialect().isTwoOrEarlier()) {
      throw call.refused(
          "has an activation function that is not of Keras, %s, whose code is not in the file"
              .formatted(KerasSettings.shortened(function.path("config"))));
    }
  }

  private static RuntimeException unknown(Call call, JsonNode function) {
    return call.refused(
        "has the activation %s, which is not known here; %s"
            .formatted(
                KerasSettings.shortened(function), Names.known(function.asText(), FUNCTIONS)));
  }

  /** What a function of Keras gives, if it is known. */
  static Optional<Tensor> named(Ops ops, String function, Tensor x, Dialect dialect) {
    int last = x.rank() - 1;
    String name = function.startsWith("Addons>") ? function.substring(7) : function;
    return Optional.ofNullable(
        switch (name) {
          case "linear" -> x;
          case "relu", "relu6", "selu", "sigmoid", "tanh", "mish", "silu" -> ops.each(name, x);
          case "swish" -> ops.each("silu", x);
          case "leaky_relu" -> ops.each("leaky_relu", x, 0.2);
          case "elu" -> ops.each("elu", x, 1.0);
          case "celu" -> ops.each("celu", x, 1.0);
          case "gelu" -> gelu(ops, x, "none");
          case "hard_sigmoid" -> hardSigmoid(ops, x, dialect);
          case "hard_silu", "hard_swish" -> ops.pairwise("mul", x, hardSigmoid(ops, x, dialect));
          case "hard_tanh" -> ops.each("clamp", x, -1.0, 1.0);
          case "hard_shrink" -> ops.each("hardshrink", x, 0.5);
          case "soft_shrink" -> ops.each("softshrink", x, 0.5);
          case "tanh_shrink" -> ops.pairwise("sub", x, ops.each("tanh", x));
          case "log_sigmoid" -> ops.each("log_sigmoid", x);
          case "softmax" -> ops.each("softmax", x, last);
          case "log_softmax" -> ops.each("log_softmax", x, last);
          case "softplus" -> ops.each("softplus", x, 1.0, 40.0);
          case "softsign" -> softsign(ops, x);
          case "exponential" -> ops.each("exp", x);
          case "glu" -> glu(ops, x);
          case "sparse_sigmoid" ->
              ops.each("clamp", ops.each("mul", ops.each("add", x, 1.0), 0.5), 0.0, 1.0);
          case "sparse_plus" -> sparsePlus(ops, x);
          case "sparsemax" -> sparsemax(ops, x, last);
          case "squareplus" -> squareplus(ops, x, 4);
          default -> null;
        });
  }

  /** Keras 1 and 2: clip(0.2x + 0.5); Keras 3: clip(x/6 + 0.5). */
  private static Tensor hardSigmoid(Ops ops, Tensor x, Dialect dialect) {
    return dialect.isTwoOrEarlier()
        ? ops.each("clamp", ops.each("add", ops.each("mul", x, 0.2), 0.5), 0.0, 1.0)
        : ops.each("hardsigmoid", x);
  }

  /** Either exact ("none") or by "tanh". */
  static Tensor gelu(Ops ops, Tensor x, String approximation) {
    Value value =
        ops.graph().operator("gelu").with(x.value()).with("approximate", approximation).value();
    return Tensor.of(value, x.shape());
  }

  private static Tensor softsign(Ops ops, Tensor x) {
    return ops.pairwise("div", x, ops.each("add", ops.each("abs", x), 1.0));
  }

  private static Tensor glu(Ops ops, Tensor x) {
    int last = x.rank() - 1;
    long half = x.isKnown(last) ? x.extent(last) / 2 : Tensor.UNKNOWN;
    return Tensor.of(ops.call("glu", x.value(), last), x.shapeWith(last, half));
  }

  /** 0 below -1, x above 1, and (x+1)²/4 between. */
  private static Tensor sparsePlus(Ops ops, Tensor x) {
    Tensor middle = ops.each("clamp", ops.each("add", x, 1.0), 0.0, 2.0);
    Tensor curve = ops.each("mul", ops.pairwise("mul", middle, middle), 0.25);
    return ops.pairwise("add", curve, ops.each("relu", ops.each("sub", x, 1.0)));
  }

  /**
   * As Keras 3 has it: where Martins and Astudillo (2016) subtract from the sum of the numbers that
   * stay, Keras subtracts from the sum of their running sums.
   */
  static Tensor sparsemax(Ops ops, Tensor x, int axis) {
    Value given = ops.graph().operator("sort").with(x.value(), axis, true).values(2).get(0);
    Tensor sorted = Tensor.of(given, x.shape());
    Tensor places = ops.each("cumsum", ops.each("ones_like", sorted), axis);
    Tensor sums = ops.each("cumsum", sorted, axis);
    Tensor scaled = ops.each("add", ops.pairwise("mul", places, sorted), 1.0);
    Value within = ops.call("gt", scaled.value(), sums.value());
    Tensor inner = Tensor.of(ops.call("mul", sums.value(), within), x.shape());
    Tensor counted = Tensor.of(ops.call("mul", places.value(), within), x.shape());
    Tensor count = ops.reduced("amax", counted, List.of(axis), true);
    Tensor total = ops.each("sub", ops.reduced("sum", inner, List.of(axis), true), 1.0);
    return ops.each("relu", ops.pairwise("sub", x, ops.pairwise("div", total, count)));
  }

  /** (x + √(x² + b)) / 2. */
  static Tensor squareplus(Ops ops, Tensor x, double b) {
    Tensor root = ops.each("sqrt", ops.each("add", ops.pairwise("mul", x, x), b));
    return ops.each("mul", ops.pairwise("add", x, root), 0.5);
  }

  private static Tensor relu(Call call) {
    KerasSettings settings = call.settings();
    return relu(
        call.ops(),
        call.input(),
        maximum(settings),
        settings.real("negative_slope", 0),
        settings.real("threshold", 0));
  }

  private static Optional<Double> maximum(KerasSettings settings) {
    if (!settings.has("max_value")) {
      settings.passOver("max_value");
      return Optional.empty();
    }
    double most = settings.real("max_value");
    if (!(most >= 0)) {
      throw settings.wrong("max_value", "0 or more");
    }
    return Optional.of(most);
  }

  /**
   * Above the threshold x, within 0 and a maximum if there is one; else slope * (x - threshold),
   * which no maximum bounds.
   */
  static Tensor relu(Ops ops, Tensor x, Optional<Double> most, double slope, double threshold) {
    if (threshold == 0 && (slope >= 0 || most.isEmpty())) {
      Tensor result = slope == 0 ? ops.each("relu", x) : ops.each("leaky_relu", x, slope);
      return most.isPresent() ? ops.each("clamp_max", result, most.get()) : result;
    }
    Value above = ops.call("gt", x.value(), threshold);
    Tensor kept = most.isPresent() ? ops.each("clamp", x, 0.0, most.get()) : x;
    Tensor below = ops.each("mul", ops.each("sub", x, threshold), slope);
    return ops.alike(x, "where", above, kept.value(), below.value());
  }

  private static Tensor leaky(Call call) {
    KerasSettings settings = call.settings();
    double slope =
        settings.has("negative_slope")
            ? settings.real("negative_slope")
            : settings.real("alpha", 0.3);
    settings.passOver("negative_slope");
    return call.ops().each("leaky_relu", call.input(), slope);
  }

  private static Tensor parametric(Call call) {
    Tensor x = call.input();
    List<Long> shape = new ArrayList<>(x.shape().subList(1, x.rank()));
    Array alpha = call.array("alpha");
    boolean shares = call.settings().has("shared_axes");
    List<Long> shared = shares ? call.settings().integersOrOne("shared_axes") : List.of();
    call.settings().passOver("shared_axes");
    for (long axis : shared) {
      // Keras takes 1 off, and then counts as Python does.
      shape.set(call.axis("shared_axes", axis - 1, shape.size()), 1L);
    }
    for (int i = 0; call.dialect().major() == 1 && !shares && i < shape.size(); i++) {
      shape.set(i, i < alpha.rank() && alpha.extent(i) == 1 ? 1L : shape.get(i));
    }
    call.array("alpha", shape.stream().mapToLong(Long::longValue).toArray());
    Value weight = call.parameter("weight", alpha);
    Ops ops = call.ops();
    call.ops().graph().expect(call.path(), x.value(), expected(x, alpha));
    Value above = ops.call("gt", x.value(), 0);
    return ops.alike(x, "where", above, x.value(), ops.call("mul", x.value(), weight));
  }

  /** An alpha of one value for each place must not be repeated along more places. */
  private static List<Object> expected(Tensor x, Array alpha) {
    List<Object> extents = new ArrayList<>();
    extents.add(org.palimpsest.io.internal.graph.Argument.none());
    for (int i = 1; i < x.rank(); i++) {
      long own = alpha.extent(i - 1);
      extents.add(own == 1 ? org.palimpsest.io.internal.graph.Argument.none() : (Object) own);
    }
    return extents;
  }

  /** An array with a number for each place behind the samples, or one for several. */
  private static Tensor spread(Call call, Tensor x, String role) {
    Array array = call.array(role);
    boolean fits = array.rank() == x.rank() - 1;
    for (int i = 0; fits && i < array.rank(); i++) {
      fits = array.extent(i) == 1 || !x.isKnown(i + 1) || array.extent(i) == x.extent(i + 1);
    }
    if (!fits) {
      throw call.refused(
          "has %s of the shape %s for an input of %s".formatted(role, array.shape(), x.shape()));
    }
    return Tensor.of(call.parameter(role, array), array.shape());
  }

  private static Tensor parametricSoftplus(Call call) {
    Tensor x = call.input();
    Ops ops = call.ops();
    Tensor inner = ops.pairwise("mul", x, spread(call, x, "betas"));
    return ops.pairwise("mul", ops.each("softplus", inner, 1.0, 40.0), spread(call, x, "alphas"));
  }

  /**
   * Keras 1.2, keras/layers/advanced_activations.py: relu(x - l, a, r - l) + l + a' relu(x - r),
   * whose first part Theano holds below r - l on both sides of l.
   */
  private static Tensor shaped(Call call) {
    Tensor x = call.input();
    Ops ops = call.ops();
    Tensor left = spread(call, x, "t_left");
    Tensor width = ops.each("abs", spread(call, x, "t_right"));
    Tensor fromLeft = ops.pairwise("sub", x, left);
    Tensor below = ops.each("relu", ops.each("neg", fromLeft));
    Tensor lower = ops.pairwise("mul", below, spread(call, x, "a_left"));
    Tensor rising = ops.each("relu", fromLeft);
    Tensor middle =
        call.dialect().turnsKernels()
            ? ops.pairwise("minimum", ops.pairwise("sub", rising, lower), width)
            : ops.pairwise("sub", ops.pairwise("minimum", rising, width), lower);
    Tensor above = ops.each("relu", ops.pairwise("sub", fromLeft, width));
    Tensor upper = ops.pairwise("mul", above, spread(call, x, "a_right"));
    return ops.pairwise("add", ops.pairwise("add", left, middle), upper);
  }

  private static Tensor softmax(Call call) {
    Tensor x = call.input();
    KerasSettings settings = call.settings();
    List<Long> given = settings.isGiven("axis") ? settings.integersOrOne("axis") : List.of(-1L);
    List<Integer> axes = given.stream().map(a -> call.axis("axis", a, x.rank())).sorted().toList();
    if (axes.contains(0)) {
      throw settings.wrong("axis", "an axis that is not the samples'");
    }
    return softmax(call.ops(), x, axes);
  }

  static Tensor softmax(Ops ops, Tensor x, List<Integer> axes) {
    if (axes.size() == 1) {
      return ops.each("softmax", x, axes.get(0));
    }
    long[] dims = axes.stream().mapToLong(Integer::longValue).toArray();
    return ops.each(
        "exp", ops.alike(x, "sub", x.value(), ops.call("logsumexp", x.value(), dims, true)));
  }
}
