package org.palimpsest.io.pytorch;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Suggestions;
import org.palimpsest.io.pickle.PyDict;
import org.palimpsest.io.pickle.PyNone;

/** Finds the weights within what was saved: a state dict itself, or one within a checkpoint. */
final class StateDictFinder {

  private static final List<String> USUAL_KEYS =
      List.of(
          "model_state_dict", "state_dict", "model", "net", "network", "model_state", "weights");

  /**
   * What was found.
   *
   * @param root the value that holds the weights
   * @param notes from which entry, and which others there are
   */
  record Choice(Object root, List<String> notes) {}

  private final String source;

  StateDictFinder(String source) {
    this.source = source;
  }

  /**
   * Chooses.
   *
   * @param key the checkpoint's entry that holds the weights, if the caller knows
   */
  Choice choose(Object saved, Optional<String> key) {
    if (!(saved instanceof PyDict dict)) {
      return new Choice(saved, List.of());
    }
    Map<String, Object> entries = dict.named();
    if (key.isPresent()) {
      return entry(entries, key.get());
    }
    if (entries.values().stream().anyMatch(StateDictFinder::isTensor)) {
      return new Choice(saved, List.of());
    }
    for (String usual : USUAL_KEYS) {
      if (holdsTensors(entries.getOrDefault(usual, PyNone.NONE))) {
        return entry(entries, usual);
      }
    }
    return onlyEntryWithTensors(saved, entries);
  }

  private Choice onlyEntryWithTensors(Object saved, Map<String, Object> entries) {
    List<String> holders =
        entries.entrySet().stream()
            .filter(entry -> !isOptimiser(entry.getKey()) && holdsTensors(entry.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    if (holders.size() > 1) {
      throw new PalimpsestException(
          "%s holds tensors in several entries: %s. Say by its key which of them are the weights."
              .formatted(source, String.join(", ", holders)));
    }
    return holders.isEmpty() ? new Choice(saved, List.of()) : entry(entries, holders.get(0));
  }

  private Choice entry(Map<String, Object> entries, String key) {
    Object value = entries.get(key);
    if (value == null) {
      throw new PalimpsestException(
          "%s has no entry '%s'. Nearest: %s."
              .formatted(
                  source, key, String.join(", ", Suggestions.nearest(key, entries.keySet()))));
    }
    List<String> notes = new ArrayList<>(List.of("weights taken from entry '" + key + "'"));
    String others =
        entries.keySet().stream().filter(k -> !k.equals(key)).collect(Collectors.joining(", "));
    if (!others.isEmpty()) {
      notes.add("other entries, not read: " + others);
    }
    return new Choice(value, notes);
  }

  private boolean holdsTensors(Object value) {
    NamedTensors found = NamedTensors.below(value, source);
    return !found.tensors().isEmpty() || !found.leftOut().isEmpty();
  }

  private static boolean isTensor(Object value) {
    return value instanceof TensorRef || value instanceof UnreadableTensor;
  }

  private static boolean isOptimiser(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.contains("optim") || lower.contains("sched") || lower.contains("scaler");
  }
}
