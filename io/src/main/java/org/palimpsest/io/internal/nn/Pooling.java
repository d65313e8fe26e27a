package org.palimpsest.io.internal.nn;

import java.util.Collections;
import java.util.List;

/** The pooling of {@code torch.nn}. */
public final class Pooling {

  private Pooling() {}

  /** {@code MaxPool1d} to {@code MaxPool3d}; the lists have one extent for each axis. */
  public static Layer max(List<Long> kernel, List<Long> stride, List<Long> padding) {
    List<Long> ones = Collections.nCopies(kernel.size(), 1L);
    String operator = "max_pool" + kernel.size() + "d";
    return (module, input) ->
        module.tap(module.call(operator, input, kernel, stride, padding, ones, false));
  }

  /** {@code MaxPool1d} to {@code MaxPool3d} of windows that do not overlap. */
  public static Layer max(List<Long> kernel) {
    return max(kernel, kernel, Collections.nCopies(kernel.size(), 0L));
  }

  /** {@code AvgPool1d} to {@code AvgPool3d} of windows that do not overlap. */
  public static Layer average(List<Long> kernel) {
    List<Long> zeros = Collections.nCopies(kernel.size(), 0L);
    String operator = "avg_pool" + kernel.size() + "d";
    return (module, input) ->
        module.tap(module.call(operator, input, kernel, kernel, zeros, false, true));
  }

  /** {@code AdaptiveAvgPool1d} to {@code AdaptiveAvgPool3d}: the result has this size. */
  public static Layer averageTo(List<Long> size) {
    String operator = "adaptive_avg_pool" + size.size() + "d";
    return (module, input) -> module.tap(module.call(operator, input, size));
  }

  /** {@code AdaptiveMaxPool1d} to {@code AdaptiveMaxPool3d}: the result has this size. */
  public static Layer maxTo(List<Long> size) {
    String operator = "adaptive_max_pool" + size.size() + "d";
    return (module, input) ->
        module.tap(module.graph().operator(operator).with(input, size).values(2).get(0));
  }
}
