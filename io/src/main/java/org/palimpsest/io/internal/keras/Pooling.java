package org.palimpsest.io.internal.keras;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.io.internal.graph.Value;

/** Pooling: keras/src/layers/pooling. */
final class Pooling {

  static final List<Row> ROWS = rows();

  private Pooling() {}

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      int axes = i;
      rows.add(
          local("MaxPooling%dD MaxPool%dD".formatted(axes, axes))
              .means("max_pool%dd; what is padded is never taken".formatted(axes))
              .gives(call -> pooled(call, axes, true)));
      rows.add(
          local("AveragePooling%dD AvgPool%dD".formatted(axes, axes))
              .means("avg_pool%dd; what is padded does not count".formatted(axes))
              .gives(call -> pooled(call, axes, false)));
      rows.add(
          global("GlobalMaxPooling%dD GlobalMaxPool%dD".formatted(axes, axes))
              .means("amax")
              .gives(call -> global(call, axes, "amax")));
      rows.add(
          global("GlobalAveragePooling%dD GlobalAvgPool%dD".formatted(axes, axes))
              .means("mean")
              .gives(call -> global(call, axes, "mean")));
      rows.add(
          Row.of("AdaptiveAveragePooling%dD".formatted(axes))
              .reads("output_size data_format")
              .means("adaptive_avg_pool%dd".formatted(axes))
              .gives(call -> adaptive(call, axes, "adaptive_avg_pool%dd".formatted(axes))));
      rows.add(
          Row.of("AdaptiveMaxPooling%dD".formatted(axes))
              .reads("output_size data_format")
              .means("adaptive_max_pool%dd".formatted(axes))
              .gives(call -> adaptive(call, axes, "adaptive_max_pool%dd".formatted(axes))));
    }
    return List.copyOf(rows);
  }

  private static Row local(String classes) {
    return Row.of(classes).reads("pool_size strides padding data_format");
  }

  private static Row global(String classes) {
    return Row.of(classes).reads("data_format keepdims");
  }

  private static Tensor pooled(Call call, int axes, boolean most) {
    Settings settings = call.settings();
    boolean last = call.channelsLast();
    List<Long> size = settings.counts("pool_size", axes, 2);
    List<Long> strides = settings.has("strides") ? settings.counts("strides", axes, 1) : size;
    settings.passOver("strides");
    boolean same = settings.choice("padding", "valid", "valid", "same").equals("same");
    boolean theano = call.dialect().turnsKernels();
    if (same && theano) {
      throw settings.wrong("padding", "valid (Theano pads otherwise, which is not known here)");
    }
    return pooled(call.ops(), call.input(axes + 2), size, strides, same, last, most);
  }

  static Tensor pooled(
      Ops ops,
      Tensor given,
      List<Long> size,
      List<Long> strides,
      boolean same,
      boolean last,
      boolean most) {
    List<Long> ones = Collections.nCopies(size.size(), 1L);
    Spatial.Window window = new Spatial.Window(size, strides, ones, same, false);
    Tensor x = Spatial.channelsSecond(ops, given, last);
    Tensor y = most ? highest(ops, x, window) : mean(ops, x, window);
    return Spatial.asKeras(ops, y, last);
  }

  private static Tensor highest(Ops ops, Tensor x, Spatial.Window window) {
    int axes = window.size().size();
    Tensor padded = Spatial.padded(ops, x, window, Double.NEGATIVE_INFINITY);
    Value value =
        ops.call(
            "max_pool%dd".formatted(axes),
            padded.value(),
            window.size(),
            window.strides(),
            Collections.nCopies(axes, 0L),
            window.dilation(),
            false);
    return Tensor.of(value, Spatial.passed(padded, window, x.extent(1)));
  }

  /** The mean of zeros around the image and of ones in it says how many count. */
  private static Tensor mean(Ops ops, Tensor x, Spatial.Window window) {
    Tensor y = plainMean(ops, x, window);
    if (!window.same()) {
      return y;
    }
    List<Integer> first = List.of(0, 1);
    Tensor ones = ops.each("ones_like", x);
    for (int axis : first) {
      ones = Tensor.of(ops.call("narrow", ones.value(), axis, 0, 1), ones.shapeWith(axis, 1));
    }
    return ops.alike(y, "div", y.value(), plainMean(ops, ones, window).value());
  }

  private static Tensor plainMean(Ops ops, Tensor x, Spatial.Window window) {
    int axes = window.size().size();
    Tensor padded = Spatial.padded(ops, x, window, 0.0);
    Value value =
        ops.call(
            "avg_pool%dd".formatted(axes),
            padded.value(),
            window.size(),
            window.strides(),
            Collections.nCopies(axes, 0L),
            false,
            true);
    return Tensor.of(value, Spatial.passed(padded, window, x.extent(1)));
  }

  private static Tensor global(Call call, int axes, String operator) {
    boolean last = call.channelsLast();
    boolean keep = call.settings().truth("keepdims", false);
    Tensor x = call.input(axes + 2);
    List<Integer> space = IntStream.range(0, axes).map(i -> last ? i + 1 : i + 2).boxed().toList();
    return call.ops().reduced(operator, x, space, keep);
  }

  private static Tensor adaptive(Call call, int axes, String operator) {
    boolean last = call.channelsLast();
    List<Long> size = call.settings().counts("output_size", axes, 1);
    Tensor x = Spatial.channelsSecond(call.ops(), call.input(axes + 2), last);
    List<Long> shape = new ArrayList<>(x.shape().subList(0, 2));
    shape.addAll(size);
    Value value =
        operator.contains("max")
            ? call.ops().graph().operator(operator).with(x.value(), size).values(2).get(0)
            : call.ops().call(operator, x.value(), size);
    return Spatial.asKeras(call.ops(), Tensor.of(value, shape), last);
  }
}
