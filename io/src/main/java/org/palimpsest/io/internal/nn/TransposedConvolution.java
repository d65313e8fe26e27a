package org.palimpsest.io.internal.nn;

import java.util.Collections;
import java.util.List;
import org.palimpsest.io.internal.graph.Value;

/**
 * {@code torch.nn.ConvTranspose1d} to {@code ConvTranspose3d} without dilation.
 *
 * @param in channels
 * @param out channels
 * @param kernel one extent for each axis of the image, as for all that follow
 * @param outputPadding what is added to the result's size on one side
 * @param groups of channels that are computed by themselves
 * @param bias whether it has one
 */
public record TransposedConvolution(
    long in,
    long out,
    List<Long> kernel,
    List<Long> stride,
    List<Long> padding,
    List<Long> outputPadding,
    long groups,
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
    return new TransposedConvolution(in, out, kernel, stride, zeros, zeros, 1, true);
  }

  public TransposedConvolution withPadding(List<Long> cut, List<Long> added) {
    return new TransposedConvolution(in, out, kernel, stride, cut, added, groups, bias);
  }

  public TransposedConvolution withBias(boolean has) {
    return new TransposedConvolution(in, out, kernel, stride, padding, outputPadding, groups, has);
  }

  public TransposedConvolution withGroups(long count) {
    return new TransposedConvolution(in, out, kernel, stride, padding, outputPadding, count, bias);
  }

  @Override
  public Value apply(Scope module, Value input) {
    Value weight = module.parameter("weight", Convolution.weightShape(in, out / groups, kernel));
    return module.tap(
        module.call(
            "conv_transpose" + kernel.size() + "d",
            input,
            weight,
            module.parameterIf(bias, "bias", out),
            stride,
            padding,
            outputPadding,
            groups,
            Collections.nCopies(kernel.size(), 1L)));
  }
}
