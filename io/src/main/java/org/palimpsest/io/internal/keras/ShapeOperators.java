package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;

/** Operators that move, join, cut, repeat and resize what they are given. */
final class ShapeOperators {

  static final List<Operators.Operator> ALL =
      List.of(
          Operators.of("concatenate concat", "xs axis", ShapeOperators::concatenated),
          Operators.of("stack", "xs axis", ShapeOperators::stacked),
          Operators.of("reshape", "x shape", ShapeOperators::reshaped),
          Operators.of("transpose", "x axes", ShapeOperators::transposed),
          Operators.of("swapaxes", "x axis1 axis2", ShapeOperators::swapped),
          Operators.of("expanddims expand_dims", "x axis", ShapeOperators::expanded),
          Operators.of("squeeze", "x axis", ShapeOperators::squeezed),
          Operators.of("pad", "x pad_width mode constant_values", ShapeOperators::padded),
          Operators.of("tile", "x repeats", ShapeOperators::tiled),
          Operators.of("repeat", "x repeats axis", ShapeOperators::repeated),
          Operators.of("roll", "x shift axis", ShapeOperators::rolled),
          Operators.of(
              "resize image.resize",
              "x size interpolation antialias data_format",
              ShapeOperators::resized),
          Operators.of("moveaxis", "x source destination", ShapeOperators::moved),
          Operators.of("take", "x indices axis", call -> taken(call, "indices")),
          Operators.of("gather", "params indices axis batch_dims", ShapeOperators::gathered),
          Operators.of("image.flip_left_right", "x", call -> turnedRound(call, 2)),
          Operators.of("image.flip_up_down", "x", call -> turnedRound(call, 1)),
          Operators.ofSeveral("split", "x sections axis", ShapeOperators::split),
          Operators.ofSeveral("unstack", "x num axis", ShapeOperators::unstacked),
          Operators.of("flip reverse", "x axis", ShapeOperators::flipped),
          Operators.of("getitem __operators__.getitem", "x key", ShapeOperators::sliced),
          Operators.of(
              "nn.depth_to_space depthtospace", "x block_size data_format", ShapeOperators::deep),
          Operators.of(
              "nn.space_to_depth spacetodepth",
              "x block_size data_format",
              ShapeOperators::shallow));

  private ShapeOperators() {}

  private static Tensor concatenated(OperatorCall call) {
    List<Tensor> all = call.tensors("xs");
    int axis = call.axes("axis", all.get(0).rank(), List.of(0L)).get(0);
    if (all.stream().anyMatch(x -> x.rank() != all.get(0).rank())) {
      throw call.refused("joins tensors of different numbers of axes");
    }
    return call.ops().concatenated(all, axis);
  }

  private static Tensor stacked(OperatorCall call) {
    List<Tensor> all = call.tensors("xs");
    int rank = all.get(0).rank();
    int axis = call.axis("axis", call.integer("axis", 0), rank + 1);
    List<Tensor> single = all.stream().map(x -> call.ops().unsqueezed(x, axis)).toList();
    return call.ops().concatenated(single, axis);
  }

  private static long product(List<Long> extents) {
    return extents.stream().reduce(1L, (a, b) -> a * b);
  }

  /** The samples stay what they are. */
  private static Tensor reshaped(OperatorCall call) {
    Tensor x = call.tensor("x");
    List<Long> shape = call.integers("shape");
    List<Long> rest = shape.isEmpty() ? shape : shape.subList(1, shape.size());
    if (shape.size() < 2 || shape.get(0) != -1 || rest.stream().anyMatch(extent -> extent < 1)) {
      throw call.refused("takes its samples apart, or may: its shape is %s".formatted(shape));
    }
    List<Long> own = x.shape().subList(1, x.rank());
    boolean known = IntStream.range(1, x.rank()).allMatch(x::isKnown);
    if (known && product(own) != product(rest)) {
      throw call.refused(
          "makes rows of other things than samples: of each sample's %s it makes %s"
              .formatted(own, rest));
    }
    return call.ops().reshaped(x, rest);
  }

