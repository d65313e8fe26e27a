package org.palimpsest.io.fuzz;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.io.internal.weights.StateDict;

/**
 * State dicts whose weights are stored in parts: normalised and pruned ones in each of PyTorch's
 * forms, and parts of a parametrisation of which nobody knows the formula. Right is the weight that
 * the network computes with, or none at all.
 */
final class UnusualParametrisations {

  private final SplittableRandom random;
  private final Map<String, long[]> shapes = new LinkedHashMap<>();
  private final Map<String, float[]> values = new LinkedHashMap<>();

  /** What is right; empty where there is no weight to be read. */
  private final Map<String, double[]> right = new LinkedHashMap<>();

  private UnusualParametrisations(SplittableRandom random) {
    this.random = random;
  }

  /** What is wrong with the reading of the state dict of this seed; empty if nothing is. */
  static String finding(long seed, Path folder) throws IOException {
    UnusualParametrisations made = new UnusualParametrisations(new SplittableRandom(seed));
    int modules = made.random.nextInt(1, 5);
    for (int i = 0; i < modules; i++) {
      made.module("block." + i + ".conv");
    }
    byte[] file =
        UnusualNnUnets.archive(
            JsonNodeFactory.instance.objectNode(), "state_dict", made.shapes, made.values);
    try {
      Path path = Files.write(folder.resolve("parts.pth"), file);
      return made.judge(StateDict.open(path).weights());
    } catch (PalimpsestException refused) {
      boolean nothing = made.right.values().stream().allMatch(weight -> weight.length == 0);
      return nothing ? "" : refused.getMessage();
    } catch (RuntimeException failure) {
      return failure.toString();
    }
  }

  private String judge(Weights read) {
    for (Map.Entry<String, double[]> wanted : right.entrySet()) {
      Optional<WeightTensor> found = read.find(wanted.getKey());
      double[] weight = wanted.getValue();
      if (weight.length == 0 && found.isPresent()) {
        return wanted.getKey() + " was read, whose formula is not known";
      }
      if (weight.length > 0 && found.isEmpty()) {
        return wanted.getKey() + " is missing from " + shapes.keySet();
      }
      double[] values = found.map(t -> t.values().dup('c').ravel().toDoubleVector()).orElse(weight);
      for (int i = 0; i < weight.length; i++) {
        if (Math.abs(values[i] - weight[i]) > 1e-5 * (1 + Math.abs(weight[i]))) {
          return "%s[%d] is %s, not %s, of %s"
              .formatted(wanted.getKey(), i, values[i], weight[i], shapes.keySet());
        }
      }
    }
    return "";
  }

  private void module(String name) {
    long out = random.nextInt(2, 5);
    long[] shape = {out, random.nextInt(1, 4), random.nextInt(1, 4), random.nextInt(1, 4)};
    float[] direction = drawn(shape);
    long[] lengths = {out, 1, 1, 1};
    String given = name + ".parametrizations.weight.";
    String weight = name + ".weight";
    switch (random.nextInt(6)) {
      case 0 -> right.put(weight, widened(put(weight, shape, direction)));
      case 1 -> {
        float[] length = put(name + ".weight_g", lengths, drawn(lengths));
        put(name + ".weight_v", shape, direction);
        right.put(weight, normalised(direction, length));
      }
      case 2 -> {
        float[] length = put(given + "original0", lengths, drawn(lengths));
        put(given + "original1", shape, direction);
        right.put(weight, normalised(direction, length));
      }
      case 3 -> {
        float[] mask = new float[direction.length];
        double[] pruned = new double[mask.length];
        for (int i = 0; i < mask.length; i++) {
          mask[i] = random.nextInt(2);
          pruned[i] = mask[i] * direction[i];
        }
        put(name + ".weight_orig", shape, direction);
        put(name + ".weight_mask", shape, mask);
        right.put(weight, pruned);
      }
      case 4 -> {
        put(given + "original", shape, direction);
        put(given + "0.base", shape, drawn(shape));
        right.put(weight, new double[0]);
      }
      default -> {
        put(given + "original", shape, direction);
        right.put(weight, new double[0]);
      }
    }
    if (random.nextBoolean()) {
      long[] bias = {out};
      right.put(name + ".bias", widened(put(name + ".bias", bias, drawn(bias))));
    }
  }

  private float[] put(String name, long[] shape, float[] drawn) {
    shapes.put(name, shape);
    values.put(name, drawn);
    return drawn;
  }

  private float[] drawn(long[] shape) {
    int count = 1;
    for (long extent : shape) {
      count *= (int) extent;
    }
    float[] drawn = new float[count];
    for (int i = 0; i < count; i++) {
      drawn[i] = (float) random.nextGaussian();
    }
    return drawn;
  }

  private static double[] widened(float[] values) {
    double[] widened = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      widened[i] = values[i];
    }
    return widened;
  }

  /** g v / |v|, the length being that of each filter. */
  private static double[] normalised(float[] direction, float[] lengths) {
    int each = direction.length / lengths.length;
    double[] weight = new double[direction.length];
    for (int filter = 0; filter < lengths.length; filter++) {
      double squares = 0;
      for (int i = filter * each; i < (filter + 1) * each; i++) {
        squares += (double) direction[i] * direction[i];
      }
      for (int i = filter * each; i < (filter + 1) * each; i++) {
        weight[i] = lengths[filter] * direction[i] / Math.sqrt(squares);
      }
    }
    return weight;
  }
}
