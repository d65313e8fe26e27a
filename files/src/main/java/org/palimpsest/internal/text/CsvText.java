package org.palimpsest.internal.text;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Comma-separated values that a spreadsheet can open without running anything.
 *
 * <p>Cells are shown as {@link VisibleText} shows them, so that a record is a line. One that begins
 * with {@code = + - @}, and that a spreadsheet would therefore take for a formula, gets an
 * apostrophe in front; numbers stay as they are.
 */
public final class CsvText {

  private static final String BEGINS_FORMULAS = "=+-@＝＋－＠";
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");

  private final CsvWriter csv;

  private CsvText(CsvWriter csv) {
    this.csv = csv;
  }

  /** Writes to this; the caller flushes at the end and closes it. */
  public static CsvText to(Writer out) {
    return new CsvText(CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(out));
  }

  /** A header and records as one text. */
  public static String of(List<String> header, List<List<String>> records) {
    StringWriter text = new StringWriter();
    try {
      CsvText csv = to(text);
      csv.add(header);
      for (List<String> record : records) {
        csv.add(record);
      }
      csv.flush();
    } catch (IOException impossible) {
      throw new UncheckedIOException("a text in memory can be written", impossible);
    }
    return text.toString();
  }

  /** Adds a record. */
  public void add(List<String> cells) throws IOException {
    try {
      csv.writeRecord(cells.stream().map(CsvText::cell).toList());
    } catch (UncheckedIOException failure) {
      throw failure.getCause();
    }
  }

  public void flush() throws IOException {
    csv.flush();
  }

  static String cell(String text) {
    String shown = VisibleText.of(text);
    boolean formula =
        !shown.isEmpty()
            && BEGINS_FORMULAS.indexOf(shown.charAt(0)) >= 0
            && !NUMBER.matcher(shown).matches();
    return formula ? "'" + shown : shown;
  }
}
