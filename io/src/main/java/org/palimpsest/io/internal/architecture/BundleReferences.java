package org.palimpsest.io.internal.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;

/**
 * Follows the references of a bundle's configuration: {@code @id} stands for the value of an entry,
 * {@code %id} for its text; parts of an id are divided by {@code #} or {@code ::}, and one that
 * begins with such a mark counts from where it stands.
 */
final class BundleReferences {

  private static final String MARK = BundleConfiguration.MARK;
  private static final int DEEPEST = 100;

  /** What MONAI evaluates before an object, or only shows; the object itself has none of it. */
  private static final Set<String> NO_ARGUMENTS = Set.of("_requires_", "_desc_");

  private final JsonNode configuration;
  private final String source;

  private BundleReferences(JsonNode configuration, String source) {
    this.configuration = configuration;
    this.source = source;
  }

  /**
   * The description of the network, without references.
   *
   * @throws PalimpsestException if there is none, a reference leads nowhere or in a circle, or an
   *     expression of Python would have to be evaluated
   */
  static JsonNode network(JsonNode configuration, String source) {
    BundleReferences references = new BundleReferences(configuration, source);
    for (String name : List.of("network_def", "network", "net")) {
      JsonNode entry = configuration.path(name);
      if (!entry.isMissingNode() && !isExpression(entry)) {
        return references.resolved(entry, List.of(name), 0);
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
  static JsonNode entry(JsonNode configuration, String source, String name) {
    JsonNode entry = configuration.path(name);
    if (entry.isMissingNode()) {
      throw new PalimpsestException("%s has no entry '%s'.".formatted(source, name));
    }
    JsonNode without = entry.deepCopy();
    without.findParents("device").forEach(parent -> ((ObjectNode) parent).remove("device"));
    return new BundleReferences(configuration, source).resolved(without, List.of(name), 0);
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
      boolean macro = node.textValue().startsWith("%");
      List<String> target = target(node.textValue().substring(1), place);
      return resolved(find(target, node), macro ? place : target, depth + 1);
    }
    return node.isContainerNode() ? container(node, place, depth) : node;
  }

  private JsonNode container(JsonNode node, List<String> place, int depth) {
    if (node.isArray()) {
      ArrayNode list = JsonNodeFactory.instance.arrayNode();
      for (int i = 0; i < node.size(); i++) {
        list.add(resolved(node.get(i), joined(place, String.valueOf(i)), depth + 1));
      }
      return list;
    }
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    node.properties().stream()
        .filter(entry -> !NO_ARGUMENTS.contains(entry.getKey()))
        .forEach(
            entry ->
                object.set(
                    entry.getKey(),
                    resolved(entry.getValue(), joined(place, entry.getKey()), depth + 1)));
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
    JsonNode found = configuration;
    for (String part : target) {
      found = BundleConfiguration.child(found, part);
    }
    return Optional.of(found)
        .filter(node -> !node.isMissingNode())
        .orElseThrow(
            () ->
                new PalimpsestException(
                    "%s refers to '%s', which is not in it."
                        .formatted(source, reference.asText())));
  }

  private static List<String> joined(List<String> place, String part) {
    List<String> inner = new ArrayList<>(place);
    inner.add(part);
    return inner;
  }
}
