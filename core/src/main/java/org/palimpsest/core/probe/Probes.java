package org.palimpsest.core.probe;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;

/**
 * The fixed, ordered inputs that every model sees.
 *
 * <p>Representations can be compared only if they come from the same probes in the same order,
 * which their {@link #fingerprint()} tells.
 */
public interface Probes {

  /** How many there are. */
  long count();

  /** The shape of all of them together, samples first, such as {@code (n, channels, h, w)}. */
  long[] shape();

  /**
   * Some of them, as one tensor with samples first.
   *
   * @param from index of the first
   * @param to index after the last
   */
  INDArray batch(long from, long to);

  /** The fingerprint of all of them, in their order. */
  Fingerprint fingerprint();

  /** The fingerprint of the probes of which these are a {@link #range}, or else their own. */
  default Fingerprint wholeFingerprint() {
    return fingerprint();
  }

  /**
   * Some successive ones, under a fingerprint that tells of which probes they are which: answers to
   * them are compared with answers to the same range alone. The range of all is these probes.
   *
   * @param from index of the first
   * @param to index after the last
   * @throws org.palimpsest.core.PalimpsestException if there are no such probes
   */
  default Probes range(long from, long to) {
    if (from < 0 || from >= to || to > count()) {
      throw new PalimpsestException(
          "There are no probes from %d to %d, of %d.".formatted(from, to, count()));
    }
    return to - from == count() ? this : new ProbeRange(this, from, to);
  }

  /**
   * Probes that are in memory.
   *
   * @param inputs samples first, at least one, rank two or more, every value finite
   * @throws org.palimpsest.core.PalimpsestException if there are none, or a value is not finite
   */
  static Probes of(INDArray inputs) {
    return InMemoryProbes.of(inputs);
  }
}
