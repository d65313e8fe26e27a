package org.palimpsest.io.internal.nn;

import java.util.Collections;
import java.util.List;
import org.palimpsest.io.internal.graph.Value;

/**
 * {@code torch.nn.ConvTranspose1d} to {@code ConvTranspose3d} without groups and dilation.
 *
 * @param in channels
 * @param out channels
 * @param kernel one extent for each axis of the image, as for all that follow
 * @param outputPadding what is added to the result's size on one side
 * @param bias whether it has one
 */
public record TransposedConvolution(
    long in,
    long out,
    List<Long> kernel,
    List<Long> stride,
    List<Long> padding,
    List<Long> outputPadding,
    boolean bias)
    implements Layer {

  public TransposedConvolution {
    kernel = List.copyOf(kernel);
    stride = List.copyOf(stride);
    padding = List.copyOf(padding);
    outputPadding = List.copyOf(outputPadding);
  }

  /** With no padding and a bias. */
  public static TransposedConvolution of(long in, long out, List<Long> kernel, List<Long> stride) {
    List<Long> zeros = Collections.nCopies(kernel.size(), 0L);
    return new TransposedConvolution(in, out, kernel, stride, zeros, zeros, true);
  }

  public TransposedConvolution withPadding(List<Long> cut, List<Long> added) {
    return new TransposedConvolution(in, out, kernel, stride, cut, added, bias);
  }

  public TransposedConvolution withBias(boolean has) {
    return new TransposedConvolution(in, out, kernel, stride, padding, outputPadding, has);
  }

  @Override
  public Value apply(Scope module, Value input) {
    Value weight = module.parameter("weight", Convolution.weightShape(in, out, kernel));
    return module.tap(
        module.call(
            "conv_transpose" + kernel.size() + "d",
            input,
            weight,
            module.parameterIf(bias, "bias", out),
            stride,
            padding,
            outputPadding,
            1,
            Collections.nCopies(kernel.size(), 1L)));
  }
}
