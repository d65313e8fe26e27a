package org.palimpsest.io.internal.pytorch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.text.Suggestions;
import org.palimpsest.io.internal.pickle.Opaque;
import org.palimpsest.io.internal.pickle.PyDict;
import org.palimpsest.io.internal.pickle.PyNone;

/** Finds the weights within what was saved: a state dict itself, or one within a checkpoint. */
final class StateDictFinder {

  private static final List<List<String>> USUAL_KEYS =
      List.of(
          List.of("state_dict", "model_state_dict", "model", "network_weights"),
          List.of("net", "network", "model_state", "weights"));

  /**
   * What was found.
   *
   * @param root the value that holds the weights
   * @param notes from which entry, and which others there are
   * @param prefix what the names of the weights begin with among those below the root, or empty
   */
  record Choice(Object root, List<String> notes, String prefix) {

    Choice(Object root, List<String> notes) {
      this(root, notes, "");
    }
  }

  private final String source;

  StateDictFinder(String source) {
    this.source = source;
  }

  /**
   * Chooses.
   *
   * @param key the checkpoint's entry that holds the weights, if the caller knows: {@code ENTRY},
   *     or {@code ENTRY.ENTRY} for one within another; or what the names of the weights begin with,
   *     of which there may be several networks in one state dict
   */
  Choice choose(Object saved, Optional<String> key) {
    if (key.isPresent()) {
      Optional<Choice> named =
          reached(saved, key.get()) > 0 ? Optional.empty() : beginning(saved, key.get());
      return named.orElseGet(() -> asked(saved, key.get()));
    }
    if (!(saved instanceof PyDict dict)) {
      return new Choice(saved, List.of());
    }
    Map<String, Object> entries = dict.named();
    for (List<String> rank : USUAL_KEYS) {
      List<String> holders = holders(entries, rank::contains);
      if (!holders.isEmpty()) {
        return only(entries, holders);
      }
    }
    if (entries.values().stream().anyMatch(this::isTensor)) {
      return new Choice(saved, List.of());
    }
    List<String> holders = holders(entries, name -> !isOptimiser(name));
    return holders.isEmpty() ? new Choice(saved, List.of()) : only(entries, holders);
  }

