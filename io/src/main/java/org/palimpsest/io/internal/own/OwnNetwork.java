package org.palimpsest.io.internal.own;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.text.Suggestions;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Scope;

/** A network whose calls a user has written down, see {@code docs/architectures/README.md}. */
public final class OwnNetwork implements Blueprint {

  private static final String MARK = "TODO";
  private static final int MOST_MARKS = 10;
  private static final List<String> NAMES = List.of("module", "block", "type", "function");

  private final String source;
  private final long inputs;
  private final int axes;
  private final JsonNode blocks;
  private final JsonNode steps;
  private final JsonNode output;
  private final List<String> unused = new ArrayList<>();

  private OwnNetwork(String source, Arguments description) {
    this.source = source;
    Arguments input = description.within("input");
    inputs = input.integer("channels");
    long given = input.integer("axes");
    if (given != 2 && given != 3) {
      throw input.wrong("axes", "2 for planes or 3 for volumes");
    }
    if (inputs < 1) {
      throw input.wrong("channels", "1 or more");
    }
    input.requireAllAsked();
    axes = (int) given;
    blocks = description.node("blocks");
    steps = description.node("steps");
    output = description.node("output");
    if (!blocks.isNull() && !blocks.isObject()) {
      throw description.wrong("blocks", "an object of blocks by their names");
    }
    if (description.has("unused") && !description.node("unused").isArray()) {
      throw description.wrong("unused", "a list of modules");
    }
    description.node("unused").forEach(module -> unused.add(module.asText()));
    description.withoutEffect("about").requireAllAsked();
  }

  /** Whether it is such a description. */
  public static boolean isOne(JsonNode description) {
    return description.has("steps");
  }

  /**
   * The network that is described.
   *
   * @param source what to call the description in messages
   * @throws PalimpsestException if something in it is not known; what is within its steps is looked
   *     at when the network is built
   */
  public static Blueprint of(JsonNode description, String source) {
    requireSettled(description, source);
    return new OwnNetwork(source, Arguments.of(source, description));
  }

  private static void requireSettled(JsonNode description, String source) {
    List<JsonNode> open = description.findParents(MARK);
    if (!open.isEmpty()) {
      List<String> told =
          open.stream()
              .limit(MOST_MARKS)
              .map(step -> "%s: %s".formatted(name(step), step.path(MARK).asText()))
              .toList();
      throw new PalimpsestException(
          "%s is not settled; %s %s open: %s%s. Correct these steps and take each '%s' out."
              .formatted(
                  source,
                  open.size(),
                  open.size() == 1 ? "mark is" : "marks are",
                  String.join("; ", told),
                  open.size() > told.size() ? "; …" : "",
                  MARK));
    }
  }

  /** What a step calls itself by. */
  private static String name(JsonNode step) {
    return NAMES.stream()
        .filter(step::has)
        .map(label -> step.path(label).asText())
        .collect(Collectors.joining(" "));
  }

  @Override
  public long inputs() {
    return inputs;
  }

  @Override
  public int axes() {
    return axes;
  }

