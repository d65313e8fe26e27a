package org.palimpsest.io.internal.isolation;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;

/** What a child process prints: logged, and the end of it kept for messages. */
final class ChildOutput {

  private static final System.Logger LOG = System.getLogger(ChildOutput.class.getName());
  private static final int CHARACTERS_KEPT = 4096;
  private static final int BLOCK = 4096;

  private final StringBuilder last = new StringBuilder();
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
    char[] block = new char[BLOCK];
    try (Reader printed = process.inputReader(StandardCharsets.UTF_8)) {
      for (int count = printed.read(block); count >= 0; count = printed.read(block)) {
        keep(new String(block, 0, count));
      }
    } catch (IOException ended) {
      LOG.log(System.Logger.Level.DEBUG, "the child's output ended", ended);
    }
  }

  private synchronized void keep(String printed) {
    LOG.log(System.Logger.Level.DEBUG, printed);
    last.append(printed);
    last.delete(0, Math.max(0, last.length() - CHARACTERS_KEPT));
  }

  /** The end of it, when it has ended. */
  String tail() {
    try {
      reader.join(1000);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      return last.toString();
    }
  }
}
