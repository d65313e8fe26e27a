package org.palimpsest.io.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.WeightTensor;
import org.palimpsest.core.weights.Weights;

/** Names of tensors without what tools put before them. */
public final class StateDictNames {

  private static final String PARALLEL = "module.";
  private static final String COMPILED = "_orig_mod.";
  private static final List<String> PERHAPS =
      List.of("model.", "net.", "network.", PARALLEL, COMPILED);
  private static final List<String> PERHAPS_TWO =
      Stream.concat(
              PERHAPS.stream(),
              PERHAPS.stream().flatMap(outer -> PERHAPS.stream().map(outer::concat)))
          .toList();

  private StateDictNames() {}

  /**
   * Takes off {@code module.} of data-parallel training and {@code _orig_mod.} of compiled modules,
   * in whatever order they stand; the provenance says so. Counters beside the network, such as
   * {@code n_averaged}, keep their names.
   */
  public static Weights unwrapped(Weights weights) {
    List<String> notes = new ArrayList<>();
    Weights plain = renamed(weights, StateDictNames::withoutCompiled, COMPILED, notes);
    while (allBeginWith(PARALLEL, plain)) {
      Weights shorter =
          renamed(
              plain,
              name -> name.startsWith(PARALLEL) ? name.substring(PARALLEL.length()) : name,
              PARALLEL,
              notes);
      if (shorter == plain) {
        break;
      }
      plain = shorter;
    }
    return notes.isEmpty() ? weights : noting(plain, notes);
  }

  /** Whether a prefix is one that {@link #unwrapped} takes off by itself. */
  public static boolean isWrapper(String prefix) {
    return prefix.replace(PARALLEL, "").replace(COMPILED, "").isEmpty();
  }

  private static String withoutCompiled(String name) {
    String plain = name.startsWith(COMPILED) ? name.substring(COMPILED.length()) : name;
    return plain.replace("." + COMPILED, ".");
  }

  /** Counters of single numbers may lie beside the network that a prefix is put before. */
  private static boolean allBeginWith(String prefix, Weights weights) {
    List<WeightTensor> others =
        weights.tensors().stream().filter(t -> !t.name().startsWith(prefix)).toList();
    return others.isEmpty()
        || others.stream().allMatch(t -> t.values().length() == 1)
            && weights.tensors().stream()
                .anyMatch(t -> t.name().startsWith(prefix) && t.values().length() > 1);
  }

  /** Renames unless two tensors would get one name. */
  private static Weights renamed(
      Weights weights, UnaryOperator<String> rename, String prefix, List<String> notes) {
    Map<String, WeightTensor> renamed = new LinkedHashMap<>();
    boolean changed = false;
    for (WeightTensor tensor : weights.tensors()) {
      String name = rename.apply(tensor.name());
      changed |= !name.equals(tensor.name());
      if (name.isEmpty() || renamed.put(name, named(name, tensor)) != null) {
        return weights;
      }
    }
    if (!changed) {
      return weights;
    }
    notes.add("'" + prefix + "' taken off the names");
    return Weights.of(weights.provenance(), weights.name(), List.copyOf(renamed.values()));
  }

  private static WeightTensor named(String name, WeightTensor tensor) {
    return name.equals(tensor.name())
        ? tensor
        : new WeightTensor(name, tensor.values(), tensor.dtype(), tensor.layerKind());
  }

  /**
   * Takes off {@code model.}, {@code net.} and the like where more tensors then have the name and
   * shape of one of another network; the provenance says so.
   */
  public static Weights fitting(Weights weights, Weights like) {
    return fitting(weights, tensor -> fits(tensor, like));
  }

  /** The same for the names of a network's tensors. */
  static Weights fitting(Weights weights, Set<String> names) {
    return fitting(weights, tensor -> names.contains(tensor.name()));
  }

  private static boolean fits(WeightTensor tensor, Weights like) {
    return like.find(tensor.name())
        .filter(o -> Arrays.equals(o.values().shape(), tensor.values().shape()))
        .isPresent();
  }

  private static Weights fitting(Weights weights, Predicate<WeightTensor> fits) {
    List<String> notes = new ArrayList<>();
    Weights best = weights;
    long matches = matches(weights, fits);
    for (boolean better = true; better; ) {
      better = false;
      Weights from = best;
      for (String prefix : PERHAPS_TWO) {
        List<String> said = new ArrayList<>();
        Weights candidate =
            renamed(
                from,
                name -> name.startsWith(prefix) ? name.substring(prefix.length()) : name,
                prefix,
                said);
        long more = matches(candidate, fits);
        if (more > matches) {
          best = candidate;
          matches = more;
          better = true;
          notes.clear();
          notes.addAll(said);
        }
      }
      if (better) {
        best = noting(best, List.of(notes.get(0) + ", since more names then fit"));
      }
    }
    return best;
  }

  private static long matches(Weights weights, Predicate<WeightTensor> fits) {
    return weights.tensors().stream().filter(fits).count();
  }

  private static Weights noting(Weights weights, List<String> notes) {
    Provenance provenance = weights.provenance();
    List<String> all = new ArrayList<>(provenance.notes());
    for (String note : notes) {
      if (!new HashSet<>(all).contains(note)) {
        all.add(note);
      }
    }
    Provenance noted = new Provenance(provenance.origin(), provenance.sha256(), all);
    return Weights.of(noted, weights.name(), weights.tensors());
  }
}
