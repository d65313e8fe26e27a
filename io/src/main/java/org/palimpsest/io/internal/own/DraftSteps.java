package org.palimpsest.io.internal.own;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.palimpsest.io.internal.own.Flow.Call;
import org.palimpsest.io.internal.own.Flow.Mode;
import org.palimpsest.io.internal.own.Flow.Value;
import org.palimpsest.io.internal.own.ModuleReading.Kind;

/** Writes calls as the steps of a description, with a mark on whatever no tensor shows. */
final class DraftSteps {

  private static final String TODO = "TODO";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final DraftLayers layers;
  private final Blocks blocks = new Blocks();

  DraftSteps(int axes) {
    layers = new DraftLayers(axes);
  }

  Blocks blocks() {
    return blocks;
  }

  ArrayNode network(Flow flow, NamedModule network) {
    Frame frame = new Frame(flow, network, "", true, true);
    frame.write();
    ask(
        (ObjectNode) frame.steps.get(0),
        "the order of the steps is that of the names where channels allow it: is it that of"
            + " forward?");
    return frame.steps;
  }

  private static void ask(ObjectNode step, String question) {
    String asked = step.path(TODO).asText();
    step.remove(TODO);
    step.put(TODO, asked.isEmpty() ? question : question + " " + asked);
  }

  /** The steps within one module. */
  private final class Frame {

    private final Flow flow;
    private final NamedModule module;
    private final String prefix;
    private final boolean resizes;
    private final boolean isLast;
    private final Set<Value> skips = new HashSet<>();
    private final Map<Value, String> names = new LinkedHashMap<>();
    private final ArrayNode steps = JSON.arrayNode();
    private boolean enlarged;

    private Frame(Flow flow, NamedModule module, String prefix, boolean isNetwork, boolean isLast) {
      this.flow = flow;
      this.module = module;
      this.prefix = prefix;
      this.isLast = isLast;
      flow.given().forEach(value -> names.put(value, value.path().get(0)));
      for (Call call : flow.calls()) {
        call.from().stream().filter(v -> !v.equals(call.before())).forEach(this::name);
        if (call.mode() == Mode.ADDED) {
          name(call.before());
        } else if (call.mode() != Mode.BRANCH) {
          call.from().stream().filter(v -> !v.equals(call.before())).forEach(skips::add);
        }
      }
      resizes = isNetwork || skips.stream().anyMatch(value -> !flow.given().contains(value));
    }

    private void name(Value value) {
      if (!names.containsKey(value)) {
        String path =
            String.join(".", value.path().subList(module.path().size(), value.path().size()));
        boolean known = path.matches("(previous|input|skip\\d*)?");
        names.put(value, known ? path + "_" : named(path));
      }
    }

    private String nameOf(Value value) {
      return Objects.requireNonNull(names.get(value));
    }

    private String named(String path) {
      return !prefix.isEmpty() && path.startsWith(prefix)
          ? "{name}" + path.substring(prefix.length())
          : path;
    }

    private void write() {
      for (int i = 0; i < flow.calls().size(); i++) {
        Call call = flow.calls().get(i);
        boolean last = i == flow.calls().size() - 1;
        boolean strided = before(call);
        steps.add(step(call, strided, last && isLast));
        after(i, last);
        if (skipped(call)) {
          ((ObjectNode) steps.get(steps.size() - 1)).put("as", nameOf(call.result()));
        }
        enlarged |= call.part().enlarges();
      }
    }

    private boolean skipped(Call call) {
      return names.containsKey(call.result()) && !flow.given().contains(call.result());
    }

    /** What makes images smaller or larger; whether that is left to the call itself. */
    private boolean before(Call call) {
      ModuleReading part = call.part();
      if (call.mode() == Mode.JOINED) {
        List<String> from = new ArrayList<>();
        call.from().forEach(v -> from.add(v.equals(call.before()) ? "previous" : nameOf(v)));
        if (!enlarged && from.size() == 2) {
          steps.add(layers.enlarge(from.get(0)));
        }
        steps.add(layers.join(from));
        enlarged = false;
        return false;
      }
      boolean shrinks =
          resizes
              && call.mode() == Mode.DIRECT
              && skips.contains(call.before())
              && !flow.given().contains(call.before())
              && !part.beginsWithGap()
              && !part.isNorm()
              && !part.enlarges();
      if (shrinks && part.isKernel()) {
        return true;
      }
      if (shrinks) {
        steps.add(layers.shrink());
      }
      return false;
    }

