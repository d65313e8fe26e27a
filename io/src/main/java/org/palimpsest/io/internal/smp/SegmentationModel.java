package org.palimpsest.io.internal.smp;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.ActivationFunctions;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Linear;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Resizing;
import org.palimpsest.io.internal.nn.Scope;

/** An encoder, a decoder, a head, and perhaps a classifier of whole images. */
final class SegmentationModel implements Blueprint {

  private final Encoder encoder;
  private final Decoder decoder;
  private final Layer head;
  private final Optional<Layer> classifier;
  private final boolean anySize;

  private SegmentationModel(
      Encoder encoder, Decoder decoder, Layer head, Optional<Layer> classifier, boolean anySize) {
    this.encoder = encoder;
    this.decoder = decoder;
    this.head = head;
    this.classifier = classifier;
    this.anySize = anySize;
  }

  /** A network for images whose sides the encoder divides without rest. */
  static Blueprint of(Arguments arguments, Encoder encoder, Decoder decoder, Layer head) {
    return of(arguments, encoder, decoder, head, false);
  }

  /**
   * @param anySize whether it takes images of any size
   */
  static Blueprint of(
      Arguments arguments, Encoder encoder, Decoder decoder, Layer head, boolean anySize) {
    Optional<Layer> classifier = classifier(arguments, encoder.last());
    arguments.requireAllAsked();
    return new SegmentationModel(encoder, decoder, head, classifier, anySize);
  }

  @Override
  public long inputs() {
    return encoder.inputs();
  }

  @Override
  public int axes() {
    return 2;
  }

  @Override
  public void build(Scope network, Value images) {
    if (!anySize) {
      requireDivisible(network, images);
    }
    List<Value> features = encoder.apply(network.child("encoder"), images);
    Scope decoding = network.child("decoder");
    Value decoded = decoding.tap(decoder.apply(decoding, features));
    Value mask = head.apply(network.child("segmentation_head"), decoded);
    if (classifier.isEmpty()) {
      network.graph().output(mask);
      return;
    }
    Value last = features.get(features.size() - 1);
    Value label = classifier.get().apply(network.child("classification_head"), last);
    network.graph().output("0", mask).output("1", label);
  }

  /** The library refuses others too, even where its layers could take them. */
  private void requireDivisible(Scope network, Value images) {
    int divisor = encoder.divisor();
    @Nullable Object[] extents = new @Nullable Object[4];
    for (int axis = 2; axis < extents.length; axis++) {
      Value size = network.call("size", images, axis);
      extents[axis] = network.call("mul", network.call("floordiv", size, divisor), divisor);
    }
    String what =
        "images, whose sides must be multiples of %s for this network,".formatted(divisor);
    network.graph().expect(what, images, Arrays.asList(extents));
  }

  /** The convolution to the classes, with upsampling and an activation after it. */
  static Layer head(Arguments arguments, long in, long kernel, long upsampling) {
    long classes = arguments.integer("classes", 1);
    Layer large = upsampling > 1 ? Resizing.linear(2, upsampling, true) : Layer.identity();
    return Layer.sequence(
        Convolution.of(2, in, classes, kernel).withSamePadding(), large, activation(arguments));
  }

  /** The classifier of whole images, if there is one. */
  private static Optional<Layer> classifier(Arguments arguments, long in) {
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
        switch (arguments.optionalText("activation").orElse("identity")) {
          case "identity" -> Layer.identity();
          case "sigmoid" -> ActivationFunctions.sigmoid();
          case "softmax", "softmax2d" -> ActivationFunctions.softmax();
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

  /** What makes one map of an encoder's features. */
  @FunctionalInterface
  interface Decoder {

    /**
     * @param decoder its place
     * @param features the images and what the stages of the encoder give, the largest first
     */
    Value apply(Scope decoder, List<Value> features);
  }
}
