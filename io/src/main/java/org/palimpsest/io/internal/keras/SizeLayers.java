package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;

/**
 * Layers without arrays that change how large a tensor is or which shape it has: pooling,
 * resampling, padding, cropping and reshaping.
 */
final class SizeLayers {

  private SizeLayers() {}

  /** Pooling: keras/src/layers/pooling. */
  static final class Pooling {

    static final List<Row> ROWS = rows();

    private Pooling() {}

    private static List<Row> rows() {
      List<Row> rows = new ArrayList<>();
      for (int i = 1; i <= 3; i++) {
        int axes = i;
        rows.add(
            local("MaxPooling%sD MaxPool%sD".formatted(axes, axes))
                .means("max_pool%sd; what is padded is never taken".formatted(axes))
                .gives(call -> pooled(call, axes, true)));
        rows.add(
            local("AveragePooling%sD AvgPool%sD".formatted(axes, axes))
                .means("avg_pool%sd; what is padded does not count".formatted(axes))
                .gives(call -> pooled(call, axes, false)));
        rows.add(
            global("GlobalMaxPooling%sD GlobalMaxPool%sD".formatted(axes, axes))
                .means("amax")
                .gives(call -> global(call, axes, "amax")));
        rows.add(
            global("GlobalAveragePooling%sD GlobalAvgPool%sD".formatted(axes, axes))
                .means("mean")
                .gives(call -> global(call, axes, "mean")));
        rows.add(
            Row.of("AdaptiveAveragePooling%sD".formatted(axes))
                .reads("output_size data_format")
                .means("adaptive_avg_pool%sd".formatted(axes))
                .gives(call -> adaptive(call, axes, "adaptive_avg_pool%sd".formatted(axes))));
        rows.add(
            Row.of("AdaptiveMaxPooling%sD".formatted(axes))
                .reads("output_size data_format")
                .means("adaptive_max_pool%sd".formatted(axes))
                .gives(call -> adaptive(call, axes, "adaptive_max_pool%sd".formatted(axes))));
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
      KerasSettings settings = call.settings();
      boolean last = call.channelsLast();
      List<Long> size = settings.counts("pool_size", axes, 2);
      List<Long> strides = settings.has("strides") ? settings.counts("strides", axes, 1) : size;
      settings.passOver("strides");
      boolean same = settings.choice("padding", "valid", "valid", "same").equals("same");
      if (same && call.dialect().turnsKernels()) {
        if (axes == 3 && size.contains(1L)) {
          throw settings.wrong("pool_size", "2 or more (with Theano and padding 'same')");
        }
        Tensor x = Spatial.channelsSecond(call.ops(), call.input(axes + 2), last);
        return Spatial.asKeras(call.ops(), byTheano(call, x, size, strides, most), last);
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
      UnaryOperator<Tensor> padding =
          z -> Spatial.padded(ops, z, window, most ? Double.NEGATIVE_INFINITY : 0.0);
      Tensor y = most ? highest(ops, padding.apply(x), window) : mean(ops, x, window, padding);
      return Spatial.asKeras(ops, y, last);
    }

    /**
     * As much on both sides as keeps a window on the image, and as many results as strides fit, but
     * in volumes of some releases.
     */
    private static Tensor byTheano(
        Call call, Tensor x, List<Long> size, List<Long> strides, boolean most) {
      Ops ops = call.ops();
      int axes = size.size();
      long[][] sides = new long[axes][];
      for (int i = 0; i < axes; i++) {
        long extent = size.get(i);
        long side = extent > 2 && extent % 2 == 1 ? extent - 2 : extent - 1;
        sides[i] = new long[] {side, side};
      }
      List<Long> ones = Collections.nCopies(axes, 1L);
      Spatial.Window window = new Spatial.Window(size, strides, ones, false, true);
      UnaryOperator<Tensor> padding =
          z -> Spatial.padded(ops, z, sides, most ? Double.NEGATIVE_INFINITY : 0.0);
      Tensor y;
      if (most) {
        y = highest(ops, padding.apply(x), window);
      } else if (axes < 3 && told(call, call.dialect().countsPadding())) {
        y = plainMean(ops, padding.apply(x), window);
      } else {
        y = mean(ops, x, window, padding);
      }
      boolean whole = axes == 3 && told(call, call.dialect().keepsPaddedVolumes());
      return whole ? y : first(ops, y, x, strides);
    }

    private static boolean told(Call call, Optional<Boolean> byRelease) {
      return byRelease.orElseThrow(
          () ->
              call.refused(
                  "pads ('padding' is same), which releases of Keras 2 on Theano do otherwise, and the file does not tell its release. Save the network with a later Keras"));
    }

    /** As many results along each axis as strides fit. */
    private static Tensor first(Ops ops, Tensor pooled, Tensor x, List<Long> strides) {
      Tensor y = pooled;
      for (int i = 0; i < strides.size(); i++) {
        long stride = strides.get(i);
        Argument count = ops.over(ops.plus(ops.size(x, i + 2), Ops.number(stride - 1)), stride);
        y = ops.part(y, i + 2, Ops.number(0), count);
      }
      return y;
    }

    private static Tensor highest(Ops ops, Tensor padded, Spatial.Window window) {
      int axes = window.size().size();
      Value value =
          ops.call(
              "max_pool%sd".formatted(axes),
              padded.value(),
              window.size(),
              window.strides(),
              Collections.nCopies(axes, 0L),
              window.dilation(),
              false);
      return Tensor.of(value, Spatial.passed(padded, window, padded.extent(1)));
    }

    /** The mean of zeros around the image and of ones in it says how many count. */
    private static Tensor mean(
        Ops ops, Tensor x, Spatial.Window window, UnaryOperator<Tensor> padding) {
      Tensor y = plainMean(ops, padding.apply(x), window);
      if (!window.same() && !window.theano()) {
        return y;
      }
      List<Integer> first = List.of(0, 1);
      Tensor ones = ops.each("ones_like", x);
      for (int axis : first) {
        ones = Tensor.of(ops.call("narrow", ones.value(), axis, 0, 1), ones.shapeWith(axis, 1));
      }
      return ops.alike(y, "div", y.value(), plainMean(ops, padding.apply(ones), window).value());
    }

    private static Tensor plainMean(Ops ops, Tensor padded, Spatial.Window window) {
      int axes = window.size().size();
      Value value =
          ops.call(
              "avg_pool%sd".formatted(axes),
              padded.value(),
              window.size(),
              window.strides(),
              Collections.nCopies(axes, 0L),
              false,
              true);
      return Tensor.of(value, Spatial.passed(padded, window, padded.extent(1)));
    }

    private static Tensor global(Call call, int axes, String operator) {
      boolean last = call.channelsLast();
      boolean keep = call.settings().truth("keepdims", false);
      Tensor x = call.input(axes + 2);
      List<Integer> space =
          IntStream.range(0, axes).map(i -> last ? i + 1 : i + 2).boxed().toList();
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

  /** Up-sampling, padding, cropping and resizing: keras/src/layers/reshaping, …/preprocessing. */
  static final class Resampling {

    static final List<Row> ROWS = rows();

    private Resampling() {}

    private static List<Row> rows() {
      List<Row> rows = new ArrayList<>();
      for (int i = 1; i <= 3; i++) {
        int axes = i;
        String format = axes == 1 ? "size data_format" : "size data_format interpolation";
        rows.add(
            Row.of("UpSampling%sD".formatted(axes))
                .reads(format)
                .means(
                    "repeat_interleave; others as Resizing. Keras 2.2 and 2.3 by themselves"
                        + " interpolate from pixels' corners")
                .gives(call -> upSampled(call, axes)));
        rows.add(
            Row.of("ZeroPadding%sD".formatted(axes))
                .reads("padding data_format")
                .means("constant_pad_nd")
                .gives(call -> bordered(call, axes, "padding", 1)));
        rows.add(
            Row.of("Cropping%sD".formatted(axes))
                .reads("cropping data_format")
                .means("constant_pad_nd with less than nothing")
                .gives(call -> bordered(call, axes, "cropping", -1)));
      }
      rows.addAll(ofImages());
      return List.copyOf(rows);
    }

    private static List<Row> ofImages() {
      List<Row> rows = new ArrayList<>();
      rows.add(
          Row.of("Resizing")
              .takes("inputs|data")
              .reads(
                  "height width interpolation crop_to_aspect_ratio pad_to_aspect_ratio antialias"
                      + " data_format fill_mode fill_value")
              .means(
                  "_upsample_nearest_exact2d, upsample_bilinear2d; bicubic, area, lanczos, gaussian,"
                      + " mitchellcubic as TensorFlow computes them: matmul")
              .gives(Resampling::resized));
      rows.add(
          Row.of("CenterCrop")
              .takes("inputs|data")
              .reads("height width data_format")
              .means("slice from (size - target) // 2")
              .gives(Resampling::cropped));
      return rows;
    }

    private static Tensor upSampled(Call call, int axes) {
      KerasSettings settings = call.settings();
      boolean last = call.channelsLast();
      List<Long> factors = settings.counts("size", axes, 2);
      String how = axes == 1 ? "nearest" : settings.text("interpolation", "nearest");
      Tensor x = Spatial.channelsSecond(call.ops(), call.input(axes + 2), last);
      Tensor y;
      if (how.equals("nearest")) {
        y = repeated(call.ops(), x, factors);
      } else if (axes != 2) {
        throw settings.wrong("interpolation", "nearest");
      } else if (how.equals("bilinear") && call.dialect().interpolatesFromCorners()) {
        y =
            fromCorners(
                call.ops(), fromCorners(call.ops(), x, 2, factors.get(0)), 3, factors.get(1));
      } else {
        List<Argument> size = new ArrayList<>();
        IntStream.range(0, axes)
            .forEach(i -> size.add(call.ops().times(call.ops().size(x, i + 2), factors.get(i))));
        y = Resizer.resized(call, x, size, how, false);
      }
      return Spatial.asKeras(call.ops(), y, last);
    }

    private static Tensor repeated(Ops ops, Tensor x, List<Long> factors) {
      Tensor y = x;
      for (int i = 0; i < factors.size(); i++) {
        if (factors.get(i) > 1) {
          long extent = y.isKnown(i + 2) ? y.extent(i + 2) * factors.get(i) : Tensor.UNKNOWN;
          y =
              Tensor.of(
                  ops.call("repeat_interleave", y.value(), factors.get(i), i + 2),
                  y.shapeWith(i + 2, extent));
        }
      }
      return y;
    }

    /** Between each pixel and the next, the last one repeated: where pixels' corners count. */
    private static Tensor fromCorners(Ops ops, Tensor x, int axis, long factor) {
      Value all = x.value();
      Value rest = ops.call("slice", all, axis, 1, Long.MAX_VALUE, 1);
      Value end = ops.call("slice", all, axis, -1, Long.MAX_VALUE, 1);
      Value next = ops.call("cat", Argument.tensors(rest, end), axis);
      List<Value> phases = new ArrayList<>();
      for (long j = 0; j < factor; j++) {
        double share = (double) j / factor;
        Value own = ops.call("mul", all, 1 - share);
        phases.add(ops.call("add", own, ops.call("mul", next, share)));
      }
      Value stacked = ops.call("stack", Argument.tensors(phases), axis + 1);
      long extent = x.isKnown(axis) ? x.extent(axis) * factor : Tensor.UNKNOWN;
      return Tensor.of(ops.call("flatten", stacked, axis, axis + 1), x.shapeWith(axis, extent));
    }

    /** Both sides of each axis, of which there may be one number, or one for each axis. */
    private static long[][] sides(Call call, int axes, String setting) {
      JsonNode node = call.settings().node(setting);
      long[][] sides = new long[axes][2];
      for (int i = 0; i < axes; i++) {
        JsonNode own = axis(call, setting, axes, i);
        for (int side = 0; side < 2; side++) {
          JsonNode number = own.isArray() ? own.path(side) : own;
          if (!KerasSettings.isSize(number) || own.isArray() && own.size() != 2) {
            throw call.settings().wrong(setting, "two numbers for each of %s axes".formatted(axes));
          }
          sides[i][side] = number.longValue();
        }
      }
      return sides;
    }

    /** What is said of one axis; Keras 1 may have the four sides of a plane in one list. */
    private static JsonNode axis(Call call, String setting, int axes, int axis) {
      JsonNode node = call.settings().node(setting);
      if (!node.isArray() || axes == 1 && node.size() == 2 && !node.path(0).isArray()) {
        return node;
      }
      boolean four = call.dialect().major() == 1 && axes == 2 && node.size() == 4;
      if (four) {
        return JsonNodeFactory.instance
            .arrayNode()
            .add(node.path(2 * axis))
            .add(node.path(2 * axis + 1));
      }
      if (node.size() != axes) {
        throw call.settings().wrong(setting, "two numbers for each of %s axes".formatted(axes));
      }
      return node.path(axis);
    }

    private static Tensor bordered(Call call, int axes, String setting, int sign) {
      boolean last = call.channelsLast();
      long[][] sides = sides(call, axes, setting);
      for (long[] side : sides) {
        side[0] *= sign;
        side[1] *= sign;
      }
      Tensor x = Spatial.channelsSecond(call.ops(), call.input(axes + 2), last);
      return Spatial.asKeras(call.ops(), Spatial.padded(call.ops(), x, sides, 0.0), last);
    }

    private static Tensor resized(Call call) {
      KerasSettings settings = call.settings();
      settings.require("fill_mode", "constant");
      boolean last = call.channelsLast();
      Tensor given = Spatial.channelsSecond(call.ops(), call.input(4), last);
      List<Long> target = List.of(settings.count("height"), settings.count("width"));
      double fill = settings.real("fill_value", 0);
      boolean crop = settings.truth("crop_to_aspect_ratio", false);
      boolean pad = settings.truth("pad_to_aspect_ratio", false);
      Tensor cropped = crop ? Resizer.cropped(call, given, target) : given;
      Tensor x = pad && !crop ? Resizer.paddedToRatio(call, cropped, target, fill) : cropped;
      List<Argument> size = target.stream().map(Ops::number).toList();
      String how = settings.text("interpolation", "bilinear");
      Tensor y = Resizer.resized(call, x, size, how, settings.truth("antialias", false));
      return Spatial.asKeras(call.ops(), y, last);
    }

    private static Tensor cropped(Call call) {
      KerasSettings settings = call.settings();
      boolean last = call.channelsLast();
      Tensor x = Spatial.channelsSecond(call.ops(), call.input(4), last);
      List<Long> target = List.of(settings.count("height"), settings.count("width"));
      if (!x.isKnown(2) || !x.isKnown(3)) {
        throw call.refused("crops an image whose size the file does not tell");
      }
      Tensor y = x;
      boolean smaller = x.extent(2) < target.get(0) || x.extent(3) < target.get(1);
      if (smaller) {
        y = Resizer.croppedToRatio(call, x, target);
      } else {
        for (int i = 0; i < 2; i++) {
          long from = (x.extent(i + 2) - target.get(i)) / 2;
          y = call.ops().part(y, i + 2, Ops.number(from), Ops.number(from + target.get(i)));
        }
      }
      return Spatial.asKeras(call.ops(), y, last);
    }
  }

  /** Layers that change shapes alone: keras/src/layers/reshaping. */
  static final class Reshaping {

    static final List<Row> ROWS =
        List.of(
            Row.of("Flatten")
                .reads("data_format")
                .means("flatten; with channels first these are moved behind before")
                .gives(Reshaping::flattened),
            Row.of("Reshape")
                .reads("target_shape")
                .means("reshape behind the samples")
                .gives(Reshaping::reshaped),
            Row.of("Permute")
                .reads("dims")
                .means("permute; axes are counted from 1")
                .gives(Reshaping::permuted),
            Row.of("RepeatVector")
                .reads("n")
                .means("unsqueeze, expand")
                .gives(Reshaping::repeated));

    private Reshaping() {}

    private static Tensor flattened(Call call) {
      Tensor x = call.input();
      boolean last = call.channelsLast();
      if (call.dialect().major() == 1) {
        last = true;
      }
      Ops ops = call.ops();
      Tensor y = last || x.rank() < 3 ? x : ops.moved(x, 1, x.rank() - 1);
      if (y.rank() < 3) {
        return y.rank() == 2 ? y : ops.unsqueezed(y, 1);
      }
      long size = y.shape().stream().skip(1).reduce(1L, (a, b) -> a < 0 || b < 0 ? -1 : a * b);
      return new Tensor(ops.call("flatten", y.value(), 1, -1), List.of(y.extent(0), size), false);
    }

    private static Tensor reshaped(Call call) {
      List<Long> target = call.settings().integers("target_shape");
      boolean sound = target.stream().allMatch(extent -> extent > 0 || extent == -1);
      if (!sound || target.stream().filter(extent -> extent == -1).count() > 1) {
        throw call.settings().wrong("target_shape", "extents, one of them perhaps -1,");
      }
      return call.ops().reshaped(call.input(), target);
    }

    private static Tensor permuted(Call call) {
      Tensor x = call.input();
      List<Long> dims = call.settings().integers("dims");
      List<Integer> order = new ArrayList<>(List.of(0));
      dims.forEach(axis -> order.add(Math.toIntExact(axis)));
      for (int i = 0; i < x.rank(); i++) {
        if (order.size() != x.rank() || !order.contains(i)) {
          throw call.settings().wrong("dims", "the axes 1 to %s".formatted(x.rank() - 1));
        }
      }
      return call.ops().permuted(x, order);
    }

    private static Tensor repeated(Call call) {
      Tensor x = call.ops().unsqueezed(call.input(2), 1);
      long count = call.settings().count("n");
      Argument sizes = Argument.ints(-1, count, -1);
      return Tensor.of(call.ops().call("expand", x.value(), sizes), x.shapeWith(1, count));
    }
  }
}
