package org.palimpsest.core.internal.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;

/**
 * The weights that a network computes with, where its file holds them in parts.
 *
 * <p>Computed are PyTorch's weight normalisation (g v / |v|, old and new form), spectral
 * normalisation as it is in evaluation (W / uᵀWv, old and new form) and pruning (W times its mask).
 * The parts are replaced by one tensor of the parameter's own name, in the place of one of them.
 * Parts of other parametrisations, whose formula is not in the file, are taken out and listed.
 *
 * @param weights the weights, parts replaced
 * @param computed a sentence for each kind of part that was put together
 * @param leftOut tensors that were taken out, each with the reason in a whole sentence
 */
public record EffectiveWeights(
    Weights weights, List<String> computed, Map<String, String> leftOut) {

  private static final String PARAMETRISED = "parametrizations.";
  private static final double CLEAR = 0.99;

  public EffectiveWeights {
    computed = List.copyOf(computed);
    leftOut = Collections.unmodifiableMap(new LinkedHashMap<>(leftOut));
  }

  /** Puts together what can be put together. Weights without parts are given as they are. */
  public static EffectiveWeights of(Weights stored) {
    EffectiveWeights once = new Assembly(stored).run();
    return once.computed().isEmpty() ? once : once.followedBy(new Assembly(once.weights()).run());
  }

  /**
   * Parts may be stored in parts themselves, such as the pruned direction of a normalised weight.
   */
  private EffectiveWeights followedBy(EffectiveWeights next) {
    Map<String, String> allLeftOut = new LinkedHashMap<>(leftOut);
    allLeftOut.putAll(next.leftOut());
    List<String> allComputed = new ArrayList<>(computed);
    allComputed.addAll(next.computed());
    return new EffectiveWeights(next.weights(), allComputed, allLeftOut);
  }

  private static final class Assembly {

    private final Weights stored;
    private final Map<String, Map<String, WeightTensor>> parametrised = new LinkedHashMap<>();
    private final Map<String, WeightTensor> replaced = new LinkedHashMap<>();
    private final Set<String> parts = new LinkedHashSet<>();
    private final Map<String, List<String>> computed = new LinkedHashMap<>();
    private final Map<String, String> leftOut = new LinkedHashMap<>();

    Assembly(Weights stored) {
      this.stored = stored;
      for (WeightTensor tensor : stored.tensors()) {
        int folder = parametrisationEnd(tensor.name());
        if (folder > 0) {
          parametrised
              .computeIfAbsent(tensor.name().substring(0, folder), f -> new LinkedHashMap<>())
              .put(tensor.name().substring(folder), tensor);
        }
      }
    }

    /** Where the name of a part begins, after the dot that ends its parametrisation; or 0. */
    private static int parametrisationEnd(String name) {
      int at = name.lastIndexOf(PARAMETRISED);
      boolean element = at == 0 || at > 0 && name.charAt(at - 1) == '.';
      return element ? name.indexOf('.', at + PARAMETRISED.length()) + 1 : 0;
    }

    EffectiveWeights run() {
      for (WeightTensor tensor : stored.tensors()) {
        if (!parts.contains(tensor.name())) {
          inspect(tensor);
        }
      }
      if (parts.isEmpty()) {
        return new EffectiveWeights(stored, List.of(), Map.of());
      }
      List<WeightTensor> tensors = new ArrayList<>();
      for (WeightTensor tensor : stored.tensors()) {
        WeightTensor whole = replaced.get(tensor.name());
        if (whole != null) {
          tensors.add(whole);
        } else if (!parts.contains(tensor.name())) {
          tensors.add(tensor);
        }
      }
      List<String> sentences =
          computed.entrySet().stream()
              .map(e -> "%s: %s".formatted(e.getKey(), String.join(", ", e.getValue())))
              .toList();
      if (tensors.isEmpty()) { // nothing but parts that cannot be put together
        return new EffectiveWeights(stored, List.of(), Map.of());
      }
      return new EffectiveWeights(
          Weights.of(stored.provenance(), stored.name(), tensors), sentences, leftOut);
    }

    private void inspect(WeightTensor tensor) {
      String name = tensor.name();
      int folder = parametrisationEnd(name);
      if (folder > 0) {
        parametrised(name.substring(0, folder));
        return;
      }
      if (name.endsWith("_g")) {
        oldWeightNorm(tensor, name.substring(0, name.length() - 2));
      } else if (name.endsWith("_v")) {
        String whole = name.substring(0, name.length() - 2);
        find(whole + "_g").ifPresent(length -> oldWeightNorm(length, whole));
      } else if (name.endsWith("_orig")) {
        original(tensor, name.substring(0, name.length() - 5));
      }
    }

    private Optional<WeightTensor> find(String name) {
      return stored.find(name);
    }

    private void oldWeightNorm(WeightTensor length, String name) {
      Optional<WeightTensor> direction = find(name + "_v");
      if (direction.isPresent()
          && find(name + "_orig").isEmpty()
          && find(name).isEmpty()
          && isParameter(name)
          && isNormOf(length.values(), direction.get().values())) {
        replace(
            name,
            "weight normalisation put together",
            List.of(length, direction.get()),
            normalised(direction.get().values(), length.values()),
            direction.get());
      }
    }

    private static boolean isParameter(String name) {
      String role = name.substring(name.lastIndexOf('.') + 1);
      return role.contains("weight") || role.contains("bias") || role.contains("kernel");
    }

    /** Pruned or, in the old form, spectrally normalised. */
    private void original(WeightTensor original, String name) {
      Optional<WeightTensor> mask = find(name + "_mask");
      Optional<WeightTensor> u = find(name + "_u");
      Optional<WeightTensor> v = find(name + "_v");
      if (find(name).isPresent()) {
        return;
      }
      if (mask.isPresent() && u.isEmpty() && sameShape(mask.get(), original)) {
        replace(
            name,
            "pruned weights taken out",
            List.of(original, mask.get()),
            original.values().castTo(DataType.DOUBLE).mul(mask.get().values()),
            original);
      } else if (u.isPresent() && v.isPresent() && mask.isEmpty()) {
        spectral(name, original, u.get(), v.get());
      } else if (u.isPresent() || mask.isPresent()) {
        List<WeightTensor> all = new ArrayList<>(List.of(original));
        mask.ifPresent(all::add);
        u.ifPresent(all::add);
        v.ifPresent(all::add);
        giveUp(name, all);
      }
    }

    private void parametrised(String folder) {
      int at = folder.lastIndexOf(PARAMETRISED);
      String name =
          folder.substring(0, at)
              + folder.substring(at + PARAMETRISED.length(), folder.length() - 1);
      Map<String, WeightTensor> all = parametrised.getOrDefault(folder, Map.of());
      List<WeightTensor> tensors = List.copyOf(all.values());
      WeightTensor original = all.get("original");
      WeightTensor g = all.get("original0");
      WeightTensor v = all.get("original1");
      if (find(name).isPresent()) {
        giveUp(name, tensors);
      } else if (g != null && v != null && all.size() == 2 && isNormOf(g.values(), v.values())) {
        replace(
            name,
            "weight normalisation put together, if no parametrisation without tensors follows it",
            tensors,
            normalised(v.values(), g.values()),
            v);
      } else if (original != null && all.keySet().equals(Set.of("original", "0._u", "0._v"))) {
        spectral(name, original, tensors);
      } else {
        giveUp(name, tensors);
      }
    }

    private void spectral(String name, WeightTensor original, List<WeightTensor> all) {
      WeightTensor u = all.stream().filter(t -> t.role().equals("_u")).findFirst().orElse(original);
      WeightTensor v = all.stream().filter(t -> t.role().equals("_v")).findFirst().orElse(original);
      spectral(name, original, u, v);
    }

    /** The axis of the outputs is not in the file: u and v tell it. */
    private void spectral(String name, WeightTensor original, WeightTensor u, WeightTensor v) {
      INDArray weight = original.values().castTo(DataType.DOUBLE);
      INDArray left = u.values().castTo(DataType.DOUBLE);
      INDArray right = v.values().castTo(DataType.DOUBLE);
      double sigma = 0;
      double best = -1;
      for (int axis = 0; axis < Math.min(2, weight.rank()); axis++) {
        if (weight.size(axis) == left.length()
            && weight.length() / weight.size(axis) == right.length()) {
          INDArray rows = axis == 0 ? weight : weight.swapAxes(0, 1);
          INDArray matrix = rows.dup('c').reshape('c', left.length(), right.length());
          INDArray image = matrix.mmul(right.reshape('c', right.length(), 1)).ravel();
          double product = dot(left.ravel(), image);
          double cosine = product / Math.sqrt(dot(image, image) * dot(left.ravel(), left.ravel()));
          if (cosine > best) {
            best = cosine;
            sigma = product;
          }
        }
      }
      if (best > 0 && sigma > 0 && (best > CLEAR || !isAmbiguous(weight))) {
        replace(
            name,
            "spectral normalisation applied as in evaluation",
            List.of(original, u, v),
            weight.div(sigma),
            original);
      } else {
        giveUp(name, List.of(original, u, v));
      }
    }

    private static boolean isAmbiguous(INDArray weight) {
      return weight.rank() > 1 && weight.size(0) == weight.size(1);
    }

    private static double dot(INDArray a, INDArray b) {
      return a.mul(b).sumNumber().doubleValue();
    }

    private void giveUp(String name, List<WeightTensor> all) {
      for (WeightTensor part : all) {
        if (parts.add(part.name())) {
          leftOut.put(
              part.name(),
              "It is a part from which the network computes '%s' in a way that the file does not tell. Remove the parametrisation before saving."
                  .formatted(name));
        }
      }
    }

    private void replace(
        String name, String how, List<WeightTensor> all, INDArray values, WeightTensor model) {
      all.forEach(part -> parts.add(part.name()));
      replaced.put(
          all.get(0).name(),
          new WeightTensor(
              name, values.castTo(model.values().dataType()), model.dtype(), model.layerKind()));
      computed.computeIfAbsent(how, h -> new ArrayList<>()).add(name);
    }

    private static boolean sameShape(WeightTensor a, WeightTensor b) {
      return Arrays.equals(a.values().shape(), b.values().shape());
    }

    /** Whether a tensor has the shape of another one's norms along all axes but at most one. */
    private static boolean isNormOf(INDArray length, INDArray direction) {
      if (length.length() == 1) {
        return true;
      }
      int kept = 0;
      if (length.rank() != direction.rank()) {
        return false;
      }
      for (int axis = 0; axis < length.rank(); axis++) {
        if (length.size(axis) != 1) {
          kept++;
          if (length.size(axis) != direction.size(axis)) {
            return false;
          }
        }
      }
      return kept <= 1;
    }

    private static INDArray normalised(INDArray direction, INDArray length) {
      INDArray v = direction.castTo(DataType.DOUBLE);
      INDArray g = length.castTo(DataType.DOUBLE);
      if (g.length() == 1) {
        return v.mul(g.getDouble(0) / Math.sqrt(dot(v, v)));
      }
      int axis = 0;
      while (g.size(axis) == 1) {
        axis++;
      }
      INDArray rows = axis == 0 ? v.dup('c') : v.swapAxes(0, axis).dup('c');
      INDArray matrix = rows.reshape('c', g.length(), v.length() / g.length());
      INDArray scaled = Nd4j.create(DataType.DOUBLE, matrix.shape());
      for (long i = 0; i < g.length(); i++) {
        INDArray row = matrix.getRow(i);
        scaled.putRow(i, row.mul(g.ravel().getDouble(i) / Math.sqrt(dot(row, row))));
      }
      INDArray shaped = scaled.reshape('c', rows.shape());
      return axis == 0 ? shaped : shaped.swapAxes(0, axis).dup('c');
    }
  }
}
