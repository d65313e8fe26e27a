package org.palimpsest.io.internal.nn;

import java.util.List;

/** Shapes of weights. */
final class Shapes {

  private Shapes() {}

  static long[] of(long first, long second, List<Long> kernel) {
    long[] shape = new long[kernel.size() + 2];
    shape[0] = first;
    shape[1] = second;
    for (int i = 0; i < kernel.size(); i++) {
      shape[i + 2] = kernel.get(i);
    }
    return shape;
  }
}
