package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;

/** Up-sampling, padding, cropping and resizing: keras/src/layers/reshaping, …/preprocessing. */
final class Resampling {

  static final List<Row> ROWS = rows();

  private Resampling() {}

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      int axes = i;
      String format = axes == 1 ? "size data_format" : "size data_format interpolation";
      rows.add(
          Row.of("UpSampling%dD".formatted(axes))
              .reads(format)
              .means(
                  "repeat_interleave; others as Resizing. Keras 2.2 and 2.3 by themselves"
                      + " interpolate from pixels' corners")
              .gives(call -> upSampled(call, axes)));
      rows.add(
          Row.of("ZeroPadding%dD".formatted(axes))
              .reads("padding data_format")
              .means("constant_pad_nd")
              .gives(call -> bordered(call, axes, "padding", 1)));
      rows.add(
          Row.of("Cropping%dD".formatted(axes))
              .reads("cropping data_format")
              .means("constant_pad_nd with less than nothing")
              .gives(call -> bordered(call, axes, "cropping", -1)));
    }
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
    return List.copyOf(rows);
  }

  private static Tensor upSampled(Call call, int axes) {
    Settings settings = call.settings();
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
      y = fromCorners(call.ops(), fromCorners(call.ops(), x, 2, factors.get(0)), 3, factors.get(1));
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
        if (!Settings.isSize(number) || own.isArray() && own.size() != 2) {
          throw call.settings().wrong(setting, "two numbers for each of %d axes".formatted(axes));
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
      throw call.settings().wrong(setting, "two numbers for each of %d axes".formatted(axes));
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
    Settings settings = call.settings();
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
    Settings settings = call.settings();
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
