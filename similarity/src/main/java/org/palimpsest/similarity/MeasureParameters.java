package org.palimpsest.similarity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;

/**
 * What followed a measure's name: values by position and by name, separated by commas.
 *
 * <p>{@code 0.9} has one value by position, {@code k=20} one by name.
 */
final class MeasureParameters {

  private final MeasureEntry entry;
  private final String text;
  private final List<String> placed = new ArrayList<>();
  private final Map<String, String> named = new LinkedHashMap<>();

  private MeasureParameters(MeasureEntry entry, String text) {
    this.entry = entry;
    this.text = text;
    if (text.isEmpty()) {
      return;
    }
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      String value = part.substring(equals + 1).strip();
      if (value.isEmpty()) {
        throw refuse("'%s' has an empty value".formatted(text));
      }
      if (equals < 0) {
        placed.add(value);
      } else if (named.put(part.substring(0, equals).strip(), value) != null) {
        throw refuse("'%s' is given twice".formatted(part.substring(0, equals).strip()));
      }
    }
  }

  static MeasureParameters parse(MeasureEntry entry, String text) {
    return new MeasureParameters(entry, text.strip());
  }

  /** All of it, as it was given. */
  String text() {
    return text;
  }

  /** Checks that no more values come by position than {@code places}, and no others by name. */
  void requireAtMost(int places, String... names) {
    if (placed.size() > places) {
      throw refuse("'%s' is one value too many".formatted(placed.get(places)));
    }
    for (String name : named.keySet()) {
      if (!Arrays.asList(names).contains(name)) {
        throw refuse("there is no parameter '%s'".formatted(name));
      }
    }
  }

  /** Whether a value is given by this name. */
  boolean has(String name) {
    return named.containsKey(name);
  }

  /** The value by position, or a fallback if it is not given. */
  String word(int place, String fallback) {
    return place < placed.size() ? placed.get(place) : fallback;
  }

  /** The value by position as a number within [low, high], or a fallback if it is not given. */
  double number(int place, double fallback, double low, double high) {
    return place < placed.size() ? number(placed.get(place), low, high) : fallback;
  }

  /** The value by name as a number within [low, high], or a fallback if it is not given. */
  double number(String name, double fallback, double low, double high) {
    return Optional.ofNullable(named.get(name))
        .map(value -> number(value, low, high))
        .orElse(fallback);
  }

  /** The value by position as an integer within [low, high], or a fallback. */
  int whole(int place, int fallback, int low, int high) {
    return place < placed.size() ? whole(placed.get(place), low, high) : fallback;
  }

  /** The value by name as an integer within [low, high], or a fallback. */
  int whole(String name, int fallback, int low, int high) {
    return Optional.ofNullable(named.get(name))
        .map(value -> whole(value, low, high))
        .orElse(fallback);
  }

  /** An error about these parameters, which tells what may be given. */
  PalimpsestException refuse(String reason) {
    String allowed =
        entry.parameters().isEmpty()
            ? "takes no parameters"
            : "takes after a colon: " + entry.parameters();
    return new PalimpsestException(
        "Measure '%s': %s. It %s.".formatted(entry.name(), reason, allowed));
  }

  private double number(String value, double low, double high) {
    double number;
    try {
      number = Double.parseDouble(value);
    } catch (NumberFormatException notANumber) {
      throw refuse("'%s' is not a number".formatted(value));
    }
    if (!(number >= low && number <= high)) {
      throw refuse("%s is not %s".formatted(value, range(low, high)));
    }
    return number;
  }

  /** {@code above 0 and at most 1}; the largest numbers of their types are no bound to speak of. */
  private static String range(double low, double high) {
    String least = low == Double.MIN_VALUE ? "above 0" : plain(low) + " or more";
    return high >= Integer.MAX_VALUE ? least : "%s and at most %s".formatted(least, plain(high));
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
  }

  private int whole(String value, int low, int high) {
    double number = number(value, low, high);
    if (number != Math.rint(number)) {
      throw refuse("%s is not an integer".formatted(value));
    }
    return (int) number;
  }
}
