package org.palimpsest.io.internal.nnunet;

import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Normalisation;

/**
 * What a U-Net of dynamic_network_architectures is built from, whichever form of plans said so.
 *
 * @param form which of its classes
 * @param inputs channels of the images, and of the stage before in a cascade
 * @param outputs classes or regions
 * @param features channels of each stage, the first being the one of full resolution
 * @param kernels of each stage, one extent for each axis
 * @param strides of each stage
 * @param encoderDepths convolutions or residual blocks of each stage
 * @param decoderDepths the same of the decoder, the lowest stage first
 * @param bias whether convolutions have one
 * @param hasDropout whether dropout stands behind convolutions
 * @param normalisation for so many channels, if there is one
 * @param activation if there is one
 * @param activationFirst whether it stands before the normalisation
 * @param bottleneck channels within the blocks of each stage, if these are bottlenecks
 * @param stem channels of the stem
 */
record UNetPlan(
    Form form,
    long inputs,
    long outputs,
    List<Long> features,
    List<List<Long>> kernels,
    List<List<Long>> strides,
    List<Long> encoderDepths,
    List<Long> decoderDepths,
    boolean bias,
    boolean hasDropout,
    Optional<LongFunction<Layer>> normalisation,
    Optional<Layer> activation,
    boolean activationFirst,
    Optional<List<Long>> bottleneck,
    long stem) {

  /** The classes of networks. */
  enum Form {
    PLAIN("PlainConvUNet"),
    RESIDUAL_ENCODER("ResidualEncoderUNet"),
    RESIDUAL("ResidualUNet");

    private final String className;

    Form(String className) {
      this.className = className;
    }

    String className() {
      return className;
    }

    boolean hasResidualEncoder() {
      return this != PLAIN;
    }
  }

  int stages() {
    return features.size();
  }

  int axes() {
    return kernels.get(0).size();
  }

  /** Whether it normalises by the statistics of each image alone. */
  boolean normalisesEachImage() {
    return normalisation
        .map(norm -> norm.apply(1))
        .filter(norm -> norm instanceof Normalisation.Instance instance && !instance.tracked())
        .isPresent();
  }

  /** The same with another normalisation for so many channels. */
  UNetPlan withNormalisation(LongFunction<Layer> other) {
    return new UNetPlan(
        form,
        inputs,
        outputs,
        features,
        kernels,
        strides,
        encoderDepths,
        decoderDepths,
        bias,
        hasDropout,
        Optional.of(other),
        activation,
        activationFirst,
        bottleneck,
        stem);
  }

  /** A convolution with all that the plan puts behind it. */
  ConvolutionBlock block(long in, long out, List<Long> kernel, List<Long> stride) {
    return new ConvolutionBlock(
        convolution(in, out, kernel, stride).withBias(bias),
        hasDropout,
        normalisation.map(norm -> norm.apply(out)),
        activation,
        activationFirst);
  }

  /** A convolution in a residual block, where the order of parts is fixed. */
  ConvolutionBlock residualPart(Convolution convolution, boolean dropout, boolean activated) {
    return new ConvolutionBlock(
        convolution,
        dropout && hasDropout,
        normalisation.map(norm -> norm.apply(convolution.out())),
        activated ? activation : Optional.empty(),
        false);
  }

  /** A convolution with nnU-Net's padding and no bias. */
  static Convolution convolution(long in, long out, List<Long> kernel, List<Long> stride) {
    return Convolution.of(in, out, kernel)
        .withStride(stride)
        .withPadding(kernel.stream().map(extent -> (extent - 1) / 2).toList())
        .withBias(false);
  }
}
