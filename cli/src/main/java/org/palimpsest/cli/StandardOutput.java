package org.palimpsest.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Optional;

/** Standard output that remembers why it could not be written, which a print stream forgets. */
final class StandardOutput extends OutputStream {

  private final OutputStream out;
  private String failure = "";

  StandardOutput(OutputStream out) {
    this.out = out;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) {
    remembering(() -> out.write(bytes, from, length));
  }

  @Override
  public void flush() {
    remembering(out::flush);
  }

  private interface Writing {
    void run() throws IOException;
  }

  private void remembering(Writing writing) {
    if (failure.isEmpty()) { // what follows a gap would be a lie
      try {
        writing.run();
      } catch (IOException reason) {
        failure = String.valueOf(reason.getMessage());
      }
    }
  }

  /** Why not all was written; empty if all was, or the reader wants no more, as {@code head}. */
  Optional<String> failure() {
    String words = failure.toLowerCase(Locale.ROOT);
    boolean closed = words.contains("pipe");
    return failure.isEmpty() || closed ? Optional.empty() : Optional.of(failure);
  }
}
