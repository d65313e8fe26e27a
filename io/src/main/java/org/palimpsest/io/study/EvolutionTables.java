package org.palimpsest.io.study;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.text.CsvText;

/**
 * A study's result as files.
 *
 * <p>{@code evolution.csv} has one line per measurement: {@code
 * view,run_a,step_a,layer_a,run_b,step_b,layer_b,measure,value,low,high,n,warnings}; {@code low}
 * and {@code high} are empty where there is no interval, the steps are empty for groups of runs,
 * and warnings are sentences joined by {@code |}. If intervals over probes were asked for, {@code
 * corrected,level,method,units,note} follow. {@code checkpoints.csv} tells for each {@code run} and
 * {@code step} its {@code initialisation, seed, score, file, sha256} and {@code problem}. {@code
 * evolution.json} holds both, what the measures are ({@code name, description, direction, low,
 * high, of_weights, symmetric}), {@code rank_a} and {@code rank_b} of measurements that have them,
 * what is known of intervals over probes, and the probes' fingerprint, how feature maps became
 * samples, the version of the library, and a checksum of all that.
 */
public final class EvolutionTables {

  private static final List<String> ROW_COLUMNS =
      List.of(
          "view",
          "run_a",
          "step_a",
          "layer_a",
          "run_b",
          "step_b",
          "layer_b",
          "measure",
          "value",
          "low",
          "high",
          "n",
          "warnings");
  private static final List<String> CHECKPOINT_COLUMNS =
      List.of("run", "step", "initialisation", "seed", "score", "file", "sha256", "problem");

  private static final String JSON = "evolution.json";
  private static final String ROWS = "evolution.csv";
  private static final String CHECKPOINTS = "checkpoints.csv";

  private EvolutionTables() {}

  /**
   * Writes the three files, each whole or not at all.
   *
   * @return the files
   */
  public static List<Path> write(EvolutionTable table, Path folder) {
    AtomicFile.write(folder.resolve(ROWS), out -> writeRows(table, out));
    AtomicFile.write(folder.resolve(CHECKPOINTS), out -> writeCheckpoints(table, out));
    AtomicFile.write(folder.resolve(JSON), out -> writeJson(table, out));
    return files(folder);
  }

  /** The files that {@link #write} writes. */
  public static List<Path> files(Path folder) {
    return List.of(folder.resolve(ROWS), folder.resolve(CHECKPOINTS), folder.resolve(JSON));
  }

  /**
   * Reads what {@link #write} wrote into a folder.
   *
   * @throws org.palimpsest.core.PalimpsestException if it holds no such table, or one that is not
   *     as it was written
   */
  public static EvolutionTable read(Path folder) {
    Path file = folder.resolve(JSON);
    if (!Files.exists(file)) {
      throw new PalimpsestException(
          "%s holds no study: there is no %s. Give the folder that 'track' wrote."
              .formatted(folder, JSON));
    }
    return TableReader.read(file);
  }

  /**
   * The CSV files beside a table that are not as {@link #write} writes them, of those there are.
   */
  public static List<Path> changed(EvolutionTable table, Path folder) {
    return Stream.of(
            Map.entry(folder.resolve(ROWS), sum(out -> writeRows(table, out))),
            Map.entry(folder.resolve(CHECKPOINTS), sum(out -> writeCheckpoints(table, out))))
        .filter(file -> Files.isRegularFile(file.getKey()))
        .filter(file -> !file.getValue().equals(sum(out -> Files.copy(file.getKey(), out))))
        .map(Map.Entry::getKey)
        .toList();
  }

  private interface Written {
    void to(OutputStream out) throws IOException;
  }

  private static long sum(Written text) {
    CRC32 sum = new CRC32();
    try (OutputStream out = new CheckedOutputStream(OutputStream.nullOutputStream(), sum)) {
      text.to(out);
    } catch (IOException failure) {
      throw new PalimpsestException(
          "A table cannot be read: " + InputFiles.reason(failure), failure);
    }
    return sum.getValue();
  }

  private static void writeRows(EvolutionTable table, OutputStream out) throws IOException {
    Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    CsvText csv = CsvText.to(text);
    boolean withIntervals =
        table.rows().stream().anyMatch(row -> row.measurement().overProbes().isPresent());
    csv.add(withIntervals ? joined(ROW_COLUMNS, IntervalFields.COLUMNS) : ROW_COLUMNS);
    for (EvolutionTable.Row row : table.rows()) {
      csv.add(withIntervals ? joined(cells(row), intervalCells(row.measurement())) : cells(row));
    }
    csv.flush();
  }

  private static List<String> cells(EvolutionTable.Row row) {
    return List.of(
        row.view().label(),
        row.runA(),
        text(row.stepA()),
        row.layerA(),
        row.runB(),
        text(row.stepB()),
        row.layerB(),
        row.measure(),
        String.valueOf(row.measurement().value()),
        text(row.measurement().low()),
        text(row.measurement().high()),
        String.valueOf(row.measurement().n()),
        String.join(" | ", row.measurement().warnings()));
  }

