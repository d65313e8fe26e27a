package org.palimpsest.io.study;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Prepared.Spill;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.internal.file.InputFiles;

/**
 * Files that live as long as one study or comparison runs, each a {@link Prepared.Sealed}. Nobody
 * else's files are ever read: what a killed process left there is thrown away at first use. For one
 * thread at a time.
 *
 * <p>Each layer is one file, {@code 0.bin}, {@code 1.bin} and so on, as large as the layer is in
 * memory, written and read by blocks of a megabyte. Files of other names in the folder are left
 * alone, and the folder with them.
 */
final class SpillFolder implements Spill {

  private static final int BUFFER = 1 << 20;

  private static final Pattern OWN = Pattern.compile("\\d+\\.bin");

  private final Path folder;
  private int count;
  private boolean emptied;

  private SpillFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * In a folder in which nothing is done yet; it is made when it is needed, and removed by {@link
   * #close}.
   *
   * @param folder need not exist; its parents are made as well, and stay
   */
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
              + " is in the way: it is a link or a file, where a folder is needed for what does"
              + " not fit in memory. Remove it.");
    }
    delete();
    emptied = true;
  }

  private boolean isFolder() {
    return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public <P extends Prepared> int write(P prepared, PreparedFormat<P> format) {
    empty();
    int number = count;
    count++;
    try {
      Files.createDirectories(folder);
      try (OutputStream file =
          new BufferedOutputStream(
              Files.newOutputStream(file(number), StandardOpenOption.CREATE_NEW), BUFFER)) {
        Prepared.Sealed.write(prepared, format, file);
      }
    } catch (IOException failure) {
      throw new PalimpsestException(
          "What does not fit in memory cannot be put into "
              + folder
              + ": "
              + InputFiles.reason(failure),
          failure);
    }
    return number;
  }

  @Override
  public <P extends Prepared> P read(int number, PreparedFormat<P> format) {
    Path path = file(number);
    try (InputStream file = new BufferedInputStream(Files.newInputStream(path), BUFFER)) {
      return Prepared.Sealed.read(file, Files.size(path), format);
    } catch (IOException | RuntimeException damage) {
      throw new PalimpsestException(
          "%s, which this command put aside, cannot be read again: %s. Was it changed meanwhile? Run the command again; figures that were finished are kept."
              .formatted(path, Objects.requireNonNullElse(damage.getMessage(), damage)),
          damage);
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
      throw new PalimpsestException(
          folder + " cannot be removed: " + InputFiles.reason(failure), failure);
    }
  }
}
