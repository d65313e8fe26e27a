package org.palimpsest.io.study;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.evolution.StudyJournal;
import org.palimpsest.core.evolution.TrainingRun.RunStep;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared.Spill;
import org.palimpsest.internal.file.AtExit;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.JsonDamage;
import org.palimpsest.internal.file.MissingFolders;
import org.palimpsest.internal.file.StrictJson;

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

  /**
   * Where one comparison puts prepared layers for which there is no room in memory: a folder in
   * which nothing is done yet. It is made when it is needed, and removed when the spill is closed;
   * its files are never read by another process, and files of other names in it are left alone. For
   * one thread at a time.
   *
   * <pre>{@code
   * try (Spill spill = StudyFolder.spill(Path.of("out", "spilled"))) {
   *   ComparisonResult result =
   *       Comparison.by(Cka.linear()).withMemory(2L << 30, spill).compare(before, after);
   * }
   * }</pre>
   *
   * @param folder need not exist; its parents are made as well, and stay
   */
  public static Spill spill(Path folder) {
    return SpillFolder.in(folder);
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
  public void settle(Settings settings, boolean mayDiffer) {
    Path file = folder.resolve(SETTINGS);
    if (Files.exists(file) && !mayDiffer) {
      List<String> differences = settings.differencesFrom(Settings.read(file));
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
  public static Settings settingsOf(Path folder) {
    Path file = folder.resolve(SETTINGS);
    if (!Files.exists(file)) {
      throw new PalimpsestException(
          "%s holds no study: there is no %s. Give the folder that 'track' wrote."
              .formatted(folder, SETTINGS));
    }
    return Settings.read(file);
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

  /**
   * What a study asks, so that a folder can tell whether it holds the same one. Figures in a
   * journal are found by the content of what they are of, and hold whatever else was asked; but a
   * table that mixes the answers to two questions would mislead, so that a folder takes another
   * study only where the caller allows it.
   *
   * @param values what was chosen, by the name of the choice
   * @param facts what else is to be remembered, which makes no other study of it
   */
  public record Settings(Map<String, String> values, Map<String, String> facts) {

    private static final String VALUES = "study";
    private static final String FACTS = "facts";

    public Settings {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
      facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }

    /**
     * The settings of a study, with which another one is compared by {@link StudyFolder#settle}.
     *
     * @param runs where the training runs are
     * @param study what is asked of them: probes by their fingerprint, layers, measures and views
     * @param weights by what weights are compared
     */
    public static Settings of(Path runs, Study study, List<? extends WeightComparison> weights) {
      Map<String, String> values = new LinkedHashMap<>();
      values.put("runs", runs.toAbsolutePath().normalize().toString());
      values.put("probes", study.probes().fingerprint().value());
      values.put("samples", study.featureMaps().toString());
      values.put("layers", study.layers().toString());
      values.put("measures", words(study.measures().stream().map(Measure::name).toList()));
      values.put("views", words(study.views().stream().sorted().map(Study.View::label).toList()));
      values.put("pairs", words(study.pairs().stream().map(RunStep.Pair::toString).toList()));
      values.put("weights", words(weights.stream().map(WeightComparison::name).toList()));
      return new Settings(values, Map.of());
    }

    private static String words(List<String> words) {
      return String.join(" ", words);
    }

    /**
     * The same with more that was chosen, by the name of the choice; no choice is an empty text.
     */
    public Settings withValues(Map<String, String> chosen) {
      Map<String, String> more = new LinkedHashMap<>(values);
      more.putAll(chosen);
      return new Settings(more, facts);
    }

    /** The same study with something to be remembered. */
    public Settings withFact(String name, String fact) {
      Map<String, String> more = new LinkedHashMap<>(facts);
      more.put(name, fact);
      return new Settings(values, more);
    }

    /** How these differ from others, part of a sentence for each difference. */
    List<String> differencesFrom(Settings others) {
      List<String> differences = new ArrayList<>();
      values.forEach(
          (name, value) -> {
            String other = others.values.getOrDefault(name, "");
            if (!other.equals(value)) {
              differences.add("%s were '%s' and are now '%s'".formatted(name, other, value));
            }
          });
      return differences;
    }

    static Settings read(Path file) {
      InputFiles.require(file);
      try (SealedJson.Input in = new SealedJson.Input(Files.newInputStream(file))) {
        byte[] bytes = in.readAllBytes();
        in.requireSeal();
        JsonNode content = StrictJson.mapper().readTree(bytes);
        return new Settings(texts(content.path(VALUES)), texts(content.path(FACTS)));
      } catch (IOException failure) {
        throw new PalimpsestException(
            "%s cannot be read, so that nobody knows which study this is (%s). Delete it and give the command 'track' again."
                .formatted(file, JsonDamage.inWords(failure)),
            failure);
      }
    }

    private static Map<String, String> texts(JsonNode object) {
      Map<String, String> texts = new LinkedHashMap<>();
      object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
      return texts;
    }

    void write(Path file) {
      AtomicFile.write(
          file,
          out ->
              SealedJson.write(
                  out,
                  json -> {
                    write(json, VALUES, values);
                    write(json, FACTS, facts);
                  }));
    }

    private static void write(JsonGenerator json, String name, Map<String, String> texts)
        throws IOException {
      json.writeObjectFieldStart(name);
      for (Map.Entry<String, String> text : texts.entrySet()) {
        json.writeStringField(text.getKey(), text.getValue());
      }
      json.writeEndObject();
    }
  }
}