  @Override
  public void build(Scope network, Value images) {
    Sizes sizes = new Sizes(network, axes);
    Modules modules = new Modules(network, axes, sizes);
    Functions functions = new Functions(network, axes, sizes, modules);
    Steps calls = new Steps(source, blocks, modules, functions);
    Steps.Frame frame = new Steps.Frame(network, Map.of("input", new StepResult(images, inputs)));
    calls.follow(steps, source, frame);
    blocks
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!calls.usedBlocks().contains(name)) {
                throw new PalimpsestException(
                    "%s has a block '%s', which no step calls.".formatted(source, name));
              }
            });
    declareOutputs(network, frame);
    setAside(network);
    if (!modules.assumed().isEmpty()) {
      network
          .graph()
          .note(
              "PyTorch's defaults, as the description says nothing else: "
                  + String.join(", ", modules.assumed()));
    }
  }

  private void declareOutputs(Scope network, Steps.Frame frame) {
    if (output.isNull() || output.isTextual()) {
      network
          .graph()
          .output(
              frame
                  .named("'output' of " + source, output.isNull() ? "previous" : output.asText())
                  .value());
      return;
    }
    Map<String, JsonNode> labelled = new LinkedHashMap<>();
    if (output.isArray()) {
      output.forEach(name -> labelled.put(String.valueOf(labelled.size()), name));
    } else {
      output.fields().forEachRemaining(field -> labelled.put(field.getKey(), field.getValue()));
    }
    if (labelled.isEmpty()) {
      throw new PalimpsestException(
          "'output' of %s should be a name, a list of names, or names by keys.".formatted(source));
    }
    labelled.forEach(
        (label, name) ->
            network
                .graph()
                .output(label, frame.named("'output' of " + source, name.asText()).value()));
  }

  private void setAside(Scope network) {
    for (String module : unused) {
      Scope place = network.child(module);
      if (!place.hasTensors()) {
        throw new PalimpsestException(
            "%s has 'unused' tensors of '%s', and the state dict has none."
                .formatted(source, module));
      }
      place.setAsideAll();
      network.graph().note("'%s' is not run, as the description says".formatted(module));
    }
  }

  /** Follows the steps of a description and makes their calls. */
  private static final class Steps {

    private static final int MOST_STEPS = 20_000;
    private static final int DEEPEST = 100;
    private static final String PREVIOUS = "previous";
    private static final List<String> KINDS =
        List.of("type", "function", "block", "sequence", "repeat");

    private final String source;
    private final JsonNode blocks;
    private final Modules modules;
    private final Functions functions;
    private final Set<String> usedBlocks = new LinkedHashSet<>();
    private int count;
    private int depth;

    Steps(String source, JsonNode blocks, Modules modules, Functions functions) {
      this.source = source;
      this.blocks = blocks;
      this.modules = modules;
      this.functions = functions;
    }

    /** The blocks that some step called. */
    Set<String> usedBlocks() {
      return usedBlocks;
    }

    /** The values that steps can name, and the module whose calls they are. */
    static final class Frame {

      private final Scope module;
      private final Map<String, StepResult> names = new LinkedHashMap<>();
      private StepResult previous;

      Frame(Scope module, Map<String, StepResult> given) {
        this.module = module;
        names.putAll(given);
        previous = given.values().iterator().next();
      }

      StepResult named(String what, String name) {
        if (name.equals(PREVIOUS)) {
          return previous;
        }
        StepResult signal = names.get(name);
        if (signal == null) {
          throw new PalimpsestException(
              "%s takes '%s', which no step before it gives there. Nearest: %s."
                  .formatted(
                      what, name, String.join(", ", Suggestions.nearest(name, names.keySet()))));
        }
        return signal;
      }
    }

    /** Follows steps one after the other. */
    void follow(JsonNode steps, String where, Frame frame) {
      if (!steps.isArray() || steps.isEmpty()) {
        throw new PalimpsestException("%s needs 'steps', a list of them.".formatted(where));
      }
      if (++depth > DEEPEST) {
        throw new PalimpsestException("%s calls itself, or is nested too deeply.".formatted(where));
      }
      for (int i = 0; i < steps.size(); i++) {
        step(steps.get(i), "step %s of %s".formatted(i + 1, where), frame);
      }
      depth--;
    }

    private void step(JsonNode step, String what, Frame frame) {
      if (++count > MOST_STEPS) {
        throw new PalimpsestException(
            "%s has more than %s steps, once its blocks and repetitions are written out."
                .formatted(source, MOST_STEPS));
      }
      Arguments settings = Arguments.of(named(what, step), step).withoutEffect("about");
      requireNoPlaceholder(settings, step);
      String kind = kind(settings);
      if (kind.equals("repeat")) {
        repeat(settings, frame);
        return;
      }
      settings.withoutEffect("from", "as", "module", "also");
      List<StepResult> inputs = inputs(settings, frame);
      frame.previous =
          switch (kind) {
            case "type" ->
                modules.call(
                    settings.text("type"),
                    place(settings, frame, true),
                    settings,
                    one(settings, inputs));
            case "function" -> function(settings, inputs);
            case "block" -> block(settings, frame, inputs);
            default -> sequence(settings, frame, one(settings, inputs));
          };
      settings.requireAllAsked();
      if (settings.has("as")) {
        String name = settings.text("as");
        if (name.equals(PREVIOUS)) {
          throw settings.wrong("as", "another name");
        }
        frame.names.put(name, frame.previous);
      }
    }

    private static String kind(Arguments settings) {
      List<String> kinds = KINDS.stream().filter(settings::has).toList();
      if (kinds.size() != 1) {
        throw new PalimpsestException(
            "%s says %s where it should have one of %s."
                .formatted(settings.what(), kinds.isEmpty() ? "none" : kinds, KINDS));
      }
      return kinds.get(0);
    }

    private static String named(String what, JsonNode step) {
      String name = step.path("module").asText(step.path("block").asText());
      return name.isEmpty() ? what : "%s ('%s')".formatted(what, name);
    }

    private static void requireNoPlaceholder(Arguments settings, JsonNode step) {
      Placeholders.left(step)
          .ifPresent(
              name -> {
                throw new PalimpsestException(
                    "%s has the placeholder '{%s}', to which nothing gives a value."
                        .formatted(settings.what(), name));
              });
    }

    private static List<StepResult> inputs(Arguments settings, Frame frame) {
      JsonNode from = settings.node("from");
      if (!from.isArray()) {
        return List.of(frame.named(settings.what(), settings.text("from", PREVIOUS)));
      }
      List<StepResult> inputs = new ArrayList<>();
      for (JsonNode name : from) {
        if (!name.isTextual()) {
          throw settings.wrong("from", "a list of names");
        }
        inputs.add(frame.named(settings.what(), name.textValue()));
      }
      if (inputs.isEmpty()) {
        throw settings.wrong("from", "a list of names");
      }
      return inputs;
    }

    private static StepResult one(Arguments settings, List<StepResult> inputs) {
      if (inputs.size() != 1) {
        throw settings.wrong("from", "one value");
      }
      return inputs.get(0);
    }

    /** Where a step's tensors are, and where what it gives is tapped. */
    private static Scope place(Arguments settings, Frame frame, boolean needed) {
      if (!needed && !settings.has("module")) {
        if (settings.has("also")) {
          throw settings.wrong("also", "a module beside it");
        }
        return frame.module;
      }
      Scope place = frame.module.child(path(settings, "module"));
      if (!settings.has("also")) {
        return place;
      }
      Scope twin = frame.module.child(path(settings, "also"));
      if (!twin.hasTensors()) {
        throw settings.wrong("also", "a path under which the state dict has tensors");
      }
      return place.alsoNamed(twin);
    }

    private static String path(Arguments settings, String name) {
      String path = settings.text(name);
      if (!path.matches("[^.]+(\\.[^.]+)*")) {
        throw settings.wrong(name, "the path of a module, such as \"down1.conv\",");
      }
      return path;
    }

    private StepResult function(Arguments settings, List<StepResult> inputs) {
      for (String name : List.of("module", "also")) {
        if (settings.has(name)) {
          throw new PalimpsestException(
              "%s: a function is no module; write its 'type' instead.".formatted(settings.what()));
        }
      }
      return functions.call(settings.text("function"), settings, inputs);
    }

    private StepResult sequence(Arguments settings, Frame frame, StepResult input) {
      Scope module = place(settings, frame, false);
      Frame inner = new Frame(module, Map.of("input", input));
      follow(numbered(settings), "the sequence of " + settings.what(), inner);
      return settings.has("module")
          ? inner.previous.with(module.tap(inner.previous.value()))
          : inner.previous;
    }

    /** The steps of a sequence, each with its module's name. */
    private static JsonNode numbered(Arguments settings) {
      JsonNode sequence = settings.node("sequence");
      Map<String, JsonNode> named = new LinkedHashMap<>();
      if (sequence.isObject()) {
        sequence.fields().forEachRemaining(field -> named.put(field.getKey(), field.getValue()));
      } else if (sequence.isArray()) {
        sequence.forEach(item -> named.put(String.valueOf(named.size()), item));
      } else {
        throw settings.wrong("sequence", "a list of modules, or an object with their names");
      }
      var steps = JsonNodeFactory.instance.arrayNode();
      named.forEach((name, item) -> steps.add(inSequence(settings, name, item)));
      return steps;
    }

    private static JsonNode inSequence(Arguments settings, String name, JsonNode item) {
      ObjectNode step = JsonNodeFactory.instance.objectNode().put("module", name);
      if (item.isTextual()) {
        return step.put("type", item.textValue());
      }
      if (!item.isObject()
          || List.of("module", "from", "function", "repeat").stream().anyMatch(item::has)) {
        throw new PalimpsestException(
            "%s: '%s' of the sequence should be a type, a block or a sequence without 'module' and 'from'."
                .formatted(settings.what(), name));
      }
      return step.setAll((ObjectNode) item);
    }

    private StepResult block(Arguments settings, Frame frame, List<StepResult> inputs) {
      String name = settings.text("block");
      JsonNode block = blocks.path(name);
      if (!block.isObject()) {
        List<String> known = new ArrayList<>();
        blocks.fieldNames().forEachRemaining(known::add);
        throw settings.wrong("block", "one of 'blocks', which are %s,".formatted(known));
      }
      usedBlocks.add(name);
      Map<String, JsonNode> values = new HashMap<>();
      fields(settings, "with").forEachRemaining(v -> values.put(v.getKey(), v.getValue()));
      Placeholders placeholders = new Placeholders(values);
      String what = "block '%s' of %s".formatted(name, source);
      Arguments body = Arguments.of(what, placeholders.fill(block)).withoutEffect("about");
      if (!placeholders.used().equals(values.keySet())) {
        throw settings.wrong("with", "values for placeholders that '%s' has".formatted(name));
      }
      Scope module = place(settings, frame, false);
      Frame inner = new Frame(module, taken(settings, body, inputs));
      body.withoutEffect("steps", "sequence", "takes").requireAllAsked();
      if (body.has("steps") == body.has("sequence")) {
        throw new PalimpsestException("%s needs 'steps' or 'sequence'.".formatted(what));
      }
      follow(body.has("steps") ? body.node("steps") : numbered(body), what, inner);
      return settings.has("module")
          ? inner.previous.with(module.tap(inner.previous.value()))
          : inner.previous;
    }

    private static Map<String, StepResult> taken(
        Arguments settings, Arguments block, List<StepResult> inputs) {
      List<String> names = new ArrayList<>();
      block.node("takes").forEach(name -> names.add(name.asText()));
      if (!block.has("takes")) {
        names.add("input");
      }
      if (names.size() != inputs.size() || Set.copyOf(names).size() != names.size()) {
        throw settings.wrong(
            "from", "%s values, for %s of the %s".formatted(names.size(), names, block.what()));
      }
      Map<String, StepResult> taken = new LinkedHashMap<>();
      for (int i = 0; i < names.size(); i++) {
        taken.put(names.get(i), inputs.get(i));
      }
      return taken;
    }

    private static Iterator<Map.Entry<String, JsonNode>> fields(Arguments settings, String name) {
      JsonNode node = settings.node(name);
      if (!node.isNull() && !node.isObject()) {
        throw settings.wrong(name, "values by their placeholders");
      }
      return node.fields();
    }

    private void repeat(Arguments settings, Frame frame) {
      Map<String, JsonNode> lists = new LinkedHashMap<>();
      fields(settings, "repeat").forEachRemaining(l -> lists.put(l.getKey(), l.getValue()));
      int rounds = lists.values().stream().mapToInt(JsonNode::size).findFirst().orElse(0);
      if (rounds == 0
          || lists.values().stream().anyMatch(l -> !l.isArray() || l.size() != rounds)) {
        throw settings.wrong("repeat", "lists of equal lengths by their placeholders");
      }
      JsonNode steps = settings.node("steps");
      settings.requireAllAsked();
      for (int i = 0; i < rounds; i++) {
        Map<String, JsonNode> values = new HashMap<>();
        for (Map.Entry<String, JsonNode> list : lists.entrySet()) {
          values.put(list.getKey(), list.getValue().get(i));
        }
        follow(new Placeholders(values).fill(steps), settings.what(), frame);
      }
    }
  }
}
