package org.palimpsest.io.internal.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/**
 * Functions and modules without weights of a network of one's own, as docs/architectures/README.md
 * lists them, against the formulas of PyTorch's documentation.
 */
class OwnFunctionsTest {

  private static final int ROWS = 4;
  private static final int COLUMNS = 5;
  private static final double BOUND = 1e-5;

  @TempDir private Path folder;

  /** A value of an image at a row and a column. */
  @FunctionalInterface
  private interface Plane {
    double at(int row, int column);
  }

  /** The image that all networks here are shown: of both signs, and nowhere alike. */
  private static double image(int row, int column) {
    return Math.sin(1.7 * row + 0.9 * column) * (1 + row) - 0.1 * column;
  }

  private static Probes probes() {
    INDArray image = Nd4j.create(1, 1, ROWS, COLUMNS);
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < COLUMNS; column++) {
        image.putScalar(new int[] {0, 0, row, column}, image(row, column));
      }
    }
    return Probes.of(image);
  }

  /** A convolution of one position that gives what it is given, so that there are weights. */
  private Path weights() throws IOException {
    byte[] header =
        "{\"same.weight\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1],\"data_offsets\":[0,4]}}"
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header).putFloat(1);
    return Files.write(folder.resolve("net.safetensors"), bytes.array());
  }

  private ActivationSource network(String steps, String rest) throws IOException {
    String text =
        """
        {'input': {'channels': 1, 'axes': 2},
         'steps': [{'module': 'same', 'type': 'Conv2d', 'as': 'x'}, %s]%s}"""
            .formatted(steps, rest);
    Path description = Files.writeString(folder.resolve("net.json"), text.replace('\'', '"'));
    return Inputs.network(
        weights(), RunLimits.withDefaults(), NetworkOptions.none().withArchitecture(description));
  }

  /** What each of these steps gives for the image. */
  private Map<String, INDArray> answers(Map<String, String> steps) throws IOException {
    List<String> written = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    steps.forEach(
        (name, step) -> {
          written.add("{%s, 'from': 'x', 'as': '%s'}".formatted(step, name));
          outputs.add("'%s': '%s'".formatted(name, name));
        });
    outputs.add("'unchanged': 'x'");
    String rest = ", 'output': {%s}".formatted(String.join(", ", outputs));
    try (ActivationSource opened = network(String.join(", ", written), rest)) {
      ActivationSet all = opened.capture(probes(), LayerSelector.all());
      Map<String, INDArray> answers = new LinkedHashMap<>();
      steps.keySet().forEach(name -> answers.put(name, all.get("output[" + name + "]").values()));
      return answers;
    }
  }

  private static void assertPlane(
      String name, INDArray given, int rows, int columns, Plane wanted) {
    assertThat(given.shape()).as(name).containsExactly(1, 1, rows, columns);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        assertThat(given.getDouble(0, 0, row, column))
            .as("%s at %s, %s", name, row, column)
            .isCloseTo(wanted.at(row, column), within(BOUND));
      }
    }
  }

  private static double logistic(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double softplus(double x) {
    return Math.log1p(Math.exp(x));
  }

  /** The distribution function of the normal distribution, by its series. */
  private static double normal(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 200; n++) {
      term *= x * x / (2 * n + 1);
      sum += term;
    }
    return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  private static Map<String, DoubleUnaryOperator> activations() {
    Map<String, DoubleUnaryOperator> all = new LinkedHashMap<>();
    all.put("'function': 'relu'", x -> Math.max(0, x));
    all.put("'function': 'leaky_relu'", x -> x > 0 ? x : 0.01 * x);
    all.put("'function': 'leaky_relu', 'negative_slope': 0.3", x -> x > 0 ? x : 0.3 * x);
    all.put("'function': 'elu'", x -> x > 0 ? x : Math.expm1(x));
    all.put("'function': 'elu', 'alpha': 0.5", x -> x > 0 ? x : 0.5 * Math.expm1(x));
    all.put("'function': 'celu', 'alpha': 2", x -> x > 0 ? x : 2 * Math.expm1(x / 2));
    all.put("'function': 'gelu'", x -> x * normal(x));
    all.put(
        "'function': 'gelu', 'approximate': 'tanh'",
        x -> x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))));
    all.put("'function': 'relu6'", x -> Math.min(6, Math.max(0, x)));
    all.put(
        "'function': 'selu'",
        x -> 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)));
    all.put("'function': 'silu'", x -> x * logistic(x));
    all.put("'function': 'mish'", x -> x * Math.tanh(softplus(x)));
    all.put("'function': 'sigmoid'", x -> logistic(x));
    all.put("'function': 'tanh'", x -> Math.tanh(x));
    all.put("'function': 'hardswish'", x -> x * Math.min(6, Math.max(0, x + 3)) / 6);
    all.put("'function': 'hardsigmoid'", x -> Math.min(1, Math.max(0, x / 6 + 0.5)));
    all.put("'function': 'softplus'", x -> softplus(x));
    all.put("'function': 'softplus', 'beta': 2", x -> softplus(2 * x) / 2);
    all.put(
        "'function': 'softplus', 'beta': 1.5, 'threshold': 1",
        x -> 1.5 * x > 1 ? x : softplus(1.5 * x) / 1.5);
    return all;
  }

  @Test
  void activationsAreThoseOfPyTorch() throws IOException {
    Map<String, DoubleUnaryOperator> wanted = activations();
    Map<String, String> steps = new LinkedHashMap<>();
    wanted.keySet().forEach(step -> steps.put("v" + steps.size(), step));
    Map<String, INDArray> answers = answers(steps);
    steps.forEach(
        (name, step) ->
            assertPlane(
                step,
                answers.get(name),
                ROWS,
                COLUMNS,
                (row, column) -> wanted.get(step).applyAsDouble(image(row, column))));
  }

  @Test
  void softmaxIsTakenAlongTheAxisThatIsSaid() throws IOException {
    Map<String, INDArray> answers =
        answers(
            Map.of(
                "rows", "'function': 'softmax', 'dim': 2",
                "columns", "'function': 'log_softmax', 'dim': -1",
                "channels", "'function': 'softmax', 'dim': 1"));
    assertPlane(
        "rows",
        answers.get("rows"),
        ROWS,
        COLUMNS,
        (row, column) -> {
          double sum = 0;
          for (int other = 0; other < ROWS; other++) {
            sum += Math.exp(image(other, column));
          }
          return Math.exp(image(row, column)) / sum;
        });
    assertPlane(
        "columns",
        answers.get("columns"),
        ROWS,
        COLUMNS,
        (row, column) -> {
          double sum = 0;
          for (int other = 0; other < COLUMNS; other++) {
            sum += Math.exp(image(row, other));
          }
          return image(row, column) - Math.log(sum);
        });
    assertPlane("channels", answers.get("channels"), ROWS, COLUMNS, (row, column) -> 1);
  }

  /** Padded by 1 at the left, 2 at the right, none above and 3 below. */
  @Test
  void imagesArePaddedInEveryMode() throws IOException {
    String pad = "'function': 'pad', 'pad': [1, 2, 0, 3]";
    Map<String, INDArray> answers =
        answers(
            Map.of(
                "zeros", pad,
                "constant", pad + ", 'value': -2.5",
                "reflect", pad + ", 'mode': 'reflect'",
                "replicate", pad + ", 'mode': 'replicate'",
                "circular", pad + ", 'mode': 'circular'",
                "columns", "'function': 'pad', 'pad': [2, 0]",
                "cut", "'function': 'pad', 'pad': [-1, 0, -2, 1]"));
    for (double value : new double[] {0, -2.5}) {
      assertPlane(
          "constant",
          answers.get(value == 0 ? "zeros" : "constant"),
          ROWS + 3,
          COLUMNS + 3,
          (row, column) -> inside(row, column - 1) ? image(row, column - 1) : value);
    }
    assertPlane(
        "reflect",
        answers.get("reflect"),
        ROWS + 3,
        COLUMNS + 3,
        (row, column) -> image(mirrored(row, ROWS), mirrored(column - 1, COLUMNS)));
    assertPlane(
        "replicate",
        answers.get("replicate"),
        ROWS + 3,
        COLUMNS + 3,
        (row, column) ->
            image(Math.min(row, ROWS - 1), Math.max(0, Math.min(column - 1, COLUMNS - 1))));
    assertPlane(
        "circular",
        answers.get("circular"),
        ROWS + 3,
        COLUMNS + 3,
        (row, column) -> image(row % ROWS, Math.floorMod(column - 1, COLUMNS)));
    assertPlane(
        "columns",
        answers.get("columns"),
        ROWS,
        COLUMNS + 2,
        (row, column) -> column < 2 ? 0 : image(row, column - 2));
    assertPlane(
        "cut",
        answers.get("cut"),
        ROWS - 1,
        COLUMNS - 1,
        (row, column) -> row < 2 ? image(row + 2, column + 1) : 0);
  }

  private static boolean inside(int row, int column) {
    return row >= 0 && row < ROWS && column >= 0 && column < COLUMNS;
  }

  /** Without the edge itself twice. */
  private static int mirrored(int place, int extent) {
    int near = Math.abs(place);
    return near < extent ? near : 2 * (extent - 1) - near;
  }

  @Test
  void modulesPadAsTheFunctionsDo() throws IOException {
    Map<String, INDArray> answers =
        answers(
            Map.of(
                "a", "'module': 'a', 'type': 'ZeroPad2d', 'padding': 1",
                "b", "'module': 'b', 'type': 'ConstantPad2d', 'padding': [0, 1, 1, 0], 'value': 3",
                "c", "'module': 'c', 'type': 'ReflectionPad2d', 'padding': 2",
                "d", "'module': 'd', 'type': 'ReplicationPad2d', 'padding': 2",
                "e", "'module': 'e', 'type': 'CircularPad2d', 'padding': [2, 2, 2, 2]"));
    assertPlane(
        "ZeroPad2d",
        answers.get("a"),
        ROWS + 2,
        COLUMNS + 2,
        (row, column) -> inside(row - 1, column - 1) ? image(row - 1, column - 1) : 0);
    assertPlane(
        "ConstantPad2d",
        answers.get("b"),
        ROWS + 1,
        COLUMNS + 1,
        (row, column) -> inside(row - 1, column) ? image(row - 1, column) : 3);
    assertPlane(
        "ReflectionPad2d",
        answers.get("c"),
        ROWS + 4,
        COLUMNS + 4,
        (row, column) -> image(mirrored(row - 2, ROWS), mirrored(column - 2, COLUMNS)));
    assertPlane(
        "ReplicationPad2d",
        answers.get("d"),
        ROWS + 4,
        COLUMNS + 4,
        (row, column) ->
            image(
                Math.max(0, Math.min(row - 2, ROWS - 1)),
                Math.max(0, Math.min(column - 2, COLUMNS - 1))));
    assertPlane(
        "CircularPad2d",
        answers.get("e"),
        ROWS + 4,
        COLUMNS + 4,
        (row, column) -> image(Math.floorMod(row - 2, ROWS), Math.floorMod(column - 2, COLUMNS)));
  }

  /**
   * A window of 2 rows and 3 columns that goes on by 2 and 2.
   *
   * @param result takes the sum, the greatest, how many of the window are within the image, and how
   *     many within the padded one
   */
  private static double window(int row, int column, int padding, Window result) {
    double sum = 0;
    double greatest = Double.NEGATIVE_INFINITY;
    int within = 0;
    int padded = 0;
    for (int y = 2 * row; y < 2 * row + 2; y++) {
      for (int x = 2 * column - padding; x < 2 * column - padding + 3; x++) {
        padded += y < ROWS && x < COLUMNS + padding ? 1 : 0;
        if (inside(y, x)) {
          sum += image(y, x);
          greatest = Math.max(greatest, image(y, x));
          within++;
        }
      }
    }
    return result.of(sum, greatest, within, padded);
  }

  @FunctionalInterface
  private interface Window {
    double of(double sum, double greatest, int within, int padded);
  }

  @Test
  void imagesArePooledAsPyTorchPoolsThem() throws IOException {
    String kernel = "'kernel_size': [2, 3], 'stride': 2";
    Map<String, INDArray> answers =
        answers(
            Map.of(
                "max",
                "'function': 'max_pool2d', " + kernel,
                "edge",
                "'function': 'max_pool2d', 'padding': [0, 1], " + kernel,
                "far",
                "'function': 'max_pool2d', 'kernel_size': 2, 'stride': 1, 'dilation': [2, 3]",
                "mean",
                "'function': 'avg_pool2d', 'padding': [0, 1], " + kernel,
                "seen",
                "'function': 'avg_pool2d', 'padding': [0, 1], 'count_include_pad': false, "
                    + kernel,
                "own",
                "'module': 'p', 'type': 'AvgPool2d', 'kernel_size': 2",
                "up",
                "'module': 'q', 'type': 'MaxPool2d', 'kernel_size': 2, 'ceil_mode': true"));
    assertPlane(
        "max", answers.get("max"), 2, 2, (r, c) -> window(r, c, 0, (sum, most, n, all) -> most));
    assertPlane(
        "edge", answers.get("edge"), 2, 3, (r, c) -> window(r, c, 1, (sum, most, n, all) -> most));
    assertPlane(
        "far",
        answers.get("far"),
        2,
        2,
        (r, c) ->
            Math.max(
                Math.max(image(r, c), image(r, c + 3)),
                Math.max(image(r + 2, c), image(r + 2, c + 3))));
    assertPlane(
        "mean",
        answers.get("mean"),
        2,
        3,
        (r, c) -> window(r, c, 1, (sum, most, n, all) -> sum / all));
    assertPlane(
        "seen",
        answers.get("seen"),
        2,
        3,
        (r, c) -> window(r, c, 1, (sum, most, n, all) -> sum / n));
    assertPlane("own", answers.get("own"), 2, 2, (r, c) -> mean(2 * r, 2 * c, 2, 2));
    assertPlane(
        "up",
        answers.get("up"),
        2,
        3,
        (r, c) ->
            Math.max(
                Math.max(image(2 * r, 2 * c), image(2 * r + 1, 2 * c)),
                c == 2
                    ? Double.NEGATIVE_INFINITY
                    : Math.max(image(2 * r, 2 * c + 1), image(2 * r + 1, 2 * c + 1))));
  }

  private static double mean(int row, int column, int rows, int columns) {
    double sum = 0;
    for (int y = row; y < row + rows; y++) {
      for (int x = column; x < column + columns; x++) {
        sum += image(y, x);
      }
    }
    return sum / (rows * columns);
  }

  /** Bin i of n over an extent is from floor(i·extent / n) to ceil((i + 1)·extent / n). */
  @Test
  void adaptivePoolingHasBinsThatOverlap() throws IOException {
    Map<String, INDArray> answers =
        answers(
            Map.of(
                "bins", "'function': 'adaptive_avg_pool2d', 'output_size': [3, 2]",
                "whole", "'module': 'g', 'type': 'AdaptiveAvgPool2d', 'output_size': 1"));
    assertPlane(
        "bins",
        answers.get("bins"),
        3,
        2,
        (r, c) -> {
          int top = r * ROWS / 3;
          int left = c * COLUMNS / 2;
          int bottom = (int) Math.ceil((r + 1) * ROWS / 3.0);
          int right = (int) Math.ceil((c + 1) * COLUMNS / 2.0);
          return mean(top, left, bottom - top, right - left);
        });
    assertPlane("whole", answers.get("whole"), 1, 1, (r, c) -> mean(0, 0, ROWS, COLUMNS));
  }

  @Test
  void imagesAreResizedInEveryMode() throws IOException {
    Map<String, INDArray> answers =
        answers(
            Map.of(
                "nearest",
                "'function': 'interpolate', 'size': [6, 3]",
                "exact",
                "'function': 'interpolate', 'size': [6, 3], 'mode': 'nearest-exact'",
                "half",
                "'function': 'interpolate', 'scale_factor': 1.5, 'mode': 'bilinear'",
                "corners",
                "'module': 'u', 'type': 'Upsample', 'size': [7, 9], 'mode': 'bilinear',"
                    + " 'align_corners': true",
                "twice",
                "'module': 'w', 'type': 'Upsample', 'scale_factor': [2, 1]"));
    assertPlane("nearest", answers.get("nearest"), 6, 3, (r, c) -> image(r * 4 / 6, c * 5 / 3));
    assertPlane(
        "exact",
        answers.get("exact"),
        6,
        3,
        (r, c) -> image((int) ((r + 0.5) * 4 / 6), (int) ((c + 0.5) * 5 / 3)));
    assertPlane(
        "half",
        answers.get("half"),
        6,
        7,
        (r, c) -> between(Math.max(0, (r + 0.5) / 1.5 - 0.5), Math.max(0, (c + 0.5) / 1.5 - 0.5)));
    assertPlane(
        "corners", answers.get("corners"), 7, 9, (r, c) -> between(r * 3 / 6.0, c * 4 / 8.0));
    assertPlane("twice", answers.get("twice"), 8, 5, (r, c) -> image(r / 2, c));
  }

  /** The bilinear value at a place, that of the last row and column beyond them. */
  private static double between(double row, double column) {
    int top = (int) row;
    int left = (int) column;
    int bottom = Math.min(top + 1, ROWS - 1);
    int right = Math.min(left + 1, COLUMNS - 1);
    double down = row - top;
    double along = column - left;
    return (1 - down) * ((1 - along) * image(top, left) + along * image(top, right))
        + down * ((1 - along) * image(bottom, left) + along * image(bottom, right));
  }

  /** Sums of four equal images, joined and moved into the plane. */
  @Test
  void channelsAreJoinedAddedAndMovedIntoThePlane() throws IOException {
    String steps =
        """
        {'function': 'sigmoid', 'from': 'x', 'as': 's'},
        {'function': 'cat', 'from': ['x', 's', 's', 'x'], 'as': 'four'},
        {'function': 'pixel_shuffle', 'upscale_factor': 2, 'as': 'large'},
        {'function': 'mul', 'from': ['s', 'four'], 'as': 'product'},
        {'function': 'sub', 'from': ['x', 's', 's'], 'as': 'rest'},
        {'function': 'add', 'from': ['x', 's'], 'as': 's'}""";
    String output =
        ", 'output': {'large': 'large', 'product': 'product', 'rest': 'rest', 'latest': 's'}";
    try (ActivationSource opened = network(steps, output)) {
      ActivationSet all = opened.capture(probes(), LayerSelector.all());
      assertPlane(
          "pixel_shuffle",
          all.get("output[large]").values(),
          2 * ROWS,
          2 * COLUMNS,
          (r, c) -> {
            double x = image(r / 2, c / 2);
            return r % 2 == c % 2 ? x : logistic(x);
          });
      assertPlane(
          "sub",
          all.get("output[rest]").values(),
          ROWS,
          COLUMNS,
          (r, c) -> image(r, c) - 2 * logistic(image(r, c)));
      assertPlane(
          "as, given again",
          all.get("output[latest]").values(),
          ROWS,
          COLUMNS,
          (r, c) -> image(r, c) + logistic(image(r, c)));
      INDArray product = all.get("output[product]").values();
      assertThat(product.shape()).containsExactly(1, 4, ROWS, COLUMNS);
      double x = image(2, 3);
      assertThat(product.getDouble(0, 0, 2, 3)).isCloseTo(x * logistic(x), within(BOUND));
      assertThat(product.getDouble(0, 1, 2, 3)).isCloseTo(logistic(x) * logistic(x), within(BOUND));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'function': 'gelu', 'approximate': 'tahn'} | 'approximate' is \"tahn\" where none or tanh",
        "{'module': 'g', 'type': 'GELU', 'approximate': 'exact'} | 'approximate' is \"exact\"",
        "{'function': 'softmax', 'dim': 0} | 'dim' is 0",
        "{'function': 'softmax', 'dim': -4} | 'dim' is -4",
        "{'function': 'log_softmax', 'dim': 4} | 'dim' is 4",
        "{'module': 's', 'type': 'Softmax', 'dim': 0} | 'dim' is 0",
        "{'function': 'softmax'} | lacks 'dim'",
        "{'function': 'interpolate', 'scale_factor': -2} | 'scale_factor' is -2",
        "{'function': 'interpolate', 'scale_factor': 0} | 'scale_factor' is 0",
        "{'function': 'interpolate', 'scale_factor': [2, -1]} | 'scale_factor' is [2,-1]",
        "{'function': 'interpolate', 'scale_factor': ['2', 2]} | 'scale_factor' is",
        "{'function': 'interpolate', 'scale_factor': [2, 2, 2]} | a number above 0, or 2",
        "{'function': 'interpolate', 'scale_factor': 2, 'size': 4} | and not both",
        "{'function': 'interpolate', 'size': [0, 4]} | 'size' is [0,4] where 1 or more",
        "{'function': 'interpolate', 'scale_factor': 2, 'mode': 'trilinear'} | nearest, nearest-exact, bilinear or bicubic",
        "{'function': 'interpolate', 'scale_factor': 2, 'recompute_scale_factor': true} | 'recompute_scale_factor'",
        "{'function': 'max_pool2d'} | kernel_size",
        "{'function': 'max_pool2d', 'kernel_size': 0} | 'kernel_size' is 0 where 1 or more",
        "{'function': 'max_pool3d', 'kernel_size': 2} | a function that",
        "{'function': 'avg_pool2d', 'kernel_size': 2, 'divisor_override': 3} | 'divisor_override'",
        "{'function': 'adaptive_avg_pool2d'} | output_size",
        "{'function': 'pad', 'pad': [1]} | two integers for each axis",
        "{'function': 'pad', 'pad': [1, 1, 1, 1, 1, 1]} | two integers for each axis",
        "{'function': 'pad', 'pad': [1, 1], 'mode': 'mirror'} | circular or constant or reflect or replicate",
        "{'function': 'pad', 'pad': [1, 1], 'mode': 'reflect', 'value': 1} | 'value'",
        "{'module': 'z', 'type': 'ZeroPad2d', 'padding': [1, 1]} | one integer or 4",
        "{'function': 'pixel_shuffle', 'upscale_factor': 2} | divides the 1 channels",
        "{'function': 'cat', 'from': ['x', 'x'], 'dim': 2} | 'dim' is 2 where 1",
        "{'function': 'add', 'from': 'x'} | two values or more",
        "{'function': 'relu', 'from': ['x', 'x']} | one value",
        "{'function': 'crop_to', 'from': 'x'} | 2 values",
        "{'function': 'crop_to', 'from': ['x', 'x'], 'keep': 'middle'} | centre or end or start",
        "{'function': 'relu', 'from': []} | a list of names",
        "{'function': 'relu', 'from': [3]} | a list of names",
        "{'function': 'relu', 'as': 'previous'} | another name",
        "{'function': 'swish'} | docs/architectures/README.md",
        "{'module': 'd', 'type': 'MaxPool3d', 'kernel_size': 2} | MaxPool2d, as the images have 2 axes",
        "{'module': '.a', 'type': 'ReLU'} | the path of a module",
        "{'sequence': ['ReLU'], 'also': 'y'} | a module beside it",
        "{'sequence': 'ReLU'} | a list of modules",
        "{'repeat': {}, 'steps': [{'function': 'relu'}]} | lists of equal lengths",
        "{'repeat': 3, 'steps': [{'function': 'relu'}]} | values by their placeholders",
        "{'repeat': {'n': [1]}, 'steps': []} | a list of them",
        "{'block': 'b', 'with': {'n': 1}} | one of 'blocks', which are []",
        "3 | should be arguments by name, but is 3",
      })
  void whatPyTorchRefusesOrMeansOtherwiseIsRefusedByName(String step, String part) {
    assertThatThrownBy(
            () -> {
              try (ActivationSource opened = network(step, "")) {
                opened.capture(probes(), LayerSelector.all());
              }
            })
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("net.json", part);
  }

  @Test
  void theFirstTenOpenMarksAreToldAndAllAreCounted() {
    String steps =
        IntStream.range(0, 12)
            .mapToObj(i -> "{'function': 'relu', 'TODO': 'question %s'}".formatted(i))
            .collect(Collectors.joining(", "));
    assertThatThrownBy(() -> network(steps, "").close())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("12 marks are open", "relu: question 0; ", "question 9; …")
        .hasMessageNotContaining("question 10");
  }
}
