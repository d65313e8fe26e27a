package org.palimpsest.io.internal.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;

/**
 * Follows the references of a bundle's configuration: {@code @id} stands for the value of an entry,
 * {@code %id} for its text; parts of an id are divided by {@code #} or {@code ::}, and one that
 * begins with such a mark counts from where it stands.
 */
final class BundleReferences {

  private static final String MARK = "::";
  private static final String METADATA = "_meta_";
  private static final int DEEPEST = 100;
  private static final int MOST_SHOWN = 100;

  /** What the entry of the network is called; the first that is there is taken. */
  private static final List<String> NETWORKS = List.of("network_def", "network", "net");

  /** What MONAI evaluates before an object, or only shows; the object itself has none of it. */
  private static final Set<String> NO_ARGUMENTS = Set.of("_requires_", "_desc_");

  private final BundleConfiguration configuration;
  private final String source;

  private BundleReferences(BundleConfiguration configuration) {
    this.configuration = configuration;
    this.source = configuration.source();
  }

  /**
   * The description of the network, without references.
   *
   * @param notes is told of networks that another entry makes of it
   * @throws PalimpsestException if there is none, a reference leads nowhere or in a circle, an
   *     expression of Python would have to be evaluated, or another entry describes another network
   */
  static JsonNode network(BundleConfiguration configuration, List<String> notes) {
    String source = configuration.source();
    BundleReferences references = new BundleReferences(configuration);
    for (String name : NETWORKS) {
      JsonNode entry = configuration.entry(List.of(name));
      if (!entry.isMissingNode() && !isExpression(entry)) {
        JsonNode network = references.resolved(entry, List.of(name), 0);
        references.requireNoOther(name, network, notes);
        return network;
      }
    }
    throw new PalimpsestException(
        "%s describes no network by an entry 'network_def' that could be read without evaluating Python."
            .formatted(source));
  }

  /**
   * An entry without references. Devices are left out: they change no value.
   *
   * @throws PalimpsestException as {@link #network}
   */
  static JsonNode entry(BundleConfiguration configuration, String name) {
    JsonNode entry = configuration.entry(List.of(name));
    if (entry.isMissingNode()) {
      throw new PalimpsestException(
          "%s has no entry '%s'.".formatted(configuration.source(), name));
    }
    JsonNode without = entry.deepCopy();
    without.findParents("device").forEach(parent -> ((ObjectNode) parent).remove("device"));
    return new BundleReferences(configuration).resolved(without, List.of(name), 0);
  }

  /**
   * What MONAI runs is what its evaluator names, by custom {@code network}, which is made of {@code
   * network_def}; either may be another network.
   */
  private void requireNoOther(String name, JsonNode network, List<String> notes) {
    List<List<String>> places = new ArrayList<>(List.of(List.of("evaluator", "network")));
    NETWORKS.forEach(one -> places.add(List.of(one)));
    for (List<String> place : places) {
      JsonNode other = configuration.entry(place);
      boolean same = place.equals(List.of(name)) || other.isMissingNode() || isPlain(other);
      if (!same) {
        compare(name, network, place, other, notes);
      }
    }
  }

  /** Whether it is a network of the bundle as it is, or only moved to a device. */
  private static boolean isPlain(JsonNode node) {
    return node.isTextual()
        && node.textValue()
            .strip()
            .matches(
                "\\$?\\s*@(network_def|network|net)(\\.(to\\([^()]*\\)|cuda\\(\\)|eval\\(\\)))*");
  }

  private void compare(
      String name, JsonNode network, List<String> place, JsonNode other, List<String> notes) {
    String path = String.join(MARK, place);
    JsonNode described;
    try {
      described = resolved(other, place, 0);
    } catch (PalimpsestException unreadable) {
      described = other;
    }
    if (described.equals(network)) {
      return;
    }
    if (isExpression(described) || other.toString().contains("@" + name)) {
      notes.add(
          "'%s' is %s, which is not evaluated; the network is that of '%s'"
              .formatted(path, shortened(other.toString()), name));
      return;
    }
    throw new PalimpsestException(
        "%s describes two networks, by '%s' and by '%s'. Write the description of the one that the weights are of into a file, and give it with --architecture."
            .formatted(source, name, path));
  }

  private static String shortened(String text) {
    return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + " …";
  }

  private static boolean isExpression(JsonNode node) {
    return node.isTextual() && node.textValue().startsWith("$");
  }

