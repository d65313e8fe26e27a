package org.palimpsest.io.internal.smp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Locale;
import org.palimpsest.io.internal.nn.ActivationFunctions;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Normalisation;
import org.palimpsest.io.internal.nn.TransposedConvolution;

/**
 * A convolution, a normalisation and an activation.
 *
 * @param kind of the normalisation
 * @param tracked whether the normalisation uses the statistics of training
 */
record Conv2dRelu(Kind kind, double eps, boolean affine, boolean tracked) {

  private enum Kind {
    BATCH,
    INSTANCE,
    NONE
  }

  /**
   * As the arguments say.
   *
   * @param old an argument of older releases, true or false, which counts before the other
   */
  static Conv2dRelu of(Arguments arguments, String old) {
    boolean hasOld = arguments.has(old);
    arguments.withoutEffect(old, "decoder_use_norm");
    String name = hasOld ? old : "decoder_use_norm";
    JsonNode setting = arguments.node(name);
    if (setting.isNull() && !arguments.isGiven("decoder_use_norm")) {
      return new Conv2dRelu(Kind.BATCH, 1e-5, true, true);
    }
    JsonNode object = setting;
    if (!setting.isObject()) {
      object = JsonNodeFactory.instance.objectNode().put("type", type(arguments, name, setting));
    }
    Arguments inner = Arguments.of("%s of %s".formatted(name, arguments.what()), object);
    return of(inner);
  }

  private static String type(Arguments arguments, String name, JsonNode setting) {
    if (setting.isBoolean()) {
      return setting.booleanValue() ? "batchnorm" : "identity";
    }
    if (setting.isTextual()) {
      return setting.textValue().toLowerCase(Locale.ROOT);
    }
    throw arguments.wrong(name, "true, false, a name, or an object with the entry type");
  }

  private static Conv2dRelu of(Arguments norm) {
    Kind kind =
        switch (norm.text("type")) {
          case "batchnorm" -> Kind.BATCH;
          case "instancenorm" -> Kind.INSTANCE;
          case "identity" -> Kind.NONE;
          default -> throw norm.wrong("type", "batchnorm, instancenorm or identity");
        };
    if (kind == Kind.NONE) {
      norm.requireAllAsked();
      return none();
    }
    boolean batch = kind == Kind.BATCH;
    Conv2dRelu block =
        new Conv2dRelu(
            kind,
            norm.real("eps", 1e-5),
            norm.truth("affine", batch),
            norm.truth("track_running_stats", batch));
    norm.withoutEffect("momentum").requireAllAsked();
    return block;
  }

  /** Without a normalisation. */
  static Conv2dRelu none() {
    return new Conv2dRelu(Kind.NONE, 0, false, false);
  }

  /** {@code Conv2dReLU}, padded to the same size; it has a bias if it has no normalisation. */
  Layer of(long in, long out, long kernel) {
    return followed(
        Convolution.of(2, in, out, kernel).withSamePadding().withBias(kind == Kind.NONE), out);
  }

  /** The same with a transposed convolution that doubles the size. */
  Layer doubling(long channels) {
    List<Long> fours = List.of(4L, 4L);
    List<Long> twos = List.of(2L, 2L);
    List<Long> none = List.of(0L, 0L);
    return followed(
        TransposedConvolution.of(channels, channels, fours, twos)
            .withPadding(List.of(1L, 1L), none),
        channels);
  }

  private Layer followed(Layer convolution, long channels) {
    Layer norm =
        switch (kind) {
          case BATCH -> Normalisation.batch(channels, eps, affine, tracked);
          case INSTANCE -> new Normalisation.Instance(channels, eps, affine, tracked);
          case NONE -> Layer.identity();
        };
    return Layer.sequence(convolution, norm, ActivationFunctions.relu());
  }
}
