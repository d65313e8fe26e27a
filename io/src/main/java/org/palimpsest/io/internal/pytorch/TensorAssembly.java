package org.palimpsest.io.internal.pytorch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights.WeightTensor;

/** Puts tensors together as their storages come, in whatever order. */
final class TensorAssembly {

  private static final long ALWAYS_ALLOWED = 1L << 25;
  private static final long EXPANSION = 4;

  private final String source;
  private final Map<String, NamedTensors.Found> wanted = new LinkedHashMap<>();
  private final Map<StorageSlot, Map<String, TensorRef>> bySlot = new LinkedHashMap<>();
  private final Map<String, INDArray> done = new LinkedHashMap<>();
  private final Map<TensorRef, INDArray> built = new HashMap<>();
  private final List<String> empty = new ArrayList<>();

  /**
   * @param fileBytes the size of the file, beyond whose multiple no honest file's tensors go
   */
  TensorAssembly(Map<String, NamedTensors.Found> tensors, long fileBytes, String source) {
    this.source = source;
    long elements = 0;
    for (Map.Entry<String, NamedTensors.Found> entry : tensors.entrySet()) {
      String name = entry.getKey();
      TensorRef tensor = entry.getValue().tensor();
      tensor.requireWithin(tensor.available(), sourceOf(name));
      elements += tensor.elements();
      if (elements > Math.max(ALWAYS_ALLOWED, EXPANSION * fileBytes)) {
        throw new PalimpsestException(
            "%s claims tensors of more than %s numbers, but has %s bytes: it is damaged or harmful."
                .formatted(source, elements, fileBytes));
      }
      if (tensor.elements() == 0) {
        empty.add(name + " (empty)");
      } else {
        wanted.put(name, entry.getValue());
        bySlot
            .computeIfAbsent(StorageSlot.of(tensor), s -> new LinkedHashMap<>())
            .put(name, tensor);
      }
    }
  }

  /** The storages that are needed, each with the type of its numbers. */
  Set<StorageSlot> slots() {
    return bySlot.keySet();
  }

  /** Makes all tensors of one storage; equal views of it are one tensor. */
  void accept(StorageSlot slot, INDArray numbers) {
    bySlot
        .getOrDefault(slot, Map.of())
        .forEach(
            (name, tensor) -> {
              tensor.requireWithin(numbers.length(), sourceOf(name));
              done.put(
                  name,
                  built.computeIfAbsent(tensor, view -> view.copyOf(numbers, sourceOf(name))));
            });
  }

  /** The tensors in the order of the file. */
  List<WeightTensor> tensors() {
    List<WeightTensor> tensors = new ArrayList<>();
    wanted.forEach(
        (name, found) -> {
          INDArray values = done.get(name);
          if (values == null) {
            throw new PalimpsestException(
                sourceOf(name) + " has no storage: the file is truncated or damaged.");
          }
          String type = found.tensor().type().displayName();
          tensors.add(new WeightTensor(name, values, type, found.kind()));
        });
    return tensors;
  }

  /** Tensors without elements, which cannot be kept. */
  List<String> empty() {
    return empty;
  }

  private String sourceOf(String name) {
    return "Tensor '" + name + "' in " + source;
  }
}
