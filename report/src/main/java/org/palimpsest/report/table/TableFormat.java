package org.palimpsest.report.table;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.Version;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.ComparisonResult.MissingScore;
import org.palimpsest.core.comparison.ComparisonResult.PairScore;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.text.CsvText;

/**
 * How the result of a comparison is written down. Rows are in the order of its rows; pairs without
 * a score come last.
 *
 * <pre>
 * TableFormat.CSV.write(result, Path.of("scores.csv"));
 * </pre>
 *
 * <p>Numbers have a decimal point in every locale; CSV and JSON have them in full precision. In
 * text tables, what cannot be seen in names from files is written out.
 */
public enum TableFormat {
  /** Aligned columns for people, one column per measure, values to five decimals. */
  TABLE {
    @Override
    public void write(ComparisonResult result, List<Column> further, Writer out)
        throws IOException {
      Column.requireOneEach(further, result);
      TextTable.write(result, further, out);
    }
  },
  /**
   * Comma-separated values in full precision with a header, one line per score: {@code layer_a,
   * layer_b, measure, value}; {@code direction} (similarity or distance); {@code samples} (rows
   * compared); {@code rank_a, rank_b} (empty if the measure has none); {@code view} (how feature
   * maps became samples); {@code warnings} and, in the first line alone, {@code notes_a, notes_b}
   * (sentences joined by {@code |}); {@code origin_a, sha256_a, origin_b, sha256_b} (the files);
   * {@code version} (of this library).
   *
   * <p>If intervals were asked for, also {@code corrected} (the value without the bias of few
   * images, on which the interval is centred; empty if the method has none), {@code low, high,
   * level, method}, {@code units} (how many independent images, or batches, it rests on) and {@code
   * note} (why there is no interval, in which case the others are empty). Pairs without a score
   * come last, with an empty value and the reason in the column {@code note}, which the table then
   * has.
   */
  CSV {
    @Override
    public void write(ComparisonResult result, List<Column> further, Writer out)
        throws IOException {
      Column.requireOneEach(further, result);
      CsvTable.write(result, further, out);
    }
  },
  /**
   * An array of objects {@code {"layerA", "layerB", "measure", "value"}}, values in full precision;
   * with {@code warnings} where a value may mean less than it seems, and {@code notesA} and {@code
   * notesB} where something should be known about a network's outputs. Pairs without a score come
   * last, with a null value and the reason as {@code note}.
   */
  JSON {
    @Override
    public void write(ComparisonResult result, List<Column> further, Writer out)
        throws IOException {
      Column.requireOneEach(further, result);
      JsonTable.write(result, further, out);
    }
  };

  /**
   * Writes a result with further columns, ending with a new line. The writer stays open.
   *
   * @param result of a comparison
   * @param further each with one value per row of the result
   * @param out takes the text
   * @throws IOException if the writer fails
   * @throws org.palimpsest.core.PalimpsestException if a column has more or fewer values than there
   *     are scores
   */
  public abstract void write(ComparisonResult result, List<Column> further, Writer out)
      throws IOException;

  /** Writes a result, ending with a new line. The writer stays open. */
  public void write(ComparisonResult result, Writer out) throws IOException {
    write(result, List.of(), out);
  }

  /** A result as text, ending with a new line. */
  public String format(ComparisonResult result) {
    StringWriter out = new StringWriter();
    try {
      write(result, out);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toString();
  }

  /**
   * Writes a result to a file in UTF-8.
   *
   * @throws org.palimpsest.core.PalimpsestException if it cannot be written; then nothing is left
   */
  public void write(ComparisonResult result, Path file) {
    write(result, List.of(), file);
  }

  /**
   * Writes a result with further columns to a file in UTF-8.
   *
   * @throws org.palimpsest.core.PalimpsestException if it cannot be written; then nothing is left
   */
  public void write(ComparisonResult result, List<Column> further, Path file) {
    AtomicFile.write(
        file,
        out -> {
          Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
          write(result, further, text);
          text.flush();
        });
  }

  /** One object per row, one row per line, with what should be known of either network. */
  private static final class JsonTable {

    private static final JsonFactory FACTORY =
        new JsonFactory()
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);

    private JsonTable() {}

    static void write(ComparisonResult result, List<Column> further, Writer out)
        throws IOException {
      List<PairScore> rows = result.rows();
      String before = "[\n";
      for (int row = 0; row < rows.size(); row++) {
        out.write(before);
        writeRow(rows.get(row), further, row, result, out);
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
        PairScore score, List<Column> further, int row, ComparisonResult of, Writer out)
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
        for (Column column : further) {
          json.writeNumberField(column.camelCase(), column.values().get(row));
        }
        writeSentences(json, "warnings", score.score().diagnostics().warnings());
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
      writeSentences(json, name, network.cautions());
    }

    /** Nothing at all where there is none. */
    private static void writeSentences(JsonGenerator json, String name, List<String> sentences)
        throws IOException {
      if (!sentences.isEmpty()) {
        json.writeArrayFieldStart(name);
        for (String sentence : sentences) {
          json.writeString(sentence);
        }
        json.writeEndArray();
      }
    }
  }

  private static final class CsvTable {

