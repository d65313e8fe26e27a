package org.palimpsest.io.internal.keras;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.palimpsest.io.internal.graph.Value;

/** Preprocessing layers: keras/src/layers/preprocessing. */
final class PreprocessingLayers {

  /** The layers that take integers as numbers. */
  static final Set<String> TAKE_INTEGERS = Set.of("Rescaling", "Normalization", "Embedding");

  static final List<Row> ROWS =
      List.of(
          Row.of("Rescaling")
              .takes("inputs|data")
              .reads("scale offset")
              .means("mul, add; numbers, or one for each channel")
              .gives(PreprocessingLayers::rescaled),
          Row.of("Normalization")
              .reads("axis mean variance invert")
              .means("(x - mean) / max(sqrt(variance), 1e-7), and the reverse")
              .keeps(PreprocessingLayers::normalizationRoles)
              .gives(PreprocessingLayers::normalized));

  private static final double LEAST_DEVIATION = 1e-7;

  private PreprocessingLayers() {}

  private static Tensor rescaled(Call call) {
    KerasSettings settings = call.settings();
    Tensor x = new Tensor(call.input().value(), call.input().shape(), false);
    double[] scale = settings.reals("scale").orElseThrow(() -> settings.wrong("scale", "numbers"));
    double[] offset = settings.reals("offset").orElse(new double[] {0});
    Tensor scaled = withNumbers(call, "mul", x, "scale", scale);
    return withNumbers(call, "add", scaled, "offset", offset);
  }

  /** Numbers for the last axis, or one for all. */
  private static Tensor withNumbers(
      Call call, String operator, Tensor x, String name, double[] numbers) {
    if (numbers.length == 1) {
      return call.ops().each(operator, x, numbers[0]);
    }
    long last = x.extent(x.rank() - 1);
    if (last != Tensor.UNKNOWN && last != numbers.length && last != 1) {
      throw call.settings().wrong(name, "a number, or one for each of %s channels".formatted(last));
    }
    Value constant = call.constant(name, List.of((long) numbers.length), numbers);
    List<Long> shape = x.shapeWith(x.rank() - 1, numbers.length);
    return Tensor.of(call.ops().call(operator, x.value(), constant), shape);
  }

  private static List<Role> normalizationRoles(KerasSettings settings) {
    return settings.node("mean").isNull()
        ? List.of(Role.fixed("mean"), Role.fixed("variance"), Role.fixed("count"))
        : List.of();
  }

  private static Tensor normalized(Call call) {
    KerasSettings settings = call.settings();
    Tensor x = new Tensor(call.input().value(), call.input().shape(), false);
    List<Long> given = settings.node("axis").isNull() ? List.of() : settings.integersOrOne("axis");
    List<Integer> axes = given.stream().map(a -> call.axis("axis", a, x.rank())).sorted().toList();
    boolean inverse = settings.truth("invert", false);
    if (axes.size() > 1 || axes.contains(0)) {
      throw settings.wrong("axis", "one axis, or none");
    }
    Value mean;
    Value variance;
    List<Long> shape = new ArrayList<>(Collections.nCopies(x.rank(), 1L));
    if (settings.node("mean").isNull()) {
      settings.passOver("variance");
      call.array("count");
      axes.forEach(axis -> shape.set(axis, call.array("mean").stored().elements()));
      mean = call.buffer("mean", call.array("mean"));
      variance = call.buffer("variance", call.array("variance"));
    } else {
      double[] means = settings.reals("mean").orElseThrow();
      double[] variances =
          settings.reals("variance").orElseThrow(() -> settings.wrong("variance", "numbers"));
      axes.forEach(axis -> shape.set(axis, (long) Math.max(means.length, variances.length)));
      mean = numbers(call, "mean", means, shape);
      variance = numbers(call, "variance", variances, shape);
    }
    return normalized(call, x, mean, variance, shape, inverse);
  }

