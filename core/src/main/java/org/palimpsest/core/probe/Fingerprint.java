package org.palimpsest.core.probe;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;

/**
 * Tells whether two sets of activations come from the same probes in the same order.
 *
 * <p>It is the SHA-256 of the probes' shape and their values in C order, each as a big-endian
 * float64, so that the same numbers stored as float32 and as float64 have one fingerprint. A
 * {@linkplain Probes#range range} of probes has one that is made of theirs and of where it lies.
 *
 * <p>Who compares two networks need not ask: the engine refuses activations whose fingerprints
 * {@linkplain #conflictsWith conflict}. A file of activations that another tool wrote has none, so
 * that its numbers alone can be compared, and the result says so.
 *
 * @param value 64 hexadecimal digits, or empty if the probes are not known (arrays that another
 *     tool dumped)
 */
public record Fingerprint(String value) {

  private static final int SHORT_LENGTH = 12;
  private static final Pattern FORM = Pattern.compile("([0-9a-f]{64})?");
  private static final Fingerprint UNKNOWN = new Fingerprint("");

  /**
   * @throws PalimpsestException if it is neither empty nor 64 hexadecimal digits in lower case
   */
  public Fingerprint {
    if (!FORM.matcher(value).matches()) {
      throw new PalimpsestException(
          "A fingerprint of probes has 64 hexadecimal digits, or none where the probes are not known; given was '%s'."
              .formatted(value));
    }
  }

  /** The fingerprint of activations whose probes nobody recorded. */
  public static Fingerprint unknown() {
    return UNKNOWN;
  }

  /**
   * The fingerprint of these probes. One pass over the values; that of many probes in a file is
   * taken by a {@link FingerprintDigest}.
   *
   * @param probes samples first, of any number type: values count, not how they are stored
   */
  public static Fingerprint of(INDArray probes) {
    return new FingerprintDigest(probes.shape()).add(probes).finish();
  }

  /** The fingerprint of some successive ones of these probes: SHA-256 of this, and of which. */
  Fingerprint ofRange(long from, long to) {
    return isKnown()
        ? new Fingerprint(
            HexFormat.of()
                .formatHex(
                    FingerprintDigest.sha256()
                        .digest(
                            "%s %d %d"
                                .formatted(value, from, to)
                                .getBytes(StandardCharsets.UTF_8))))
        : this;
  }

  /** Whether it tells which probes they were. */
  public boolean isKnown() {
    return !value.isEmpty();
  }

  /**
   * Whether both are known and differ: then nothing may be compared. Where one is unknown nobody
   * can tell, and nothing conflicts.
   */
  public boolean conflictsWith(Fingerprint other) {
    return isKnown() && other.isKnown() && !equals(other);
  }

  /**
   * The first 12 digits, for people and tables, or {@code unknown}. Two different sets of probes
   * share them by chance once in 16¹².
   */
  public String abbreviated() {
    return isKnown() ? value.substring(0, SHORT_LENGTH) : "unknown";
  }

  @Override
  public String toString() {
    return abbreviated();
  }
}
