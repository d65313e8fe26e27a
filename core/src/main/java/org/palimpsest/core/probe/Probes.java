package org.palimpsest.core.probe;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;

/**
 * The fixed, ordered inputs that every model sees.
 *
 * <p>Representations can be compared only if they come from the same probes in the same order,
 * which their {@link #fingerprint()} tells. Probes are in memory ({@link #of}) or in a file that is
 * read batch by batch ({@code NpyProbes} and {@code ImageProbes} of the module {@code io}); of
 * large ones the networks never see more than a batch at once.
 *
 * <pre>{@code
 * Probes probes = Probes.of(Nd4j.randn(DataType.FLOAT, 16, 1, 128, 128)); // n, channels, h, w
 * Probes firstHalf = probes.range(0, 8);
 * }</pre>
 *
 * <p>What is scaled, cropped or normalised must have been so before: networks are shown these
 * values.
 */
public interface Probes {

  /** How many there are. */
  long count();

  /** The shape of all of them together, samples first, such as {@code (n, channels, h, w)}. */
  long[] shape();

  /**
   * Some of them, as one tensor with samples first, which belongs to the caller.
   *
   * @param from index of the first
   * @param to index after the last, at most {@link #count()}
   * @throws org.palimpsest.core.PalimpsestException if there are no such probes, or they cannot be
   *     read
   */
  INDArray batch(long from, long to);

  /** The fingerprint of all of them, in their order. */
  Fingerprint fingerprint();

  /** The fingerprint of the probes of which these are a {@link #range}, or else their own. */
  default Fingerprint wholeFingerprint() {
    return fingerprint();
  }

  /**
   * Some successive ones, under a fingerprint that tells of which probes they are which: outputs
   * for them are compared with outputs for the same range alone. The range of all is these probes.
   *
   * @param from index of the first
   * @param to index after the last
   * @throws org.palimpsest.core.PalimpsestException if there are no such probes
   */
  default Probes range(long from, long to) {
    requireHeld(this, from, to);
    return to - from == count() ? this : part(this, from, to);
  }

  /**
   * Probes that are in memory. The tensor is not copied: it must not be changed afterwards, since
   * its fingerprint is taken now.
   *
   * @param inputs samples first, at least one, rank two or more, every value finite
   * @throws org.palimpsest.core.PalimpsestException if there are none, or a value is not finite,
   *     naming the first such probe
   */
  static Probes of(INDArray inputs) {
    if (inputs.rank() < 2 || inputs.isEmpty()) {
      throw new PalimpsestException(
          "Probes need at least one sample and the samples first, such as (n, channels, h, w);"
              + " these have the shape "
              + Arrays.toString(inputs.shape()));
    }
    requireFinite(inputs);
    return inMemory(inputs, Fingerprint.of(inputs));
  }

  private static void requireFinite(INDArray inputs) {
    TensorReader reader = TensorReader.of(inputs);
    double[] sample = new double[Math.toIntExact(inputs.length() / inputs.size(0))];
    for (long i = 0; i < inputs.size(0); i++) {
      reader.read(i * sample.length, sample);
      for (double value : sample) {
        if (!Double.isFinite(value)) {
          throw new PalimpsestException(
              "Probe " + i + " holds " + value + "; remove it or mend its pre-processing.");
        }
      }
    }
  }

  private static Probes inMemory(INDArray inputs, Fingerprint fingerprint) {
    record InMemory(INDArray inputs, Fingerprint fingerprint) implements Probes {

      @Override
      public long count() {
        return inputs.size(0);
      }

      @Override
      public long[] shape() {
        return inputs.shape();
      }

      @Override
      public INDArray batch(long from, long to) {
        requireHeld(this, from, to);
        return inputs.get(NDArrayIndex.interval(from, to)).dup('c');
      }
    }
    return new InMemory(inputs, fingerprint);
  }

  private static void requireHeld(Probes of, long from, long to) {
    if (from < 0 || from >= to || to > of.count()) {
      throw new PalimpsestException(
          "There are no probes from %s to %s, of %s.".formatted(from, to, of.count()));
    }
  }

  private static Probes part(Probes all, long from, long to) {
    record Part(Probes all, long from, long to) implements Probes {

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
        requireHeld(this, first, end);
        return all.batch(from + first, from + end);
      }

      @Override
      public Probes range(long first, long end) {
        requireHeld(this, first, end);
        return all.range(from + first, from + end);
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
    return new Part(all, from, to);
  }
}
