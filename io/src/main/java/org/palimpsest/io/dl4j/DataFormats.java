package org.palimpsest.io.dl4j;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.capture.ChannelOrder;

/**
 * In which order DL4J's layers keep channels.
 *
 * <p>Layers name their format in getters of many names; they are told by the type they return.
 * Batch normalisation keeps whatever order it is given.
 */
final class DataFormats {

  private DataFormats() {}

  /** The order in which a layer takes and gives tensors of a rank, if it has one of its own. */
  static Optional<ChannelOrder> of(Layer layer, int rank) {
    Layer inner = unwrap(layer);
    if (inner instanceof BatchNormalization) {
      return Optional.empty();
    }
    return switch (rank) {
      case 3 -> ask(inner, RNNFormat.class).map(f -> order(f == RNNFormat.NWC));
      case 4 -> ask(inner, CNN2DFormat.class).map(f -> order(f == CNN2DFormat.NHWC));
      case 5 ->
          ask(inner, Convolution3D.DataFormat.class)
              .map(f -> order(f == Convolution3D.DataFormat.NDHWC));
      default -> Optional.empty();
    };
  }

  /** What DL4J calls layers of this kind. */
  static String typeOf(org.deeplearning4j.nn.api.Layer layer) {
    return unwrap(layer.conf().getLayer()).getClass().getSimpleName();
  }

  /** The layer inside one that only freezes it. */
  static Layer unwrap(Layer layer) {
    if (layer instanceof FrozenLayer frozen) {
      return unwrap(frozen.getLayer());
    }
    if (layer instanceof FrozenLayerWithBackprop frozen) {
      return unwrap(frozen.getUnderlying());
    }
    return layer;
  }

  private static ChannelOrder order(boolean last) {
    return last ? ChannelOrder.LAST : ChannelOrder.FIRST;
  }

  private static <T> Optional<T> ask(Layer layer, Class<T> format) {
    for (Method method : layer.getClass().getMethods()) {
      if (method.getReturnType() == format && method.getParameterCount() == 0) {
        try {
          return Optional.ofNullable(format.cast(method.invoke(layer)));
        } catch (IllegalAccessException | InvocationTargetException failure) {
          throw new PalimpsestException(
              "Layer '%s' does not tell its data format.".formatted(layer.getLayerName()), failure);
        }
      }
    }
    return Optional.empty();
  }
}
