package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Layers of several tensors: keras/src/layers/merging. */
final class Merging {

  static final List<Row> ROWS =
      List.of(
          Row.of("Add").means("add, from the first on").gives(call -> folded(call, "add")),
          Row.of("Multiply").means("mul, from the first on").gives(call -> folded(call, "mul")),
          Row.of("Maximum").means("maximum").gives(call -> folded(call, "maximum")),
          Row.of("Minimum").means("minimum").gives(call -> folded(call, "minimum")),
          Row.of("Subtract").means("sub, of two").gives(Merging::difference),
          Row.of("Average").means("add, then div").gives(Merging::average),
          Row.of("Concatenate")
              .reads("axis")
              .means("cat")
              .gives(call -> concatenated(call, call.settings().integer("axis", -1))),
          Row.of("Dot")
              .reads("axes normalize")
              .means("bmm of the axes")
              .gives(call -> dot(call, call.settings().node("axes"))),
          Row.of("Merge")
              .reads("mode concat_axis dot_axes")
              .ignores(
                  "mode_type output_shape output_shape_type output_mask output_mask_type arguments")
              .means("Keras 1: as Add, Multiply, Average, Maximum, Concatenate")
              .gives(Merging::merged));

  private Merging() {}

  private static List<Tensor> several(Call call) {
    if (call.inputs().size() < 2) {
      throw call.refused("merges one tensor");
    }
    return matched(call);
  }

  /** Tensors of fewer axes get the axes that they lack behind the samples. */
  private static List<Tensor> matched(Call call) {
    int rank = call.inputs().stream().mapToInt(Tensor::rank).max().orElse(0);
    List<Tensor> all = new ArrayList<>();
    for (Tensor x : call.inputs()) {
      if (x.rank() != rank && call.dialect().major() == 1) {
        throw call.refused("merges tensors of different numbers of axes");
      }
      Tensor y = x;
      while (y.rank() < rank) {
        y = call.ops().unsqueezed(y, 1);
      }
      all.add(y);
    }
    return all;
  }

  private static Tensor folded(Call call, String operator) {
    return several(call).stream()
        .reduce((a, b) -> call.ops().pairwise(operator, a, b))
        .orElseThrow();
  }

  private static Tensor difference(Call call) {
    if (call.inputs().size() != 2) {
      throw call.refused("subtracts %d tensors, not two".formatted(call.inputs().size()));
    }
    return folded(call, "sub");
  }

  private static Tensor average(Call call) {
    return call.ops().each("div", folded(call, "add"), (double) call.inputs().size());
  }

  private static Tensor concatenated(Call call, long axis) {
    List<Tensor> all = call.inputs();
    int rank = all.isEmpty() ? 0 : all.get(0).rank();
    if (all.size() < 2 || all.stream().anyMatch(x -> x.rank() != rank)) {
      throw call.refused("concatenates tensors of different numbers of axes, or one");
    }
    int counted = call.axis("axis", axis, rank);
    if (counted == 0) {
      throw call.refused("concatenates along the axis of the samples");
    }
    return call.ops().concatenated(all, counted);
  }

  private static Tensor dot(Call call, JsonNode axes) {
    boolean normalised = call.settings().truth("normalize", false);
    if (call.inputs().size() != 2) {
      throw call.refused("multiplies %d tensors, not two".formatted(call.inputs().size()));
    }
    Ops ops = call.ops();
    List<Tensor> sides = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Tensor x = call.inputs().get(i);
      JsonNode own = axes.isArray() ? axes.path(i) : axes;
      if (!Settings.isInteger(own) || x.rank() > 3 || x.rank() < 2) {
        throw call.settings().wrong("axes", "axes of tensors of 2 or 3 axes");
      }
      int axis = call.axis("axes", own.longValue(), x.rank());
      if (axis == 0) {
        throw call.settings().wrong("axes", "axes that are not the samples'");
      }
      Tensor unit = normalised ? unit(ops, x, axis) : x;
      Tensor three = unit.rank() == 2 ? ops.unsqueezed(unit, 1) : unit;
      int place = unit.rank() == 2 ? 2 : axis;
      sides.add(ops.moved(three, place, i == 0 ? 2 : 1));
    }
    Tensor a = sides.get(0);
    Tensor b = sides.get(1);
    Tensor product =
        Tensor.of(
            ops.call("bmm", a.value(), b.value()), List.of(a.extent(0), a.extent(1), b.extent(2)));
    return withoutOnes(call, product);
  }

  private static Tensor unit(Ops ops, Tensor x, int axis) {
    Tensor sum = ops.reduced("sum", ops.pairwise("mul", x, x), List.of(axis), true);
    return ops.pairwise("mul", x, ops.each("rsqrt", ops.each("clamp_min", sum, 1e-12)));
  }

  /** The axes that were added for a tensor of two are taken away; one stays. */
  private static Tensor withoutOnes(Call call, Tensor product) {
    boolean first = call.inputs().get(0).rank() == 2;
    boolean second = call.inputs().get(1).rank() == 2;
    if (first) {
      return call.ops().at(product, 1, 0);
    }
    return second ? call.ops().at(product, 2, 0) : product;
  }

  private static Tensor merged(Call call) {
    Settings settings = call.settings();
    String mode = settings.choice("mode", "sum", "sum", "mul", "ave", "max", "concat");
    settings.passOver("dot_axes");
    long axis = settings.integer("concat_axis", -1);
    return switch (mode) {
      case "sum" -> folded(call, "add");
      case "mul" -> folded(call, "mul");
      case "max" -> folded(call, "maximum");
      case "ave" -> average(call);
      default -> concatenated(call, axis);
    };
  }
}
