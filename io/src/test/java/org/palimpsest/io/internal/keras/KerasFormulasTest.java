package org.palimpsest.io.internal.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.Inputs;

/**
 * Layers of Keras 3 without weights in files that are written here, against the formulas of the
 * documentation of Keras and of TensorFlow's tf.image.resize.
 */
class KerasFormulasTest {

  private static final double BOUND = 1e-5;

  @TempDir private Path folder;

  /** A network whose layers come after its input, as JSON with single quotes. */
  private Path network(String inputShape, String layers, String output) throws IOException {
    return file(
        """
        {'module': 'keras.src.models.functional', 'class_name': 'Functional',
         'registered_name': 'Functional', 'config': {'name': 'f', 'trainable': true, 'layers': [
          {'module': 'keras.layers', 'class_name': 'InputLayer', 'name': 'x',
           'registered_name': null, 'config': {'batch_shape': %s, 'dtype': 'float32',
           'sparse': false, 'name': 'x'}, 'inbound_nodes': []}, %s],
          'input_layers': [['x', 0, 0]], 'output_layers': [['%s', 0, 0]]}}"""
            .formatted(inputShape, layers, output));
  }

  private Path file(String configuration) throws IOException {
    return file(configuration, "{\"keras_version\": \"3.15.1\"}");
  }

  private Path file(String configuration, String metadata) throws IOException {
    Path weights = folder.resolve("model.weights.h5");
    if (!Files.exists(weights)) {
      try (WritableHdfFile empty = HdfFile.write(weights)) {
        empty.putGroup("layers");
      }
    }
    Path file = folder.resolve("net.keras");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      out.putNextEntry(new ZipEntry("metadata.json"));
      out.write(metadata.getBytes(StandardCharsets.UTF_8));
      out.putNextEntry(new ZipEntry("config.json"));
      out.write(configuration.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
      out.putNextEntry(new ZipEntry("model.weights.h5"));
      out.write(Files.readAllBytes(weights));
    }
    return file;
  }

  private static String tensor(String layer) {
    return "{'class_name': '__keras_tensor__', 'config': {'keras_history': ['%s', 0, 0]}}"
        .formatted(layer);
  }

  /** A layer that is called with the results of others, with a list if there are several. */
  private static String layer(String kind, String name, String settings, String... inputs) {
    String given =
        String.join(", ", List.of(inputs).stream().map(KerasFormulasTest::tensor).toList());
    return """
        {'module': 'keras.layers', 'class_name': '%s', 'name': '%s', 'registered_name': null,
         'config': {'name': '%s', 'trainable': true, 'dtype': 'float32'%s},
         'inbound_nodes': [{'args': [%s], 'kwargs': {}}]}"""
        .formatted(
            kind,
            name,
            name,
            settings.isEmpty() ? "" : ", " + settings,
            inputs.length == 1 ? given : "[" + given + "]");
  }

  private static INDArray answer(Path network, INDArray probes, String layer) {
    try (ActivationSource opened = Inputs.network(network)) {
      return opened.capture(Probes.of(probes), LayerSelector.of(layer)).get(layer).values();
    }
  }

