package org.palimpsest.io.internal.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.internal.weights.EffectiveWeights;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.io.internal.pytorch.PickledModule;
import org.palimpsest.io.internal.pytorch.TorchWeights;
import org.palimpsest.io.internal.safetensors.SafetensorsFile;
import org.palimpsest.io.weights.StateDictNames;

/**
 * The tensors of a checkpoint by their paths, as a network that is built again needs them.
 *
 * <p>The entry that holds the weights is found, wrappers are taken off the names, weights that the
 * file holds in parts are put together. Tensors that are one tensor in the file have the same
 * array. Nothing in the file is run.
 */
public final class StateDict {

  private final Weights weights;
  private final JsonNode beside;
  private final List<PickledModule> modules;

  private StateDict(Weights weights, JsonNode beside, List<PickledModule> modules) {
    this.weights = weights;
    this.beside = beside;
    this.modules = modules;
  }

  /**
   * Reads a state dict, a training checkpoint or a safetensors file.
   *
   * @throws org.palimpsest.core.PalimpsestException if it is no such file, is damaged, or several
   *     of its entries may be the weights
   */
  public static StateDict open(Path file) {
    return open(file, Optional.empty());
  }

  /**
   * Reads the weights in one entry of a checkpoint.
   *
   * @param key {@code ENTRY}, or {@code ENTRY.ENTRY} for one within another, or what the names of
   *     the weights begin with
   */
  public static StateDict open(Path file, String key) {
    return open(file, Optional.of(key));
  }

  /**
   * Reads the weights in one entry of a checkpoint, or where they usually are.
   *
   * @param key as for {@link #open(Path, String)}
   */
  public static StateDict open(Path file, Optional<String> key) {
    if (FileKind.of(file) == FileKind.SAFETENSORS) {
      Weights weights =
          key.isPresent()
              ? WeightFiles.read(file, key.get())
              : SafetensorsFile.open(file).weights();
      return of(weights, MissingNode.getInstance(), List.of());
    }
    return of(TorchWeights.open(file), key);
  }

  /**
   * Takes the weights of a checkpoint whose pickle was read.
   *
   * @param key as for {@link #open(Path, String)}
   */
  public static StateDict of(TorchWeights.Checkpoint read, Optional<String> key) {
    return of(read.weights(key), read.settings(), read.modules(key));
  }

  private static StateDict of(Weights stored, JsonNode beside, List<PickledModule> modules) {
    EffectiveWeights effective = EffectiveWeights.of(stored);
    return new StateDict(noting(effective.weights(), effective.computed()), beside, modules);
  }

  private static Weights noting(Weights weights, List<String> more) {
    Provenance file = weights.provenance();
    List<String> notes = new ArrayList<>(file.notes());
    notes.addAll(more);
    Provenance noted = new Provenance(file.origin(), file.sha256(), notes);
    return Weights.of(noted, weights.name(), weights.tensors());
  }

  /** The same tensors with names and values as {@link Weights}. */
  public Weights weights() {
    return weights;
  }

  /** Where they came from, with a note of everything that was chosen, taken off or left out. */
  public Provenance provenance() {
    return weights.provenance();
  }

  /**
   * What the names of several networks begin with that are alike, such as {@code model} and {@code
   * ema_model}, each of which is a key of {@link #open(Path, String)}. Empty if there is one.
   */
  public List<String> alike() {
    return StateDictNames.alike(weights);
  }

  /** The tensors by path, in the order of the file: {@code [encoder, 0, weight]}. */
  public Map<List<String>, WeightTensor> tensors() {
    Map<List<String>, WeightTensor> tensors = new LinkedHashMap<>();
    for (WeightTensor tensor : weights.tensors()) {
      tensors.put(List.of(tensor.name().split("\\.", -1)), tensor);
    }
    return Collections.unmodifiableMap(tensors);
  }

  /**
   * What the checkpoint holds beside tensors, as far as it is plain data: texts, numbers, truth
   * values, lists, dictionaries. Missing if it holds no dictionary.
   */
  public JsonNode settings() {
    return beside;
  }

  /** The modules that were saved whole, under the paths of the file; none in a state dict. */
  public List<PickledModule> modules() {
    return modules;
  }

  /** The same with each prefix taken off the names where all of them begin so. */
  public StateDict without(List<String> prefixes) {
    return new StateDict(StateDictNames.without(prefixes, weights), beside, modules);
  }

  /**
   * The same with {@code model.}, {@code net.} and the like taken off where more of the wanted
   * paths are then there; the provenance says so.
   */
  public StateDict fitting(Set<List<String>> wanted) {
    Set<String> names = new HashSet<>();
    wanted.forEach(path -> names.add(String.join(".", path)));
    return new StateDict(StateDictNames.fitting(weights, names), beside, modules);
  }
}
