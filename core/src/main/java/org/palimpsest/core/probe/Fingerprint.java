package org.palimpsest.core.probe;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;

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
   * taken by a {@link Digest}.
   *
   * @param probes samples first, of any number type: values count, not how they are stored
   */
  public static Fingerprint of(INDArray probes) {
    return new Digest(probes.shape()).add(probes).finish();
  }

  /** The fingerprint of some successive ones of these probes: SHA-256 of this, and of which. */
  Fingerprint ofRange(long from, long to) {
    return isKnown()
        ? new Fingerprint(
            HexFormat.of()
                .formatHex(
                    Digest.sha256()
                        .digest(
                            "%s %s %s"
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

  /**
   * Takes a {@link Fingerprint} batch by batch, for probes that are not in memory at once.
   *
   * <pre>{@code
   * Digest digest = new Digest(1000, 1, 128, 128);
   * for (INDArray batch : batches) {
   *   digest.add(batch);
   * }
   * Fingerprint fingerprint = digest.finish();
   * }</pre>
   *
   * <p>How probes are cut into batches makes no difference. For one thread.
   *
   * <p>It costs one pass over the values, each as a float64 of eight bytes, and memory for one
   * block of 8192 values. {@link Fingerprint#of} does the same for probes in one tensor.
   */
  public static final class Digest {

    private static final int BLOCK = 8192;

    private final MessageDigest digest = sha256();

    /**
     * Begins with the shape, which is part of the fingerprint.
     *
     * @param shape the shape of all probes together, samples first
     */
    public Digest(long... shape) {
      ByteBuffer header = ByteBuffer.allocate(Long.BYTES * shape.length);
      for (long extent : shape) {
        header.putLong(extent);
      }
      digest.update(header.array());
    }

    /**
     * Adds the next probes, in order. That they have the shape that was announced is for the caller
     * to see to: their values alone are taken.
     *
     * @param batch any number of probes, samples first, in any number type and order of storage
     * @return this
     */
    public Digest add(INDArray batch) {
      TensorReader reader = TensorReader.of(batch);
      ByteBuffer bytes = ByteBuffer.allocate(BLOCK * Double.BYTES);
      for (long from = 0; from < batch.length(); from += BLOCK) {
        double[] values = new double[(int) Math.min(BLOCK, batch.length() - from)];
        reader.read(from, values);
        bytes.clear();
        bytes.asDoubleBuffer().put(values);
        digest.update(bytes.array(), 0, values.length * Double.BYTES);
      }
      return this;
    }

    /**
     * The fingerprint of all that was added: equal to that of any other cutting of the same probes.
     * Call it once; a second call would give the fingerprint of nothing.
     */
    public Fingerprint finish() {
      return new Fingerprint(HexFormat.of().formatHex(digest.digest()));
    }

    static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException impossible) {
        throw new IllegalStateException("every Java runtime has SHA-256", impossible);
      }
    }
  }
}
