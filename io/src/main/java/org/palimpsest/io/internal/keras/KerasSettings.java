package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.text.Names;

/**
 * The settings of a layer as its file gives them. A row of the table declares which of them it
 * reads and which have no effect when nothing is trained; a setting that is neither, or that was
 * not read, is an error, so that none is ever ignored.
 */
final class KerasSettings {

  /** What every layer has and what says how its weights began, or how they are trained. */
  private static final Set<String> COMMON =
      Set.of("name", "trainable", "dtype", "input_dtype", "rng_type");

  /** More than any extent, stride or border that is of use; beyond it sums would run over. */
  static final long MOST = 1 << 24;

  private static final List<String> OF_TRAINING =
      List.of("_initializer", "_regularizer", "_constraint");

  private static final String OF_COUNTS = "integers from 1 to %s".formatted(MOST);

  private final String owner;
  private final JsonNode given;
  private final Set<String> readable = new HashSet<>();
  private final Set<String> withoutEffect = new HashSet<>(COMMON);
  private final Set<String> asked = new HashSet<>();

  private KerasSettings(String owner, JsonNode given) {
    this.owner = owner;
    this.given = given;
  }

  /**
   * @param owner what to call the layer in messages
   * @param given an object
   * @param reads the settings that are read
   * @param ignores those without effect, beside those that every layer has
   * @throws PalimpsestException if there is a setting that is in neither list
   */
  static KerasSettings of(
      String owner, JsonNode given, Collection<String> reads, Collection<String> ignores) {
    if (!given.isObject()) {
      throw new PalimpsestException(
          "%s should have settings by name, but has %s.".formatted(owner, shortened(given)));
    }
    KerasSettings settings = new KerasSettings(owner, given);
    settings.readable.addAll(reads);
    settings.withoutEffect.addAll(ignores);
    given
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!settings.readable.contains(name) && !settings.hasNoEffect(name)) {
                throw settings.unknown(name);
              }
            });
    return settings;
  }

  private boolean hasNoEffect(String name) {
    return withoutEffect.contains(name) || OF_TRAINING.stream().anyMatch(name::endsWith);
  }

  private PalimpsestException unknown(String name) {
    return new PalimpsestException(
        "%s has the setting '%s' (%s), which is not known here; %s."
            .formatted(
                owner,
                name,
                shortened(given.path(name)),
                readable.isEmpty() ? "it has none" : Names.known(name, new TreeSet<>(readable))));
  }

  /** What to call the layer in messages. */
  String owner() {
    return owner;
  }

  /** Whether a setting is given and is not null. */
  boolean has(String name) {
    return given.hasNonNull(name);
  }

  /** Whether a setting is given, be it null. */
  boolean isGiven(String name) {
    return given.has(name);
  }

  /** A setting as it is; a missing one is null. */
  JsonNode node(String name) {
    if (!readable.contains(name)) {
      throw new IllegalStateException("not declared as read: " + name + " of " + owner);
    }
    asked.add(name);
    JsonNode node = given.get(name);
    return node == null ? NullNode.getInstance() : node;
  }

  /** Whether it is an integer that PyTorch takes as a size. */
  static boolean isInteger(JsonNode node) {
    return node.canConvertToExactIntegral() && node.canConvertToInt();
  }

  /** Whether it is an integer that may be the size of something. */
  static boolean isSize(JsonNode node) {
    return isInteger(node) && node.longValue() >= 0 && node.longValue() <= MOST;
  }

  private static boolean isCount(JsonNode node) {
    return isSize(node) && node.longValue() > 0;
  }

  long integer(String name) {
    return required(name, KerasSettings::isInteger, JsonNode::longValue, "an integer below 2^31");
  }

  long integer(String name, long otherwise) {
    return isLeftOut(name) ? otherwise : integer(name);
  }

  /** An integer above 0. */
  long count(String name) {
    return required(name, KerasSettings::isCount, JsonNode::longValue, OF_COUNTS);
  }

  long count(String name, long otherwise) {
    return isLeftOut(name) ? otherwise : count(name);
  }

  double real(String name) {
    return required(
        name,
        node -> node.isNumber() && Double.isFinite(node.doubleValue()),
        JsonNode::doubleValue,
        "a finite number");
  }

  double real(String name, double otherwise) {
    return isLeftOut(name) ? otherwise : real(name);
  }

  boolean truth(String name, boolean otherwise) {
    return isLeftOut(name)
        ? otherwise
        : required(name, JsonNode::isBoolean, JsonNode::booleanValue, "true or false");
  }

  String text(String name, String otherwise) {
    return isLeftOut(name)
        ? otherwise
        : required(name, JsonNode::isTextual, JsonNode::textValue, "a text");
  }

  /** One of some texts. */
  String choice(String name, String otherwise, String... choices) {
    String text = text(name, otherwise);
    if (!List.of(choices).contains(text)) {
      throw wrong(name, "one of " + String.join(", ", choices));
    }
    return text;
  }

  /** So many integers, or one that counts for each. */
  List<Long> integers(String name, int count) {
    JsonNode node = node(name);
    if (isInteger(node)) {
      return Collections.nCopies(count, node.longValue());
    }
    List<Long> numbers = integers(name);
    if (numbers.size() != count) {
      throw wrong(name, count + " integers");
    }
    return numbers;
  }

  /** So many integers above 0, one that counts for each, or another if none is given. */
  List<Long> counts(String name, int count, long otherwise) {
    List<Long> numbers =
        isLeftOut(name) ? Collections.nCopies(count, otherwise) : integers(name, count);
    if (numbers.stream().anyMatch(number -> number < 1 || number > MOST)) {
      throw wrong(name, OF_COUNTS);
    }
    return numbers;
  }

  /** A list of integers of whatever length. */
  List<Long> integers(String name) {
    JsonNode node = node(name);
    List<Long> numbers = new ArrayList<>();
    for (JsonNode item : node) {
      if (!isInteger(item)) {
        throw wrong(name, "a list of integers below 2^31");
      }
      numbers.add(item.longValue());
    }
    if (!node.isArray()) {
      throw wrong(name, "a list of integers");
    }
    return numbers;
  }

  /** A list of integers, or one. */
  List<Long> integersOrOne(String name) {
    return node(name).isArray() ? integers(name) : List.of(integer(name));
  }

  /** Finite numbers in a list, or one; nothing if the setting is not given. */
  Optional<double[]> reals(String name) {
    JsonNode node = node(name);
    if (node.isNull()) {
      return Optional.empty();
    }
    List<Double> numbers = new ArrayList<>();
    if (!addNumbers(node, numbers)) {
      throw wrong(name, "finite numbers");
    }
    return Optional.of(numbers.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static boolean addNumbers(JsonNode node, List<Double> numbers) {
    if (node.isArray()) {
      for (JsonNode item : node) {
        if (!addNumbers(item, numbers)) {
          return false;
        }
      }
      return true;
    }
    numbers.add(node.doubleValue());
    return node.isNumber() && Double.isFinite(node.doubleValue());
  }

  /**
   * Makes sure that a setting, where it is given, has the only value for which the layer is known.
   */
  void require(String name, Object... values) {
    JsonNode node = node(name);
    boolean fits = node.isNull();
    for (Object value : values) {
      fits |=
          node.toString().equals(String.valueOf(value))
              || node.isTextual() && node.textValue().equals(value)
              || node.isNumber()
                  && value instanceof Number n
                  && node.doubleValue() == n.doubleValue();
    }
    if (!fits) {
      throw wrong(name, List.of(values) + ", which is what is known here,");
    }
  }

  /**
   * Makes sure that all that is given was read.
   *
   * @throws PalimpsestException that names what was not
   */
  void requireAllAsked() {
    given
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!asked.contains(name) && !hasNoEffect(name)) {
                throw new PalimpsestException(
                    "%s has the setting '%s' (%s), which has no place together with its others."
                        .formatted(owner, name, shortened(given.path(name))));
              }
            });
  }

  /** Counts settings as read that have no effect beside what the others say. */
  void passOver(String... names) {
    for (String name : names) {
      node(name);
    }
  }

  /** An error that names a setting, its value, and what was expected. */
  PalimpsestException wrong(String name, String expected) {
    JsonNode node = given.path(name);
    return node.isMissingNode()
        ? new PalimpsestException("%s lacks '%s', %s.".formatted(owner, name, expected))
        : new PalimpsestException(
            "%s: '%s' is %s where %s is expected."
                .formatted(owner, name, shortened(node), expected));
  }

  /** Null is no default, but what Keras hands to the layer, where it may mean something else. */
  private boolean isLeftOut(String name) {
    return node(name).isNull() && !isGiven(name);
  }

  private <T> T required(
      String name, Predicate<JsonNode> fits, Function<JsonNode, T> value, String expected) {
    JsonNode node = node(name);
    if (!fits.test(node)) {
      throw wrong(name, expected);
    }
    return value.apply(node);
  }

  static String shortened(JsonNode node) {
    String text = node.toString();
    return text.length() > 60 ? text.substring(0, 57) + "..." : text;
  }
}
