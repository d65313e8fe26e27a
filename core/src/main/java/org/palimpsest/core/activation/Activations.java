package org.palimpsest.core.activation;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Fingerprint;

/**
 * The output of one layer for the probes.
 *
 * <p>Values are taken as they are: whether they are finite is looked at when a matrix is made of
 * them. The tensor is not copied, and must not be changed afterwards.
 *
 * <pre>{@code
 * Activations layer = Activations.of("enc1", Nd4j.createFromArray(rows)); // double[n][p]
 * }</pre>
 *
 * @param layer the layer's path, such as {@code enc1.conv}
 * @param values one tensor, samples first: {@code (n, p)}, {@code (n, c, h, w)} or {@code (n, c, d,
 *     h, w)}; a vector {@code (n)} is taken for {@code (n, 1)}
 * @param probes the fingerprint of the probes, or {@link Fingerprint#unknown()}
 */
public record Activations(String layer, INDArray values, Fingerprint probes) {

  /**
   * @throws PalimpsestException if there is no sample, or no axis of samples, naming the layer
   */
  public Activations {
    if (values.rank() == 0 || values.isEmpty()) {
      throw new PalimpsestException(
          "Layer '"
              + layer
              + "' has the shape "
              + Arrays.toString(values.shape())
              + "; activations need at least one sample and one feature. Leave it out.");
    }
    if (values.rank() == 1) {
      values = values.reshape(values.length(), 1);
    }
  }

  /** Activations of probes that nobody recorded. */
  public static Activations of(String layer, INDArray values) {
    return new Activations(layer, values, Fingerprint.unknown());
  }

  /** n, the length of the first axis. */
  public long samples() {
    return values.size(0);
  }
}
