package org.palimpsest.io.internal.own;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.palimpsest.io.internal.own.Flow.Call;
import org.palimpsest.io.internal.own.Flow.Mode;
import org.palimpsest.io.internal.own.Flow.Value;
import org.palimpsest.io.internal.own.Part.Kind;

/** Writes calls as the steps of a description, with a mark on whatever no tensor shows. */
final class DraftSteps {

  private static final String TODO = "TODO";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final DraftLayers layers;
  private final DraftBlocks blocks = new DraftBlocks();

  DraftSteps(int axes) {
    layers = new DraftLayers(axes);
  }

  DraftBlocks blocks() {
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
      Part part = call.part();
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
      Part part = call.part();
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

    private List<Part> previous(Call call) {
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

  private static boolean isSequence(Part part) {
    return part.kind() == Kind.CHAIN && part.module().isNumbered();
  }

  /** A module with modules within, as a block that equal ones share. */
  private ObjectNode reference(Part part, boolean last) {
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

  private ArrayNode sequence(Part chain, boolean last) {
    ArrayNode items = JSON.arrayNode();
    List<Part> parts = chain.parts();
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
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
}
