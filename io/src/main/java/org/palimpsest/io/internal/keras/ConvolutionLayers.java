package org.palimpsest.io.internal.keras;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.internal.graph.Value;

/** Convolutions: keras/src/layers/convolutional (Keras 3), keras/layers/convolutional (Keras 2). */
final class ConvolutionLayers {

  private static final String SHARED =
      "kernel_size strides padding data_format dilation_rate use_bias activation";

  private static final String TRANSPOSED =
      "transposed: without output_padding as large as the strides make the image, with it"
          + " (n-1)*s+k-2*(k//2)+p";

  /** So much may be added around an image. */
  private static final long FARTHEST = 1 << 20;

  static final List<Row> ROWS =
      List.of(
          convolution("Conv1D", 1).ignores("input_dim input_length weights"),
          convolution("Conv2D", 2).ignores("weights"),
          convolution("Conv3D", 3).ignores("weights"),
          transposed("Conv1DTranspose", 1),
          transposed("Conv2DTranspose", 2),
          transposed("Conv3DTranspose", 3),
          depthwise("DepthwiseConv1D", 1),
          depthwise("DepthwiseConv2D", 2),
          separable("SeparableConv1D", 1),
          separable("SeparableConv2D", 2));

  private ConvolutionLayers() {}

  private static Row convolution(String name, int axes) {
    return Row.of(name + " Convolution" + axes + "D")
        .reads("filters groups " + SHARED)
        .means(
            "constant_pad_nd, conv%sd; kernels (k…, in/groups, out) → (out, in/groups, k…)"
                .formatted(axes))
        .keeps(s -> Role.list("kernel", s.truth("use_bias", true) ? "bias" : ""))
        .gives(call -> convolved(call, axes));
  }

  private static Row transposed(String name, int axes) {
    String first = axes == 2 ? "; Keras 1: as large as output_shape says, on TensorFlow" : "";
    return Row.of(name + (axes == 1 ? "" : " Convolution%sDTranspose".formatted(axes)))
        .reads("filters groups output_padding output_shape " + SHARED)
        .means("conv_transpose%sd, constant_pad_nd; %s%s".formatted(axes, TRANSPOSED, first))
        .keeps(s -> Role.list("kernel", s.truth("use_bias", true) ? "bias" : ""))
        .gives(call -> convolvedTransposed(call, axes));
  }

  private static Row depthwise(String name, int axes) {
    return Row.of(name + (axes == 1 ? "" : " DepthwiseConvolution2D"))
        .reads("depth_multiplier groups filters " + SHARED)
        .means("conv%sd with a group for each channel; result in*multiplier+m".formatted(axes))
        .keeps(s -> Role.list("depthwise_kernel", s.truth("use_bias", true) ? "bias" : ""))
        .gives(call -> depthwise(call, axes));
  }

  private static Row separable(String name, int axes) {
    return Row.of(name)
        .reads("filters depth_multiplier groups " + SHARED)
        .means("conv%sd twice: a group for each channel, then of size 1".formatted(axes))
        .keeps(
            s ->
                Role.list(
                    "depthwise_kernel",
                    "pointwise_kernel",
                    s.truth("use_bias", true) ? "bias" : ""))
        .gives(call -> separable(call, axes));
  }

  /** The window of a convolution; a causal one is padded before by the caller. */
  private static Spatial.Window window(Call call, int axes, String... paddings) {
    KerasSettings settings = call.settings();
    boolean same = settings.choice("padding", "valid", paddings).equals("same");
    Spatial.Window window =
        new Spatial.Window(
            settings.counts("kernel_size", axes, 1),
            settings.counts("strides", axes, 1),
            settings.counts("dilation_rate", axes, 1),
            same,
            call.dialect().turnsKernels());
    if (IntStream.range(0, axes).anyMatch(axis -> window.reach(axis) > FARTHEST)) {
      throw settings.wrong("dilation_rate", "a window of at most %s pixels".formatted(FARTHEST));
    }
    return window;
  }

  private static @Nullable Value bias(Call call, long filters) {
    return call.settings().truth("use_bias", true)
        ? call.parameter("bias", call.array("bias", filters))
        : null;
  }

