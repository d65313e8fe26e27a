package org.palimpsest.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import org.palimpsest.internal.text.VisibleText;

/**
 * What a command prints: whatever names files hold, nothing of them but what is visible reaches the
 * terminal. A line that is printed as one stays one.
 */
final class VisibleOutput extends PrintWriter {

  private VisibleOutput(Writer out) {
    super(out, true);
  }

  static VisibleOutput to(PrintStream stream) {
    return new VisibleOutput(new Filter(new OutputStreamWriter(stream, StandardCharsets.UTF_8)));
  }

  @Override
  public void println(String line) {
    super.println(VisibleText.of(line));
  }

  /** One line feed on every system: a carriage return would be shown. */
  @Override
  public void println() {
    write("\n");
    flush();
  }

  private static final class Filter extends FilterWriter {

    private String half = "";

    Filter(Writer out) {
      super(out);
    }

    @Override
    public void write(int character) throws IOException {
      write(String.valueOf((char) character), 0, 1);
    }

    @Override
    public void write(char[] characters, int from, int length) throws IOException {
      write(new String(characters, from, length), 0, length);
    }

    /** The first half of a surrogate pair waits for the second. */
    @Override
    public void write(String text, int from, int length) throws IOException {
      String all = half + text.substring(from, from + length);
      boolean ends = !all.isEmpty() && Character.isHighSurrogate(all.charAt(all.length() - 1));
      int whole = ends ? all.length() - 1 : all.length();
      half = all.substring(whole);
      out.write(VisibleText.ofLines(all.substring(0, whole)));
    }
  }
}
