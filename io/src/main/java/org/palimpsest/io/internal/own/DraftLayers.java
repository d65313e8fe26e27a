package org.palimpsest.io.internal.own;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import org.palimpsest.io.internal.own.Flow.Call;
import org.palimpsest.io.internal.own.ModuleReading.Kind;

/** Single calls as a draft writes them: the usual settings, and what is to be asked of them. */
final class DraftLayers {

  static final String BRANCHES =
      "from this value? And what becomes of the result: a sum, a product, a further output?";
  static final String PERHAPS_A_LIST =
      "or a ModuleList, whose elements forward calls one by one? Then give each a step.";

  private static final String TODO = "TODO";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final int axes;

  DraftLayers(int axes) {
    this.axes = axes;
  }

  static String unfit(Call call) {
    return "takes %s channels, and no values before it give them together: what comes in here?"
        .formatted(call.part().takes());
  }

  /** A module with tensors: its type, its settings and what to ask of them. */
  ObjectNode leaf(ModuleReading part, boolean strided) {
    ObjectNode step = JSON.objectNode();
    switch (part.kind()) {
      case CONVOLUTION -> convolution(part, strided, step);
      case TRANSPOSED -> transposed(part, step);
      case BATCH_NORM -> step.put("type", "BatchNorm%sd".formatted(axes));
      case NORM ->
          step.put("type", "InstanceNorm%sd".formatted(axes))
              .put(TODO, "InstanceNorm%sd, or GroupNorm with its num_groups? eps?".formatted(axes));
      case PRELU -> step.put("type", "PReLU");
      default -> unknown(part.module(), step);
    }
    return step;
  }

  private static void unknown(NamedModule module, ObjectNode step) {
    boolean dense = module.shape("weight").filter(shape -> shape.size() == 2).isPresent();
    step.put("type", dense ? "Linear" : "?")
        .put(
            TODO,
            "descriptions have nothing for the tensors %s. If forward does not use them, take the step out and name the module in 'unused'; else export the network as .pt2."
                .formatted(module.tensors()));
  }

  private void convolution(ModuleReading part, boolean strided, ObjectNode step) {
    List<Long> kernel = part.kernel();
    boolean even = kernel.stream().anyMatch(extent -> extent % 2 == 0);
    step.put("type", "Conv%sd".formatted(axes));
    if (strided || even) {
      extents(step, "stride", kernel, 1, extent -> strided || extent > 2 ? 2 : extent);
    }
    extents(step, "padding", kernel, 0, extent -> (extent - 1) / 2);
    if (part.groups() > 1) {
      step.put("groups", part.groups());
    }
    boolean pointwise = kernel.stream().allMatch(extent -> extent == 1);
    step.put(
        TODO,
        (pointwise ? "stride?" : "padding (PyTorch's own is 0), stride, dilation?")
            + (strided ? " The images get smaller here, or by a pooling before." : "")
            + (part.sure()
                ? ""
                : " Or a ConvTranspose%sd, whose shape would be the same?".formatted(axes)));
  }

  private void transposed(ModuleReading part, ObjectNode step) {
    List<Long> kernel = part.kernel();
    step.put("type", "ConvTranspose%sd".formatted(axes));
    extents(step, "stride", kernel, 1, extent -> extent < 3 ? extent : 2);
    extents(step, "padding", kernel, 0, extent -> extent < 3 ? 0 : (extent - 1) / 2);
    extents(step, "output_padding", kernel, 0, extent -> extent < 3 ? 0 : extent % 2);
    step.put(
        TODO,
        "stride, padding, output_padding?"
            + (part.sure()
                ? ""
                : " Its shape would be that of a Conv%sd as well.".formatted(axes)));
  }

  private static void extents(
      ObjectNode step, String name, List<Long> kernel, long standard, LongUnaryOperator value) {
    List<Long> values = kernel.stream().map(value::applyAsLong).toList();
    if (Set.copyOf(values).size() > 1) {
      ArrayNode all = step.putArray(name);
      values.forEach(all::add);
    } else if (values.get(0) != standard) {
      step.put(name, values.get(0));
    }
  }