  private List<String> holders(Map<String, Object> entries, Predicate<String> isWanted) {
    return entries.entrySet().stream()
        .filter(entry -> isWanted.test(entry.getKey()) && !isTensor(entry.getValue()))
        .filter(entry -> holdsTensors(entry.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private Choice only(Map<String, Object> entries, List<String> holders) {
    if (holders.size() > 1) {
      throw new PalimpsestException(
          "%s holds tensors in several entries: %s. Say which of them are the weights: --key %s on the command line."
              .formatted(source, String.join(", ", holders), holders.get(0)));
    }
    Choice choice = entry(entries, holders.get(0));
    List<String> others =
        holders(entries, name -> !name.equals(holders.get(0)) && !isOptimiser(name));
    if (others.isEmpty()) {
      return choice;
    }
    List<String> notes = new ArrayList<>(choice.notes());
    notes.add(
        "tensors lie also in the entry %s: --key takes them instead"
            .formatted(String.join(", ", others)));
    return new Choice(choice.root(), notes);
  }

  private Choice asked(Object saved, String key) {
    Map<String, Object> entries = entries(saved);
    int meanings = reached(saved, key);
    if (meanings > 1) {
      throw new PalimpsestException(
          ("%s has more than one entry that '%s' can mean: names with dots in them, and entries"
                  + " within others. Rename one of them.")
              .formatted(source, key));
    }
    if (entries.containsKey(key)) {
      return holding(entry(entries, key), key);
    }
    for (int dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) {
      Object within = entries.get(key.substring(0, dot));
      if (within != null && reached(within, key.substring(dot + 1)) == meanings) {
        Choice inner = asked(within, key.substring(dot + 1));
        return new Choice(inner.root(), List.of("weights taken from entry '" + key + "'"));
      }
    }
    if (entries.isEmpty()) {
      throw new PalimpsestException(
          "%s has no entry '%s': what it holds there has no entries.".formatted(source, key));
    }
    throw new PalimpsestException(
        "%s has no entry '%s'. Nearest: %s."
            .formatted(source, key, String.join(", ", Suggestions.nearest(key, entries.keySet()))));
  }

  /**
   * The weights of that beginning in what a key's first part names, or where weights usually are.
   */
  private Optional<Choice> beginning(Object saved, String key) {
    if (hasBeginning(saved, key)) {
      return Optional.of(new Choice(saved, List.of(begin(key)), key + "."));
    }
    Map<String, Object> entries = entries(saved);
    for (int dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) {
      String entry = key.substring(0, dot);
      String rest = key.substring(dot + 1);
      if (entries.containsKey(entry) && hasBeginning(entries.get(entry), rest)) {
        return Optional.of(below(entries, entry, rest));
      }
    }
    return USUAL_KEYS.stream()
        .flatMap(List::stream)
        .filter(entry -> entries.containsKey(entry) && hasBeginning(entries.get(entry), key))
        .findFirst()
        .map(entry -> below(entries, entry, key));
  }

  private static Choice below(Map<String, Object> entries, String entry, String beginning) {
    Object root = entries.getOrDefault(entry, PyNone.NONE);
    return new Choice(
        root, List.of(begin(beginning) + " in entry '" + entry + "'"), beginning + ".");
  }

  private static String begin(String beginning) {
    return "the weights are those whose names begin with '" + beginning + ".'";
  }

  private boolean hasBeginning(@Nullable Object root, String beginning) {
    return root != null
        && NamedTensors.below(root, source).tensors().keySet().stream()
            .anyMatch(name -> name.startsWith(beginning + "."));
  }

  /** How many entries a key can mean: its dots may be within names or between them. */
  private static int reached(Object value, String key) {
    Map<String, Object> entries = entries(value);
    int count = entries.containsKey(key) ? 1 : 0;
    for (int dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) {
      Object within = entries.get(key.substring(0, dot));
      count += within == null ? 0 : reached(within, key.substring(dot + 1));
    }
    return count;
  }

  private Choice holding(Choice choice, String key) {
    NamedTensors found = NamedTensors.below(choice.root(), source);
    if (found.tensors().isEmpty() && found.leftOut().isEmpty()) {
      throw new PalimpsestException("%s: its entry '%s' holds no tensor.".formatted(source, key));
    }
    return choice;
  }

  private static Map<String, Object> entries(Object value) {
    if (value instanceof PyDict dict) {
      return dict.named();
    }
    if (!(value instanceof Opaque object)) {
      return Map.of();
    }
    Map<String, Object> entries = new LinkedHashMap<>(object.items().named());
    if (object.state() instanceof PyDict state) {
      state.named().forEach(entries::putIfAbsent);
    }
    return entries;
  }

  private static Choice entry(Map<String, Object> entries, String key) {
    List<String> notes = new ArrayList<>(List.of("weights taken from entry '" + key + "'"));
    String others =
        entries.keySet().stream().filter(k -> !k.equals(key)).collect(Collectors.joining(", "));
    if (!others.isEmpty()) {
      notes.add("no weights are taken from its other entries: " + others);
    }
    return new Choice(entries.getOrDefault(key, PyNone.NONE), notes);
  }

  private boolean holdsTensors(Object value) {
    NamedTensors found = NamedTensors.below(value, source);
    return !found.tensors().isEmpty() || found.someAreUnreadable();
  }

  private boolean isTensor(Object value) {
    Object resolved = TorchObjects.resolved(value, source);
    return resolved instanceof TensorRef || resolved instanceof UnreadableTensor;
  }

  private static boolean isOptimiser(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.contains("optim") || lower.contains("sched") || lower.contains("scaler");
  }
}
