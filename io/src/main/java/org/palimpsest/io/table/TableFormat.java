package org.palimpsest.io.table;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.io.file.AtomicFile;

/** How the result of a comparison is written down. Rows are in the order of its rows. */
public enum TableFormat {
  /** Aligned columns for people, one column per measure, values to five decimals. */
  TABLE {
    @Override
    public void write(ComparisonResult result, Writer out) throws IOException {
      TextTable.write(result, out);
    }
  },
  /**
   * Comma-separated values with a header; see {@link CsvTable} for the columns. Values have full
   * precision.
   */
  CSV {
    @Override
    public void write(ComparisonResult result, Writer out) throws IOException {
      CsvTable.write(result, out);
    }
  },
  /**
   * An array of objects {@code {"layerA", "layerB", "measure", "value"}}, values in full precision.
   */
  JSON {
    @Override
    public void write(ComparisonResult result, Writer out) throws IOException {
      JsonTable.write(result, out);
    }
  };

  /** Writes a result, ending with a new line. The writer stays open. */
  public abstract void write(ComparisonResult result, Writer out) throws IOException;

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
    AtomicFile.write(file, format(result));
  }
}