  /**
   * A module without tensors.
   *
   * @param before what is called before it
   * @param another whether one more follows
   */
  ObjectNode gap(ModuleReading part, List<ModuleReading> before, boolean another) {
    ObjectNode step = JSON.objectNode();
    boolean first = before.stream().allMatch(p -> p.kind() == Kind.GAP);
    boolean behindGap = !before.isEmpty() && before.get(before.size() - 1).kind() == Kind.GAP;
    boolean behindKernel = !before.isEmpty() && before.get(before.size() - 1).isKernel();
    boolean behindNorm = behindGap && before.size() > 1 && before.get(before.size() - 2).isKernel();
    if (first && part.module().soundsLarger()) {
      step.put("type", "Upsample").put("scale_factor", 2).put("mode", smooth());
    } else if (first) {
      step.put("type", "MaxPool%sd".formatted(axes)).put("kernel_size", 2);
    } else if (behindKernel && another) {
      step.put("type", "InstanceNorm%sd".formatted(axes));
    } else {
      step.put("type", behindGap && !behindNorm ? "Dropout" : "ReLU");
    }
    return step.put(
        TODO,
        "which module without tensors is here: an activation, pooling, Upsample, Dropout, a norm?");
  }

  private String smooth() {
    return axes == 2 ? "bilinear" : "trilinear";
  }

  /** A module of a sequence: its type alone if nothing else is to be said. */
  JsonNode item(ObjectNode step) {
    return step.size() == 1 ? TextNode.valueOf(step.path("type").asText()) : step;
  }

  /** What may follow the last module of a sequence that has tensors. */
  void tail(List<ModuleReading> parts, boolean ofNetwork, ArrayNode items) {
    ModuleReading last = parts.get(parts.size() - 1);
    boolean seen = false;
    int gaps = 0;
    for (int i = 0; i < parts.size() - 1; i++) {
      if (parts.get(i).isNorm() == last.isNorm() && parts.get(i).isKernel() == last.isKernel()) {
        seen = true;
        gaps = gapsFrom(i + 1, parts);
      }
    }
    if (!seen && last.kind() != Kind.TRANSPOSED) {
      gaps = 1;
    }
    for (int i = 0; i < gaps; i++) {
      boolean norm = i == 0 && gaps > 1 && last.isKernel();
      String type = norm ? "InstanceNorm%sd".formatted(axes) : ofNetwork ? "Sigmoid" : "ReLU";
      items.add(
          JSON.objectNode()
              .put("type", type)
              .put(TODO, "which module without tensors comes last? If none does, take this out."));
    }
    if (gaps == 0) {
      askForMore(items);
    }
  }

  private static int gapsFrom(int start, List<ModuleReading> parts) {
    int end = start;
    while (end < parts.size() && parts.get(end).kind() == Kind.GAP) {
      end++;
    }
    return end - start;
  }

  private static void askForMore(ArrayNode items) {
    int place = items.size() - 1;
    JsonNode item = items.get(place);
    ObjectNode step =
        item.isTextual() ? JSON.objectNode().put("type", item.asText()) : (ObjectNode) item;
    String asked = step.path(TODO).asText();
    step.put(TODO, (asked + " Does a module without tensors follow?").strip());
    items.set(place, step);
  }

  ObjectNode shrink() {
    return JSON.objectNode()
        .put("function", "max_pool%sd".formatted(axes))
        .put("kernel_size", 2)
        .put(TODO, "smaller here? By this function, a module, or a stride of what follows?");
  }

  ObjectNode enlarge(String skip) {
    ObjectNode step = JSON.objectNode().put("function", "interpolate");
    step.putArray("from").add("previous").add(skip);
    return step.put("mode", smooth())
        .put("align_corners", false)
        .put(TODO, "larger here? By this function, or a module of type Upsample? Which mode?");
  }

  ObjectNode join(List<String> from) {
    ObjectNode step = JSON.objectNode().put("function", "cat");
    ArrayNode values = step.putArray("from");
    from.forEach(values::add);
    return step.put(
        TODO, "these values, in this order? Padded (pad_to) or cropped (crop_to) before?");
  }

  ObjectNode add(String before) {
    ObjectNode step = JSON.objectNode().put("function", "add");
    step.putArray("from").add(before).add("previous");
    return step.put(TODO, "are these added?");
  }

  ObjectNode activation() {
    return JSON.objectNode()
        .put("function", "relu")
        .put(TODO, "which activation, and is it a module? Is something added before it?");
  }

  ObjectNode end() {
    return JSON.objectNode()
        .put("function", "sigmoid")
        .put(TODO, "does forward end so, or with softmax, by a module? Or without?");
  }
}
