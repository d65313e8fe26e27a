package org.palimpsest.io.internal.keras;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.internal.graph.Value;

/** Normalisations: keras/src/layers/normalization; those of tensorflow-addons. */
final class NormalisationLayers {

  static final List<Row> ROWS =
      List.of(
          Row.of(
                  "BatchNormalization BatchNormalizationV1 BatchNormalizationV2"
                      + " SyncBatchNormalization")
              .reads("axis epsilon center scale mode renorm virtual_batch_size")
              .ignores(
                  "momentum synchronized fused renorm_clipping renorm_momentum weights adjustment")
              .means(
                  "batch_norm with the stored statistics; axis a number, or a list of one. Keras 1,"
                      + " mode 1: (x - mean) / (sqrt(var + epsilon) + epsilon) of the last axis;"
                      + " mode 2, by the batch, is refused")
              .keeps(NormalisationLayers::batchRoles)
              .differsInTraining()
              .gives(NormalisationLayers::batch),
          Row.of("LayerNormalization")
              .reads("axis epsilon center scale rms_scaling")
              .means(
                  "layer_norm over the axes; rms_scaling: x * rsqrt(var(x) + epsilon) * gamma. The"
                      + " numbers of gamma and beta lie as the axes of x, whatever their order")
              .keeps(NormalisationLayers::layerRoles)
              .gives(NormalisationLayers::layer),
          Row.of("RMSNormalization")
              .takes("x|inputs")
              .reads("axis epsilon")
              .means(
                  "x * rsqrt(mean(x²) + epsilon) * scale; scale always lies on the last axes, as in"
                      + " Keras")
              .keeps("scale")
              .gives(NormalisationLayers::rootMeanSquare),
          Row.of("GroupNormalization Addons>GroupNormalization")
              .reads("groups axis epsilon center scale")
              .means("group_norm; groups of -1 are one for each channel")
              .keeps(s -> affine(s))
              .gives(NormalisationLayers::group),
          Row.of("Addons>InstanceNormalization InstanceNormalization")
              .reads("groups axis epsilon center scale")
              .means("group_norm with a group for each channel")
              .keeps(s -> affine(s))
              .gives(NormalisationLayers::instance),
          Row.of("LayerScale")
              .reads("init_values projection_dim")
              .means("ConvNeXt of keras.applications: x * gamma, on the last axis")
              .keeps("gamma")
              .gives(NormalisationLayers::scaled),
          Row.of("UnitNormalization")
              .reads("axis")
              .means("x * rsqrt(max(sum(x²), 1e-12)); from Keras 3.6 on x / max(√sum(x²), 1e-12)")
              .gives(NormalisationLayers::unit));

  private NormalisationLayers() {}

  private static List<Role> affine(KerasSettings settings) {
    return Role.list(
        settings.truth("scale", true) ? "gamma" : "", settings.truth("center", true) ? "beta" : "");
  }

  private static List<Role> layerRoles(KerasSettings settings) {
    boolean variance = settings.truth("rms_scaling", false);
    return Role.list(
        variance || settings.truth("scale", true) ? "gamma" : "",
        !variance && settings.truth("center", true) ? "beta" : "");
  }

  private static List<Role> batchRoles(KerasSettings settings) {
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
    List<Long> axes = listedAxes(call);
    if (axes.size() != 1) {
      throw call.settings().wrong("axis", "one axis");
    }
    int axis = call.axis("axis", axes.get(0), rank);
    if (axis == 0) {
      throw call.settings().wrong("axis", "an axis that is not the samples'");
    }
    return axis;
  }

  /** As the file has them. */
  private static List<Long> listedAxes(Call call) {
    return call.settings().isGiven("axis") ? call.settings().integersOrOne("axis") : List.of(-1L);
  }

  /** Counted from the first, in order. */
  private static List<Integer> axes(Call call, int rank) {
    List<Integer> counted =
        listedAxes(call).stream().map(a -> call.axis("axis", a, rank)).sorted().toList();
    boolean twice = counted.stream().distinct().count() < counted.size();
    if (counted.contains(0) || counted.isEmpty() || twice) {
      throw call.settings().wrong("axis", "different axes that are not the samples'");
    }
    return counted;
  }

  /** An array with an extent for each axis of a list. */
  private static Array listed(Call call, Tensor x, String role, List<Long> axes) {
    return call.array(
        role, axes.stream().mapToLong(a -> x.extent(call.axis("axis", a, x.rank()))).toArray());
  }

