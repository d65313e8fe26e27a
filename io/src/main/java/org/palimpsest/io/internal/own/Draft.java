package org.palimpsest.io.internal.own;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.io.internal.weights.StateDict;

/**
 * A first description of a network of one's own, from the names and shapes of its tensors alone.
 *
 * <p>What they do not show (strides, padding, activations, the order in a concatenation, …) is
 * proposed and marked by {@code TODO}; a description is not opened before all marks are taken out.
 * See {@code docs/architectures/README.md}.
 */
public final class Draft {

  /** The key of what is to be settled. */
  public static final String MARK = "TODO";

  private static final String ABOUT =
      "Drafted from the names and shapes of the tensors. Settle every TODO. Not marked, since no"
          + " tensor shows them anywhere: sums and products of values, eps, and whether what has"
          + " running statistics is BatchNorm, for which it is taken.";
  private static final int WIDTH = 110;

  private final ObjectNode description;
  private final int marks;

  private Draft(ObjectNode description) {
    this.description = description;
    this.marks = description.findValues(MARK).size();
  }

  /**
   * Drafts a description.
   *
   * @throws PalimpsestException if the tensors hold no convolutions of planes or volumes, or those
   *     of both
   */
  public static Draft of(StateDict dict) {
    requireOne(dict);
    return of(dict.weights());
  }

  /**
   * The description of a network whose class is known, by its class and arguments.
   *
   * @throws PalimpsestException if the tensors are those of several networks
   */
  public static Draft ofKnown(StateDict dict, ObjectNode network) {
    requireOne(dict);
    return new Draft(network);
  }

  private static void requireOne(StateDict dict) {
    List<String> alike = dict.alike();
    if (!alike.isEmpty()) {
      throw new PalimpsestException(
          "%s holds several networks of the same names and shapes, below %s. Say which is drafted: --key %s."
              .formatted(
                  dict.provenance().origin(),
                  String.join(" and ", alike),
                  String.join(" or --key ", alike)));
    }
  }

  static Draft of(Weights weights) {
    NamedModule network = NamedModule.of(weights);
    int axes = axes(weights);
    Flow flow = FlowSearch.of(ModuleReading.slots(network, axes), true);
    DraftSteps writer = new DraftSteps(axes);
    ArrayNode steps = writer.network(flow, network);
    ObjectNode description = JsonNodeFactory.instance.objectNode().put("about", ABOUT);
    description
        .putObject("input")
        .put("channels", Math.max(1, flow.given().get(0).channels()))
        .put("axes", axes);
    ObjectNode blocks = writer.blocks().settled(steps);
    if (!blocks.isEmpty()) {
      description.set("blocks", blocks);
    }
    description.set("steps", steps);
    return new Draft(description);
  }

  private static int axes(Weights weights) {
    Map<Integer, String> kernels = new TreeMap<>();
    for (WeightTensor tensor : weights.tensors()) {
      if (tensor.role().equals("weight") && tensor.values().rank() > 2) {
        kernels.putIfAbsent(tensor.values().rank() - 2, tensor.name());
      }
    }
    String origin = weights.provenance().origin();
    if (kernels.containsKey(2) == kernels.containsKey(3)) {
      throw new PalimpsestException(
          kernels.containsKey(2)
              ? "%s holds kernels of planes ('%s') and of volumes ('%s'); a description has one kind."
                  .formatted(origin, kernels.get(2), kernels.get(3))
              : "%s holds no kernels of planes or volumes, which a description needs."
                  .formatted(origin));
    }
    return kernels.containsKey(2) ? 2 : 3;
  }

  /** The description; no change to it changes this one. */
  public JsonNode description() {
    return description.deepCopy();
  }

  /** How many marks it has that are to be settled. */
  public int marks() {
    return marks;
  }

  /**
   * Writes it as JSON.
   *
   * @throws PalimpsestException if there is something already, in which marks may be settled
   */
  public void write(Path file) {
    if (Files.exists(file)) {
      throw new PalimpsestException(
          file
              + " exists, and a draft replaces nothing that may have been settled; give another"
              + " name.");
    }
    AtomicFile.write(file, toJson());
  }

  /** The description as text, a step a line where it fits. */
  public String toJson() {
    StringBuilder text = new StringBuilder();
    print(description, "", 0, text);
    return text.append('\n').toString();
  }

  private static void print(JsonNode node, String indent, int column, StringBuilder text) {
    String line = compact(node);
    if (!node.isContainerNode() || column + line.length() <= WIDTH) {
      text.append(line);
      return;
    }
    String inner = indent + "  ";
    List<String> keys = new ArrayList<>();
    node.fieldNames().forEachRemaining(keys::add);
    text.append(node.isArray() ? "[" : "{");
    for (int i = 0; i < node.size(); i++) {
      String key =
          node.isArray() ? "" : compact(JsonNodeFactory.instance.textNode(keys.get(i))) + ": ";
      text.append(i == 0 ? "\n" : ",\n").append(inner).append(key);
      JsonNode item = node.isArray() ? node.get(i) : node.get(keys.get(i));
      print(item, inner, inner.length() + key.length(), text);
    }
    text.append('\n').append(indent).append(node.isArray() ? "]" : "}");
  }

  private static String compact(JsonNode node) {
    if (!node.isContainerNode()) {
      return node.toString();
    }
    List<String> items = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(item -> items.add(compact(item)));
      return "[" + String.join(", ", items) + "]";
    }
    node.fields()
        .forEachRemaining(
            field ->
                items.add(
                    JsonNodeFactory.instance.textNode(field.getKey())
                        + ": "
                        + compact(field.getValue())));
    return "{" + String.join(", ", items) + "}";
  }
}
