package org.palimpsest.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.weights.WeightFiles;
import org.palimpsest.similarity.weights.LayerChange;
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
  void figuresAreThoseOfTheLibrary() {
    Weights a = WeightFiles.read(SampleFiles.MODEL_A);
    Weights b = WeightFiles.read(SampleFiles.WEIGHTS);
    LayerChange bottom = WeightChange.withDefaults().between(a, b).layer("bottom");

    JsonNode json = compare("--format", "json", "--layers", "bottom").isWell().json();

    assertThat(value(json, "change", "relative_change"))
        .isCloseTo(bottom.relativeChange().getAsDouble(), within(0.0));
    assertThat(value(json, "filters", "mean_matched_cosine"))
        .isGreaterThanOrEqualTo(value(json, "change", "mean_cosine"));
    assertThat(json.get("a").get("sha256").asText()).hasSize(64);
    assertThat(json.get("figures")).noneMatch(f -> f.has("filter"));
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
        compare("--filters", "--format", "csv", "--layers", "bottom").isWell().out().lines().toList();

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
}
