package org.palimpsest.core.representation;

import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Fingerprint;

/**
 * What is known of a representation besides its numbers.
 *
 * <p>It goes along with everything that is made of the matrix, so that a comparison can make sure
 * that rows belong together, and an estimator of intervals knows which rows come from one image.
 * Immutable.
 *
 * @param layer the layer's path, such as {@code enc1.conv}
 * @param samples the number of rows, n
 * @param features the number of columns, p
 * @param rowsPerProbe how many successive rows come from one probe: 1, or the number of positions
 * @param probes the fingerprint of the probes, perhaps unknown
 * @param view how the matrix was made of activations, for people
 */
public record RepresentationInfo(
    String layer, long samples, long features, int rowsPerProbe, Fingerprint probes, String view) {

  /** The number of probes, which are independent of each other as positions of one are not. */
  public long probeCount() {
    return samples / rowsPerProbe;
  }

  /**
   * Checks that row i of both comes from the same place of the same probe, as far as that is known:
   * where a fingerprint is unknown, equal numbers of samples pass.
   *
   * @param other what is known of the other representation; widths may differ
   * @throws PalimpsestException if numbers of samples, rows of a probe or fingerprints differ,
   *     naming both layers
   */
  public void requireSameSamples(RepresentationInfo other) {
    if (probes.conflictsWith(other.probes)) {
      throw new PalimpsestException(
          "Layers '%s' and '%s' saw different probes (%s and %s). Capture both with the same file."
              .formatted(layer, other.layer, probes, other.probes));
    }
    if (samples != other.samples || rowsPerProbe != other.rowsPerProbe) {
      throw new PalimpsestException(
          "Layer '%s' has %d samples (%d per probe) and layer '%s' has %d (%d per probe). Compare what comes from the same probes in the same order."
              .formatted(
                  layer, samples, rowsPerProbe, other.layer, other.samples, other.rowsPerProbe));
    }
  }
}
