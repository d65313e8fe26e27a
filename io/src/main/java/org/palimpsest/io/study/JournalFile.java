package org.palimpsest.io.study;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.FigureKey;
import org.palimpsest.core.evolution.Outcome;
import org.palimpsest.core.evolution.Structure;
import org.palimpsest.core.evolution.StudyJournal;

/**
 * A file to which lines of JSON are appended. A process that is killed while it writes leaves half
 * a line at the end, which the next one takes off.
 */
final class JournalFile implements StudyJournal, AutoCloseable {

  private final Path file;
  private final FileChannel channel;
  private final Map<FigureKey, Outcome> outcomes = new HashMap<>();
  private final Map<String, Structure> structures = new HashMap<>();

  private JournalFile(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  static JournalFile open(Path file) {
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      JournalFile journal = new JournalFile(file, channel);
      journal.read();
      return journal;
    } catch (IOException failure) {
      throw new PalimpsestException(file + " cannot be read: " + failure, failure);
    }
  }

  private void read() throws IOException {
    byte[] content = Files.readAllBytes(file);
    int start = 0;
    int number = 1;
    for (int i = 0; i < content.length; i++) {
      if (content[i] == '\n') {
        readLine(new String(content, start, i - start, StandardCharsets.UTF_8), number);
        start = i + 1;
        number++;
      }
    }
    channel.truncate(start);
    channel.position(start);
  }

  private void readLine(String line, int number) {
    JournalLine entry = JournalLine.parse(line, file, number);
    entry.figure().ifPresent(figure -> outcomes.put(figure.key(), figure.outcome()));
    entry.layers().ifPresent(layers -> structures.put(layers.subject(), layers.structure()));
  }

  @Override
  public Optional<Outcome> outcome(FigureKey key) {
    return Optional.ofNullable(outcomes.get(key));
  }

  @Override
  public void keep(FigureKey key, Outcome outcome) {
    append(JournalLine.of(key, outcome));
    outcomes.put(key, outcome);
  }

  @Override
  public Optional<Structure> structure(String subject) {
    return Optional.ofNullable(structures.get(subject));
  }

  @Override
  public void keep(String subject, Structure structure) {
    if (!structure.equals(structures.get(subject))) {
      append(JournalLine.of(subject, structure));
      structures.put(subject, structure);
    }
  }

  private void append(String line) {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException failure) {
      throw new PalimpsestException(file + " cannot be written to: " + failure, failure);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException failure) {
      throw new PalimpsestException(file + " cannot be closed: " + failure, failure);
    }
  }
}
