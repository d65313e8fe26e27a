package org.palimpsest.io.dl4j;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.preprocessor.Cnn3DToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.jspecify.annotations.Nullable;
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

  /**
   * The order of the tensors that a layer is given, as far as any of its settings tells. Batch
   * normalisation tells of channels that are last alone, since it is set to the other order where
   * nothing is.
   */
  static Optional<ChannelOrder> taken(Layer layer, int rank) {
    Layer inner = unwrap(layer);
    if (inner instanceof BatchNormalization norm) {
      return rank == 4 && norm.getCnn2DFormat() == CNN2DFormat.NHWC
          ? Optional.of(ChannelOrder.LAST)
          : Optional.empty();
    }
    if (inner instanceof GlobalPoolingLayer pooling) {
      return pooled(pooling.getPoolingDimensions(), rank);
    }
    Optional<ChannelOrder> own = of(inner, rank);
    return own.isEmpty()
            && rank == 3
            && inner instanceof FeedForwardLayer dense
            && dense.getTimeDistributedFormat() instanceof RNNFormat format
        ? Optional.of(order(format == RNNFormat.NWC))
        : own;
  }

  /** The order of the tensors that a preprocessor is given, if it tells. */
  static Optional<ChannelOrder> taken(@Nullable InputPreProcessor step, int rank) {
    if (step instanceof ComposableInputPreProcessor several) {
      InputPreProcessor[] steps = several.getInputPreProcessors();
      return steps.length == 0 ? Optional.empty() : taken(steps[0], rank);
    }
    // A subclass of it, for networks of Keras, takes channels first whatever its format is.
    if (rank == 4 && step != null && step.getClass() == CnnToFeedForwardPreProcessor.class) {
      CNN2DFormat format = ((CnnToFeedForwardPreProcessor) step).getFormat();
      return Optional.of(order(format == CNN2DFormat.NHWC));
    }
    if (rank == 3 && step instanceof RnnToFeedForwardPreProcessor rows) {
      return Optional.of(order(rows.getRnnDataFormat() == RNNFormat.NWC));
    }
    if (rank == 3 && step instanceof RnnToCnnPreProcessor images) {
      return Optional.of(order(images.getRnnDataFormat() == RNNFormat.NWC));
    }
    return rank == 5 && step instanceof Cnn3DToFeedForwardPreProcessor volumes
        ? Optional.of(order(!volumes.isNCDHW()))
        : Optional.empty();
  }

  private static Optional<ChannelOrder> pooled(int @Nullable [] axes, int rank) {
    if (axes == null || axes.length != rank - 2) {
      return Optional.empty();
    }
    boolean last = IntStream.of(axes).sorted().boxed().toList().equals(axesFrom(1, rank));
    boolean first = IntStream.of(axes).sorted().boxed().toList().equals(axesFrom(2, rank));
    return last || first ? Optional.of(order(last)) : Optional.empty();
  }

  private static List<Integer> axesFrom(int start, int rank) {
    return IntStream.range(start, start + rank - 2).boxed().toList();
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