    private ObjectNode step(Call call, boolean strided, boolean last) {
      ModuleReading part = call.part();
      ObjectNode step = JSON.objectNode();
      if (part.module() != module) {
        step.put("module", named(part.module().within(module)));
      }
      if (part.kind() == Kind.GAP) {
        step.setAll(layers.gap(part, previous(call), false));
      } else if (part.isLeaf()) {
        step.setAll(layers.leaf(part, strided));
      } else {
        step.setAll(reference(part, last));
      }
      String todo = step.path(TODO).asText();
      step.remove(TODO);
      from(call, step);
      if (!todo.isEmpty()) {
        step.put(TODO, todo);
      }
      if (call.mode() == Mode.UNFIT) {
        ask(step, DraftLayers.unfit(call));
      } else if (call.mode() == Mode.BRANCH || call.mode() == Mode.ADDED) {
        ask(step, DraftLayers.BRANCHES);
      }
      if (part.parts().stream().filter(p -> !p.isLeaf()).count() > 1
          && part.module().isNumbered()) {
        ask(step, DraftLayers.PERHAPS_A_LIST);
      }
      return step;
    }

    private void from(Call call, ObjectNode step) {
      if (call.mode() == Mode.BRANCH || call.mode() == Mode.ADDED) {
        step.put("from", nameOf(call.from().get(0)));
      } else if (call.part().takes().size() > 1) {
        ArrayNode from = step.putArray("from");
        call.from().forEach(v -> from.add(v.equals(call.before()) ? "previous" : nameOf(v)));
      }
    }

    private List<ModuleReading> previous(Call call) {
      return flow.calls().subList(0, flow.calls().indexOf(call)).stream().map(Call::part).toList();
    }

    private void after(int i, boolean last) {
      Call call = flow.calls().get(i);
      if (call.mode() == Mode.ADDED) {
        steps.add(layers.add(nameOf(call.before())));
      }
      if (last && isLast) {
        if (module.path().isEmpty() && !isSequence(call.part())) {
          steps.add(layers.end());
        }
      } else if (mayActivate(i) && (last || !decidesItself(flow.calls().get(i + 1)))) {
        steps.add(layers.activation());
      }
    }

    private boolean mayActivate(int i) {
      Call call = flow.calls().get(i);
      return call.mode() == Mode.ADDED
          || call.part().isNorm()
          || call.part().kind() == Kind.CONVOLUTION && !isBehindNorm(i);
    }

    /** Whether no activation comes before a call that the draft would have to add. */
    private boolean decidesItself(Call next) {
      Kind kind = next.part().kind();
      return next.mode() == Mode.ADDED
          || next.part().isNorm()
          || kind == Kind.GAP
          || kind == Kind.PRELU;
    }

    /** Whether norms come before convolutions here. */
    private boolean isBehindNorm(int i) {
      return i > 0
          && flow.calls().get(i - 1).part().isNorm()
          && flow.calls().get(0).part().isNorm();
    }
  }

  private static boolean isSequence(ModuleReading part) {
    return part.kind() == Kind.CHAIN && part.module().isNumbered();
  }

  /** A module with modules within, as a block that equal ones share. */
  private ObjectNode reference(ModuleReading part, boolean last) {
    String prefix = isSequence(part) ? "" : prefix(part.module());
    ObjectNode body = JSON.objectNode();
    if (isSequence(part)) {
      body.set("sequence", sequence(part, last));
    } else {
      Flow flow = part.flow().orElseGet(() -> Flow.chain(part));
      Frame frame = new Frame(flow, part.module(), prefix, false, last);
      if (flow.given().size() > 1) {
        ArrayNode takes = body.putArray("takes");
        flow.given().forEach(value -> takes.add(value.path().get(0)));
      }
      frame.write();
      body.set("steps", frame.steps);
    }
    return blocks.reference(body, part.module(), prefix);
  }

  /** What the names of its modules have in common at their beginning. */
  private static String prefix(NamedModule module) {
    List<String> names = module.children().stream().map(NamedModule::name).toList();
    String prefix = names.get(0);
    for (String name : names) {
      while (!name.startsWith(prefix)) {
        prefix = prefix.substring(0, prefix.length() - 1);
      }
    }
    return names.size() < 2 || names.contains(prefix) ? "" : prefix;
  }

  private ArrayNode sequence(ModuleReading chain, boolean last) {
    ArrayNode items = JSON.arrayNode();
    List<ModuleReading> parts = chain.parts();
    for (int i = 0; i < parts.size(); i++) {
      ModuleReading part = parts.get(i);
      boolean lastHere = i == parts.size() - 1;
      if (part.kind() == Kind.GAP) {
        boolean another = !lastHere && parts.get(i + 1).kind() == Kind.GAP;
        items.add(layers.gap(part, parts.subList(0, i), another));
      } else if (part.isLeaf()) {
        items.add(layers.item(layers.leaf(part, false)));
      } else {
        items.add(reference(part, last && lastHere));
      }
    }
    if (parts.get(parts.size() - 1).isLeaf()) {
      layers.tail(parts, last, items);
    }
    return items;
  }

  /** Blocks of a draft: equal ones are written once. */
  static final class Blocks {

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
      String last =
          path.stream().filter(n -> !n.matches("\\d+")).reduce((a, b) -> b).orElse("block");
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
     * The blocks, once all are written: a prefix that all calls share is put in, and a sequence
     * that is called once moves to where it is called.
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
}
