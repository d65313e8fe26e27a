package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.io.Inputs;
import org.palimpsest.similarity.weights.NetworkChange;
import org.palimpsest.similarity.weights.WeightChange;

class WeightsCompareCommandTest {

  @TempDir private Path folder;

  private static Outcome compare(Object... options) {
    Object[] arguments = new Object[options.length + 3];
    arguments[0] = "weights-compare";
    arguments[1] = SampleFiles.MODEL_A;
    arguments[2] = SampleFiles.WEIGHTS;
    System.arraycopy(options, 0, arguments, 3, options.length);
    return Outcome.of(arguments);
  }

  @Test
  void tableHasALinePerLayerWithChanceBesideIt() {
    Outcome outcome = compare().isWell();

    assertThat(outcome.out())
        .contains("RELATIVE CHANGE", "MATCHED", "BY CHANCE", "enc.0", "bottom", "out")
        .contains("spatial_autocorrelation", "ks_drawn_from", "IF RANDOM");
  }

  @Test
  void tableTellsWhichStartIsAssumed() {
    assertThat(compare().isWell().out())
        .contains("If random: as filters that start from", "By chance: ");
    assertThat(compare("--start", "keras-he-normal").isWell().out())
        .contains("truncated normal values, as keras-he-normal draws them")
        .contains("ks_truncated_normal")
        .doesNotContain("ks_gaussian");
  }

  @Test
  void anUnknownStartIsRefusedWithTheNamesThatThereAre() {
    Outcome outcome = compare("--start", "pytorh");

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("'pytorh'", "pytorch-default");
  }

  @Test
  void figuresAreThoseOfTheLibrary() {
    Weights a = Inputs.weights(SampleFiles.MODEL_A);
    Weights b = Inputs.weights(SampleFiles.WEIGHTS);
    NetworkChange.Layer bottom = WeightChange.withDefaults().between(a, b).layer("bottom");

    JsonNode json = compare("--format", "json", "--layers", "bottom").isWell().json();

    assertThat(value(json, "change", "relative_change"))
        .isCloseTo(bottom.relativeChange().getAsDouble(), within(0.0));
    assertThat(value(json, "filters", "mean_matched_cosine"))
        .isGreaterThanOrEqualTo(value(json, "change", "mean_cosine"));
    assertThat(json.get("a").get("sha256").asText()).hasSize(64);
    assertThat(json.get("figures")).noneMatch(f -> f.has("filter"));
  }

  @Test
  void weightsOfKerasWithoutTheirNetworkAreComparedByName() throws IOException {
    Path file = InspectCommandTest.ofIo("keras/unet3.weights.h5");
    WeightTensor kernel = Inputs.weights(file).tensors().get(0);
    byte[] bytes = Files.readAllBytes(file);
    double norm = kernel.values().norm2Number().doubleValue();
    float first = kernel.values().getFloat(0);
    int place = indexOf(bytes, littleEndian(first));
    System.arraycopy(littleEndian(first + 0.5f), 0, bytes, place, Float.BYTES);
    Path changed = Files.write(folder.resolve("changed.weights.h5"), bytes);

    Outcome outcome =
        Outcome.of("weights-compare", file, changed, "--format", "json", "-o", folder.resolve("o"));

    assertThat(outcome.code()).isZero();
    for (JsonNode figure : outcome.json().get("figures")) {
      assertThat(figure.get("about").asText()).isEqualTo("array");
      if (figure.get("statistic").asText().equals("relative_change")) {
        double expected = figure.get("layer").asText().equals(kernel.name()) ? 0.5 / norm : 0;
        assertThat(figure.get("value").asDouble()).isCloseTo(expected, within(1e-7));
      }
    }
    assertThat(outcome.err())
        .contains("names and axes are those of the file", "Randomness not told", kernel.name());
    assertThat(Outcome.of("weights-compare", file, changed).out()).contains(kernel.name(), "ARRAY");
    Outcome.of("weights-compare", file, InspectCommandTest.ofIo("keras/unet2_weights.h5"))
        .isOneLine(1, "no array of one name and shape", kernel.name());
    Outcome.of("weights-compare", SampleFiles.WEIGHTS, file)
        .isOneLine(1, "'unet3.weights.h5' has no filters of a known layer", "model.to_json()");
  }

  private static byte[] littleEndian(float value) {
    return ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array();
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int i = 0; i <= bytes.length - part.length; i++) {
      if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    throw new AssertionError("not there");
  }

  private static double value(JsonNode json, String about, String statistic) {
    for (JsonNode figure : json.get("figures")) {
      if (figure.get("about").asText().equals(about)
          && figure.get("statistic").asText().equals(statistic)) {
        return figure.get("value").asDouble();
      }
    }
    throw new AssertionError(about + " " + statistic);
  }

