package org.palimpsest.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.palimpsest.cli.WeightsComparison.Row;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.Version;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.internal.text.CsvText;
import org.palimpsest.similarity.weights.WeightStatistic;

/**
 * Figures about weights for other tools.
 *
 * <p>CSV has one line per figure: {@code about, layer, filter, statistic, value, low, high, p,
 * corrected_p, n}; low to high is what chance gives in 95 of 100 cases. JSON has the same under
 * {@code figures}, and the files with their hashes, and what was not compared.
 */
record WeightsComparisonFiles(WeightsComparison comparison, List<Row> rows, LayerSelector layers) {

  private static final List<String> COLUMNS =
      List.of(
          "about", "layer", "filter", "statistic", "value", "low", "high", "p", "corrected_p", "n");

  void csv(Writer out) throws IOException {
    CsvText csv = CsvText.to(out);
    csv.add(COLUMNS);
    for (Row row : rows) {
      WeightStatistic f = row.figure();
      csv.add(
          List.of(
              row.about(),
              f.layer(),
              text(f.filter()),
              f.statistic(),
              String.valueOf(f.value()),
              text(f.low()),
              text(f.high()),
              text(f.p()),
              text(f.correctedP()),
              String.valueOf(f.n())));
    }
    csv.flush();
  }

  private static String text(OptionalInt value) {
    return value.isPresent() ? String.valueOf(value.getAsInt()) : "";
  }

  private static String text(OptionalDouble value) {
    return value.isPresent() ? String.valueOf(value.getAsDouble()) : "";
  }

  void json(Writer out) throws IOException {
    JsonGenerator json = new JsonFactory().createGenerator(out).useDefaultPrettyPrinter();
    json.writeStartObject();
    json.writeStringField("version", Version.current());
    writeNetwork(json, "a", comparison.change().before());
    writeNetwork(json, "b", comparison.change().after());
    json.writeStringField("randomness", comparison.randomnessOfB().setting());
    json.writeArrayFieldStart("unmatched");
    for (String sentence : comparison.unmatched(layers)) {
      json.writeString(sentence);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("figures");
    for (Row row : rows) {
      writeFigure(json, row);
    }
    json.writeEndArray();
    json.writeEndObject();
    json.flush();
    out.write("\n");
    out.flush();
  }

  private static void writeNetwork(JsonGenerator json, String name, Provenance network)
      throws IOException {
    json.writeObjectFieldStart(name);
    json.writeStringField("file", network.origin());
    json.writeStringField("sha256", network.sha256());
    json.writeEndObject();
  }

  private static void writeFigure(JsonGenerator json, Row row) throws IOException {
    WeightStatistic figure = row.figure();
    json.writeStartObject();
    json.writeStringField("about", row.about());
    json.writeStringField("layer", figure.layer());
    if (figure.filter().isPresent()) {
      json.writeNumberField("filter", figure.filter().getAsInt());
    }
    json.writeStringField("statistic", figure.statistic());
    json.writeNumberField("value", figure.value());
    write(json, "low", figure.low());
    write(json, "high", figure.high());
    write(json, "p", figure.p());
    write(json, "corrected_p", figure.correctedP());
    json.writeNumberField("n", figure.n());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String name, OptionalDouble value)
      throws IOException {
    if (value.isPresent()) {
      json.writeNumberField(name, value.getAsDouble());
    }
  }
}
