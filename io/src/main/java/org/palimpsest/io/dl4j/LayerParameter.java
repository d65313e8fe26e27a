package org.palimpsest.io.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.io.internal.weights.WeightSlot;

/**
 * One parameter of a DL4J layer.
 *
 * @param name the layer's name and the parameter's own, joined by a dot
 * @param view the network's own values, with axes as {@link LayerKind} has them
 * @param kind what its layer is
 */
record LayerParameter(String name, INDArray view, LayerKind kind) implements WeightSlot {

  private static final String WEIGHT = "W";

  static List<LayerParameter> of(String path, Layer layer, Map<String, INDArray> table) {
    Layer inner = DataFormats.unwrap(layer);
    LayerKind kind = kindOf(inner);
    List<LayerParameter> parameters = new ArrayList<>();
    table.forEach(
        (role, values) ->
            parameters.add(
                new LayerParameter(path + "." + role, view(inner, kind, role, values), kind)));
    return parameters;
  }

  /** The parameters of a vertex that is no layer. */
  static List<LayerParameter> ofVertex(String path, Map<String, INDArray> table) {
    return table.entrySet().stream()
        .map(
            entry ->
                new LayerParameter(path + "." + entry.getKey(), entry.getValue(), LayerKind.OTHER))
        .toList();
  }

  private static LayerKind kindOf(Layer layer) {
    if (layer instanceof Deconvolution2D || layer instanceof Deconvolution3D) {
      return LayerKind.TRANSPOSED_CONVOLUTION;
    }
    if (layer instanceof DepthwiseConvolution2D || layer instanceof SeparableConvolution2D) {
      return LayerKind.OTHER;
    }
    if (layer instanceof ConvolutionLayer) {
      return LayerKind.CONVOLUTION;
    }
    if (layer instanceof DenseLayer || layer instanceof BaseOutputLayer) {
      return LayerKind.LINEAR;
    }
    return layer instanceof BatchNormalization ? LayerKind.NORMALISATION : LayerKind.OTHER;
  }

  private static INDArray view(Layer layer, LayerKind kind, String role, INDArray values) {
    if (kind == LayerKind.OTHER) {
      return values;
    }
    if (!role.equals(WEIGHT)) {
      return values.rank() == 2 && values.size(0) == 1
          ? values.get(NDArrayIndex.point(0), NDArrayIndex.all())
          : values;
    }
    if (kind == LayerKind.LINEAR) {
      return values.transpose();
    }
    if (layer instanceof Deconvolution3D) {
      return values.permute(4, 3, 0, 1, 2);
    }
    return layer instanceof Convolution1DLayer
        ? values.get(
            NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(0))
        : values;
  }

  @Override
  public long[] shape() {
    return view.shape();
  }

  @Override
  public void fill(INDArray values) {
    view.assign(values.castTo(view.dataType()));
  }

  WeightTensor tensor() {
    INDArray copy = view.castTo(TensorReader.readableType(view.dataType())).dup('c');
    return new WeightTensor(name, copy, dtype(), kind);
  }

  private String dtype() {
    return switch (view.dataType()) {
      case FLOAT -> "float32";
      case DOUBLE -> "float64";
      case HALF -> "float16";
      default -> view.dataType().name().toLowerCase(Locale.ROOT);
    };
  }
}
