package org.palimpsest.io.table;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.PairScore;

/** One object per row, one row per line. */
final class JsonTable {

  private static final JsonFactory FACTORY =
      new JsonFactory().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);

  private JsonTable() {}

  static void write(ComparisonResult result, Writer out) throws IOException {
    String separator = "[\n";
    for (PairScore row : result.rows()) {
      out.write(separator);
      writeRow(row, out);
      separator = ",\n";
    }
    out.write(result.rows().isEmpty() ? "[]\n" : "\n]\n");
  }

  private static void writeRow(PairScore row, Writer out) throws IOException {
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("layerA", row.layerA());
      json.writeStringField("layerB", row.layerB());
      json.writeStringField("measure", row.measure());
      json.writeNumberField("value", row.score().value());
      json.writeEndObject();
    }
  }
}
