package org.palimpsest.examples.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.core.evolution.CheckpointRecord;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.io.file.AtomicFile;

/** Writes tables: similarities, Dice coefficients, and where all of it came from. */
final class ReuseFiles {

  private static final ObjectMapper JSON = new ObjectMapper();

  private ReuseFiles() {}

  static void writeSimilarities(ReuseResult result, Path file) {
    StringWriter text = new StringWriter();
    CsvWriter csv = writer(text);
    csv.writeRecord(
        "comparison", "run_a", "step_a", "run_b", "step_b", "layer", "measure", "value", "view");
    for (ReuseRow row : result.rows()) {
      Network a = row.pair().a();
      Network b = row.pair().b();
      csv.writeRecord(
          row.pair().comparison().label(),
          a.run().name(),
          String.valueOf(a.checkpoint().step()),
          b.run().name(),
          String.valueOf(b.checkpoint().step()),
          row.layer(),
          row.measure(),
          String.valueOf(row.value()),
          result.table().samples());
    }
    AtomicFile.write(file, text.toString());
  }

  static void writeDice(ReuseResult result, Path file) {
    StringWriter text = new StringWriter();
    CsvWriter csv = writer(text);
    csv.writeRecord("run", "initialisation", "step", "dice");
    for (TrainingRun run : allRuns(result)) {
      for (Checkpoint checkpoint : run.checkpoints()) {
        if (checkpoint.score().isPresent()) {
          csv.writeRecord(
              run.name(),
              run.initialisation(),
              String.valueOf(checkpoint.step()),
              String.valueOf(checkpoint.score().getAsDouble()));
        }
      }
    }
    AtomicFile.write(file, text.toString());
  }

  /** Unbuffered, so that all is in the text at once. */
  private static CsvWriter writer(StringWriter text) {
    return CsvWriter.builder().bufferSize(0).lineDelimiter(LineDelimiter.LF).build(text);
  }

  private static List<TrainingRun> allRuns(ReuseResult result) {
    return Stream.concat(result.folder().source().stream(), result.folder().runs().stream())
        .toList();
  }

  static void writeProvenance(ReuseResult result, Path file) {
    ObjectNode root = JSON.createObjectNode();
    root.put("probes_sha256_of_values", result.probes().value());
    root.put("probes", result.probeCount());
    ArrayNode measures = root.putArray("measures");
    result.measures().forEach(measure -> measures.add(measure.name()));
    ArrayNode networks = root.putArray("networks");
    for (CheckpointRecord record : result.table().checkpoints()) {
      networks.addObject().put("file", record.checkpoint().location()).put("sha256", record.hash());
    }
    try {
      String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root);
      AtomicFile.write(file, text + System.lineSeparator());
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("a tree has a JSON form", impossible);
    }
  }
}