  /** An image of one channel, of rows that are no copies of each other. */
  private static INDArray image(int rows, int columns) {
    INDArray image = Nd4j.create(1, 1, rows, columns);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        image.putScalar(new int[] {0, 0, row, column}, at(row, column));
      }
    }
    return image;
  }

  private static double at(int row, int column) {
    return Math.cos(0.8 * row * row - 1.3 * column) + 0.1 * row;
  }

  private INDArray resized(int rows, int columns, int height, int width, String settings)
      throws IOException {
    String all =
        "'height': %s, 'width': %s, 'data_format': 'channels_last'".formatted(height, width);
    Path network =
        network(
            "[null, %s, %s, 1]".formatted(rows, columns),
            layer("Resizing", "op", settings.isEmpty() ? all : all + ", " + settings, "x"),
            "op");
    return answer(network, image(rows, columns), "op");
  }

  /** The weights of all pixels of a line for one of those that it is resized to; their sum is 1. */
  private static double[] weights(
      int extent, int target, int place, boolean antialias, DoubleUnaryOperator kernel) {
    double scale = (double) extent / target;
    double spread = antialias ? Math.max(1, scale) : 1;
    double[] weights = new double[extent];
    for (int pixel = 0; pixel < extent; pixel++) {
      double distance = Math.abs((pixel + 0.5) - (place + 0.5) * scale) / spread;
      weights[pixel] = kernel.applyAsDouble(distance);
    }
    double sum = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(weight -> weight / sum).toArray();
  }

  /** An image of 3 rows and 9 columns, of which the columns alone become more or fewer. */
  private static double weighed(
      int width, int row, int column, boolean antialias, DoubleUnaryOperator kernel) {
    double[] rows = weights(3, 3, row, antialias, kernel);
    double[] columns = weights(9, width, column, antialias, kernel);
    double sum = 0;
    for (int y = 0; y < 3; y++) {
      for (int x = 0; x < 9; x++) {
        sum += rows[y] * columns[x] * at(y, x);
      }
    }
    return sum;
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  }

  private static DoubleUnaryOperator kernel(String name) {
    return switch (name) {
      case "bilinear" -> x -> Math.max(0, 1 - x);
      case "lanczos3" -> x -> x < 3 ? sinc(x) * sinc(x / 3) : 0;
      case "lanczos5" -> x -> x < 5 ? sinc(x) * sinc(x / 5) : 0;
      case "gaussian" -> x -> x < 1.5 ? Math.exp(-2 * x * x) : 0;
      case "mitchellcubic" -> x -> cubic(x, 1.0 / 3, 1.0 / 3);
      default -> x -> cubic(x, 0, 0.5);
    };
  }

  /** The family of Mitchell and Netravali (1988), in which Keys' has B = 0 and C = 1/2. */
  private static double cubic(double x, double b, double c) {
    if (x < 1) {
      return ((12 - 9 * b - 6 * c) * x * x * x + (-18 + 12 * b + 6 * c) * x * x + 6 - 2 * b) / 6;
    }
    return x < 2
        ? ((-b - 6 * c) * x * x * x
                + (6 * b + 30 * c) * x * x
                + (-12 * b - 48 * c) * x
                + 8 * b
                + 24 * c)
            / 6
        : 0;
  }

  @ParameterizedTest
  @CsvSource({
    "bilinear, true, 4", "bilinear, false, 13", "bicubic, true, 4", "bicubic, true, 13",
    "lanczos3, false, 13", "lanczos3, true, 4", "lanczos5, false, 13", "lanczos5, true, 3",
    "gaussian, true, 4", "gaussian, false, 13", "mitchellcubic, true, 5", "mitchellcubic, false, 9"
  })
  void imagesAreResizedByEachKernelOfTensorFlow(String how, boolean antialias, int width)
      throws IOException {
    String settings = "'interpolation': '%s', 'antialias': %s".formatted(how, antialias);
    INDArray resized = resized(3, 9, 3, width, settings);
    assertThat(resized.shape()).containsExactly(1, 1, 3, width);
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < width; column++) {
        assertThat(resized.getDouble(0, 0, row, column))
            .as("%s at %s, %s", how, row, column)
            .isCloseTo(weighed(width, row, column, antialias, kernel(how)), within(BOUND));
      }
    }
  }

  /** TensorFlow takes weights from a table of 1024 places, so that they are near Keys' alone. */
  @Test
  void bicubicWithoutAntialiasIsNearKeys() throws IOException {
    INDArray resized = resized(3, 9, 3, 13, "'interpolation': 'bicubic'");
    for (int column = 0; column < 13; column++) {
      assertThat(resized.getDouble(0, 0, 1, column))
          .isCloseTo(weighed(13, 1, column, false, kernel("bicubic")), within(3e-3));
    }
  }

  @Test
  void anImageThatKeepsItsSizeIsItself() throws IOException {
    for (String how : List.of("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")) {
      INDArray same = resized(5, 7, 5, 7, "'interpolation': '%s'".formatted(how));
      assertThat(same.distance2(image(5, 7))).as(how).isCloseTo(0, within(BOUND));
    }
  }

  /** Of 4 rows and 10 columns, those within the ratio of 2 to 3 count, or rows are added to it. */
  @Test
  void theRatioOfAnImageIsKeptByCuttingOrByPadding() throws IOException {
    INDArray cut = resized(4, 10, 4, 6, "'crop_to_aspect_ratio': true");
    for (int row = 0; row < 4; row++) {
      for (int column = 0; column < 6; column++) {
        assertThat(cut.getDouble(0, 0, row, column)).isCloseTo(at(row, column + 2), within(BOUND));
      }
    }
    INDArray padded =
        resized(
            4, 9, 6, 9, "'pad_to_aspect_ratio': true, 'fill_mode': 'constant', 'fill_value': 7");
    for (int column = 0; column < 9; column++) {
      assertThat(padded.getDouble(0, 0, 0, column)).isCloseTo(7, within(BOUND));
      assertThat(padded.getDouble(0, 0, 5, column)).isCloseTo(7, within(BOUND));
      assertThat(padded.getDouble(0, 0, 2, column)).isCloseTo(at(1, column), within(BOUND));
    }
  }

  @Test
  void theMiddleOfAnImageIsCutOut() throws IOException {
    Path network =
        network("[null, 5, 8, 1]", layer("CenterCrop", "op", "'height': 2, 'width': 3", "x"), "op");
    INDArray middle = answer(network, image(5, 8), "op");
    assertThat(middle.shape()).containsExactly(1, 1, 2, 3);
    for (int row = 0; row < 2; row++) {
      for (int column = 0; column < 3; column++) {
        assertThat(middle.getDouble(0, 0, row, column)).isEqualTo((float) at(row + 1, column + 2));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"Average, mean", "Max, max"})
  void poolingToASizeHasBinsThatOverlap(String kind, String what) throws IOException {
    String pooling = "Adaptive%sPooling2D".formatted(kind);
    Path network =
        network(
            "[null, 4, 5, 1]",
            layer(pooling, "op", "'output_size': [3, 2], 'data_format': 'channels_last'", "x"),
            "op");
    INDArray pooled = answer(network, image(4, 5), "op");
    assertThat(pooled.shape()).containsExactly(1, 1, 3, 2);
    int[][] rows = {{0, 2}, {1, 3}, {2, 4}};
    int[][] columns = {{0, 3}, {2, 5}};
    for (int r = 0; r < 3; r++) {
      for (int c = 0; c < 2; c++) {
        double sum = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int row = rows[r][0]; row < rows[r][1]; row++) {
          for (int column = columns[c][0]; column < columns[c][1]; column++) {
            sum += at(row, column);
            most = Math.max(most, at(row, column));
          }
        }
        assertThat(pooled.getDouble(0, 0, r, c))
            .as(what)
            .isCloseTo(kind.equals("Max") ? most : sum / 6, within(BOUND));
      }
    }
  }

  /** Of 3 channels, each has numbers of its own; Keras has them last and results here second. */
  @Test
  void channelsAreScaledShiftedAndNormalisedByTheirOwnNumbers() throws IOException {
    INDArray probes = Nd4j.linspace(1, 12, 12).reshape(1, 3, 2, 2);
    String numbers = "'scale': [1, 10, 100], 'offset': [0, 5, -5]";
    INDArray scaled =
        answer(
            network("[null, 2, 2, 3]", layer("Rescaling", "op", numbers, "x"), "op"), probes, "op");
    String moments =
        "'axis': -1, 'invert': %s, 'mean': [[[[1, 2, 3]]]], 'variance': [[[[4, 9, 0]]]]";
    INDArray normal =
        answer(
            network(
                "[null, 2, 2, 3]",
                layer("Normalization", "op", moments.formatted(false), "x"),
                "op"),
            probes,
            "op");
    INDArray inverse =
        answer(
            network(
                "[null, 2, 2, 3]",
                layer("Normalization", "op", moments.formatted(true), "x"),
                "op"),
            probes,
            "op");
    double[] scale = {1, 10, 100};
    double[] offset = {0, 5, -5};
    double[] mean = {1, 2, 3};
    double[] deviation = {2, 3, 1e-7}; // which is the least that Keras divides by
    for (int channel = 0; channel < 3; channel++) {
      double x = probes.getDouble(0, channel, 1, 0);
      assertThat(scaled.getDouble(0, channel, 1, 0))
          .isCloseTo(scale[channel] * x + offset[channel], within(1e-3));
      double wanted = (x - mean[channel]) / deviation[channel];
      assertThat(normal.getDouble(0, channel, 1, 0) / wanted).isCloseTo(1, within(1e-5));
      assertThat(inverse.getDouble(0, channel, 1, 0))
          .isCloseTo(deviation[channel] * x + mean[channel], within(1e-4));
    }
  }

  /** Rows of the vector are repeated; what has fewer axes is added to each. */
  @Test
  void tensorsOfFewerAxesGetThemBehindTheSamples() throws IOException {
    String layers =
        layer("RepeatVector", "r", "'n': 2", "x")
            + ", "
            + layer("Rescaling", "t", "'scale': 10, 'offset': 0", "r")
            + ", "
            + layer("Add", "a", "", "t", "x")
            + ", "
            + layer("Average", "m", "", "t", "a", "t")
            + ", "
            + layer("Subtract", "s", "", "m", "t")
            + ", "
            + layer("Minimum", "op", "", "s", "r");
    INDArray answer =
        answer(network("[null, 3]", layers, "op"), Nd4j.create(new double[][] {{1, 2, 6}}), "op");
    // keras: (1, 2, 3), of which the last axis comes second
    assertThat(answer.shape()).containsExactly(1, 3, 2);
    for (int i = 0; i < 3; i++) {
      double x = new double[] {1, 2, 6}[i];
      assertThat(answer.getDouble(0, i, 1)).isCloseTo(Math.min(x / 3, x), within(BOUND));
    }
  }

  @Test
  void dotMultipliesAlongTheAxesThatAreSaid() throws IOException {
    String layers =
        layer("RepeatVector", "r", "'n': 2", "x")
            + ", "
            + layer("Rescaling", "t", "'scale': [1, 2, 3], 'offset': 0", "r")
            + ", "
            + layer("Dot", "%s", "'axes': %s, 'normalize': %s", "r", "t");
    INDArray probes = Nd4j.create(new double[][] {{1, -2, 5}});
    INDArray along =
        answer(network("[null, 3]", layers.formatted("d", "d", "2", false), "d"), probes, "d");
    assertThat(along.shape()).containsExactly(1, 2, 2);
    assertThat(along.getDouble(0, 0, 1)).isCloseTo(1 + 8 + 75, within(1e-4));
    INDArray unit =
        answer(network("[null, 3]", layers.formatted("d", "d", "2", true), "d"), probes, "d");
    double cosine = 84 / Math.sqrt(1 + 4 + 25) / Math.sqrt(1 + 16 + 225);
    assertThat(unit.getDouble(0, 1, 0)).isCloseTo(cosine, within(BOUND));
    INDArray across =
        answer(network("[null, 3]", layers.formatted("d", "d", "[1, 1]", false), "d"), probes, "d");
    assertThat(across.shape()).containsExactly(1, 3, 3);
    assertThat(across.getDouble(0, 1, 2) + across.getDouble(0, 2, 1))
        .isCloseTo(2 * (-2 * 15 + 5 * -4), within(1e-4));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Resizing | 'height': 2, 'width': 2, 'interpolation': 'cubic' | 'cubic', which is not known",
        "Resizing | 'height': 2, 'width': 2, 'fill_mode': 'wrap' | fill_mode",
        "Resizing | 'height': 0, 'width': 2 | height",
        "Rescaling | 'scale': [1, 2, 3, 4], 'offset': 0 | one for each of 2 channels",
        "Rescaling | 'scale': '2', 'offset': 0 | scale",
        "Normalization | 'axis': [1, 2], 'mean': 0, 'variance': 1 | one axis, or none",
        "Normalization | 'axis': 0, 'mean': 0, 'variance': 1 | one axis, or none",
        "Normalization | 'axis': -1, 'mean': [0, 0, 0], 'variance': 1 | 3 means for an axis of 2",
        "Normalization | 'axis': -1, 'mean': [0, 0], 'variance': [1, 1, 1] | 3 numbers",
        "Normalization | 'axis': -1, 'mean': 0, 'variance': null | numbers",
        "Permute | 'dims': [1, 2] | the axes 1 to 3",
        "Permute | 'dims': [1, 1, 3] | the axes 1 to 3",
        "Reshape | 'target_shape': [-1, -1] | extents, one of them perhaps -1",
        "Reshape | 'target_shape': [0, 4] | extents",
        "ZeroPadding2D | 'padding': [1, 1, 1, 1] | two numbers for each of 2 axes",
        "ZeroPadding2D | 'padding': [[1, 1], [1]] | two numbers for each of 2 axes",
        "ZeroPadding2D | 'padding': [[1, -1], [1, 1]] | two numbers for each of 2 axes",
        "UpSampling3D | 'size': 2 | of 4 axes, not of 5",
        "UpSampling2D | 'size': 2, 'interpolation': 'lanczos7' | lanczos7",
        "AdaptiveMaxPooling2D | 'output_size': 0 | output_size",
        "Add | | merges one tensor",
        "Subtract | | subtracts 1 tensors, not two",
        "Concatenate | 'axis': -1 | or one",
        "Dot | 'axes': 1 | multiplies 1 tensors",
        "LayerNormalization | 'axis': [1, 1], 'center': false, 'scale': false | different axes",
        "LayerNormalization | 'epsilon': -1, 'center': false, 'scale': false | not below 0",
        "Attention | | two or three",
      })
  void whatKerasRefusesOrMeansOtherwiseIsRefusedByName(String kind, String settings, String part)
      throws IOException {
    Path network =
        network("[null, 2, 4, 2]", layer(kind, "op", settings == null ? "" : settings, "x"), "op");
    assertThatThrownBy(() -> Inputs.network(network).close())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("net.keras", "op", kind, part);
  }

  private void assertUnsound(String configuration, String... parts) throws IOException {
    Path network = file(configuration);
    assertThatThrownBy(() -> Inputs.network(network).close())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("net.keras")
        .hasMessageContainingAll(parts);
  }

  private static String functional(String layers, String inputs, String outputs) {
    return """
        {'class_name': 'Functional', 'config': {'name': 'f', 'layers': [%s], 'input_layers': %s,
         'output_layers': %s}}"""
        .formatted(layers, inputs, outputs);
  }

  private static final String INPUT =
      "{'class_name': 'InputLayer', 'name': 'x', 'config': {'batch_shape': [null, 3]},"
          + " 'inbound_nodes': []}";
  private static final String ENDS = "[['x', 0, 0]]";

  @Test
  void configurationsThatAreNotSoundAreRefused() throws IOException {
    String relu = layer("ReLU", "a", "", "x");
    assertUnsound(functional("", ENDS, ENDS), "network 'f' has no layers");
    assertUnsound(functional(INPUT + ", " + INPUT, ENDS, ENDS), "two layers of the name 'x'");
    assertUnsound(functional(INPUT + ", {}", ENDS, ENDS), "no class or settings");
    assertUnsound(
        functional(INPUT + ", {'class_name': 'ReLU'}", ENDS, ENDS), "no class or settings");
    assertUnsound(functional(INPUT, "[]", ENDS), "no inputs or no outputs");
    assertUnsound(functional(INPUT, ENDS, "null"), "no inputs or no outputs");
    assertUnsound(functional(INPUT, ENDS, "'x'"), "there is no tensor at");
    assertUnsound(functional(INPUT, ENDS, "[['x', 'y', 0]]"), "there is no tensor at");
    assertUnsound(functional(INPUT + ", " + relu, ENDS, "[['b', 0, 0]]"), "'b'");
    assertUnsound(functional(INPUT + ", " + relu, "[['b', 0, 0]]", "[['a', 0, 0]]"), "'b'");
    assertUnsound(functional(INPUT + ", " + relu, ENDS, "[['a', 3, 0]]"), "'a'");
    assertUnsound(functional(INPUT + ", " + relu, ENDS, "[['a', 0, 2]]"), "'a'");
    assertUnsound(
        functional(INPUT + ", " + relu.replace("['x', 0, 0]", "'x'"), ENDS, "[['a', 0, 0]]"),
        "there is no tensor at");
    assertUnsound("{'class_name': 'MyModel', 'config': {}}", "its class is 'MyModel'");
    assertUnsound(
        functional(INPUT, ENDS, ENDS)
            .replace("{'class_name'", "{'module': 'my.nets', 'class_name'"),
        "Functional of my.nets, whose code is not in the file");
  }

  @Test
  void networksOfSeveralInputsAreRefusedWithTheirNames() throws IOException {
    String other = INPUT.replace("'x'", "'y'");
    assertUnsound(
        functional(
            INPUT + ", " + other + ", " + layer("Add", "a", "", "x", "y"),
            "[['x', 0, 0], ['y', 0, 0]]",
            "[['a', 0, 0]]"),
        "takes 2 tensors (x, y)");
    assertUnsound(
        functional(
            INPUT + ", " + other + ", " + layer("ReLU", "a", "", "x"), ENDS, "[['a', 0, 0]]"),
        "input 'y' is none of the inputs of network 'f'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[null]", "[null, 0]", "[null, -4]", "[null, 'a']"})
  void inputsWithoutAShapeOfSamplesAreRefused(String shape) throws IOException {
    Path network = network(shape, layer("ReLU", "a", "", "x"), "a");
    assertThatThrownBy(() -> Inputs.network(network).close())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("net.keras", "shape");
  }

  @Test
  void aDictionaryOfTensorsIsNotKnown() throws IOException {
    String call = layer("ReLU", "a", "", "x").replace("[" + tensor("x") + "]", "[{'t': %s}]");
    Path network = network("[null, 3]", call.formatted(tensor("x")), "a");
    assertThatThrownBy(() -> Inputs.network(network).close())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("layer 'a' is called with a dictionary of tensors", "a list");
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.0.0", "0.9", "three"})
  void otherVersionsOfKerasAreRefused(String version) throws IOException {
    Path network =
        file(
            functional(INPUT + ", " + layer("ReLU", "a", "", "x"), ENDS, "[['a', 0, 0]]"),
            "{\"keras_version\": \"%s\"}".formatted(version));
    assertThatThrownBy(() -> Inputs.network(network).close())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("net.keras", "'" + version + "'");
  }
}
