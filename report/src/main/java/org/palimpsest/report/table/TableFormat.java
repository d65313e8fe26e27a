package org.palimpsest.report.table;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.internal.file.AtomicFile;

/** How the result of a comparison is written down. Rows are in the order of its rows. */
public enum TableFormat {
  /** Aligned columns for people, one column per measure, values to five decimals. */
  TABLE {
    @Override
    public void write(ComparisonResult result, List<FigureColumn> figures, Writer out)
        throws IOException {
      TextTable.write(result, figures, out);
    }
  },
  /**
   * Comma-separated values with a header; see {@link CsvTable} for the columns. Values have full
   * precision.
   */
  CSV {
    @Override
    public void write(ComparisonResult result, List<FigureColumn> figures, Writer out)
        throws IOException {
      CsvTable.write(result, figures, out);
    }
  },
  /**
   * An array of objects {@code {"layerA", "layerB", "measure", "value"}}, values in full precision;
   * with {@code notesA} and {@code notesB} where something should be known of a network's answers.
   * Pairs without a score come last, with a null value and the reason as {@code note}.
   */
  JSON {
    @Override
    public void write(ComparisonResult result, List<FigureColumn> figures, Writer out)
        throws IOException {
      JsonTable.write(result, figures, out);
    }
  };

  /**
   * Writes a result with further figures, ending with a new line. The writer stays open.
   *
   * @param figures each with one value per row of the result
   */
  public abstract void write(ComparisonResult result, List<FigureColumn> figures, Writer out)
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
   * Writes a result with further figures to a file in UTF-8.
   *
   * @throws org.palimpsest.core.PalimpsestException if it cannot be written; then nothing is left
   */
  public void write(ComparisonResult result, List<FigureColumn> figures, Path file) {
    AtomicFile.write(
        file,
        out -> {
          Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
          write(result, figures, text);
          text.flush();
        });
  }
}
