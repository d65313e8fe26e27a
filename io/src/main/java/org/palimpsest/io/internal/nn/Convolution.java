package org.palimpsest.io.internal.nn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.palimpsest.io.internal.graph.Value;

/**
 * {@code torch.nn.Conv1d} to {@code Conv3d} with zeros around the image.
 *
 * @param in channels
 * @param out channels
 * @param kernel one extent for each axis of the image, as for all that follow
 * @param padding on both sides
 * @param bias whether it has one
 */
public record Convolution(
    long in,
    long out,
    List<Long> kernel,
    List<Long> stride,
    List<Long> padding,
    List<Long> dilation,
    long groups,
    boolean bias)
    implements Layer {

  public Convolution {
    kernel = List.copyOf(kernel);
    stride = List.copyOf(stride);
    padding = List.copyOf(padding);
    dilation = List.copyOf(dilation);
  }

  /** With stride 1, no padding, and a bias. */
  public static Convolution of(long in, long out, List<Long> kernel) {
    List<Long> ones = Collections.nCopies(kernel.size(), 1L);
    List<Long> zeros = Collections.nCopies(kernel.size(), 0L);
    return new Convolution(in, out, kernel, ones, zeros, ones, 1, true);
  }

  /** With the same kernel along each of so many axes, stride 1, no padding, and a bias. */
  public static Convolution of(int axes, long in, long out, long kernel) {
    return of(in, out, Collections.nCopies(axes, kernel));
  }

  public Convolution withStride(List<Long> steps) {
    return new Convolution(in, out, kernel, steps, padding, dilation, groups, bias);
  }

  public Convolution withStride(long step) {
    return withStride(Collections.nCopies(kernel.size(), step));
  }

  public Convolution withPadding(List<Long> zeros) {
    return new Convolution(in, out, kernel, stride, zeros, dilation, groups, bias);
  }

  public Convolution withPadding(long zeros) {
    return withPadding(Collections.nCopies(kernel.size(), zeros));
  }

  /** With as much padding as keeps the image's size where the stride is 1 and the kernel odd. */
  public Convolution withSamePadding() {
    List<Long> zeros = new ArrayList<>();
    for (int i = 0; i < kernel.size(); i++) {
      zeros.add((kernel.get(i) - 1) * dilation.get(i) / 2);
    }
    return withPadding(zeros);
  }

  public Convolution withDilation(long step) {
    List<Long> steps = Collections.nCopies(kernel.size(), step);
    return new Convolution(in, out, kernel, stride, padding, steps, groups, bias);
  }

  public Convolution withGroups(long count) {
    return new Convolution(in, out, kernel, stride, padding, dilation, count, bias);
  }

  public Convolution withBias(boolean has) {
    return new Convolution(in, out, kernel, stride, padding, dilation, groups, has);
  }

  @Override
  public Value apply(Scope module, Value input) {
    Value weight = module.parameter("weight", weightShape(out, in / groups, kernel));
    return module.tap(
        module.call(
            "conv" + kernel.size() + "d",
            input,
            weight,
            module.parameterIf(bias, "bias", out),
            stride,
            padding,
            dilation,
            groups));
  }

  /** The shape of a weight: two numbers of channels, then the kernel. */
  static long[] weightShape(long first, long second, List<Long> kernel) {
    long[] shape = new long[kernel.size() + 2];
    shape[0] = first;
    shape[1] = second;
    for (int i = 0; i < kernel.size(); i++) {
      shape[i + 2] = kernel.get(i);
    }
    return shape;
  }
}