  private static Tensor transposed(OperatorCall call) {
    Tensor x = call.tensor("x");
    List<Integer> order = call.integers("axes").stream().map(Math::toIntExact).toList();
    boolean all =
        order.size() == x.rank()
            && IntStream.range(0, x.rank()).allMatch(order::contains)
            && order.get(0) == 0;
    if (!all) {
      throw call.refused("has the order of axes %s".formatted(order));
    }
    return call.ops().permuted(x, order);
  }

  private static Tensor swapped(OperatorCall call) {
    Tensor x = call.tensor("x");
    int first = call.axis("axis1", call.integer("axis1", 0), x.rank());
    int second = call.axis("axis2", call.integer("axis2", 0), x.rank());
    List<Integer> order = new ArrayList<>(IntStream.range(0, x.rank()).boxed().toList());
    order.set(first, second);
    order.set(second, first);
    return call.ops().permuted(x, order);
  }

  private static Tensor expanded(OperatorCall call) {
    Tensor x = call.tensor("x");
    return call.ops().unsqueezed(x, call.axis("axis", call.integer("axis", 0), x.rank() + 1));
  }

  private static Tensor squeezed(OperatorCall call) {
    Tensor x = call.tensor("x");
    List<Integer> axes = call.axes("axis", x.rank(), List.of());
    Tensor y = x;
    for (int i = axes.size() - 1; i >= 0; i--) {
      if (x.isKnown(axes.get(i)) && x.extent(axes.get(i)) != 1) {
        throw call.refused("takes away an axis of %s".formatted(x.extent(axes.get(i))));
      }
      call.ops().graph().expect(call.path(), y.value(), oneAt(y, axes.get(i)));
      y = call.ops().at(y, axes.get(i), 0);
    }
    return y;
  }

