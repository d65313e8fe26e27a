package org.palimpsest.io.internal.nn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.text.Names;

/**
 * The arguments of a constructor as a file gives them. Whoever reads them asks for each by name;
 * what is given and was not asked for is an error, so that no argument is ever ignored.
 */
public final class Arguments {

  private final String what;
  private final JsonNode given;
  private final Set<String> asked = new LinkedHashSet<>();

  private Arguments(String what, JsonNode given) {
    this.what = what;
    this.given = given;
  }

  /**
   * @param what to call them in messages, such as "UNet in net.json"
   * @param given an object; null and a missing node count as an empty one
   * @throws PalimpsestException if it is anything else
   */
  public static Arguments of(String what, JsonNode given) {
    if (given.isNull() || given.isMissingNode()) {
      return new Arguments(what, JsonNodeFactory.instance.objectNode());
    }
    if (!given.isObject()) {
      throw new PalimpsestException(
          "%s should be arguments by name, but is %s.".formatted(what, shortened(given)));
    }
    return new Arguments(what, given);
  }

  /** What to call them in messages. */
  public String what() {
    return what;
  }

  /** Whether an argument is given and is not null. */
  public boolean has(String name) {
    return given.hasNonNull(name);
  }

  /** Whether an argument is given, be it null. */
  public boolean isGiven(String name) {
    return given.has(name);
  }

  /** An argument as it is; a missing one is null. */
  public JsonNode node(String name) {
    asked.add(name);
    JsonNode node = given.get(name);
    return node == null ? JsonNodeFactory.instance.nullNode() : node;
  }

  public long integer(String name) {
    return required(name, JsonNode::canConvertToExactIntegral, JsonNode::longValue, "an integer");
  }

  public long integer(String name, long otherwise) {
    return isGiven(name) ? integer(name) : absent(name, otherwise);
  }

  public double real(String name, double otherwise) {
    return isGiven(name)
        ? required(
            name,
            node -> node.isNumber() && Double.isFinite(node.doubleValue()),
            JsonNode::doubleValue,
            "a finite number")
        : absent(name, otherwise);
  }

  /** Null is Python's None, which is false and no default. */
  public boolean truth(String name, boolean otherwise) {
    return has(name) || isGiven(name) && otherwise
        ? required(name, JsonNode::isBoolean, JsonNode::booleanValue, "true or false")
        : absent(name, otherwise);
  }

  public String text(String name) {
    return required(name, JsonNode::isTextual, JsonNode::textValue, "a text");
  }

  public String text(String name, String otherwise) {
    return isGiven(name) ? text(name) : absent(name, otherwise);
  }

  public Optional<String> optionalText(String name) {
    return has(name) ? Optional.of(text(name)) : absent(name, Optional.empty());
  }

  /** An integer; none if it is not given, or null. */
  public Optional<Long> optionalInteger(String name) {
    return has(name) ? Optional.of(integer(name)) : absent(name, Optional.empty());
  }

  /** Arguments within an argument; none if it is not given. */
  public Arguments within(String name) {
    return of("%s of %s".formatted(name, what), node(name));
  }

  /** A list of integers, of whatever length. */
  public List<Long> integers(String name) {
    return integers(name, node(name));
  }

  /** A list of integers, or one. */
  public List<Long> integersOrOne(String name) {
    JsonNode node = node(name);
    return node.isArray() ? integers(name, node) : List.of(integer(name));
  }

  /**
   * So many integers, or one that counts for each.
   *
   * @throws PalimpsestException if there are more or fewer
   */
  public List<Long> integers(String name, int count) {
    return repeated(name, node(name), count);
  }

  /** So many integers, one that counts for each, or another one for each if none is given. */
  public List<Long> integers(String name, int count, long otherwise) {
    return isGiven(name)
        ? integers(name, count)
        : absent(name, Collections.nCopies(count, otherwise));
  }

  /** Lists of so many integers, where an integer in a list's place counts for all of it. */
  public List<List<Long>> lists(String name, int lists, int count) {
    JsonNode node = node(name);
    if (node.isNumber()) {
      return Collections.nCopies(lists, repeated(name, node, count));
    }
    if (!node.isArray() || node.size() != lists) {
      throw wrong(name, node, "%s lists of %s integers".formatted(lists, count));
    }
    List<List<Long>> all = new ArrayList<>();
    node.forEach(item -> all.add(repeated(name, item, count)));
    return all;
  }

  private List<Long> repeated(String name, JsonNode node, int count) {
    if (node.canConvertToExactIntegral()) {
      return Collections.nCopies(count, node.longValue());
    }
    List<Long> numbers = integers(name, node);
    if (numbers.size() != count) {
      throw wrong(name, node, count + " integers");
    }
    return numbers;
  }

  private List<Long> integers(String name, JsonNode node) {
    List<Long> numbers = new ArrayList<>();
    for (JsonNode item : node) {
      if (!item.canConvertToExactIntegral()) {
        throw wrong(name, node, "a list of integers");
      }
      numbers.add(item.longValue());
    }
    if (!node.isArray()) {
      throw wrong(name, node, "a list of integers");
    }
    return numbers;
  }

  /** Names arguments that change nothing of what the network gives when it is not trained. */
  public Arguments withoutEffect(String... names) {
    Collections.addAll(asked, names);
    return this;
  }

  /**
   * Makes sure that every argument was asked for.
   *
   * @throws PalimpsestException that names those that were not
   */
  public void requireAllAsked() {
    List<String> unknown = new ArrayList<>();
    given.fieldNames().forEachRemaining(unknown::add);
    unknown.removeAll(asked);
    if (!unknown.isEmpty()) {
      throw new PalimpsestException(
          "%s has the argument '%s' (%s), which is not known here; %s."
              .formatted(
                  what,
                  unknown.get(0),
                  shortened(given.path(unknown.get(0))),
                  known(unknown.get(0))));
    }
  }

  private String known(String name) {
    List<String> own = asked.stream().filter(one -> !one.startsWith("_")).toList();
    return own.isEmpty() ? "it has none" : Names.known(name, own);
  }

  /** An error that names an argument, its value, and what was expected. */
  public PalimpsestException wrong(String name, String expected) {
    return wrong(name, node(name), expected);
  }

  private PalimpsestException wrong(String name, JsonNode node, String expected) {
    return new PalimpsestException(
        "%s: '%s' is %s where %s is expected.".formatted(what, name, shortened(node), expected));
  }

  private <T> T required(
      String name, Predicate<JsonNode> fits, Function<JsonNode, T> value, String expected) {
    JsonNode node = node(name);
    if (!fits.test(node)) {
      throw !isGiven(name)
          ? new PalimpsestException("%s lacks '%s', %s.".formatted(what, name, expected))
          : wrong(name, node, expected);
    }
    return value.apply(node);
  }

  private <T> T absent(String name, T otherwise) {
    asked.add(name);
    return otherwise;
  }

  private static String shortened(JsonNode node) {
    String text = node.toString();
    return text.length() > 60 ? text.substring(0, 57) + "..." : text;
  }
}
