package org.palimpsest.io.study;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.StudyJournal;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.SealedPrepared;
import org.palimpsest.core.measure.Spill;
import org.palimpsest.internal.file.AtExit;

/**
 * A folder in use by one study of one process.
 *
 * <p>It holds the journal {@code figures.jsonl}, the settings {@code study.json}, and while a study
 * runs what did not fit in memory. A study that was interrupted goes on from its journal: what was
 * compared is not compared again. The tables of a finished study are written there by {@link
 * EvolutionTables}.
 *
 * <p>The lock is the operating system's, so that a killed process leaves none behind. Nothing is
 * written outside of the folder: links in it are refused. Close it when the study is done; what had
 * been laid aside is removed then, or when the process ends.
 */
public final class StudyFolder implements AutoCloseable {

  private static final String LOCK = ".lock";
  private static final String JOURNAL = "figures.jsonl";
  private static final String SPILL = ".spill";
  private static final String SETTINGS = "study.json";

  /** Tables lie in the folder, pictures in one within it. */
  private static final int DEPTH_OF_RESULTS = 2;

  private final Path folder;
  private final FileChannel channel;
  private final JournalFile journal;
  private final SpillFolder spill;
  private final AtExit atExit;

  private StudyFolder(Path folder, FileChannel channel, JournalFile journal, SpillFolder spill) {
    this.folder = folder;
    this.channel = channel;
    this.journal = journal;
    this.spill = spill;
    this.atExit = AtExit.undo(spill::close);
  }

  /**
   * Opens a folder for a study, making it if it is not there.
   *
   * @throws PalimpsestException if another process uses it, it cannot be written to, or its journal
   *     is damaged, or if there are symbolic links in it
   */
  public static StudyFolder open(Path folder) {
    requireNoLinks(folder);
    requireFiles(folder);
    FileChannel channel = lock(folder);
    try {
      JournalFile journal = JournalFile.open(folder.resolve(JOURNAL));
      return new StudyFolder(folder, channel, journal, SpillFolder.in(folder.resolve(SPILL)));
    } catch (PalimpsestException failure) {
      close(channel);
      throw failure;
    }
  }

  /** What a study writes stays within its folder. */
  private static void requireNoLinks(Path folder) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder, DEPTH_OF_RESULTS)) {
      Optional<Path> link =
          files.filter(file -> !file.equals(folder) && Files.isSymbolicLink(file)).findFirst();
      if (link.isPresent()) {
        throw new PalimpsestException(
            link.get()
                + " is a link. A study writes within its own folder alone: remove the link, or give"
                + " another folder.");
      }
    } catch (IOException | UncheckedIOException failure) {
      throw new PalimpsestException(folder + " cannot be read: " + failure.getMessage(), failure);
    }
  }

  /** Of a named pipe the first byte would be waited for. */
  private static void requireFiles(Path folder) {
    for (String name : List.of(LOCK, JOURNAL, SETTINGS)) {
      Path file = folder.resolve(name);
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new PalimpsestException(
            file + " is not a regular file. Remove it, or give another folder.");
      }
    }
  }

  private static FileChannel lock(Path folder) {
    FileChannel channel = null;
    try {
      Files.createDirectories(folder);
      channel =
          FileChannel.open(
              folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        close(channel);
        throw new PalimpsestException(
            folder
                + " is in use by another process. Wait until it is done, or give another folder.");
      }
      return channel;
    } catch (IOException failure) {
      if (channel != null) {
        close(channel);
      }
      throw new PalimpsestException(folder + " cannot be written to: " + failure, failure);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException usedByThisProcess) {
      return null;
    }
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException failure) {
      throw new PalimpsestException("A lock cannot be given up: " + failure, failure);
    }
  }

  /**
   * Says what the study of this folder is, for good.
   *
   * @param settings what is asked now
   * @param mayDiffer whether the folder may have held another study before; figures that still hold
   *     are used by either
   * @throws PalimpsestException if it held another and that is not allowed; then nothing in it was
   *     changed
   */
  public void settle(StudySettings settings, boolean mayDiffer) {
    Path file = folder.resolve(SETTINGS);
    if (Files.exists(file) && !mayDiffer) {
      List<String> differences = settings.differencesFrom(StudySettings.read(file));
      if (!differences.isEmpty()) {
        throw new PalimpsestException(
            "%s holds another study: %s. Give another folder, or --resume to go on here with what is asked now."
                .formatted(folder, String.join("; ", differences)));
      }
    }
    spill.empty();
    settings.write(file);
  }

  /**
   * What was said of a folder's study.
   *
   * @throws PalimpsestException if nothing was
   */
  public static StudySettings settingsOf(Path folder) {
    Path file = folder.resolve(SETTINGS);
    if (!Files.exists(file)) {
      throw new PalimpsestException(
          "%s holds no study: there is no %s. Give the folder that 'track' wrote."
              .formatted(folder, SETTINGS));
    }
    return StudySettings.read(file);
  }

  /** What a study keeps in its folder beside the tables. */
  public static List<Path> files(Path folder) {
    return List.of(folder.resolve(SETTINGS), folder.resolve(JOURNAL));
  }

  public Path path() {
    return folder;
  }

  public StudyJournal journal() {
    return journal;
  }

  public Spill spill() {
    return spill;
  }

  @Override
  public void close() {
    atExit.close();
    spill.close();
    journal.close();
    close(channel);
  }

  /**
   * Files that live as long as one study runs, each a {@link SealedPrepared}. Nobody else's files
   * are ever read.
   */
  private static final class SpillFolder implements Spill {

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
          SealedPrepared.write(prepared, format, file);
        }
      } catch (IOException failure) {
        throw new PalimpsestException(
            "What does not fit in memory cannot be put into " + folder + ": " + failure, failure);
      }
      return number;
    }

    @Override
    public <P extends Prepared> P read(int number, PreparedFormat<P> format) {
      Path path = file(number);
      try (InputStream file = new BufferedInputStream(Files.newInputStream(path), BUFFER)) {
        return SealedPrepared.read(file, Files.size(path), format);
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
        throw new PalimpsestException(folder + " cannot be removed: " + failure, failure);
      }
    }
  }
}
