package org.palimpsest.io.study;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.StudyJournal;
import org.palimpsest.core.measure.Spill;
import org.palimpsest.internal.file.AtExit;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.MissingFolders;

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
 * been laid aside is removed then, or when the process ends, and all of it where no figure was
 * found.
 */
public final class StudyFolder implements AutoCloseable {

  private static final String LOCK = ".lock";
  private static final String JOURNAL = "figures.jsonl";
  private static final String SPILL = ".spill";
  private static final String SETTINGS = "study.json";
  private static final List<String> OWN = List.of(SETTINGS, JOURNAL, LOCK);

  /** Tables lie in the folder, pictures in one within it. */
  private static final int DEPTH_OF_RESULTS = 2;

  private final Path folder;
  private final FileChannel channel;
  private final JournalFile journal;
  private final SpillFolder spill;
  private final boolean fresh;
  private final MissingFolders missing;
  private final AtExit atExit;

  private StudyFolder(
      Path folder,
      FileChannel channel,
      JournalFile journal,
      SpillFolder spill,
      boolean fresh,
      MissingFolders missing) {
    this.folder = folder;
    this.channel = channel;
    this.journal = journal;
    this.spill = spill;
    this.fresh = fresh;
    this.missing = missing;
    this.atExit = AtExit.undo(this::leave);
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
    boolean fresh =
        !Files.exists(folder.resolve(SETTINGS)) && !Files.exists(folder.resolve(JOURNAL));
    MissingFolders missing = MissingFolders.of(List.of(folder.resolve(LOCK)));
    FileChannel channel = lock(folder);
    try {
      JournalFile journal = JournalFile.open(folder.resolve(JOURNAL));
      SpillFolder spill = SpillFolder.in(folder.resolve(SPILL));
      return new StudyFolder(folder, channel, journal, spill, fresh, missing);
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
      if (tryLock(channel) == null || !Files.exists(folder.resolve(LOCK))) {
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
      throw new PalimpsestException(
          folder + " cannot be written to: " + InputFiles.reason(failure), failure);
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
      throw new PalimpsestException(
          "A lock cannot be given up: " + InputFiles.reason(failure), failure);
    }
  }

  /**
   * Says what the study of this folder is, for good once something is known of it.
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

  /** Where it is. */
  public Path path() {
    return folder;
  }

  /**
   * What the study has found out: written through to the disk figure by figure, so that nothing is
   * lost when the process is killed.
   */
  public StudyJournal journal() {
    return journal;
  }

  /** Where prepared layers go that do not fit in memory; removed when the folder is closed. */
  public Spill spill() {
    return spill;
  }

  @Override
  public void close() {
    atExit.close();
    journal.close();
    leave();
    close(channel);
  }

  /** Where nothing came to be known, as after a refusal, nothing stays. */
  private void leave() {
    spill.close();
    try {
      if (fresh && journal.isEmpty() && holdsNothingElse()) {
        for (String name : OWN) {
          Files.deleteIfExists(folder.resolve(name));
        }
        missing.removeEmpty();
      }
    } catch (IOException failure) {
      System.getLogger(StudyFolder.class.getName())
          .log(System.Logger.Level.DEBUG, "a folder without figures stays", failure);
    }
  }

  private boolean holdsNothingElse() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.allMatch(file -> OWN.contains(String.valueOf(file.getFileName())));
    }
  }
}