  /** The axes of a kernel (k…, a, b) as (b, a, k…). */
  private static List<Integer> backwards(int axes) {
    List<Integer> order = new ArrayList<>(List.of(axes + 1, axes));
    IntStream.range(0, axes).forEach(order::add);
    return order;
  }

  private static long[] shape(List<Long> size, long first, long second) {
    List<Long> all = new ArrayList<>(size);
    all.add(first);
    all.add(second);
    return all.stream().mapToLong(Long::longValue).toArray();
  }

  private static Array kernel(
      Call call, String role, int axes, List<Long> size, long in, long filters) {
    boolean ofKerasOne = call.dialect().major() == 1;
    boolean outFirst = ofKerasOne && axes > 1 && !call.channelsLast();
    boolean plane = ofKerasOne && axes == 1;
    Array stored;
    if (plane) {
      stored = call.array(role, size.get(0), 1, in, filters);
    } else if (outFirst) {
      List<Long> expected = new ArrayList<>(List.of(filters, in));
      expected.addAll(size);
      stored = call.array(role, expected.stream().mapToLong(Long::longValue).toArray());
    } else {
      stored = call.array(role, shape(size, in, filters));
    }
    Array turned =
        call.dialect().turnsKernels()
            ? call.made(role, stored, array -> array.reversed(outFirst ? 2 : 0, axes))
            : stored;
    return outFirst ? turned : (plane ? turned.at(1, 0) : turned).permuted(backwards(axes));
  }

  /** A causal window sees what is before it alone. */
  private static Tensor padded(Ops ops, Tensor x, Spatial.Window window, boolean causal) {
    return causal
        ? Spatial.padded(ops, x, new long[][] {{window.reach(0) - 1, 0}}, 0.0)
        : Spatial.padded(ops, x, window, 0.0);
  }

  private static Tensor convolved(Call call, int axes) {
    KerasSettings settings = call.settings();
    boolean last = call.channelsLast();
    boolean causal = settings.text("padding", "valid").equals("causal") && axes == 1;
    Spatial.Window window =
        axes == 1
            ? window(call, axes, "valid", "same", "causal")
            : window(call, axes, "valid", "same");
    long filters = settings.count("filters");
    long groups = settings.count("groups", 1);
    Tensor x = Spatial.channelsSecond(call.ops(), call.input(axes + 2), last);
    long in = x.extent(1);
    if (in != Tensor.UNKNOWN && in % groups != 0) {
      throw settings.wrong("groups", "a divisor of the %s channels".formatted(in));
    }
    Array kernel =
        kernel(
            call,
            "kernel",
            axes,
            window.size(),
            in == Tensor.UNKNOWN ? Tensor.UNKNOWN : in / groups,
            filters);
    Tensor padded = padded(call.ops(), x, window, causal);
    Value value =
        call.ops()
            .call(
                "conv%sd".formatted(axes),
                padded.value(),
                call.parameter("weight", kernel),
                bias(call, filters),
                window.strides(),
                Collections.nCopies(axes, 0L),
                window.dilation(),
                groups);
    Tensor y = Tensor.of(value, Spatial.passed(padded, window, filters));
    return call.activated(Spatial.asKeras(call.ops(), y, last));
  }

  private static Tensor convolvedTransposed(Call call, int axes) {
    KerasSettings settings = call.settings();
    settings.require("groups", 1);
    boolean toldShape = call.dialect().major() == 1;
    if (!toldShape) {
      settings.passOver("output_shape");
    }
    noteMissingPadding(call);
    boolean last = call.channelsLast();
    Spatial.Window window = window(call, axes, "valid", "same");
    long filters = settings.count("filters");
    Tensor x = Spatial.channelsSecond(call.ops(), call.input(axes + 2), last);
    Array stored = transposedKernel(call, axes, window, filters, x.extent(1));
    long[][] sides = new long[axes][];
    List<Long> shape = new ArrayList<>(List.of(x.extent(0), filters));
    for (int i = 0; i < axes; i++) {
      sides[i] = toldShape ? sidesOfShape(call, window, x, i) : sides(call, window, axes, i);
      long full = (x.extent(i + 2) - 1) * window.strides().get(i) + window.reach(i);
      shape.add(x.isKnown(i + 2) ? full : Tensor.UNKNOWN);
    }
    boolean growing = Arrays.stream(sides).anyMatch(side -> side[1] > 0);
    Value bias = bias(call, filters);
    Value value =
        call.ops()
            .call(
                "conv_transpose%sd".formatted(axes),
                x.value(),
                call.parameter("weight", stored),
                growing ? null : bias,
                window.strides(),
                Collections.nCopies(axes, 0L),
                Collections.nCopies(axes, 0L),
                1,
                window.dilation());
    Tensor y = Spatial.padded(call.ops(), Tensor.of(value, shape), sides, 0.0);
    Tensor biased = growing && bias != null ? withBias(call.ops(), y, bias) : y;
    return call.activated(Spatial.asKeras(call.ops(), biased, last));
  }