  private static List<String> joined(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  private static List<String> intervalCells(Measurement measurement) {
    Map<String, Object> fields = measurement.overProbes().map(IntervalFields::of).orElse(Map.of());
    return IntervalFields.COLUMNS.stream()
        .map(column -> String.valueOf(fields.getOrDefault(column, "")))
        .toList();
  }

  private static void writeCheckpoints(EvolutionTable table, OutputStream out) throws IOException {
    Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    CsvText csv = CsvText.to(text);
    csv.add(CHECKPOINT_COLUMNS);
    for (CheckpointRecord checkpoint : table.checkpoints()) {
      csv.add(cells(checkpoint));
    }
    csv.flush();
  }

  private static List<String> cells(CheckpointRecord known) {
    return List.of(
        known.run().name(),
        String.valueOf(known.checkpoint().step()),
        known.run().initialisation(),
        text(known.run().seed()),
        text(known.checkpoint().score()),
        known.checkpoint().location(),
        known.hash(),
        known.problem().orElse(""));
  }

  private static String text(OptionalLong value) {
    return value.isPresent() ? String.valueOf(value.getAsLong()) : "";
  }

  private static String text(OptionalDouble value) {
    return value.isPresent() ? String.valueOf(value.getAsDouble()) : "";
  }

  private static void writeJson(EvolutionTable table, OutputStream out) throws IOException {
    SealedJson.write(out, json -> writeFields(table, json));
  }

  private static void writeFields(EvolutionTable table, JsonGenerator json) throws IOException {
    json.writeStringField("version", table.version());
    json.writeStringField("probes", table.probes().value());
    json.writeStringField("samples", table.samples());
    json.writeArrayFieldStart("notes");
    for (String note : table.notes()) {
      json.writeString(note);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("checkpoints");
    for (CheckpointRecord checkpoint : table.checkpoints()) {
      writeObject(json, CHECKPOINT_COLUMNS, cells(checkpoint));
    }
    json.writeEndArray();
    json.writeArrayFieldStart("measures");
    for (MeasureFacts measure : table.measures()) {
      writeMeasure(json, measure);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("figures");
    for (EvolutionTable.Row row : table.rows()) {
      writeFigure(json, row);
    }
    json.writeEndArray();
  }

  private static void writeObject(JsonGenerator json, List<String> names, List<String> values)
      throws IOException {
    json.writeStartObject();
    for (int i = 0; i < names.size(); i++) {
      json.writeStringField(names.get(i), values.get(i));
    }
    json.writeEndObject();
  }

  /** Those of which more is known than the name. */
  private static void writeMeasure(JsonGenerator json, MeasureFacts measure) throws IOException {
    if (!measure.isKnown()) {
      return;
    }
    json.writeStartObject();
    json.writeStringField("name", measure.name());
    json.writeStringField("description", measure.description());
    if (measure.direction().isPresent()) {
      json.writeStringField("direction", words(measure.direction().get()));
    }
    writeEnd(json, "low", measure.range().low());
    writeEnd(json, "high", measure.range().high());
    json.writeBooleanField("of_weights", measure.ofWeights());
    json.writeBooleanField("symmetric", measure.symmetric());
    json.writeEndObject();
  }

  static String words(Direction direction) {
    return direction.name().toLowerCase(Locale.ROOT);
  }

  private static void writeEnd(JsonGenerator json, String name, double end) throws IOException {
    if (Double.isFinite(end)) {
      json.writeNumberField(name, end);
    }
  }

  private static void writeFigure(JsonGenerator json, EvolutionTable.Row row) throws IOException {
    json.writeStartObject();
    json.writeStringField("view", row.view().label());
    json.writeStringField("run_a", row.runA());
    writeOptional(json, "step_a", row.stepA());
    json.writeStringField("layer_a", row.layerA());
    json.writeStringField("run_b", row.runB());
    writeOptional(json, "step_b", row.stepB());
    json.writeStringField("layer_b", row.layerB());
    json.writeStringField("measure", row.measure());
    json.writeNumberField("value", row.measurement().value());
    writeOptional(json, "low", row.measurement().low());
    writeOptional(json, "high", row.measurement().high());
    json.writeNumberField("n", row.measurement().n());
    if (row.measurement().ranks().isPresent()) {
      json.writeNumberField("rank_a", row.measurement().ranks().get().a());
      json.writeNumberField("rank_b", row.measurement().ranks().get().b());
    }
    if (row.measurement().overProbes().isPresent()) {
      for (Map.Entry<String, Object> field :
          IntervalFields.of(row.measurement().overProbes().get()).entrySet()) {
        json.writeObjectField(field.getKey(), field.getValue());
      }
    }
    json.writeArrayFieldStart("warnings");
    for (String warning : row.measurement().warnings()) {
      json.writeString(warning);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeOptional(JsonGenerator json, String name, OptionalLong value)
      throws IOException {
    if (value.isPresent()) {
      json.writeNumberField(name, value.getAsLong());
    }
  }

  private static void writeOptional(JsonGenerator json, String name, OptionalDouble value)
      throws IOException {
    if (value.isPresent()) {
      json.writeNumberField(name, value.getAsDouble());
    }
  }
}
