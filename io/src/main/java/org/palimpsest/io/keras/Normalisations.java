package org.palimpsest.io.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.graph.Value;

/** Normalisations: keras/src/layers/normalization; those of tensorflow-addons. */
final class Normalisations {

  static final List<Row> ROWS =
      List.of(
          Row.of(
                  "BatchNormalization BatchNormalizationV1 BatchNormalizationV2 SyncBatchNormalization")
              .reads("axis epsilon center scale mode renorm virtual_batch_size")
              .ignores(
                  "momentum synchronized fused renorm_clipping renorm_momentum weights adjustment")
              .means("batch_norm with the stored statistics; axis a number, or a list of one")
              .keeps(Normalisations::batchRoles)
              .differsInTraining()
              .gives(Normalisations::batch),
          Row.of("LayerNormalization")
              .reads("axis epsilon center scale rms_scaling")
              .means("layer_norm over the axes")
              .keeps(s -> affine(s))
              .gives(Normalisations::layer),
          Row.of("RMSNormalization")
              .reads("axis epsilon")
              .means("x * rsqrt(mean(x²) + epsilon) * scale")
              .keeps("scale")
              .gives(Normalisations::rootMeanSquare),
          Row.of("GroupNormalization Addons>GroupNormalization")
              .reads("groups axis epsilon center scale")
              .means("group_norm; groups of -1 are one for each channel")
              .keeps(s -> affine(s))
              .gives(Normalisations::group),
          Row.of("Addons>InstanceNormalization InstanceNormalization")
              .reads("groups axis epsilon center scale")
              .means("group_norm with a group for each channel")
              .keeps(s -> affine(s))
              .gives(Normalisations::instance),
          Row.of("UnitNormalization")
              .reads("axis")
              .means("x * rsqrt(max(sum(x²), 1e-12))")
              .gives(Normalisations::unit));

  private Normalisations() {}

  private static List<Role> affine(Settings settings) {
    return Role.list(
        settings.truth("scale", true) ? "gamma" : "", settings.truth("center", true) ? "beta" : "");
  }

  private static List<Role> batchRoles(Settings settings) {
    List<Role> roles = new ArrayList<>(affine(settings));
    roles.add(Role.fixed("moving_mean"));
    roles.add(Role.fixed("moving_variance"));
    return roles;
  }

  private static double epsilon(Call call, double otherwise) {
    double epsilon = call.settings().real("epsilon", otherwise);
    if (epsilon < 0) {
      throw call.settings().wrong("epsilon", "a number that is not below 0");
    }
    return epsilon;
  }

  /** The one axis of a setting that is a number or a list of one. */
  private static int oneAxis(Call call, int rank) {
    JsonNode node = call.settings().node("axis");
    List<Long> axes = node.isNull() ? List.of(-1L) : call.settings().integersOrOne("axis");
    if (axes.size() != 1) {
      throw call.settings().wrong("axis", "one axis");
    }
    int axis = call.axis("axis", axes.get(0), rank);
    if (axis == 0) {
      throw call.settings().wrong("axis", "an axis that is not the samples'");
    }
    return axis;
  }

  private static List<Integer> axes(Call call, int rank) {
    JsonNode node = call.settings().node("axis");
    List<Long> axes = node.isNull() ? List.of(-1L) : call.settings().integersOrOne("axis");
    List<Integer> counted =
        axes.stream().map(a -> call.axis("axis", a, rank)).sorted().distinct().toList();
    if (counted.contains(0) || counted.isEmpty()) {
      throw call.settings().wrong("axis", "axes that are not the samples'");
    }
    return counted;
  }

  private static @Nullable Value gamma(Call call, long... shape) {
    return call.settings().truth("scale", true)
        ? call.parameter("weight", call.array("gamma", shape))
        : null;
  }

  private static @Nullable Value beta(Call call, long... shape) {
    return call.settings().truth("center", true)
        ? call.parameter("bias", call.array("beta", shape))
        : null;
  }

  private static Tensor batch(Call call) {
    call.settings().require("mode", 0, 2);
    call.settings().require("renorm", false);
    call.settings().require("virtual_batch_size");
    Tensor x = call.input();
    int axis = oneAxis(call, x.rank());
    long mean = call.array("moving_mean").rank() == 1 ? call.array("moving_mean").extent(0) : -1;
    long channels = x.isKnown(axis) ? x.extent(axis) : mean;
    Tensor second = call.ops().moved(x, axis, 1);
    Tensor y =
        call.ops()
            .alike(
                second,
                "batch_norm",
                second.value(),
                gamma(call, channels),
                beta(call, channels),
                call.buffer("running_mean", call.array("moving_mean", channels)),
                call.buffer("running_var", call.array("moving_variance", channels)),
                false,
                0.0,
                epsilon(call, 1e-3),
                true);
    return call.ops().moved(y, 1, axis);
  }

