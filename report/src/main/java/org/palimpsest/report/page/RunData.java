package org.palimpsest.report.page;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import org.palimpsest.core.evolution.CheckpointRecord;
import org.palimpsest.core.evolution.EvolutionTable;

/** The runs for the page's script: names, and how well they did at which step. */
final class RunData {

  private final EvolutionTable table;
  private final List<String> runs;

  RunData(EvolutionTable table, List<String> runs) {
    this.table = table;
    this.runs = runs;
  }

  void write(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("runs");
    for (String run : runs) {
      json.writeStartObject();
      json.writeStringField("name", run);
      json.writeArrayFieldStart("steps");
      for (CheckpointRecord record : scored(run)) {
        json.writeNumber(record.checkpoint().step());
      }
      json.writeEndArray();
      json.writeArrayFieldStart("scores");
      for (CheckpointRecord record : scored(run)) {
        SafeJson.number(json, record.checkpoint().score().orElse(Double.NaN));
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private List<CheckpointRecord> scored(String run) {
    return table.checkpoints().stream()
        .filter(c -> c.run().name().equals(run) && c.checkpoint().score().isPresent())
        .toList();
  }
}
