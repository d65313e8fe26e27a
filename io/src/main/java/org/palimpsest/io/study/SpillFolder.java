package org.palimpsest.io.study;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Spill;

/** Files that live as long as one study runs. Nobody else's files are ever read. */
final class SpillFolder implements Spill {

  private static final int BUFFER = 1 << 20;

  private final Path folder;
  private int count;

  private SpillFolder(Path folder) {
    this.folder = folder;
  }

  /** Takes a folder, and throws away what a killed process left there. */
  static SpillFolder in(Path folder) {
    SpillFolder spill = new SpillFolder(folder);
    spill.close();
    return spill;
  }

  @Override
  public int write(Serializable content) {
    int number = count;
    count++;
    try {
      Files.createDirectories(folder);
      try (ObjectOutputStream out =
          new ObjectOutputStream(
              new BufferedOutputStream(Files.newOutputStream(file(number)), BUFFER))) {
        out.writeObject(content);
      }
    } catch (IOException failure) {
      throw new PalimpsestException(
          "What does not fit in memory cannot be put into " + folder + ": " + failure, failure);
    }
    return number;
  }

  @Override
  public Serializable read(int number) {
    try (ObjectInputStream in =
        new ObjectInputStream(
            new BufferedInputStream(Files.newInputStream(file(number)), BUFFER))) {
      return (Serializable) in.readObject();
    } catch (IOException | ClassNotFoundException failure) {
      throw new PalimpsestException(
          "What was put into " + folder + " cannot be read again: " + failure, failure);
    }
  }

  private Path file(int number) {
    return folder.resolve(number + ".bin");
  }

  @Override
  public void close() {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> all = files.toList();
      for (Path file : all) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException failure) {
      throw new PalimpsestException(folder + " cannot be removed: " + failure, failure);
    }
  }
}
