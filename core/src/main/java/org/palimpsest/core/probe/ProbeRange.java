package org.palimpsest.core.probe;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;

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
    requireHeld(first, end);
    return all.batch(from + first, from + end);
  }

  @Override
  public Probes range(long first, long end) {
    requireHeld(first, end);
    return all.range(from + first, from + end);
  }

  private void requireHeld(long first, long end) {
    if (first < 0 || first >= end || end > count()) {
      throw new PalimpsestException(
          "There are no probes from %d to %d, of %d.".formatted(first, end, count()));
    }
  }

  @Override
  public Fingerprint fingerprint() {
    return all.fingerprint().ofRange(from, to);
  }

  @Override
  public Fingerprint wholeFingerprint() {
    return all.wholeFingerprint();
  }
}
