package org.palimpsest.io.internal.own;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.palimpsest.core.PalimpsestException;
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
          "%s is not settled; %d %s open: %s%s. Correct these steps and take each '%s' out."
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
}
