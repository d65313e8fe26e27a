package org.palimpsest.examples.training;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.palimpsest.examples.training.torchscript.Slot;

/** What a network holds before its training. */
@FunctionalInterface
public interface Initialisation {

  NetworkState of(UNet network);

  /**
   * Kernels from a Gaussian of mean 0 and variance 2 / fan-in, everything else neutral.
   *
   * <p>K. He et al., Delving deep into rectifiers, ICCV 2015, equation 10.
   *
   * @param seed decides all weights; each tensor's depend on its path and shape alone
   */
  static Initialisation he(long seed) {
    return network -> {
      Map<String, float[]> tensors = new LinkedHashMap<>();
      network.slots().forEach((path, slot) -> tensors.put(path, fresh(path, slot, seed)));
      return new NetworkState(tensors);
    };
  }

  /** Everything as another network of the same architecture has it. */
  static Initialisation transferred(NetworkState source) {
    return network -> source;
  }

  private static float[] fresh(String path, Slot slot, long seed) {
    float[] values = new float[slot.size()];
    switch (slot.role()) {
      case KERNEL -> {
        Random random = new Random(seed * 1_000_003 + path.hashCode());
        double deviation = Math.sqrt(2.0 / slot.fanIn());
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (deviation * random.nextGaussian());
        }
      }
      case SCALE, VARIANCE -> Arrays.fill(values, 1);
      case BIAS, SHIFT, MEAN -> Arrays.fill(values, 0);
    }
    return values;
  }
}