  private static Tensor layer(Call call) {
    call.settings().require("rms_scaling", false);
    Tensor x = call.input();
    List<Integer> axes = axes(call, x.rank());
    Tensor last = behind(call.ops(), x, axes);
    boolean center = call.settings().truth("center", true);
    boolean scale = call.settings().truth("scale", true);
    Array any = scale ? call.array("gamma") : center ? call.array("beta") : null;
    long[] shape = new long[axes.size()];
    for (int i = 0; i < shape.length; i++) {
      long own = any != null && any.rank() == shape.length ? any.extent(i) : Tensor.UNKNOWN;
      shape[i] = x.isKnown(axes.get(i)) ? x.extent(axes.get(i)) : own;
      if (shape[i] < 0) {
        throw call.refused("normalises over an axis of an extent that the file does not tell");
      }
    }
    Tensor y =
        call.ops()
            .alike(
                last,
                "layer_norm",
                last.value(),
                shape,
                gamma(call, shape),
                beta(call, shape),
                epsilon(call, 1e-3),
                false);
    return back(call.ops(), y, axes);
  }

  /** Some axes behind all others. */
  private static Tensor behind(Ops ops, Tensor x, List<Integer> axes) {
    return ops.permuted(x, orderBehind(x.rank(), axes));
  }

  private static List<Integer> orderBehind(int rank, List<Integer> axes) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
    order.removeAll(axes);
    order.addAll(axes);
    return order;
  }

  private static Tensor back(Ops ops, Tensor x, List<Integer> axes) {
    List<Integer> order = orderBehind(x.rank(), axes);
    return ops.permuted(x, IntStream.range(0, x.rank()).map(order::indexOf).boxed().toList());
  }

  private static Tensor rootMeanSquare(Call call) {
    Tensor x = call.input();
    List<Integer> axes = axes(call, x.rank());
    requireLast(call, axes, x.rank());
    long[] shape = axes.stream().mapToLong(x::extent).toArray();
    Value scale = call.parameter("weight", call.array("scale", shape));
    Ops ops = call.ops();
    Tensor last = behind(ops, x, axes);
    List<Integer> reduced = IntStream.range(x.rank() - axes.size(), x.rank()).boxed().toList();
    Tensor mean = ops.reduced("mean", ops.pairwise("mul", last, last), reduced, true);
    Tensor factor = ops.each("rsqrt", ops.each("add", mean, epsilon(call, 1e-6)));
    Tensor y = ops.pairwise("mul", last, factor);
    return back(ops, ops.alike(y, "mul", y.value(), scale), axes);
  }

  /** Keras does not lay the scale along the axes that it is of. */
  private static void requireLast(Call call, List<Integer> axes, int rank) {
    if (!axes.equals(IntStream.range(rank - axes.size(), rank).boxed().toList())) {
      throw call.refused(
          "normalises over the axes %s, which are not the last of %d; what Keras multiplies by 'scale' then depends on its backend"
              .formatted(axes, rank));
    }
  }

  private static Tensor group(Call call) {
    return grouped(call, call.settings().integer("groups", 32));
  }

  private static Tensor instance(Call call) {
    call.settings().passOver("groups");
    return grouped(call, -1);
  }

  private static Tensor grouped(Call call, long groups) {
    Tensor x = call.input();
    int axis = oneAxis(call, x.rank());
    Tensor second = call.ops().moved(x, axis, 1);
    long channels = second.extent(1);
    if (channels == Tensor.UNKNOWN) {
      channels = call.hasArray("gamma") ? call.array("gamma").extent(0) : channels;
    }
    if (channels < 1 || groups != -1 && (groups < 1 || channels % groups != 0)) {
      throw call.settings().wrong("groups", "a divisor of the %d channels".formatted(channels));
    }
    Tensor y =
        call.ops()
            .alike(
                second,
                "group_norm",
                second.value(),
                groups == -1 ? channels : groups,
                gamma(call, channels),
                beta(call, channels),
                epsilon(call, 1e-3),
                false);
    return call.ops().moved(y, 1, axis);
  }

  private static Tensor unit(Call call) {
    Tensor x = call.input();
    List<Integer> axes = axes(call, x.rank());
    Ops ops = call.ops();
    Tensor sum = ops.reduced("sum", ops.pairwise("mul", x, x), axes, true);
    return ops.pairwise("mul", x, ops.each("rsqrt", ops.each("clamp_min", sum, 1e-12)));
  }
}
