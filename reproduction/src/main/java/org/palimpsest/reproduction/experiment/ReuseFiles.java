package org.palimpsest.reproduction.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.text.CsvText;

/** Writes tables: similarities, Dice coefficients, and where all of it came from. */
final class ReuseFiles {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> SIMILARITIES =
      List.of(
          "comparison", "run_a", "step_a", "run_b", "step_b", "layer", "measure", "value", "view");
  private static final List<String> DICE = List.of("run", "initialisation", "step", "dice");

  private ReuseFiles() {}

  static void writeSimilarities(ReuseResult result, Path file) {
    List<List<String>> records = new ArrayList<>();
    for (ReuseRow row : result.rows()) {
      Network a = row.pair().a();
      Network b = row.pair().b();
      records.add(
          List.of(
              row.pair().comparison().label(),
              a.run().name(),
              String.valueOf(a.checkpoint().step()),
              b.run().name(),
              String.valueOf(b.checkpoint().step()),
              row.layer(),
              row.measure(),
              String.valueOf(row.value()),
              result.table().samples()));
    }
    AtomicFile.write(file, CsvText.of(SIMILARITIES, records));
  }

  static void writeDice(ReuseResult result, Path file) {
    List<List<String>> records = new ArrayList<>();
    for (TrainingRun run : allRuns(result)) {
      for (Checkpoint checkpoint : run.checkpoints()) {
        if (checkpoint.score().isPresent()) {
          records.add(
              List.of(
                  run.name(),
                  run.initialisation(),
                  String.valueOf(checkpoint.step()),
                  String.valueOf(checkpoint.score().getAsDouble())));
        }
      }
    }
    AtomicFile.write(file, CsvText.of(DICE, records));
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