  private static Tensor withBias(Ops ops, Tensor x, Value bias) {
    List<Long> ones = new ArrayList<>(Collections.nCopies(x.rank() - 1, 1L));
    ones.set(0, -1L);
    return ops.alike(x, "add", x.value(), ops.call("reshape", bias, ones));
  }

  private static void noteMissingPadding(Call call) {
    if (call.dialect().major() == 3 && !call.settings().isGiven("output_padding")) {
      call.ops()
          .graph()
          .note(
              "layer '%s' does not tell its output_padding, as Keras 3.0 left it out; taken for none. If it had one, its result and what follows have other shapes and numbers here than in Keras"
                  .formatted(call.path()));
    }
  }

  private static Array transposedKernel(
      Call call, int axes, Spatial.Window window, long filters, long in) {
    if (call.dialect().major() == 1) {
      List<Integer> order = new ArrayList<>(List.of(1, 0));
      IntStream.range(2, axes + 2).forEach(order::add);
      return kernel(call, "kernel", axes, window.size(), in, filters).permuted(order);
    }
    Array stored = call.array("kernel", shape(window.size(), filters, in));
    Array turned =
        call.dialect().turnsKernels()
            ? call.made("kernel", stored, array -> array.reversed(0, axes))
            : stored;
    return turned.permuted(backwards(axes));
  }

  /** What is added before and after the full result; less than nothing is cut off. */
  private static long[] sides(Call call, Spatial.Window window, int axes, int axis) {
    KerasSettings settings = call.settings();
    boolean given = settings.has("output_padding");
    long more = given ? settings.integers("output_padding", axes).get(axis) : 0;
    settings.passOver("output_padding");
    long stride = window.strides().get(axis);
    long reach = window.reach(axis);
    if (given && (more < 0 || more >= stride)) {
      throw settings.wrong("output_padding", "less than the strides");
    }
    if (!window.same()) {
      return new long[] {0, given ? more : Math.max(stride - reach, 0)};
    }
    if (window.theano()) {
      if (given || reach % 2 == 0) {
        throw call.refused("is a transposed convolution of Theano that is not known here");
      }
      return new long[] {-(reach / 2), stride + reach / 2 - reach};
    }
    long cut = given ? Math.max(2 * (reach / 2) - more, 0) / 2 : Math.max(reach - stride, 0) / 2;
    long grown = given ? reach % 2 + more : stride;
    return new long[] {-cut, grown + cut - reach};
  }

  /** Keras 1 is told the shape of the result, of which its convolution would make the input. */
  private static long[] sidesOfShape(Call call, Spatial.Window window, Tensor x, int axis) {
    call.settings().passOver("output_padding");
    List<Long> shape = Configuration.shape(call.settings().node("output_shape"));
    int place = axis + (call.channelsLast() ? 1 : 2);
    long stride = window.strides().get(axis);
    if (window.theano() || shape.size() != x.rank() || !x.isKnown(axis + 2)) {
      throw call.refused(
          "is a transposed convolution of Keras 1, which is known on TensorFlow, with the shape of its result and of its input");
    }
    long result = shape.get(place);
    long full = (x.extent(axis + 2) - 1) * stride + window.reach(axis);
    long cut = window.same() ? Math.max(full - result, 0) / 2 : 0;
    long least = window.same() ? (x.extent(axis + 2) - 1) * stride + 1 : full;
    if (result < least || result >= least + stride) {
      throw call.settings().wrong("output_shape", "%s to %s".formatted(least, least + stride - 1));
    }
    return new long[] {-cut, result - full + cut};
  }

