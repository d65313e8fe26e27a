package org.palimpsest.io.djl;

import java.util.Arrays;
import java.util.BitSet;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The dimensions of a layer's answer that may be the probes': those that were as large as the
 * number of probes, each time.
 */
final class SampleAxis {

  static final SampleAxis NONE = new SampleAxis(new BitSet());

  private final BitSet candidates;

  private SampleAxis(BitSet candidates) {
    this.candidates = candidates;
  }

  static SampleAxis among(long[] shape, long probes) {
    BitSet candidates = new BitSet();
    boolean empty = Arrays.stream(shape).anyMatch(extent -> extent == 0);
    for (int i = 0; i < shape.length && !empty; i++) {
      candidates.set(i, shape[i] == probes);
    }
    return new SampleAxis(candidates);
  }

  /** What remains after another look with another number of probes. */
  SampleAxis and(SampleAxis other) {
    BitSet both = (BitSet) candidates.clone();
    both.and(other.candidates);
    return new SampleAxis(both);
  }

  boolean isPossible() {
    return !candidates.isEmpty();
  }

  /** Whether one dimension can be told: the first, or the only one. */
  boolean isKnown() {
    return candidates.get(0) || candidates.cardinality() == 1;
  }

  boolean isFirst() {
    return candidates.get(0);
  }

  /** A shape with the dimension of so many probes first; one of a single dimension gets another. */
  long[] withSamples(long[] shape, long probes) {
    long[] first = new long[Math.max(2, shape.length)];
    Arrays.fill(first, 1);
    first[0] = probes;
    for (int i = 0, to = 1; i < shape.length; i++) {
      if (i != index()) {
        first[to] = shape[i];
        to++;
      }
    }
    return first;
  }

  private int index() {
    return candidates.get(0) ? 0 : candidates.nextSetBit(0);
  }

  /** The same values with the probes' dimension first. */
  INDArray first(INDArray values) {
    if (isFirst()) {
      return values;
    }
    int[] order = new int[values.rank()];
    order[0] = index();
    for (int i = 0, to = 1; i < order.length; i++) {
      if (i != order[0]) {
        order[to] = i;
        to++;
      }
    }
    return values.permute(order).dup('c');
  }

  @Override
  public String toString() {
    return String.valueOf(index() + 1);
  }
}
