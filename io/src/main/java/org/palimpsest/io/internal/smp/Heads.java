package org.palimpsest.io.internal.smp;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.io.internal.nn.Activations;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Linear;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Resizing;

/** The two heads of a network. */
final class Heads {

  private Heads() {}

  /** The convolution to the classes, with upsampling and an activation after it. */
  static Layer segmentation(Arguments arguments, long in, long kernel, long upsampling) {
    long classes = arguments.integer("classes", 1);
    Layer large = upsampling > 1 ? Resizing.linear(2, upsampling, true) : Layer.identity();
    return Layer.sequence(
        Convolution.of(2, in, classes, kernel).withSamePadding(), large, activation(arguments));
  }

  /** The classifier of whole images, if there is one. */
  static Optional<Layer> classification(Arguments arguments, long in) {
    if (!arguments.has("aux_params")) {
      arguments.withoutEffect("aux_params");
      return Optional.empty();
    }
    Arguments inner = arguments.within("aux_params");
    long classes = inner.integer("classes");
    List<Long> one = List.of(1L, 1L);
    Layer pooling =
        switch (inner.text("pooling", "avg")) {
          case "avg" -> Pooling.averageTo(one);
          case "max" -> Pooling.maxTo(one);
          default -> throw inner.wrong("pooling", "avg or max");
        };
    Layer activation = activation(inner);
    inner.withoutEffect("dropout").requireAllAsked();
    Layer flatten = (module, input) -> module.tap(module.call("flatten", input, 1, -1));
    return Optional.of(
        Layer.sequence(
            pooling, flatten, Layer.identity(), new Linear(in, classes, true), activation));
  }

  private static Layer activation(Arguments arguments) {
    Layer layer =
        switch (arguments.text("activation", "identity")) {
          case "identity" -> Layer.identity();
          case "sigmoid" -> Activations.sigmoid();
          case "softmax", "softmax2d" -> Activations.softmax();
          case "logsoftmax" -> overChannels("log_softmax");
          case "tanh" -> (module, input) -> module.tap(module.call("tanh", input));
          case "clamp" -> (module, input) -> module.tap(module.call("clamp", input, 0, 1));
          default ->
              throw arguments.wrong(
                  "activation", "identity, sigmoid, softmax, softmax2d, logsoftmax, tanh or clamp");
        };
    return Layer.sequence(Map.of("activation", layer));
  }

  private static Layer overChannels(String operator) {
    return (module, input) -> module.tap(module.call(operator, input, 1, null));
  }
}
