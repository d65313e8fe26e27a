package org.palimpsest.io.internal.nn;

import java.util.List;
import java.util.Optional;

/** The activation functions of {@code torch.nn}. */
public final class ActivationFunctions {

  /** The names of the classes in {@code torch.nn} that {@link #named} knows. */
  public static final List<String> NAMES =
      List.of(
          "Identity",
          "ReLU",
          "LeakyReLU",
          "PReLU",
          "ELU",
          "GELU",
          "ReLU6",
          "SELU",
          "SiLU",
          "Mish",
          "Sigmoid",
          "Tanh",
          "Hardswish",
          "Hardsigmoid",
          "CELU",
          "Softmax",
          "LogSoftmax",
          "Softplus");

  private ActivationFunctions() {}

  public static Layer relu() {
    return operator("relu");
  }

  /**
   * @param slope of the negative part; PyTorch's default is 0.01
   */
  public static Layer leakyRelu(double slope) {
    return (module, input) -> module.tap(module.call("leaky_relu", input, slope));
  }

  /**
   * @param slopes how many trained slopes it has: 1, or one for each channel
   */
  public static Layer prelu(long slopes) {
    return (module, input) ->
        module.tap(module.call("prelu", input, module.parameter("weight", slopes)));
  }

  public static Layer elu(double alpha) {
    return (module, input) -> module.tap(module.call("elu", input, alpha, 1, 1));
  }

  /**
   * @param tanh whether it is the approximation by tanh instead of the exact function
   */
  public static Layer gelu(boolean tanh) {
    return (module, input) ->
        module.tap(
            module
                .graph()
                .operator("gelu")
                .with(input)
                .with("approximate", tanh ? "tanh" : "none")
                .value());
  }

  public static Layer sigmoid() {
    return operator("sigmoid");
  }

  public static Layer mish() {
    return operator("mish");
  }

  /** Over the channels. */
  public static Layer softmax() {
    return softmax("softmax", 1);
  }

  private static Layer softmax(String operator, long axis) {
    return (module, input) -> module.tap(module.call(operator, input, axis, null));
  }

  private static Layer celu(double alpha) {
    return (module, input) -> module.tap(module.call("celu", input, alpha));
  }

  /**
   * An activation function by the name of its class in {@code torch.nn}.
   *
   * @param arguments of its constructor; all of them are asked for
   * @return empty if it is not one of these
   * @throws org.palimpsest.core.PalimpsestException if an argument is not known
   */
  public static Optional<Layer> named(String name, Arguments arguments) {
    arguments.withoutEffect("inplace");
    Optional<Layer> layer =
        Optional.ofNullable(
            switch (name) {
              case "Identity" -> Layer.identity();
              case "ReLU" -> relu();
              case "LeakyReLU" -> leakyRelu(arguments.real("negative_slope", 0.01));
              case "PReLU" -> prelu(arguments.integer("num_parameters", 1));
              case "ELU" -> elu(arguments.real("alpha", 1));
              case "GELU" -> gelu(isByTanh(arguments));
              case "ReLU6" -> operator("relu6");
              case "SELU" -> operator("selu");
              case "SiLU" -> operator("silu");
              case "Mish" -> mish();
              case "Sigmoid" -> sigmoid();
              case "Tanh" -> operator("tanh");
              case "Hardswish" -> operator("hardswish");
              case "Hardsigmoid" -> operator("hardsigmoid");
              case "CELU" -> celu(arguments.real("alpha", 1));
              case "Softmax" -> softmax("softmax", axis(arguments));
              case "LogSoftmax" -> softmax("log_softmax", axis(arguments));
              case "Softplus" -> softplus(arguments);
              default -> null;
            });
    if (name.equals("PReLU")) {
      arguments.withoutEffect("init");
    }
    if (layer.isPresent()) {
      arguments.requireAllAsked();
    }
    return layer;
  }

  private static boolean isByTanh(Arguments arguments) {
    String approximate = arguments.text("approximate", "none");
    if (!approximate.equals("none") && !approximate.equals("tanh")) {
      throw arguments.wrong("approximate", "none or tanh");
    }
    return approximate.equals("tanh");
  }

  private static long axis(Arguments arguments) {
    long axis = arguments.integer("dim", 1);
    if (axis == 0) {
      throw arguments.wrong("dim", "an axis other than that of the samples");
    }
    return axis;
  }

  private static Layer softplus(Arguments arguments) {
    double beta = arguments.real("beta", 1);
    double threshold = arguments.real("threshold", 20);
    return (module, input) -> module.tap(module.call("softplus", input, beta, threshold));
  }

  private static Layer operator(String name) {
    return (module, input) -> module.tap(module.call(name, input));
  }
}