  private static Value numbers(Call call, String name, double[] values, List<Long> shape) {
    long needed = shape.stream().reduce(1L, (a, b) -> a * b);
    double[] all = values;
    if (values.length == 1) {
      all = new double[Math.toIntExact(needed)];
      Arrays.fill(all, values[0]);
    }
    if (all.length != needed) {
      throw call.settings().wrong(name, needed + " numbers");
    }
    return call.constant(name, List.of(needed), all);
  }

  private static Tensor normalized(
      Call call, Tensor x, Value mean, Value variance, List<Long> shape, boolean inverse) {
    Ops ops = call.ops();
    for (int i = 1; i < x.rank(); i++) {
      if (shape.get(i) > 1 && x.isKnown(i) && x.extent(i) != shape.get(i)) {
        throw call.refused("has %s means for an axis of %s".formatted(shape.get(i), x.extent(i)));
      }
    }
    Value centre = ops.call("reshape", mean, shape);
    Value spread =
        ops.call(
            "clamp_min", ops.call("sqrt", ops.call("reshape", variance, shape)), LEAST_DEVIATION);
    return inverse
        ? ops.alike(x, "add", ops.call("mul", x.value(), spread), centre)
        : ops.alike(x, "div", ops.call("sub", x.value(), centre), spread);
  }

  /** Layers that hand on what they are given when nothing is trained. */
  static final class Training {

    private static final String NONE = "nothing: its input is its result";

    static final List<Row> ROWS =
        List.of(
            identity("Dropout").ignores("rate noise_shape seed"),
            identity("SpatialDropout1D").ignores("rate noise_shape seed data_format"),
            identity("SpatialDropout2D").ignores("rate noise_shape seed data_format"),
            identity("SpatialDropout3D").ignores("rate noise_shape seed data_format"),
            identity("AlphaDropout").ignores("rate noise_shape seed"),
            identity("GaussianDropout").ignores("rate seed"),
            identity("GaussianNoise").ignores("stddev seed"),
            identity("ActivityRegularization").ignores("l1 l2"),
            identity("RandomFlip").ignores("data_format mode seed value_range"),
            identity("RandomRotation")
                .ignores("data_format factor fill_mode fill_value interpolation seed value_range"),
            identity("RandomTranslation")
                .ignores(
                    "data_format fill_mode fill_value height_factor interpolation seed value_range"
                        + " width_factor"),
            identity("RandomZoom")
                .ignores(
                    "data_format fill_mode fill_value height_factor interpolation seed value_range"
                        + " width_factor"),
            identity("RandomContrast").ignores("data_format factor seed value_range"),
            identity("RandomBrightness").ignores("data_format factor seed value_range"),
            identity("RandomColorDegeneration").ignores("data_format factor seed value_range"),
            identity("RandomColorJitter")
                .ignores(
                    "brightness_factor contrast_factor data_format hue_factor saturation_factor seed"
                        + " value_range"),
            identity("RandomElasticTransform")
                .ignores(
                    "alpha data_format factor fill_mode fill_value interpolation scale seed sigma"
                        + " value_range"),
            identity("RandomErasing")
                .ignores("data_format factor fill_value scale seed value_range"),
            identity("RandomGaussianBlur")
                .ignores("data_format factor kernel_size seed sigma value_range"),
            identity("RandomGrayscale").ignores("data_format factor seed value_range"),
            identity("RandomHue").ignores("data_format factor seed value_range"),
            identity("RandomInvert").ignores("data_format factor seed value_range"),
            identity("RandomPerspective")
                .ignores("data_format factor fill_value interpolation scale seed value_range"),
            identity("RandomPosterization").ignores("data_format factor seed value_range"),
            identity("RandomSaturation").ignores("data_format factor seed value_range"),
            identity("RandomSharpness").ignores("data_format factor seed value_range"),
            identity("RandomShear")
                .ignores(
                    "data_format fill_mode fill_value interpolation seed value_range x_factor"
                        + " y_factor"),
            identity("RandomHeight").ignores("data_format factor interpolation seed value_range"),
            identity("RandomWidth").ignores("data_format factor interpolation seed value_range"),
            identity("Identity"));

    private Training() {}

    private static Row identity(String name) {
      return Row.of(name).takes("inputs|data").means(NONE).differsInTraining().gives(Call::input);
    }
  }
}
