package org.palimpsest.core.probe;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;

/**
 * Takes a {@link Fingerprint} batch by batch, for probes that are not in memory at once.
 *
 * <pre>{@code
 * FingerprintDigest digest = new FingerprintDigest(1000, 1, 128, 128);
 * for (INDArray batch : batches) {
 *   digest.add(batch);
 * }
 * Fingerprint fingerprint = digest.finish();
 * }</pre>
 *
 * <p>How probes are cut into batches makes no difference. For one thread.
 *
 * <p>It costs one pass over the values, each as a float64 of eight bytes, and memory for one block
 * of 8192 values. {@link Fingerprint#of} does the same for probes in one tensor.
 */
public final class FingerprintDigest {

  private static final int BLOCK = 8192;

  private final MessageDigest digest = sha256();

  /**
   * Begins with the shape, which is part of the fingerprint.
   *
   * @param shape the shape of all probes together, samples first
   */
  public FingerprintDigest(long... shape) {
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
  public FingerprintDigest add(INDArray batch) {
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
