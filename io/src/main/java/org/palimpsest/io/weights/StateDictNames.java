package org.palimpsest.io.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;

/**
 * Names of tensors without what tools put before them.
 *
 * <p>The same network has other names according to how it was trained: data-parallel training puts
 * {@code module.} before all, compilation {@code _orig_mod.}, Lightning and others the name of an
 * attribute such as {@code model.} or {@code net.}. Layers are compared by name, so that such
 * prefixes have to go. None is removed where two tensors would get one name; tensors are never
 * copied; and what was removed stands in the provenance's notes.
 *
 * <pre>{@code
 * Weights plain = StateDictNames.unwrapped(weights); // module.enc1.weight → enc1.weight
 * Weights ema = StateDictNames.below("ema_model", weights); // ema_model.enc1.weight → enc1.weight
 * }</pre>
 */
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

  private static final List<String> NETWORK_WORDS =
      List.of("model", "net", "ema", "student", "teacher", "average", "swa");
  private static final int FEWEST_OF_NETWORK = 3;

  private StateDictNames() {}

  /**
   * Takes off {@code module.} of data-parallel training and {@code _orig_mod.} of compiled modules,
   * in whatever order they stand; the provenance says so. Counters beside the network, such as
   * {@code n_averaged}, keep their names.
   *
   * @return the same object if there is nothing to take off
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

  /**
   * Whether a prefix is one that {@link #unwrapped} takes off by itself: {@code module.} and {@code
   * _orig_mod.}, in any number and order.
   */
  public static boolean isWrapper(String prefix) {
    return prefix.replace(PARALLEL, "").replace(COMPILED, "").isEmpty();
  }

  /**
   * Takes prefixes off the names, one after the other, each where all names begin so; the
   * provenance says so.
   *
   * @param prefixes with their last dots; one that not all names begin with is passed over, see
   *     {@link #requireUse}
   * @param weights as they were read
   */
  public static Weights without(List<String> prefixes, Weights weights) {
    Weights plain = weights;
    for (String prefix : prefixes) {
      if (plain.tensors().stream().allMatch(tensor -> tensor.name().startsWith(prefix))) {
        plain = noting(plain.withoutPrefix(prefix), List.of(takenOff(prefix)));
      }
    }
    return plain;
  }

  /** What the provenance says of a prefix that was removed. */
  public static String takenOff(String prefix) {
    return "'" + prefix + "' taken off the names";
  }

  /**
   * The prefixes that none of these took off, but for those that are taken off by themselves.
   *
   * @param prefixes what the caller asked for
   * @param files the provenances of what was read, whose notes tell what was taken off
   */
  public static List<String> unused(List<String> prefixes, List<Provenance> files) {
    return prefixes.stream()
        .filter(prefix -> !isWrapper(prefix))
        .filter(prefix -> files.stream().noneMatch(file -> file.notes().contains(takenOff(prefix))))
        .toList();
  }

  /**
   * Makes sure that each prefix to be taken off names was taken off those of one file at least.
   *
   * @throws PalimpsestException if one was not
   */
  public static void requireUse(List<String> prefixes, List<Provenance> files) {
    List<String> unused = unused(prefixes, files);
    if (!unused.isEmpty()) {
      throw new PalimpsestException(
          "--without-prefix %s: not all names of %s begin so, or it is no state dict."
              .formatted(
                  unused.get(0),
                  String.join(" or ", files.stream().map(Provenance::origin).distinct().toList())));
    }
  }

  /**
   * The weights whose names begin with a word and a dot, without these.
   *
   * @throws PalimpsestException if there are none
   * @param beginning without its last dot, such as {@code ema_model}; may hold dots itself
   * @return under the names that follow, in the order of the file
   */
  public static Weights below(String beginning, Weights weights) {
    String prefix = beginning + ".";
    List<WeightTensor> within =
        weights.tensors().stream()
            .filter(t -> t.name().startsWith(prefix) && t.name().length() > prefix.length())
            .map(t -> named(t.name().substring(prefix.length()), t))
            .toList();
    if (within.isEmpty()) {
      throw new PalimpsestException(
          "%s holds no weights whose names begin with '%s'; the first is '%s'."
              .formatted(weights.provenance().origin(), prefix, weights.tensors().get(0).name()));
    }
    String note = "the weights are those whose names begin with '" + prefix + "'";
    return unwrapped(
        noting(Weights.of(weights.provenance(), weights.name(), within), List.of(note)));
  }

  /**
   * What the names of several networks in one state dict begin with, such as {@code model} and
   * {@code ema_model}: words of which one says that it is a network, and below each of which the
   * same names with the same shapes lie. Empty if there are no two such.
   */
  public static List<String> alike(Weights weights) {
    String shared = "";
    Map<String, Map<String, List<Long>>> groups = groups(shared, weights);
    while (groups.size() == 1 && !groups.containsKey("")) {
      shared += groups.keySet().iterator().next() + ".";
      groups = groups(shared, weights);
    }
    Map<Map<String, List<Long>>, List<String>> sorted = new LinkedHashMap<>();
    for (Map.Entry<String, Map<String, List<Long>>> group : groups.entrySet()) {
      if (group.getValue().size() >= FEWEST_OF_NETWORK) {
        sorted
            .computeIfAbsent(group.getValue(), same -> new ArrayList<>())
            .add(shared + group.getKey());
      }
    }
    return sorted.values().stream()
        .filter(names -> names.size() > 1 && names.stream().anyMatch(StateDictNames::saysNetwork))
        .findFirst()
        .orElse(List.of());
  }

  private static boolean saysNetwork(String name) {
    String last = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return NETWORK_WORDS.stream().anyMatch(last::contains);
  }

  /** Names and shapes by what they begin with; counters of single numbers are no part of them. */
  private static Map<String, Map<String, List<Long>>> groups(String shared, Weights weights) {
    Map<String, Map<String, List<Long>>> groups = new LinkedHashMap<>();
    for (WeightTensor tensor : weights.tensors()) {
      if (tensor.values().length() > 1 && tensor.name().startsWith(shared)) {
        String name = tensor.name().substring(shared.length());
        int dot = Math.max(0, name.indexOf('.'));
        String rest = dot == 0 ? name : name.substring(dot + 1);
        while (rest.startsWith(PARALLEL) || rest.startsWith(COMPILED)) {
          rest = rest.substring(rest.indexOf('.') + 1);
        }
        groups
            .computeIfAbsent(name.substring(0, dot), first -> new LinkedHashMap<>())
            .put(rest, Arrays.stream(tensor.values().shape()).boxed().toList());
      }
    }
    return groups;
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
    notes.add(takenOff(prefix));
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
   *
   * <p>Up to two such prefixes are tried at once, and again while more names come to fit. Cost: one
   * comparison of names for each of 30 prefixes and each tensor.
   *
   * @param weights whose names may change
   * @param like whose names and shapes are to be met
   */
  public static Weights fitting(Weights weights, Weights like) {
    return fitting(weights, tensor -> fits(tensor, like));
  }

  /** The same for the names of a network's tensors. */
  public static Weights fitting(Weights weights, Set<String> names) {
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