  @Test
  void singleFiltersAreToldOnRequest() {
    List<String> lines =
        compare("--filters", "--format", "csv", "--layers", "bottom")
            .isWell()
            .out()
            .lines()
            .toList();

    assertThat(lines.get(0))
        .isEqualTo("about,layer,filter,statistic,value,low,high,p,corrected_p,n");
    assertThat(lines)
        .anyMatch(l -> l.startsWith("change,bottom,3,cosine,"))
        .anyMatch(l -> l.startsWith("filters,bottom,0,matched_cosine,"));
  }

  @Test
  void filesAndPicturesGoIntoAFolder() throws IOException {
    Path out = folder.resolve("out");

    compare("-o", out).isWell();

    assertThat(Files.readString(out.resolve("weights.csv"))).contains("randomness_b,bottom,");
    assertThat(Files.readString(out.resolve("weights.json"))).contains("\"unmatched\"");
    assertThat(out.resolve("filters-bottom.png")).isNotEmptyFile();
    assertThat(out.resolve("filters-bottom.svg")).isNotEmptyFile();
    assertThat(out.resolve("matched-bottom.png")).isNotEmptyFile();
  }

  @Test
  void namesOfOneFileAloneAreListed() throws IOException {
    Path other = Path.of("..", "io", "src", "test", "resources", "torch", "state.pth");

    Outcome outcome = Outcome.of("weights-compare", SampleFiles.WEIGHTS, other);

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err().lines()).hasSize(1);
  }

  @Test
  void anUnknownLayerIsAnErrorThatNamesTheNearest() {
    compare("--layers", "bottum").isOneLine(1, "bottum", "bottom");
  }

  @Test
  void aLayerOfZerosIsLeftOutAndListedAndAllOthersAreTold() throws IOException {
    Path start = safetensors("start", "conv1.weight", numbers(6, 1), "conv2.weight", new float[54]);
    Path end = safetensors("end", "conv1.weight", numbers(6, 2), "conv2.weight", numbers(6, 3));
    for (Path[] files : new Path[][] {{start, end}, {end, start}}) {
      Outcome outcome =
          Outcome.of("weights-compare", files[0], files[1], "-o", folder.resolve("out"));
      assertThat(outcome.code()).isZero();
      assertThat(outcome.out()).contains("conv1", "conv2");
      assertThat(outcome.err()).contains("conv2", "In start", "6 filters are zero");
    }
  }

  @Test
  void nothingIsSaidOfLayersThatWereNotAskedFor() throws IOException {
    Path start = safetensors("start", "conv1.weight", numbers(6, 1), "conv2.weight", new float[54]);
    Path end = safetensors("end", "conv1.weight", numbers(6, 2), "conv2.weight", numbers(6, 3));
    Outcome one = Outcome.of("weights-compare", start, end, "--layers", "conv1");
    assertThat(one.code()).isZero();
    assertThat(one.err()).doesNotContain("conv2");
    Outcome other = Outcome.of("weights-compare", start, end, "--layers", "conv2");
    assertThat(other.err())
        .contains("Filters not matched: conv2", "6 filters are zero")
        .doesNotContain("Not compared");
  }

  @Test
  void aLayerThatIsNotThereIsToldBeforeTensorsAreRead() throws IOException {
    Path start = safetensors("start", "net.conv1.weight", numbers(6, 1), "b.weight", numbers(6, 1));
    for (String known : List.of("conv1", "net.conv1", "b")) {
      Outcome outcome = Outcome.of("weights-compare", start, start, "--layers", known + "9");
      assertThat(outcome.code()).isEqualTo(1);
      assertThat(outcome.err()).contains("No layer matches '" + known + "9'");
    }
  }

  @Test
  void layerNormalisationOverSeveralAxesIsNoFilter() throws IOException {
    Path a =
        safetensors(
            "a", "conv.weight", numbers(6, 1), "n.weight", numbers(6, 2), "n.bias", new float[54]);
    Path b =
        safetensors(
            "b", "conv.weight", numbers(6, 4), "n.weight", numbers(6, 5), "n.bias", numbers(6, 6));
    assertThat(Outcome.of("weights-compare", a, b, "--format", "csv").isWell().out())
        .contains("normalisation,n.weight,")
        .contains("normalisation,n.bias,")
        .doesNotContain("randomness_a,n");
  }

  @Test
  void keysAreGivenOnceForBothFilesOrOnceForEach() {
    Path two = InspectCommandTest.ofIo("torch/two.ckpt");
    assertThat(Outcome.of("weights-compare", two, two, "--key", "b").code()).isZero();
    assertThat(Outcome.of("weights-compare", two, two, "--key", "b", "--key", "b").code()).isZero();
    Outcome.of("weights-compare", two, two).isOneLine(1, "several entries", "--key a");
    Outcome.of("weights-compare", two, two, "--key", "b", "--key", "b", "--key", "b")
        .isOneLine(1, "3 times for 2 files");
  }

  @Test
  void severalPrefixesAreTakenOffWhereNamesBeginSo() throws IOException {
    Path a = safetensors("a", "student.net.conv.weight", numbers(6, 1));
    Path b = safetensors("b", "_orig_mod.conv.weight", numbers(6, 2));
    assertThat(
            Outcome.of(
                    "weights-compare",
                    a,
                    b,
                    "--without-prefix",
                    "student.",
                    "--without-prefix",
                    "net.")
                .out())
        .contains("conv");
    assertThat(Outcome.of("weights-compare", a, b, "--without-prefix", "student.").err())
        .contains("'net.' taken off the names");
    Outcome.of("weights-compare", a, b, "--without-prefix", "teacher.")
        .isOneLine(1, "--without-prefix teacher.", "student.net.conv.weight");
  }

  private static List<String> files(Path of) throws IOException {
    try (Stream<Path> all = Files.list(of)) {
      return all.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void everyLayerHasPicturesOfItsOwnWhateverItIsCalled() throws IOException {
    String longest = "x".repeat(300);
    Object[] layers = {"a/b", "a-b", "a?b", "A-b", "编码", "解码", longest + "1", longest + "2"};
    Object[] named = new Object[2 * layers.length];
    for (int i = 0; i < layers.length; i++) {
      named[2 * i] = layers[i] + ".weight";
      named[2 * i + 1] = numbers(i + 1, 3);
    }
    Path file = safetensors("a", named);
    Path out = folder.resolve("out");
    Outcome outcome = Outcome.of("weights-compare", file, file, "-o", out);
    assertThat(outcome.code()).isZero();
    assertThat(files(out))
        .filteredOn(name -> name.startsWith("filters-") && name.endsWith(".png"))
        .hasSize(layers.length)
        .contains("filters-a-b.png", "filters-a-b-2.png", "filters-A-b-4.png")
        .contains("filters---.png", "filters----2.png", "filters-" + "x".repeat(180) + "-2.png");
    assertThat(files(out)).hasSize(2 + 4 * layers.length);
    assertThat(outcome.err())
        .contains("the pictures of 'a-b' are called a-b-2", "of '解码' are called ---2")
        .doesNotContain("'a/b'");
  }

  @Test
  void filtersOfMoreThanThreeAxesAreToldAndNotDrawn() throws IOException {
    Path file = safetensors("a", "c.weight", numbers(6, 1), "odd.weight", numbers(6, 2));
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    int at = text.lastIndexOf("[6,1,3,3]");
    String other = text.substring(0, at) + "[6,1,3,1,1,3]" + text.substring(at + 9);
    byte[] bytes = other.getBytes(StandardCharsets.ISO_8859_1);
    bytes[0] += 4;
    Files.write(file, bytes);
    Path out = folder.resolve("out");
    Outcome outcome = Outcome.of("weights-compare", file, file, "-o", out);
    assertThat(outcome.code()).isZero();
    assertThat(outcome.err()).contains("the filters of 'odd' have 4 axes and are not drawn");
    assertThat(outcome.out()).contains("odd");
    assertThat(files(out))
        .containsExactly(
            "filters-c.png",
            "filters-c.svg",
            "matched-c.png",
            "matched-c.svg",
            "weights.csv",
            "weights.json");
  }

  private static float[] numbers(int seed, int step) {
    float[] numbers = new float[54];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) Math.sin(seed + (double) step * i * i);
    }
    return numbers;
  }

  /** Each of 6 filters of 3 × 3. */
  private Path safetensors(String file, Object... namesAndNumbers) throws IOException {
    StringBuilder header = new StringBuilder("{");
    int from = 0;
    for (int i = 0; i < namesAndNumbers.length; i += 2) {
      header.append(i == 0 ? "" : ",").append('"').append(namesAndNumbers[i]);
      header.append("\":{\"dtype\":\"F32\",\"shape\":[6,1,3,3],\"data_offsets\":[");
      header.append(from).append(',').append(from + 216).append("]}");
      from += 216;
    }
    byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + from).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    for (int i = 1; i < namesAndNumbers.length; i += 2) {
      for (float number : (float[]) namesAndNumbers[i]) {
        bytes.putFloat(number);
      }
    }
    return Files.write(folder.resolve(file + ".safetensors"), bytes.array());
  }

  @Test
  void filesOfOneNameAreToldApart() throws IOException {
    Path checkpoint = InspectCommandTest.ofIo("architectures/nnunet_plain_2d.pth");
    String longName = "long".repeat(30);
    List<Path> files = new ArrayList<>();
    for (String seed : List.of("seed0", "seed1")) {
      Path place = Files.createDirectories(folder.resolve(seed).resolve(longName));
      files.add(Files.copy(checkpoint, place.resolve("final.pth")));
    }
    Path out = folder.resolve("pictures");
    Outcome outcome = Outcome.of("weights-compare", files.get(0), files.get(1), "-o", out);
    assertThat(outcome.err())
        .contains("note: seed0/…/final.pth: weights", "note: seed1/…/final.pth: weights");
    try (Stream<Path> pictures = Files.list(out)) {
      Path picture =
          pictures
              .filter(file -> file.toString().endsWith(".svg"))
              .sorted()
              .findFirst()
              .orElseThrow();
      assertThat(Files.readString(picture)).contains("seed0/…/final.pth", "seed1/…/final.pth");
    }
  }
}
