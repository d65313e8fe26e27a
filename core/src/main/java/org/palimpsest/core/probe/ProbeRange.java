package org.palimpsest.core.probe;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Some successive probes of many; see {@link Probes#range}. */
record ProbeRange(Probes all, long from, long to) implements Probes {

  @Override
  public long count() {
    return to - from;
  }

  @Override
  public long[] shape() {
    long[] shape = all.shape().clone();
    shape[0] = count();
    return shape;
  }

  @Override
  public INDArray batch(long first, long end) {
    return all.batch(from + first, from + end);
  }

  @Override
  public Fingerprint fingerprint() {
    return all.fingerprint();
  }
}
