package org.palimpsest.core.probe;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;

record InMemoryProbes(INDArray inputs, Fingerprint fingerprint) implements Probes {

  static InMemoryProbes of(INDArray inputs) {
    if (inputs.rank() < 2 || inputs.isEmpty()) {
      throw new PalimpsestException(
          "Probes need at least one sample and the samples first, such as (n, channels, h, w);"
              + " these have the shape "
              + Arrays.toString(inputs.shape()));
    }
    requireFinite(inputs);
    return new InMemoryProbes(inputs, Fingerprint.of(inputs));
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
    return inputs.get(NDArrayIndex.interval(from, to)).dup('c');
  }
}