  /** A kernel (k…, in, m) as (in*m, 1, k…). */
  private static Array perChannel(Call call, int axes, Spatial.Window window, long in) {
    if (call.dialect().turnsKernels() && call.dialect().major() == 1) {
      throw call.refused("works on each channel in Keras 1 with Theano, which is not known here");
    }
    long multiplier = call.settings().count("depth_multiplier", 1);
    if (call.dialect().major() == 1 && !call.channelsLast()) {
      return perChannelOfKerasOne(call, axes, window, in, multiplier);
    }
    // Keras turns these before Theano turns them back.
    Array stored = call.array("depthwise_kernel", shape(window.size(), in, multiplier));
    List<Integer> order = new ArrayList<>(List.of(axes, axes + 1));
    IntStream.range(0, axes).forEach(order::add);
    return stored.permuted(order).merged(0).unsqueezed(1);
  }

  /** Keras 1 stores (m, in, k…) where channels come first. */
  private static Array perChannelOfKerasOne(
      Call call, int axes, Spatial.Window window, long in, long multiplier) {
    List<Long> expected = new ArrayList<>(List.of(multiplier, in));
    expected.addAll(window.size());
    Array stored =
        call.array("depthwise_kernel", expected.stream().mapToLong(Long::longValue).toArray());
    List<Integer> order = new ArrayList<>(List.of(1, 0));
    IntStream.range(2, axes + 2).forEach(order::add);
    Array turned = call.made("depthwise_kernel", stored, array -> array.permuted(order).gathered());
    return turned.merged(0).unsqueezed(1);
  }

  private static Tensor perChannel(
      Call call,
      Tensor padded,
      Spatial.Window window,
      Value weight,
      @Nullable Value bias,
      long in,
      long out) {
    Value value =
        call.ops()
            .call(
                "conv%sd".formatted(window.size().size()),
                padded.value(),
                weight,
                bias,
                window.strides(),
                Collections.nCopies(window.size().size(), 0L),
                window.dilation(),
                in);
    return Tensor.of(value, Spatial.passed(padded, window, out));
  }

  private static Tensor depthwise(Call call, int axes) {
    KerasSettings settings = call.settings();
    settings.require("groups", 1);
    settings.passOver("filters");
    boolean last = call.channelsLast();
    Spatial.Window window = window(call, axes, "valid", "same");
    Tensor x = Spatial.channelsSecond(call.ops(), call.input(axes + 2), last);
    Array kernel = perChannel(call, axes, window, x.extent(1));
    long out = kernel.extent(0);
    long in = out / settings.count("depth_multiplier", 1);
    Tensor padded = Spatial.padded(call.ops(), x, window, 0.0);
    Tensor y =
        perChannel(
            call, padded, window, call.parameter("weight", kernel), bias(call, out), in, out);
    return call.activated(Spatial.asKeras(call.ops(), y, last));
  }

  private static Tensor separable(Call call, int axes) {
    KerasSettings settings = call.settings();
    settings.require("groups", 1);
    boolean last = call.channelsLast();
    boolean causal = settings.text("padding", "valid").equals("causal") && axes == 1;
    Spatial.Window window = window(call, axes, "valid", "same", axes == 1 ? "causal" : "same");
    if (window.theano() && window.same() && window.size().stream().anyMatch(k -> k % 2 == 0)) {
      throw settings.wrong("kernel_size", "odd (with Theano and padding 'same')");
    }
    long filters = settings.count("filters");
    Tensor x = Spatial.channelsSecond(call.ops(), call.input(axes + 2), last);
    Array first = perChannel(call, axes, window, x.extent(1));
    long middle = first.extent(0);
    long in = middle / settings.count("depth_multiplier", 1);
    Tensor padded = padded(call.ops(), x, window, causal);
    Tensor y =
        perChannel(
            call, padded, window, call.parameter("depthwise.weight", first), null, in, middle);
    List<Long> ones = Collections.nCopies(axes, 1L);
    Array second = kernel(call, "pointwise_kernel", axes, ones, middle, filters);
    Value value =
        call.ops()
            .call(
                "conv%sd".formatted(axes),
                y.value(),
                call.parameter("pointwise.weight", second),
                bias(call, filters),
                ones,
                Collections.nCopies(axes, 0L),
                ones,
                1);
    List<Long> shape = y.shapeWith(1, filters);
    return call.activated(Spatial.asKeras(call.ops(), Tensor.of(value, shape), last));
  }
}
