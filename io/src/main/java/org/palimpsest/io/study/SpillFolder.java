package org.palimpsest.io.study;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Spill;

/** Files that live as long as one study runs. Nobody else's files are ever read. */
final class SpillFolder implements Spill {

  private static final int BUFFER = 1 << 20;

  private static final Pattern OWN = Pattern.compile("\\d+\\.bin");

  private final Path folder;
  private int count;
  private boolean emptied;

  private SpillFolder(Path folder) {
    this.folder = folder;
  }

  /** In a folder in which nothing is done yet. */
  static SpillFolder in(Path folder) {
    return new SpillFolder(folder);
  }

  /**
   * Throws away what a killed process left there.
   *
   * @throws PalimpsestException if there is something else of that name, such as a link
   */
  void empty() {
    if (emptied) {
      return;
    }
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS) && !isFolder()) {
      throw new PalimpsestException(
          folder
              + " is in the way: it is a link or a file, where a folder is needed for what does not"
              + " fit in memory. Remove it.");
    }
    delete();
    emptied = true;
  }

  private boolean isFolder() {
    return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public int write(Serializable content) {
    empty();
    int number = count;
    count++;
    try {
      Files.createDirectories(folder);
      try (ObjectOutputStream out =
          new ObjectOutputStream(
              new BufferedOutputStream(
                  Files.newOutputStream(file(number), StandardOpenOption.CREATE_NEW), BUFFER))) {
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

  private static boolean isOwn(Path file) {
    return OWN.matcher(String.valueOf(file.getFileName())).matches()
        && !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS);
  }

  private Path file(int number) {
    return folder.resolve(number + ".bin");
  }

  @Override
  public void close() {
    if (emptied) {
      delete();
    }
  }

  /** What bears other names is not of this program's making and stays. */
  private void delete() {
    if (!isFolder()) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> all = files.toList();
      List<Path> own = all.stream().filter(SpillFolder::isOwn).toList();
      for (Path file : own) {
        Files.delete(file);
      }
      if (own.size() == all.size()) {
        Files.delete(folder);
      }
    } catch (IOException failure) {
      throw new PalimpsestException(folder + " cannot be removed: " + failure, failure);
    }
  }
}