    static final List<String> HEADER =
        List.of(
            "layer_a",
            "layer_b",
            "measure",
            "value",
            "direction",
            "samples",
            "rank_a",
            "rank_b",
            "view",
            "warnings",
            "origin_a",
            "sha256_a",
            "notes_a",
            "origin_b",
            "sha256_b",
            "notes_b",
            "version");

    private static final String NOTE = "note";

    private CsvTable() {}

    static void write(ComparisonResult result, List<Column> further, Writer out)
        throws IOException {
      CsvText csv = CsvText.to(out);
      List<MissingScore> missing = result.missing();
      List<String> intervals = IntervalColumns.areIn(result) ? IntervalColumns.NAMES : List.of();
      List<String> more = intervals.isEmpty() && !missing.isEmpty() ? List.of(NOTE) : intervals;
      csv.add(joined(joined(HEADER, more), further.stream().map(Column::snakeCase).toList()));
      List<PairScore> rows = result.rows();
      for (int row = 0; row < rows.size(); row++) {
        int at = row;
        List<String> last =
            further.stream().map(column -> String.valueOf(column.values().get(at))).toList();
        List<String> cells = cells(rows.get(row), result.a(), result.b(), row == 0);
        csv.add(joined(joined(cells, interval(rows.get(row), more.size())), last));
      }
      for (MissingScore none : missing) {
        List<String> cells = cells(none, result.a(), result.b());
        csv.add(joined(joined(cells, note(none, more.size())), empty(further.size())));
      }
      csv.flush();
    }

    private static List<String> interval(PairScore row, int columns) {
      return IntervalColumns.of(row.score()).stream()
          .limit(columns)
          .map(value -> value.map(String::valueOf).orElse(""))
          .toList();
    }

    private static List<String> note(MissingScore none, int columns) {
      return joined(empty(columns - 1), List.of(none.reason()));
    }

    private static List<String> empty(int cells) {
      return Collections.nCopies(cells, "");
    }

    /** Further columns come last. */
    private static List<String> joined(List<String> first, List<String> second) {
      return Stream.concat(first.stream(), second.stream()).toList();
    }

    private static List<String> cells(PairScore row, Provenance a, Provenance b, boolean noted) {
      Diagnostics diagnostics = row.score().diagnostics();
      boolean ranks = diagnostics.hasRanks();
      return List.of(
          row.layerA(),
          row.layerB(),
          row.measure(),
          String.valueOf(row.score().value()),
          row.score().direction().name().toLowerCase(Locale.ROOT),
          String.valueOf(diagnostics.samples()),
          ranks ? String.valueOf(diagnostics.rankA()) : "",
          ranks ? String.valueOf(diagnostics.rankB()) : "",
          row.view(),
          joined(diagnostics.warnings()),
          a.origin(),
          a.sha256(),
          noted ? joined(a.notes()) : "",
          b.origin(),
          b.sha256(),
          noted ? joined(b.notes()) : "",
          Version.current());
    }

    private static List<String> cells(MissingScore none, Provenance a, Provenance b) {
      return List.of(
          none.layerA(),
          none.layerB(),
          none.measure(),
          "",
          none.direction().name().toLowerCase(Locale.ROOT),
          "",
          "",
          "",
          none.view(),
          "",
          a.origin(),
          a.sha256(),
          "",
          b.origin(),
          b.sha256(),
          "",
          Version.current());
    }

    private static String joined(List<String> sentences) {
      return String.join(" | ", sentences);
    }
  }

  /**
   * A further column, with a value for each row of a result, such as a p value.
   *
   * @param name letters, digits and underscores, words separated by single spaces: {@code null
   *     mean}
   * @param values one per row of the result, in its order, all finite
   */
  public record Column(String name, List<Double> values) {

    private static final Pattern NAMES = Pattern.compile("\\w+( \\w+)*");

    /**
     * @throws PalimpsestException if the name is of another form, or a value is not finite
     */
    public Column {
      values = List.copyOf(values);
      if (!NAMES.matcher(name).matches()) {
        throw new PalimpsestException(
            "A column cannot be called '%s'. Name it by words of letters and digits with a space between them."
                .formatted(name));
      }
      for (double value : values) {
        if (!Double.isFinite(value)) {
          throw new PalimpsestException(
              "The column '%s' holds %s; tables hold finite numbers.".formatted(name, value));
        }
      }
    }

    private static void requireOneEach(List<Column> columns, ComparisonResult result) {
      int scores = result.rows().size();
      for (Column column : columns) {
        if (column.values.size() != scores) {
          throw new PalimpsestException(
              "The column '%s' has %s values for %s scores. Give it one for each."
                  .formatted(column.name, column.values.size(), scores));
        }
      }
    }

    /** As a column is called in CSV: {@code null_mean}. */
    String snakeCase() {
      return name.replace(' ', '_');
    }

    /** As a field is called in JSON: {@code nullMean}. */
    String camelCase() {
      StringBuilder text = new StringBuilder();
      for (String word : name.split(" ")) {
        String first = word.substring(0, 1);
        text.append(text.isEmpty() ? first : first.toUpperCase(Locale.ROOT))
            .append(word.substring(1));
      }
      return text.toString();
    }
  }
}
