package org.palimpsest.core.evolution;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;

/** What a study of weights alone shows its networks. */
record NoProbes() implements Probes {

  @Override
  public long count() {
    return 0;
  }

  @Override
  public long[] shape() {
    return new long[] {0};
  }

  @Override
  public INDArray batch(long from, long to) {
    throw new PalimpsestException(
        "A study of weights alone has no probes. Give it some to compare what layers answer.");
  }

  @Override
  public Fingerprint fingerprint() {
    return Fingerprint.unknown();
  }
}