  /**
   * The axes in the order in which they lie in a stored array: that of the layer's list. Late
   * releases of Keras 3 sort the list first, negative numbers before the others.
   */
  private static List<Long> orderOfStored(Call call, Tensor x, Array array) {
    List<Long> given = listedAxes(call);
    List<Long> sorted = given.stream().sorted().toList();
    boolean inOrder = array.rank() == sorted.size();
    for (int i = 0; inOrder && i < sorted.size(); i++) {
      int axis = call.axis("axis", sorted.get(i), x.rank());
      inOrder = !x.isKnown(axis) || x.extent(axis) == array.extent(i);
    }
    return inOrder ? sorted : given;
  }

  /**
   * An array of a layer of several axes, as these lie in its input: Keras gives its numbers, one
   * after the other, the shape of the input, so that the order of the list has no other effect.
   */
  private static Array laid(Call call, Tensor x, String role) {
    List<Long> order = orderOfStored(call, x, call.array(role));
    Array array = listed(call, x, role, order);
    Map<Integer, Long> extents = new TreeMap<>();
    for (int i = 0; i < order.size(); i++) {
      extents.put(call.axis("axis", order.get(i), x.rank()), array.extent(i));
    }
    return array.reshaped(List.copyOf(extents.values()));
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
    call.settings().require("renorm", false);
    call.settings().require("virtual_batch_size");
    if (call.settings().integer("mode", 0) == 1) {
      return bySample(call);
    }
    call.settings().require("mode", 0);
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

  /** Mode 1 of Keras 1, which keeps statistics and has no use for them. */
  private static Tensor bySample(Call call) {
    Tensor x = call.input();
    int last = x.rank() - 1;
    if (oneAxis(call, x.rank()) != last || !x.isKnown(last)) {
      throw call.settings().wrong("axis", "the last one, of a known extent, in mode 1");
    }
    long channels = x.extent(last);
    call.array("moving_mean", channels);
    call.array("moving_variance", channels);
    double epsilon = epsilon(call, 1e-3);
    Ops ops = call.ops();
    Tensor apart = ops.pairwise("sub", x, ops.reduced("mean", x, List.of(last), true));
    Tensor variance = ops.reduced("mean", ops.pairwise("mul", apart, apart), List.of(last), true);
    Tensor deviation = ops.each("sqrt", ops.each("add", variance, epsilon));
    Tensor y = ops.pairwise("div", apart, ops.each("add", deviation, epsilon));
    Array gamma = call.array("gamma", channels);
    Array beta = call.array("beta", channels);
    Tensor scaled = ops.alike(y, "mul", y.value(), call.parameter("weight", gamma));
    return ops.alike(scaled, "add", scaled.value(), call.parameter("bias", beta));
  }

  private static Tensor layer(Call call) {
    Tensor x = call.input();
    List<Integer> axes = axes(call, x.rank());
    boolean variance = call.settings().truth("rms_scaling", false);
    boolean scale = call.settings().truth("scale", true) || variance;
    boolean center = call.settings().truth("center", true) && !variance;
    @Nullable Array gamma = scale ? laid(call, x, "gamma") : null;
    @Nullable Array beta = center ? laid(call, x, "beta") : null;
    Array any = gamma == null ? beta : gamma;
    List<Long> shape = any == null ? axes.stream().map(x::extent).toList() : any.shape();
    if (shape.contains(Tensor.UNKNOWN)) {
      throw call.refused("normalises over an axis of an extent that the file does not tell");
    }
    noteOtherAxes(call, x, axes);
    Ops ops = call.ops();
    Tensor last = behind(ops, x, axes);
    @Nullable Value weight = gamma == null ? null : call.parameter("weight", gamma);
    @Nullable Value bias = beta == null ? null : call.parameter("bias", beta);
    Tensor y =
        variance && weight != null
            ? byVariance(call, last, axes.size(), weight)
            : ops.alike(
                last, "layer_norm", last.value(), shape, weight, bias, epsilon(call, 1e-3), false);
    return back(ops, y, axes);
  }

  private static List<Integer> lastAxes(Tensor x, int count) {
    return IntStream.range(x.rank() - count, x.rank()).boxed().toList();
  }

  private static Tensor byVariance(Call call, Tensor x, int axes, Value weight) {
    Ops ops = call.ops();
    Tensor mean = ops.reduced("mean", x, lastAxes(x, axes), true);
    Tensor apart = ops.pairwise("sub", x, mean);
    Tensor variance =
        ops.reduced("mean", ops.pairwise("mul", apart, apart), lastAxes(x, axes), true);
    Tensor factor = ops.each("rsqrt", ops.each("add", variance, epsilon(call, 1e-3)));
    Tensor y = ops.pairwise("mul", x, factor);
    return ops.alike(y, "mul", y.value(), weight);
  }

  /** Keras 3 on PyTorch may give neighbouring axes to a function of the last ones. */
  private static void noteOtherAxes(Call call, Tensor x, List<Integer> axes) {
    List<Integer> last = lastAxes(x, axes.size());
    List<Long> own = axes.stream().map(x::extent).toList();
    boolean neighbours = axes.get(axes.size() - 1) - axes.get(0) == axes.size() - 1;
    if (call.dialect().major() == 3
        && neighbours
        && !axes.equals(last)
        && own.equals(last.stream().map(x::extent).toList())) {
      call.ops()
          .graph()
          .note(
              "layer '%s' normalises the axes %s as Keras does on TensorFlow and JAX; some of its releases take, on PyTorch, the last ones, which are as long"
                  .formatted(call.path(), axes));
    }
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

  /** Keras multiplies by the stored scale as it is, be the axes the last ones or not. */
  private static Tensor rootMeanSquare(Call call) {
    Tensor x = call.input();
    List<Integer> axes = axes(call, x.rank());
    Array scale = listed(call, x, "scale", orderOfStored(call, x, call.array("scale")));
    for (int i = 0; i < scale.rank(); i++) {
      int axis = x.rank() - scale.rank() + i;
      if (scale.extent(i) != 1 && x.isKnown(axis) && x.extent(axis) != scale.extent(i)) {
        throw call.refused(
            "has a scale of the shape %s, which Keras lays on the last axes, those of %s"
                .formatted(scale.shape(), x.shape().subList(1, x.rank())));
      }
    }
    noteOtherAxes(call, x, axes);
    Ops ops = call.ops();
    Tensor mean = ops.reduced("mean", ops.pairwise("mul", x, x), axes, true);
    Tensor factor = ops.each("rsqrt", ops.each("add", mean, epsilon(call, 1e-6)));
    Tensor y = ops.pairwise("mul", x, factor);
    return ops.alike(y, "mul", y.value(), call.parameter("weight", scale));
  }

  private static Tensor scaled(Call call) {
    call.settings().real("init_values");
    Tensor x = call.input();
    long width = call.settings().count("projection_dim");
    if (x.extent(x.rank() - 1) != width) {
      throw call.settings().wrong("projection_dim", "%s".formatted(x.extent(x.rank() - 1)));
    }
    Value gamma = call.parameter("weight", call.array("gamma", width));
    return call.ops().alike(x, "mul", x.value(), gamma);
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
      throw call.settings().wrong("groups", "a divisor of the %s channels".formatted(channels));
    }
    // A number alone is its own mean, of which PyTorch leaves noise.
    boolean alone = (groups == -1 || groups == channels) && isOneNumber(second);
    Tensor given = alone ? call.ops().pairwise("sub", second, second) : second;
    Tensor y =
        call.ops()
            .alike(
                given,
                "group_norm",
                given.value(),
                groups == -1 ? channels : groups,
                gamma(call, channels),
                beta(call, channels),
                epsilon(call, 1e-3),
                false);
    return call.ops().moved(y, 1, axis);
  }

  /** Whether a channel is one number for each sample. */
  private static boolean isOneNumber(Tensor x) {
    return x.shape().subList(2, x.rank()).stream().allMatch(extent -> extent == 1);
  }

  private static Tensor unit(Call call) {
    Tensor x = call.input();
    List<Integer> axes = axes(call, x.rank());
    return call.dialect().isFrom(3, 6)
        ? unitByNorm(call.ops(), x, axes, 1e-12)
        : unitBySquare(call.ops(), x, axes, 1e-12);
  }

  /** Divided by its norm, or by the least that is taken for one. */
  static Tensor unitByNorm(Ops ops, Tensor x, List<Integer> axes, double least) {
    Tensor factor = ops.each("rsqrt", squares(ops, x, axes));
    return ops.pairwise("mul", x, ops.each("clamp_max", factor, 1 / least));
  }

  /** Divided by its norm, or by the root of the least that is taken for the norm's square. */
  static Tensor unitBySquare(Ops ops, Tensor x, List<Integer> axes, double least) {
    Tensor sum = ops.each("clamp_min", squares(ops, x, axes), least);
    return ops.pairwise("mul", x, ops.each("rsqrt", sum));
  }

  private static Tensor squares(Ops ops, Tensor x, List<Integer> axes) {
    return ops.reduced("sum", ops.pairwise("mul", x, x), axes, true);
  }
}