  private JsonNode resolved(JsonNode node, List<String> place, int depth) {
    if (depth > DEEPEST) {
      throw new PalimpsestException(
          "%s refers to itself at '%s'.".formatted(source, String.join(MARK, place)));
    }
    if (isExpression(node)) {
      throw new PalimpsestException(
          "%s has '%s' at '%s', a Python expression; none is evaluated here. Write its value in its place."
              .formatted(source, node.textValue(), String.join(MARK, place)));
    }
    if (node.isTextual()
        && (node.textValue().startsWith("@") || node.textValue().startsWith("%"))) {
      List<String> target = target(node.textValue().substring(1), place);
      JsonNode found = find(target, node);
      if (node.textValue().startsWith("%") && !precedes(target, place) && hasRelative(found)) {
        throw new PalimpsestException(
            "%s has '%s' at '%s' for what follows it and counts from where it stands, which MONAI reads in two ways. Put what it stands for before it."
                .formatted(source, node.textValue(), String.join(MARK, place)));
      }
      return requireEnabled(resolved(found, target, depth + 1), node);
    }
    return node.isContainerNode() ? container(node, place, depth) : node;
  }

  /** MONAI leaves a disabled object out where it stands; what refers to it gets nothing. */
  private JsonNode requireEnabled(JsonNode found, JsonNode reference) {
    if (isDisabled(found, source) && !reference.textValue().startsWith("%")) {
      throw new PalimpsestException(
          "%s refers to '%s', which is disabled. Leave out what refers to it."
              .formatted(source, reference.textValue()));
    }
    return found;
  }

  /**
   * Whether an object of a class is marked as one that is not made.
   *
   * @throws PalimpsestException if its mark is neither true nor false
   */
  static boolean isDisabled(JsonNode object, String source) {
    JsonNode mark = object.path("_disabled_");
    String text = mark.asText("").strip();
    if (!object.has("_target_") || mark.isMissingNode() || mark.isNull()) {
      return false;
    }
    if (!mark.isValueNode() || !text.matches("(?i)true|false")) {
      throw new PalimpsestException(
          "%s has '_disabled_' as %s, where true or false is expected.".formatted(source, mark));
    }
    return text.equalsIgnoreCase("true");
  }

  /** Whether an entry stands before another, so that MONAI has read it when it comes to that. */
  private boolean precedes(List<String> entry, List<String> other) {
    if (!entry.get(0).equals(other.get(0))) {
      List<String> names = configuration.names();
      return names.indexOf(entry.get(0)) < names.indexOf(other.get(0));
    }
    JsonNode parent = configuration.entry(entry.subList(0, 1));
    for (int i = 1; i < Math.min(entry.size(), other.size()); i++) {
      if (!entry.get(i).equals(other.get(i))) {
        return position(parent, entry.get(i)) < position(parent, other.get(i));
      }
      parent = BundleConfiguration.child(parent, entry.get(i));
    }
    return false;
  }

  private static int position(JsonNode parent, String part) {
    if (parent.isArray()) {
      return Integer.parseInt(part);
    }
    List<String> names = new ArrayList<>();
    parent.fieldNames().forEachRemaining(names::add);
    return names.indexOf(part);
  }

  private static boolean hasRelative(JsonNode node) {
    boolean relative = node.isTextual() && node.textValue().matches("(?s)[@%](#|::).*");
    for (JsonNode inner : node) {
      relative |= hasRelative(inner);
    }
    return relative;
  }

  /** What is disabled is left out. */
  private JsonNode container(JsonNode node, List<String> place, int depth) {
    if (node.isArray()) {
      ArrayNode list = JsonNodeFactory.instance.arrayNode();
      for (int i = 0; i < node.size(); i++) {
        JsonNode item = resolved(node.get(i), joined(place, String.valueOf(i)), depth + 1);
        if (!isDisabled(item, source)) {
          list.add(item);
        }
      }
      return list;
    }
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!NO_ARGUMENTS.contains(entry.getKey())) {
        JsonNode value = resolved(entry.getValue(), joined(place, entry.getKey()), depth + 1);
        if (!isDisabled(value, source)) {
          object.set(entry.getKey(), value);
        }
      }
    }
    return object;
  }

  private List<String> target(String reference, List<String> place) {
    String id = reference.replace("#", MARK);
    int levels = 0;
    while (id.startsWith(MARK)) {
      id = id.substring(MARK.length());
      levels++;
    }
    List<String> target = new ArrayList<>();
    if (levels > 0 && levels <= place.size()) {
      target.addAll(place.subList(0, place.size() - levels));
    }
    target.addAll(List.of(id.split(MARK)));
    return target;
  }

  private JsonNode find(List<String> target, JsonNode reference) {
    return Optional.of(configuration.entry(target))
        .filter(node -> !node.isMissingNode())
        .orElseThrow(
            () ->
                new PalimpsestException(
                    target.get(0).equals(METADATA)
                        ? "%s refers by '%s' to the bundle's metadata.json, which is not read here. Write the value in its place."
                            .formatted(source, reference.asText())
                        : "%s refers to '%s', which is not in it."
                            .formatted(source, reference.asText())));
  }

  private static List<String> joined(List<String> place, String part) {
    List<String> inner = new ArrayList<>(place);
    inner.add(part);
    return inner;
  }
}
