package org.palimpsest.io.isolation;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** What a child process prints: logged, and the end of it kept for messages. */
final class ChildOutput {

  private static final System.Logger LOG = System.getLogger(ChildOutput.class.getName());
  private static final int LINES_KEPT = 20;

  private final Deque<String> lines = new ArrayDeque<>();
  private final Thread reader;

  private ChildOutput(Process process) {
    this.reader = new Thread(() -> read(process), "palimpsest-child-output");
    reader.setDaemon(true);
  }

  static ChildOutput of(Process process) {
    ChildOutput output = new ChildOutput(process);
    output.reader.start();
    return output;
  }

  private void read(Process process) {
    try (BufferedReader printed = process.inputReader(StandardCharsets.UTF_8)) {
      printed.lines().forEach(this::keep);
    } catch (IOException | UncheckedIOException ended) {
      LOG.log(System.Logger.Level.DEBUG, "the child's output ended", ended);
    }
  }

  private synchronized void keep(String line) {
    LOG.log(System.Logger.Level.DEBUG, line);
    lines.add(line);
    if (lines.size() > LINES_KEPT) {
      lines.remove();
    }
  }

  /** Its last lines, when it has ended. */
  String tail() {
    try {
      reader.join(1000);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      return String.join("\n", lines);
    }
  }
}
