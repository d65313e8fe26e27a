package org.palimpsest.io.internal.own;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;

/** A module as the names of its tensors show it. */
final class NamedModule {

  private static final int DEEPEST = 50;
  private static final int MOST_TENSORS = 5_000;
  private static final Pattern LARGER = Pattern.compile("(?<!gro)up|dec");
  private static final Pattern BESIDE =
      Pattern.compile("skip|short|downsample|ident|resid|proj|match");

  private final List<String> path;
  private final Map<String, NamedModule> children = new LinkedHashMap<>();
  private final Map<String, List<Long>> tensors = new LinkedHashMap<>();

  private NamedModule(List<String> path) {
    this.path = path;
  }

  /**
   * The network itself.
   *
   * @throws PalimpsestException if a name is none that modules have, or there are too many
   */
  static NamedModule of(Weights weights) {
    String origin = weights.provenance().origin();
    if (weights.tensors().size() > MOST_TENSORS) {
      throw new PalimpsestException(
          "%s holds %s tensors, too many to draft a description of them."
              .formatted(origin, weights.tensors().size()));
    }
    NamedModule network = new NamedModule(List.of());
    for (WeightTensor tensor : weights.tensors()) {
      List<String> names = List.of(tensor.name().split("\\.", -1));
      if (names.size() > DEEPEST
          || names.stream().anyMatch(name -> name.isEmpty() || name.contains("{"))) {
        throw new PalimpsestException(
            "%s holds the tensor '%s', whose name a description cannot hold."
                .formatted(origin, tensor.name()));
      }
      NamedModule module = network;
      for (String name : names.subList(0, names.size() - 1)) {
        module = module.children.computeIfAbsent(name, module::child);
      }
      List<Long> shape = new ArrayList<>();
      for (long extent : tensor.values().shape()) {
        shape.add(extent);
      }
      module.tensors.put(tensor.role(), shape);
    }
    return network;
  }

  private NamedModule child(String name) {
    List<String> inner = new ArrayList<>(path);
    inner.add(name);
    return new NamedModule(List.copyOf(inner));
  }

  /** A module of this one that has no tensors, of which the numbers of its neighbours tell. */
  NamedModule without(int number) {
    return child(String.valueOf(number));
  }

  List<String> path() {
    return path;
  }

  String name() {
    return path.isEmpty() ? "" : path.get(path.size() - 1);
  }

  /** Its path with dots. */
  String dotted() {
    return String.join(".", path);
  }

  /** Its path within an enclosing module. */
  String within(NamedModule enclosing) {
    return String.join(".", path.subList(enclosing.path.size(), path.size()));
  }

  Collection<NamedModule> children() {
    return Collections.unmodifiableCollection(children.values());
  }

  Map<String, List<Long>> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  Optional<List<Long>> shape(String tensor) {
    return Optional.ofNullable(tensors.get(tensor));
  }

  /** Whether its modules have numbers for names, as those of lists and sequences have. */
  boolean isNumbered() {
    return !children.isEmpty() && children.keySet().stream().allMatch(n -> n.matches("\\d{1,4}"));
  }

  /** Whether its path has a word of the second half of a U-Net. */
  boolean soundsLarger() {
    return LARGER.matcher(dotted().toLowerCase(Locale.ROOT)).find();
  }

  /** Whether its name has a word of what runs beside other modules. */
  boolean soundsBeside() {
    return BESIDE.matcher(name().toLowerCase(Locale.ROOT)).find();
  }
}
