package org.palimpsest.io.internal.own;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Blocks of a draft: equal ones are written once. */
final class DraftBlocks {

  private final Map<String, ObjectNode> bodies = new LinkedHashMap<>();
  private final Map<String, String> stems = new LinkedHashMap<>();

  /**
   * A call of a block.
   *
   * @param body in which {@code {name}} stands for the prefix
   * @param prefix what the names of its modules begin with, or empty
   */
  ObjectNode reference(ObjectNode body, NamedModule module, String prefix) {
    String name =
        bodies.entrySet().stream()
            .filter(known -> known.getValue().equals(body))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseGet(() -> add(body, module));
    ObjectNode call = JsonNodeFactory.instance.objectNode().put("block", name);
    if (!prefix.isEmpty()) {
      call.putObject("with").put("name", prefix);
    }
    return call;
  }

  private String add(ObjectNode body, NamedModule module) {
    List<NamedModule> children = List.copyOf(module.children());
    boolean only = children.size() == 1 && !module.isNumbered();
    List<String> path = new ArrayList<>(module.path());
    if (only) {
      path.add(children.get(0).name());
    }
    String last = path.stream().filter(n -> !n.matches("\\d+")).reduce((a, b) -> b).orElse("block");
    String plain = last.replaceFirst("[_\\d]+$", "");
    String stem = plain.isEmpty() ? "block" : plain;
    String name = stem;
    for (int i = 2; bodies.containsKey(name); i++) {
      name = stem + i;
    }
    bodies.put(name, body);
    stems.put(name, stem);
    return name;
  }

  /**
   * The blocks, once all are written: a prefix that all calls share is put in, and a sequence that
   * is called once moves to where it is called.
   *
   * @param steps of the network
   */
  ObjectNode settled(JsonNode steps) {
    ObjectNode all = JsonNodeFactory.instance.objectNode();
    bodies.forEach(all::set);
    for (String name : bodies.keySet()) {
      List<ObjectNode> calls = calls(name, steps, all);
      settlePrefix((ObjectNode) all.path(name), calls);
      if (calls.size() == 1 && all.path(name).has("sequence")) {
        inline(calls.get(0), all.path(name).path("sequence"));
        all.remove(name);
      }
    }
    ObjectNode renamed = JsonNodeFactory.instance.objectNode();
    for (String name : bodies.keySet()) {
      if (all.has(name)) {
        String shorter = stems.getOrDefault(name, name);
        String free = renamed.has(shorter) || all.has(shorter) ? name : shorter;
        calls(name, steps, all).forEach(call -> call.put("block", free));
        renamed.set(free, all.path(name));
      }
    }
    return renamed;
  }

  private static List<ObjectNode> calls(String name, JsonNode steps, JsonNode blocks) {
    List<ObjectNode> calls = new ArrayList<>();
    find(name, steps, calls);
    find(name, blocks, calls);
    return calls;
  }

  private static void settlePrefix(ObjectNode body, List<ObjectNode> calls) {
    Set<String> prefixes =
        calls.stream()
            .map(call -> call.path("with").path("name").asText())
            .collect(Collectors.toSet());
    if (prefixes.size() == 1 && !prefixes.contains("")) {
      TextNode prefix = TextNode.valueOf(prefixes.iterator().next());
      JsonNode filled = new Placeholders(Map.of("name", prefix)).fill(body.deepCopy());
      body.removeAll();
      body.setAll((ObjectNode) filled);
      calls.forEach(call -> call.remove("with"));
    }
  }

  private static void find(String name, JsonNode node, List<ObjectNode> places) {
    if (node instanceof ObjectNode step && step.path("block").asText().equals(name)) {
      places.add(step);
    }
    node.forEach(inner -> find(name, inner, places));
  }

  /** Puts a sequence where its block was called, in the same place among the step's keys. */
  private static void inline(ObjectNode step, JsonNode sequence) {
    ObjectNode old = step.deepCopy();
    step.removeAll();
    old.fields()
        .forEachRemaining(
            field -> {
              boolean call = field.getKey().equals("block");
              step.set(call ? "sequence" : field.getKey(), call ? sequence : field.getValue());
            });
  }
}
