package org.palimpsest.report.table;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.MissingScore;
import org.palimpsest.core.comparison.PairScore;
import org.palimpsest.core.measure.Score;

/** One object per row, one row per line, with what should be known of either network. */
final class JsonTable {

  private static final JsonFactory FACTORY =
      new JsonFactory()
          .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
          .disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);

  private JsonTable() {}

  static void write(ComparisonResult result, List<FigureColumn> figures, Writer out)
      throws IOException {
    List<PairScore> rows = result.rows();
    String before = "[\n";
    for (int row = 0; row < rows.size(); row++) {
      out.write(before);
      writeRow(rows.get(row), figures, row, result, out);
      before = ",\n";
    }
    for (MissingScore none : result.missing()) {
      out.write(before);
      writeMissing(none, result, out);
      before = ",\n";
    }
    out.write(before.equals("[\n") ? "[]\n" : "\n]\n");
  }

  private static void writeMissing(MissingScore none, ComparisonResult of, Writer out)
      throws IOException {
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("layerA", none.layerA());
      json.writeStringField("layerB", none.layerB());
      json.writeStringField("measure", none.measure());
      json.writeNullField("value");
      json.writeStringField("note", none.reason());
      writeCautions(json, "notesA", of.a());
      writeCautions(json, "notesB", of.b());
      json.writeEndObject();
    }
  }

  private static void writeRow(
      PairScore score, List<FigureColumn> figures, int row, ComparisonResult of, Writer out)
      throws IOException {
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("layerA", score.layerA());
      json.writeStringField("layerB", score.layerB());
      json.writeStringField("measure", score.measure());
      json.writeNumberField("value", score.score().value());
      if (score.score().interval().isPresent()) {
        writeInterval(json, score.score());
      }
      for (FigureColumn figure : figures) {
        json.writeNumberField(figure.camelCase(), figure.values().get(row));
      }
      writeCautions(json, "notesA", of.a());
      writeCautions(json, "notesB", of.b());
      json.writeEndObject();
    }
  }

  /** Null where there is nothing. */
  private static void writeInterval(JsonGenerator json, Score score) throws IOException {
    List<Optional<Object>> values = IntervalColumns.of(score);
    for (int i = 0; i < values.size(); i++) {
      json.writeFieldName(IntervalColumns.NAMES.get(i));
      if (values.get(i).isPresent()) {
        json.writeObject(values.get(i).get());
      } else {
        json.writeNull();
      }
    }
  }

  private static void writeCautions(JsonGenerator json, String name, Provenance network)
      throws IOException {
    if (!network.cautions().isEmpty()) {
      json.writeArrayFieldStart(name);
      for (String caution : network.cautions()) {
        json.writeString(caution);
      }
      json.writeEndArray();
    }
  }
}
