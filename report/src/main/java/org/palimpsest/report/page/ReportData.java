package org.palimpsest.report.page;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.measure.Interval.Ends;
import org.palimpsest.core.measure.MeasureProperties.Range;

/**
 * The figures for the page's script: arrays in the order of runs, steps and layers; matrices as
 * {@link Packing}.
 */
final class ReportData {

  /** About ten megabytes of text. */
  private static final long MOST_CELLS = 3_500_000;

  private final EvolutionTable table;
  private final StudyReport.Facts facts;
  private final PictureTexts texts;
  private final StudyIndex index;
  private final List<String> runs;

  ReportData(EvolutionTable table, StudyReport.Facts facts, StudyIndex index) {
    this.table = table;
    this.facts = facts;
    this.texts = new PictureTexts(table, facts, index);
    this.index = index;
    this.runs = index.runs();
  }

  String json() {
    return SafeJson.of(
        json -> {
          json.writeStartObject();
          json.writeStringField("probes", texts.probes());
          json.writeStringField("samples", table.samples());
          json.writeStringField("step", facts.stepName());
          json.writeStringField("stepAxis", facts.stepAxis());
          writeGroups(json);
          writeRuns(json);
          json.writeArrayFieldStart("measures");
          for (String measure : index.measures()) {
            writeMeasure(json, index.measure(measure));
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private void writeGroups(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("groups");
    for (Group group : index.groups()) {
      json.writeStartObject();
      json.writeStringField("name", group.name());
      json.writeArrayFieldStart("runs");
      for (String run : group.runs()) {
        json.writeNumber(runs.indexOf(run));
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Names, and how well they did at which step. */
  private void writeRuns(JsonGenerator json) throws IOException {
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

  private void writeMeasure(JsonGenerator json, MeasureFacts measure) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", measure.name());
    json.writeStringField("axis", PictureTexts.axis(measure));
    json.writeBooleanField("distance", measure.isDistance());
    json.writeBooleanField("ofWeights", measure.ofWeights());
    Range range = measure.range();
    json.writeFieldName("low");
    SafeJson.number(json, range.low());
    json.writeFieldName("high");
    SafeJson.number(json, range.high());
    json.writeArrayFieldStart("layers");
    for (String layer : index.layers(measure.name())) {
      json.writeString(layer);
    }
    json.writeEndArray();
    json.writeObjectFieldStart("curves");
    for (Study.View view : index.curves(measure.name())) {
      json.writeFieldName(view.label());
      writeCurves(json, view, measure.name());
    }
    json.writeEndObject();
    writeLayerMaps(json, measure.name());
    writeStepMaps(json, measure.name());
    writeNetworkMaps(json, measure.name());
    json.writeFieldName("groups");
    new GroupComparison(index, measure).write(json);
    json.writeEndObject();
  }

  /** Gives the figure of a layer of a run at a step; NaN if there is none. */
  private interface FigureAt {
    double of(String run, long step, String layer);
  }

  /** Run by run: its steps, and step by step the values of all layers, and ends of intervals. */
  private void writeCurves(JsonGenerator json, Study.View view, String measure) throws IOException {
    json.writeStartArray();
    boolean withIntervals = index.hasIntervals(view, measure);
    for (String run : runs) {
      List<Long> steps = index.steps(view, measure, List.of(run));
      json.writeStartObject();
      writeSteps(json, steps);
      writeFigures(
          json,
          "values",
          measure,
          run,
          steps,
          (of, at, layer) -> index.value(view, measure, of, at, layer).orElse(Double.NaN));
      if (withIntervals) {
        writeFigures(json, "lows", measure, run, steps, end(view, measure, Ends::low));
        writeFigures(json, "highs", measure, run, steps, end(view, measure, Ends::high));
        writeFigures(json, "undecided", measure, run, steps, end(view, measure, ReportData::mark));
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** 1 where the layers may have nothing to do with each other. */
  private static double mark(Ends interval) {
    return interval.holdsUnrelated() ? 1 : 0;
  }

  private FigureAt end(Study.View view, String measure, ToDoubleFunction<Ends> end) {
    return (run, step, layer) ->
        index.interval(view, measure, run, step, layer).stream()
            .mapToDouble(end)
            .findFirst()
            .orElse(Double.NaN);
  }

  private void writeFigures(
      JsonGenerator json,
      String name,
      String measure,
      String run,
      List<Long> steps,
      FigureAt figure)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (long step : steps) {
      json.writeStartArray();
      for (String layer : index.layers(measure)) {
        SafeJson.number(json, figure.of(run, step, layer));
      }
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private void writeLayerMaps(JsonGenerator json, String measure) throws IOException {
    List<ScoreMatrix> all = new ArrayList<>();
    int mostSteps = 0;
    for (String run : runs) {
      TreeMap<Long, ScoreMatrix> maps = index.layerMaps(measure, run);
      all.addAll(maps.values());
      mostSteps = Math.max(mostSteps, maps.size());
    }
    if (all.isEmpty()) {
      return;
    }
    long perMap = (long) all.get(0).values().length * all.get(0).values().length;
    long cells = perMap * all.size() * Math.max(1, index.measures().size());
    int steps = (int) Math.max(2, Math.min(mostSteps, mostSteps * mostCells() / cells));
    Packing packed = Packing.spanning(all);
    json.writeObjectFieldStart("layerMaps");
    packed.writeRange(json);
    json.writeBooleanField("thinned", steps < mostSteps);
    json.writeArrayFieldStart("runs");
    for (String run : runs) {
      TreeMap<Long, ScoreMatrix> maps = index.layerMaps(measure, run);
      List<Long> chosen = Thinning.evenly(List.copyOf(maps.keySet()), steps);
      writePacked(json, packed, chosen, chosen.stream().map(s -> matrix(maps, s)).toList());
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static ScoreMatrix matrix(Map<Long, ScoreMatrix> maps, long step) {
    return maps.getOrDefault(step, ScoreMatrix.missing(0, 0));
  }

  /** Of which there is room; with the ends of intervals a cell takes three times as much. */
  private long mostCells() {
    return index.aboutIntervals().isPresent() ? MOST_CELLS / 3 : MOST_CELLS;
  }

  private void writeStepMaps(JsonGenerator json, String measure) throws IOException {
    List<List<ScoreMatrix>> byRun = new ArrayList<>();
    List<ScoreMatrix> all = new ArrayList<>();
    for (String run : runs) {
      List<ScoreMatrix> maps = new ArrayList<>();
      for (String layer : index.layers(measure)) {
        maps.add(index.stepMatrix(measure, run, layer));
      }
      byRun.add(maps);
      all.addAll(maps);
    }
    if (all.stream().allMatch(ScoreMatrix::isEmpty)) {
      return;
    }
    Packing packed = Packing.spanning(all);
    json.writeObjectFieldStart("stepMaps");
    packed.writeRange(json);
    json.writeArrayFieldStart("runs");
    for (int r = 0; r < runs.size(); r++) {
      writePacked(json, packed, index.stepsOfMaps(measure, runs.get(r)), byRun.get(r));
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Means of groups, pairs that the study names and, if there is room, every pair of runs. */
  private void writeNetworkMaps(JsonGenerator json, String measure) throws IOException {
    NetworkMaps of = new NetworkMaps(index, measure);
    List<NetworkMaps.PairMap> maps = new ArrayList<>(of.ofGroups());
    maps.addAll(of.ofNamed());
    List<NetworkMaps.PairMap> runs = of.ofRuns();
    long layers = index.layers(measure).size();
    boolean fits = runs.size() * layers * layers <= mostCells() / index.measures().size();
    maps.addAll(fits ? runs : List.of());
    if (maps.isEmpty()) {
      return;
    }
    Packing packed = Packing.spanning(maps.stream().map(NetworkMaps.PairMap::matrix).toList());
    json.writeObjectFieldStart("networkMaps");
    packed.writeRange(json);
    json.writeBooleanField("thinned", !fits);
    json.writeArrayFieldStart("pairs");
    for (NetworkMaps.PairMap map : maps) {
      json.writeStartObject();
      json.writeStringField("name", map.name());
      json.writeStringField("rows", map.rows());
      json.writeStringField("columns", map.columns());
      packed.write(json, List.of(map.matrix()));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writePacked(
      JsonGenerator json, Packing packed, List<Long> steps, List<ScoreMatrix> matrices)
      throws IOException {
    json.writeStartObject();
    writeSteps(json, steps);
    packed.write(json, matrices);
    json.writeEndObject();
  }

  private static void writeSteps(JsonGenerator json, List<Long> steps) throws IOException {
    json.writeArrayFieldStart("steps");
    for (long step : steps) {
      json.writeNumber(step);
    }
    json.writeEndArray();
  }

  /**
   * How matrices of a page are packed: figures between the least and the greatest of all, and,
   * where there are any, ends of intervals between the least and the greatest of these.
   */
  private record Packing(Packed ofValues, Optional<Packed> ofEnds) {

    /** For these matrices. */
    static Packing spanning(List<ScoreMatrix> matrices) {
      List<double[][]> values = matrices.stream().map(ScoreMatrix::values).toList();
      List<double[][]> ends =
          matrices.stream()
              .filter(matrix -> !matrix.intervals().isEmpty())
              .flatMap(matrix -> List.of(matrix.ends(Ends::low), matrix.ends(Ends::high)).stream())
              .toList();
      return new Packing(
          Packed.spanning(values),
          ends.isEmpty() ? Optional.empty() : Optional.of(Packed.spanning(ends)));
    }

    void writeRange(JsonGenerator json) throws IOException {
      ofValues.writeRange(json);
      if (ofEnds.isPresent()) {
        json.writeObjectFieldStart("ends");
        ofEnds.get().writeRange(json);
        json.writeEndObject();
      }
    }

    /** The matrices one after the other; a 1 for each cell that may be of unrelated layers. */
    void write(JsonGenerator json, List<ScoreMatrix> matrices) throws IOException {
      json.writeStringField(
          "data", ofValues.text(matrices.stream().map(ScoreMatrix::values).toList()));
      if (ofEnds.isPresent()) {
        Packed packed = ofEnds.get();
        json.writeStringField(
            "lows", packed.text(matrices.stream().map(m -> m.ends(Ends::low)).toList()));
        json.writeStringField(
            "highs", packed.text(matrices.stream().map(m -> m.ends(Ends::high)).toList()));
        StringBuilder marks = new StringBuilder();
        matrices.forEach(matrix -> appendMarks(matrix, marks));
        json.writeStringField("undecided", marks.toString());
      }
    }

    private static void appendMarks(ScoreMatrix matrix, StringBuilder marks) {
      for (int i = 0; i < matrix.values().length; i++) {
        for (int j = 0; j < matrix.values()[i].length; j++) {
          marks.append(matrix.interval(i, j).filter(Ends::holdsUnrelated).isPresent() ? '1' : '0');
        }
      }
    }

    /**
     * Matrices as two bytes a figure, which is a quarter of what JSON takes: 0 is the least of all
     * figures, 65534 the greatest, 65535 none. The low byte comes first.
     *
     * @param low the least figure
     * @param high the greatest
     */
    private record Packed(double low, double high) {

      private static final int GREATEST = 65534;
      private static final int NONE = 65535;

      /** For figures between the least and the greatest of these. */
      static Packed spanning(List<double[][]> matrices) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (double[][] matrix : matrices) {
          for (double[] row : matrix) {
            for (double value : row) {
              if (Double.isFinite(value)) {
                low = Math.min(low, value);
                high = Math.max(high, value);
              }
            }
          }
        }
        return low <= high ? new Packed(low, high) : new Packed(0, 0);
      }

      void writeRange(JsonGenerator json) throws IOException {
        json.writeNumberField("low", low);
        json.writeNumberField("high", high);
      }

      /** The matrices one after the other, row by row. */
      String text(List<double[][]> matrices) {
        int count =
            matrices.stream().mapToInt(m -> Arrays.stream(m).mapToInt(r -> r.length).sum()).sum();
        byte[] bytes = new byte[2 * count];
        int at = 0;
        for (double[][] matrix : matrices) {
          for (double[] row : matrix) {
            for (double value : row) {
              int code = code(value);
              bytes[at++] = (byte) code;
              bytes[at++] = (byte) (code >> 8);
            }
          }
        }
        return Base64.getEncoder().encodeToString(bytes);
      }

      private int code(double value) {
        if (!Double.isFinite(value)) {
          return NONE;
        }
        double share = (value / 2 - low / 2) / (high / 2 - low / 2); // a span may overflow
        return high > low ? (int) Math.round(share * GREATEST) : 0;
      }
    }
  }
}
