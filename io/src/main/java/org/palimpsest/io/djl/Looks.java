package org.palimpsest.io.djl;

import java.util.Arrays;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;

/**
 * What looks at some probes told: at different numbers of them, unless one tells all.
 *
 * @param fingerprint of the probes
 * @param shape of the probes
 */
record Looks(Fingerprint fingerprint, long[] shape, Trial trial, Trial other) {

  boolean areOf(Probes probes) {
    return fingerprint.isKnown()
        && fingerprint.equals(probes.fingerprint())
        && Arrays.equals(shape, probes.shape());
  }

  SampleAxis axis(String name) {
    return trial.axis(name).and(other.axis(name));
  }
}
