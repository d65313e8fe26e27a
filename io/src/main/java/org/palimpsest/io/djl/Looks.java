package org.palimpsest.io.djl;

import java.util.Arrays;
import java.util.Optional;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;

/**
 * What looks at some probes told.
 *
 * @param whole the fingerprint of the probes that these are a part of
 * @param shape of the probes
 * @param trial the first look
 * @param other one at another number of probes, if it was taken; the first, if that tells all
 */
record Looks(Fingerprint whole, long[] shape, Trial trial, Optional<Trial> other) {

  static Looks first(Probes probes, Trial trial) {
    return new Looks(probes.wholeFingerprint(), probes.shape(), trial, Optional.empty());
  }

  Looks withOther(Trial look) {
    return new Looks(whole, shape, trial, Optional.of(look));
  }

  /** Whether they were taken at these probes, or at others of the same whole. */
  boolean areOf(Probes probes) {
    long[] shown = probes.shape();
    return whole.isKnown()
        && whole.equals(probes.wholeFingerprint())
        && Arrays.equals(shape, 1, shape.length, shown, 1, shown.length);
  }

  SampleAxis axis(String name) {
    return trial.axis(name).and(other.orElse(trial).axis(name));
  }
}