  private static List<Object> oneAt(Tensor x, int axis) {
    List<Object> extents = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      extents.add(i == axis ? (Object) 1 : Argument.none());
    }
    return extents;
  }

  private static Tensor padded(OperatorCall call) {
    Tensor x = call.tensor("x");
    JsonNode sides = call.node("pad_width").orElseThrow(() -> call.wrong("pad_width", "numbers"));
    double value = call.real("constant_values", 0);
    String mode = call.text("mode", "constant").toLowerCase(java.util.Locale.ROOT);
    boolean mirrored = mode.equals("reflect") || mode.equals("symmetric");
    if (!mirrored && !mode.equals("constant") || sides.size() != x.rank()) {
      throw call.refused("pads by '%s' on %s".formatted(mode, KerasSettings.shortened(sides)));
    }
    Tensor y = x;
    List<Long> list = new ArrayList<>();
    List<Long> shape = new ArrayList<>(x.shape());
    for (int i = x.rank() - 1; i >= 0; i--) {
      List<Long> own = call.integers("pad_width", sides.path(i));
      if (own.size() != 2
          || own.stream().anyMatch(n -> n < 0)
          || i == 0 && own.get(0) + own.get(1) > 0) {
        throw call.refused("pads on %s".formatted(KerasSettings.shortened(sides)));
      }
      if (i > 0 && mirrored) {
        y = mirrored(call, y, i, own, mode.equals("reflect") ? 1 : 0);
      } else if (i > 0) {
        list.addAll(own);
        shape.set(i, x.isKnown(i) ? x.extent(i) + own.get(0) + own.get(1) : Tensor.UNKNOWN);
      }
    }
    return mirrored
        ? y
        : Tensor.of(call.ops().call("constant_pad_nd", x.value(), list, value), shape);
  }

  /**
   * With its own pixels turned round on both sides of an axis.
   *
   * @param skipped how many pixels at either end are not repeated
   */
  private static Tensor mirrored(
      OperatorCall call, Tensor x, int axis, List<Long> sides, long skipped) {
    long extent = x.extent(axis);
    if (sides.stream().anyMatch(side -> side > extent - skipped)) {
      throw call.refused("mirrors %s pixels of %s".formatted(sides, extent));
    }
    Ops ops = call.ops();
    List<Tensor> parts = new ArrayList<>();
    long first = sides.get(0);
    long last = sides.get(1);
    if (first > 0) {
      parts.add(turned(ops, x, axis, skipped, skipped + first));
    }
    parts.add(x);
    if (last > 0) {
      parts.add(turned(ops, x, axis, extent - skipped - last, extent - skipped));
    }
    return parts.size() == 1 ? x : ops.concatenated(parts, axis);
  }

  private static Tensor turned(Ops ops, Tensor x, int axis, long from, long to) {
    Tensor part = ops.part(x, axis, Ops.number(from), Ops.number(to));
    return ops.each("flip", part, List.of((long) axis));
  }

  private static Tensor tiled(OperatorCall call) {
    Tensor x = call.tensor("x");
    List<Long> repeats = call.integers("repeats");
    if (repeats.size() != x.rank()
        || repeats.get(0) != 1
        || repeats.stream().anyMatch(n -> n < 1)) {
      throw call.refused("repeats by %s".formatted(repeats));
    }
    List<Long> shape = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      shape.add(x.isKnown(i) ? x.extent(i) * repeats.get(i) : Tensor.UNKNOWN);
    }
    return Tensor.of(call.ops().call("repeat", x.value(), repeats), shape);
  }

  private static Tensor repeated(OperatorCall call) {
    Tensor x = call.tensor("x");
    int axis = call.axes("axis", x.rank(), List.of()).get(0);
    long count = call.integer("repeats", 0);
    if (count < 1) {
      throw call.refused("repeats %s times".formatted(count));
    }
    long extent = x.isKnown(axis) ? x.extent(axis) * count : Tensor.UNKNOWN;
    return Tensor.of(
        call.ops().call("repeat_interleave", x.value(), count, axis), x.shapeWith(axis, extent));
  }

  private static Tensor rolled(OperatorCall call) {
    Tensor x = call.tensor("x");
    List<Integer> axes = call.axes("axis", x.rank(), List.of());
    List<Long> shift = call.integers("shift");
    if (axes.size() != 1 || shift.size() != 1) {
      throw call.refused("rolls several axes");
    }
    return call.ops().each("roll", x, shift, List.of((long) axes.get(0)));
  }

  private static Tensor moved(OperatorCall call) {
    Tensor x = call.tensor("x");
    int from = call.axis("source", call.integer("source", 0), x.rank());
    int to = call.axis("destination", call.integer("destination", 0), x.rank());
    return call.ops().moved(x, from, to);
  }

  private static Tensor gathered(OperatorCall call) {
    if (call.integer("batch_dims", 0) != 0) {
      throw call.refused("takes other places of each sample");
    }
    call.take("validate_indices");
    return taken(call, "indices");
  }

  /** One place of an axis, or several in a list. */
  private static Tensor taken(OperatorCall call, String argument) {
    Tensor x = call.tensor(call.isTensor("x") ? "x" : "params");
    int axis = call.axes("axis", x.rank(), List.of()).get(0);
    JsonNode places = call.node(argument).orElseThrow(() -> call.wrong(argument, "integers"));
    List<Tensor> parts = new ArrayList<>();
    for (long place : call.integers(argument, places)) {
      long counted = place < 0 ? place + x.extent(axis) : place;
      if (!x.isKnown(axis) || counted < 0 || counted >= x.extent(axis)) {
        throw call.refused("takes place %s of %s".formatted(place, x.extent(axis)));
      }
      parts.add(call.ops().at(x, axis, counted));
    }
    if (!places.isArray()) {
      return parts.get(0);
    }
    List<Tensor> single = parts.stream().map(part -> call.ops().unsqueezed(part, axis)).toList();
    return single.size() == 1 ? single.get(0) : call.ops().concatenated(single, axis);
  }

  private static Tensor turnedRound(OperatorCall call, int axis) {
    Tensor x = call.tensor("x");
    if (x.rank() != 4) {
      throw call.refused("turns a tensor of %s axes".formatted(x.rank()));
    }
    return call.ops().each("flip", x, List.of((long) axis));
  }

  private static List<Tensor> split(OperatorCall call) {
    Tensor x = call.tensor("x");
    int axis = call.axis("axis", call.integer("axis", 0), x.rank());
    JsonNode sections = call.node("sections").orElseThrow(() -> call.wrong("sections", "integers"));
    if (!x.isKnown(axis)) {
      throw call.refused("splits an axis that may have any length into %s".formatted(sections));
    }
    List<Tensor> parts = new ArrayList<>();
    long start = 0;
    for (long end : endsOfParts(call, sections, x.extent(axis))) {
      if (end <= start || end > x.extent(axis)) {
        throw call.refused("splits an axis of %s into %s".formatted(x.extent(axis), sections));
      }
      parts.add(call.ops().part(x, axis, Ops.number(start), Ops.number(end)));
      start = end;
    }
    return parts;
  }

  /** A number is that of parts; a list, be it of one, tells places in Keras and sizes in TF. */
  private static List<Long> endsOfParts(OperatorCall call, JsonNode sections, long extent) {
    List<Long> given = call.integers("sections", sections);
    List<Long> ends = new ArrayList<>();
    if (!sections.isArray()) {
      long count = given.get(0);
      if (count < 1 || extent % count != 0) {
        throw call.refused("splits an axis of %s into %s".formatted(extent, count));
      }
      for (long i = 1; i <= count; i++) {
        ends.add(i * (extent / count));
      }
    } else if (call.isOfTensorFlow()) {
      long sum = 0;
      for (long part : given) {
        sum += part;
        ends.add(sum);
      }
      if (sum != extent) {
        throw call.refused("splits an axis of %s into %s".formatted(extent, given));
      }
    } else {
      ends.addAll(given);
      ends.add(extent);
    }
    return ends;
  }

  private static List<Tensor> unstacked(OperatorCall call) {
    Tensor x = call.tensor("x");
    int axis = call.axis("axis", call.integer("axis", 0), x.rank());
    long count = call.integer("num", x.extent(axis));
    if (count < 1 || x.isKnown(axis) && count != x.extent(axis)) {
      throw call.refused("takes an axis of %s apart".formatted(x.extent(axis)));
    }
    List<Tensor> parts = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      parts.add(call.ops().at(x, axis, i));
    }
    return parts;
  }

  private static Tensor flipped(OperatorCall call) {
    Tensor x = call.tensor("x");
    List<Integer> axes = call.axes("axis", x.rank(), List.of());
    return call.ops().each("flip", x, axes);
  }

  private static Tensor sliced(OperatorCall call) {
    Tensor x = call.tensor("x");
    JsonNode given = call.node("key").orElseThrow(() -> call.wrong("key", "slices"));
    List<JsonNode> keys = new ArrayList<>();
    (given.isArray() ? given : List.of(given)).forEach(keys::add);
    long own = keys.stream().filter(key -> !isEllipsis(key) && !isNew(key)).count();
    int hidden = Math.toIntExact(x.rank() - own);
    if (hidden < 0) {
      throw call.refused("has more slices than its tensor has axes");
    }
    Tensor y = x;
    int axis = 0;
    for (JsonNode key : keys) {
      if (isEllipsis(key)) {
        axis += hidden;
      } else if (isNew(key)) {
        y = call.ops().unsqueezed(y, requireNotSamples(call, axis, false));
        axis++;
      } else if (KerasSettings.isInteger(key)) {
        y = call.ops().at(y, requireNotSamples(call, axis, false), key.longValue());
      } else {
        y = sliced(call, y, axis, key);
        axis++;
      }
    }
    return y;
  }

  private static boolean isEllipsis(JsonNode key) {
    return key.path("class_name").asText().equals("__ellipsis__")
        || key.isTextual() && key.textValue().equals("...");
  }

  private static boolean isNew(JsonNode key) {
    return key.isNull();
  }

  private static int requireNotSamples(OperatorCall call, int axis, boolean whole) {
    if (axis == 0 && !whole) {
      throw call.refused("takes some of the samples");
    }
    return axis;
  }

  private static Tensor sliced(OperatorCall call, Tensor x, int axis, JsonNode key) {
    JsonNode slice = key.has("config") ? key.path("config") : key;
    if (!slice.isObject() || !slice.has("start")) {
      throw call.refused("is sliced by %s".formatted(KerasSettings.shortened(key)));
    }
    long step = bound(call, slice.path("step"), 1);
    long from = bound(call, slice.path("start"), 0);
    long to = bound(call, slice.path("stop"), Long.MAX_VALUE);
    boolean whole = step == 1 && from == 0 && to == Long.MAX_VALUE;
    requireNotSamples(call, axis, whole);
    if (step < 1) {
      throw call.refused("is sliced backwards");
    }
    if (whole) {
      return x;
    }
    long extent = Tensor.UNKNOWN;
    if (x.isKnown(axis)) {
      long size = x.extent(axis);
      long first = Math.max(0, Math.min(size, from < 0 ? from + size : from));
      long last = Math.max(first, Math.min(size, to < 0 ? to + size : to));
      extent = (last - first + step - 1) / step;
    }
    Value value = call.ops().call("slice", x.value(), axis, from, to, step);
    return Tensor.of(value, x.shapeWith(axis, extent));
  }

  private static long bound(OperatorCall call, JsonNode node, long otherwise) {
    if (node.isNull() || node.isMissingNode()) {
      return otherwise;
    }
    if (!node.canConvertToExactIntegral() || !node.canConvertToLong()) {
      throw call.refused("is sliced by %s".formatted(KerasSettings.shortened(node)));
    }
    return node.longValue();
  }

  private static long block(OperatorCall call, Tensor x) {
    String format = call.text("data_format", "NHWC");
    long size = call.integer("block_size", 0);
    if (size < 1 || x.rank() != 4 || !format.equals("NHWC") && !format.equals("channels_last")) {
      throw call.refused("works on blocks of %s in %s".formatted(size, format));
    }
    return size;
  }

  /** Channels in the order (row, column, channel) become blocks of pixels. */
  private static Tensor deep(OperatorCall call) {
    Tensor x = call.tensor("x");
    long block = block(call, x);
    requireSizes(call, x, 1, block * block);
    Ops ops = call.ops();
    long h = x.extent(1);
    long w = x.extent(2);
    long c = x.extent(3) / (block * block);
    Tensor parts = ops.reshaped(x, List.of(h, w, block, block, c));
    Tensor mixed = ops.permuted(parts, List.of(0, 1, 3, 2, 4, 5));
    return ops.reshaped(mixed, List.of(h * block, w * block, c));
  }

  private static Tensor shallow(OperatorCall call) {
    Tensor x = call.tensor("x");
    long block = block(call, x);
    requireSizes(call, x, block, 1);
    Ops ops = call.ops();
    long h = x.extent(1) / block;
    long w = x.extent(2) / block;
    long c = x.extent(3);
    Tensor parts = ops.reshaped(x, List.of(h, block, w, block, c));
    Tensor mixed = ops.permuted(parts, List.of(0, 1, 3, 2, 4, 5));
    return ops.reshaped(mixed, List.of(h, w, block * block * c));
  }

  private static void requireSizes(OperatorCall call, Tensor x, long pixels, long channels) {
    boolean fits = x.isKnown(1) && x.isKnown(2) && x.isKnown(3);
    if (!fits || x.extent(1) % pixels + x.extent(2) % pixels + x.extent(3) % channels != 0) {
      throw call.refused("works on blocks of an image of the shape %s".formatted(x.shape()));
    }
  }

  private static Tensor resized(OperatorCall call) {
    Tensor x = call.tensor("x");
    if (x.rank() != 4) {
      throw call.refused("resizes a tensor of %s axes".formatted(x.rank()));
    }
    boolean last = !call.text("data_format", "channels_last").equals("channels_first");
    if (!call.isOfTensorFlow() && call.dialect().channelsFirst()) {
      throw call.refused("resizes in a network of channels first, where its order is not told");
    }
    List<Long> size = call.integers("size");
    if (size.size() != 2 || size.stream().anyMatch(extent -> extent < 1)) {
      throw call.refused("resizes to %s".formatted(size));
    }
    Tensor y =
        Resizer.resized(
            call.ops(),
            Spatial.channelsSecond(call.ops(), x, last),
            size.stream().map(Ops::number).toList(),
            call.text("interpolation", "bilinear"),
            call.truth("antialias", false),
            call.path(),
            call::refused,
            call::constant);
    call.requireNot("crop_to_aspect_ratio");
    call.requireNot("pad_to_aspect_ratio");
    call.requireNot("preserve_aspect_ratio");
    call.take("fill_mode");
    call.take("fill_value");
    return Spatial.asKeras(call.ops(), y, last);
  }
}
