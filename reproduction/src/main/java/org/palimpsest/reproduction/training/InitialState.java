package org.palimpsest.reproduction.training;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.reproduction.training.torchscript.Slot;

/** What a network holds before its training. */
@FunctionalInterface
public interface InitialState {

  NetworkState of(UNet network);

  /**
   * Kernels from a Gaussian of mean 0 and variance 2 / fan-in, everything else neutral.
   *
   * <p>K. He et al., Delving deep into rectifiers, ICCV 2015, equation 10.
   *
   * @param seed decides all weights; each tensor's depend on its path and shape alone
   */
  static InitialState he(long seed) {
    return network -> {
      Map<String, float[]> tensors = new LinkedHashMap<>();
      network.slots().forEach((path, slot) -> tensors.put(path, fresh(path, slot, seed)));
      return new NetworkState(tensors);
    };
  }

  /** Everything as another network of the same architecture has it. */
  static InitialState transferred(NetworkState source) {
    return transferred(source, path -> true, network -> new NetworkState(Map.of()));
  }

  /**
   * Some tensors as another network has them, such as those of its first layers.
   *
   * @param source where they come from
   * @param paths which
   * @param rest where all others come from
   */
  static InitialState transferred(NetworkState source, Predicate<String> paths, InitialState rest) {
    return network -> {
      Map<String, float[]> tensors = new LinkedHashMap<>(rest.of(network).tensors());
      network
          .slots()
          .forEach(
              (path, slot) -> {
                if (paths.test(path)) {
                  tensors.put(path, fitting(source, path, slot));
                }
              });
      return new NetworkState(tensors);
    };
  }

  /**
   * Each kernel from a Gaussian of the mean and variance that another network's kernel has there,
   * everything else neutral: what is left of transfer when only the scale is transferred.
   *
   * <p>M. Raghu et al., Transfusion, NeurIPS 2019, section 4.1.
   */
  static InitialState momentsOf(NetworkState source, long seed) {
    return network -> {
      Map<String, float[]> tensors = new LinkedHashMap<>(he(seed).of(network).tensors());
      network
          .slots()
          .forEach(
              (path, slot) -> {
                if (slot.role() == Slot.Role.KERNEL) {
                  tensors.put(path, withMomentsOf(fitting(source, path, slot), path, seed));
                }
              });
      return new NetworkState(tensors);
    };
  }

  /**
   * Random weights as of {@link #he}, but for the encoder: its first block passes the image on in
   * two channels, what is above the mean and what is below, and all its other kernels are zero.
   * With the encoder frozen, the decoder sees the image by the first skip connection alone.
   *
   * @param seed decides the decoder's weights
   */
  static InitialState imageAlone(long seed) {
    return network -> {
      Map<String, float[]> tensors = new LinkedHashMap<>(he(seed).of(network).tensors());
      List<String> encoder = network.design().encoder();
      network
          .slots()
          .forEach(
              (path, slot) -> {
                boolean seesTheImage = encoder.contains(path.substring(0, path.indexOf('.')));
                if (seesTheImage && slot.role() == Slot.Role.KERNEL) {
                  tensors.put(path, passing(path, slot));
                }
              });
      return new NetworkState(tensors);
    };
  }

  private static float[] passing(String path, Slot slot) {
    return switch (path) {
      case "enc1.conv1.weight" -> atCentre(slot, new int[][] {{1}, {-1}});
      case "enc1.conv2.weight" -> atCentre(slot, new int[][] {{1, -1}, {-1, 1}});
      default -> new float[slot.size()];
    };
  }

  /** A kernel that is zero but for these weights, by output and input, at its centre. */
  private static float[] atCentre(Slot slot, int[][] weights) {
    int inputs = slot.shape().get(1);
    if (slot.shape().get(0) < weights.length || inputs < weights[0].length) {
      throw new PalimpsestException(
          "A floor network needs a width of at least 2, unlike %s.".formatted(slot.shape().get(0)));
    }
    int volume = slot.size() / slot.shape().get(0) / inputs;
    float[] values = new float[slot.size()];
    for (int output = 0; output < weights.length; output++) {
      for (int input = 0; input < weights[output].length; input++) {
        values[(output * inputs + input) * volume + volume / 2] = weights[output][input];
      }
    }
    return values;
  }

  private static float[] fitting(NetworkState source, String path, Slot slot) {
    float[] values = source.tensors().get(path);
    if (values == null || values.length != slot.size()) {
      throw new PalimpsestException(
          "The source network has %s for %s, where %s values are needed: it is of another architecture."
              .formatted(
                  values == null ? "nothing" : values.length + " values", path, slot.size()));
    }
    return values;
  }

  private static float[] withMomentsOf(float[] kernel, String path, long seed) {
    double mean = 0;
    for (float weight : kernel) {
      mean += weight / kernel.length;
    }
    double variance = 0;
    for (float weight : kernel) {
      variance += (weight - mean) * (weight - mean) / kernel.length;
    }
    return gaussian(kernel.length, mean, Math.sqrt(variance), path, seed);
  }

  private static float[] fresh(String path, Slot slot, long seed) {
    float[] values = new float[slot.size()];
    switch (slot.role()) {
      case KERNEL -> {
        return gaussian(slot.size(), 0, Math.sqrt(2.0 / slot.fanIn()), path, seed);
      }
      case SCALE, VARIANCE -> Arrays.fill(values, 1);
      case BIAS, SHIFT, MEAN -> Arrays.fill(values, 0);
    }
    return values;
  }

  private static float[] gaussian(
      int count, double mean, double deviation, String path, long seed) {
    Random random = new Random(seed * 1_000_003 + path.hashCode());
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    return values;
  }
}
