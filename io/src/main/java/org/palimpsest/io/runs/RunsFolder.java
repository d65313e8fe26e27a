package org.palimpsest.io.runs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.io.internal.nnunet.NnUnetRuns;
import org.palimpsest.io.network.NetworkOptions;

/**
 * A folder of training runs.
 *
 * <pre>
 * source/step_0000.pt … step_0800.pt  log.json      the network that others started from
 * transfer/seed0/step_0000.pt …       log.json      one folder per initialisation and seed
 * random/seed0/step_0000.pt …         log.json
 * probes.npy                                        what every network shall see
 * </pre>
 *
 * <p>The checkpoints are networks that can be run: TorchScript ({@code .pt}), ONNX ({@code .onnx}),
 * DL4J ({@code .zip}) or Keras ({@code .h5}, {@code .keras}), or state dicts ({@code .pth}, {@code
 * .ckpt}, {@code .safetensors}) and weights of Keras ({@code .weights.h5}) beside whose run, or
 * above it, a file {@code architecture.json} describes the network, which are left alone where a
 * run has networks that need no description; of one kind in a run. Files of other names are left
 * alone. {@code log.json} is optional: {@code [{"step": 0, "dsc": 0.1}, …]}, Dice coefficients by
 * step. Names that begin with a dot are left alone.
 *
 * <p>A results folder of nnU-Net is such a folder as it is: {@link NnUnetRuns} tells how.
 *
 * @param root the folder
 * @param source the run that others started from, if there is one
 * @param runs all others, by initialisation and name
 * @param probes the file of probes, if there is one
 * @param options what is said of the checkpoints beside where they lie
 * @param notes which checkpoints were left out on purpose, and why
 * @param unread which files could not be taken for checkpoints though they should be some, and
 *     which runs hold none
 * @param stepsAreEpochs whether steps are epochs and not steps of an optimiser, as in results of
 *     nnU-Net
 * @param facts what else is known of runs, by their names
 */
public record RunsFolder(
    Path root,
    Optional<TrainingRun> source,
    List<TrainingRun> runs,
    Optional<Path> probes,
    CheckpointOptions options,
    List<String> notes,
    List<String> unread,
    boolean stepsAreEpochs,
    Map<String, RunFacts> facts) {

  private static final String SOURCE = "source";
  private static final String ARCHITECTURE = "architecture.json";
  private static final String PROBES = "probes.npy";

  public RunsFolder {
    runs = List.copyOf(runs);
    notes = List.copyOf(notes);
    unread = List.copyOf(unread);
    facts = Map.copyOf(facts);
  }

  /**
   * Looks through a folder, or reads a JSON file that tells where the checkpoints of runs are.
   *
   * @param root the folder, or such a file: an object whose {@code runs} are a list of {@code
   *     {"name": …, "files": "logs/r0/epoch_{step}.pt"}}, as the guide on evolution shows
   * @throws PalimpsestException if there is no such folder, it holds no run with a checkpoint, or
   *     it is a file of another kind, saying what is wrong where
   */
  public static RunsFolder open(Path root) {
    return open(root, NetworkOptions.none());
  }

  /**
   * The same, with something said of all checkpoints.
   *
   * @param said in the place of what lies beside them or the file says: their architecture, the
   *     entry of their weights; of results of nnU-Net which fold, or which checkpoints, if not all
   * @throws PalimpsestException as {@link #open(Path)}, and if a fold or checkpoint is named of
   *     what are no results of nnU-Net
   */
  public static RunsFolder open(Path root, NetworkOptions said) {
    if (Files.isRegularFile(root)) {
      return StudyFile.read(root, said);
    }
    if (!Files.isDirectory(root)) {
      throw new PalimpsestException(
          root + (Files.exists(root) ? " is not a folder." : ": there is no such folder."));
    }
    Optional<NnUnetRuns> folds = NnUnetRuns.in(root, said);
    if (folds.isPresent()) {
      return new RunsFolder(
          root,
          Optional.empty(),
          folds.get().runs(),
          probesIn(root),
          new CheckpointOptions(said, Map.of()),
          folds.get().notes(),
          folds.get().unread(),
          true,
          Map.of());
    }
    requireNoFold(root, said);
    return laidOut(root, said);
  }

  static void requireNoFold(Path root, NetworkOptions said) {
    if (said.fold().isPresent() || said.checkpoint().isPresent()) {
      throw new PalimpsestException(
          root
              + " is no results folder of nnU-Net, so that neither --fold nor --checkpoint says"
              + " anything of it.");
    }
  }

  private static RunsFolder laidOut(Path root, NetworkOptions said) {
    Optional<RunReader.Found> source = Optional.empty();
    List<RunReader.Found> runs = new ArrayList<>();
    List<String> unread = new ArrayList<>();
    for (Path folder : subfolders(root)) {
      if (nameOf(folder).equals(SOURCE)) {
        source = RunReader.read(folder, SOURCE, SOURCE, unread);
      } else {
        runs.addAll(runsOf(folder, unread));
      }
    }
    if (source.isEmpty() && runs.isEmpty()) {
      throw new PalimpsestException(
          root
              + " holds no training run."
              + unread.stream().map(why -> " " + why).collect(Collectors.joining())
              + " Expected are folders such as source/, transfer/seed0/ and"
              + " random/seed0/ with checkpoints named step_0000.pt, or a results folder of nnU-Net.");
    }
    Map<String, NetworkOptions> beside = new LinkedHashMap<>();
    Map<String, RunFacts> facts = new LinkedHashMap<>();
    for (RunReader.Found found : Stream.concat(source.stream(), runs.stream()).toList()) {
      found.run().checkpoints().forEach(checkpoint -> describe(checkpoint, root, beside));
      facts.put(found.run().name(), found.facts());
    }
    return new RunsFolder(
        root,
        source.map(RunReader.Found::run),
        runs.stream().map(RunReader.Found::run).toList(),
        probesIn(root),
        new CheckpointOptions(said, beside),
        List.of(),
        unread,
        false,
        facts);
  }

  private static Optional<Path> probesIn(Path root) {
    Path probes = root.resolve(PROBES);
    return Files.exists(probes) ? Optional.of(probes) : Optional.empty();
  }

  private static void describe(
      Checkpoint checkpoint, Path root, Map<String, NetworkOptions> described) {
    Path folder = Path.of(checkpoint.location()).getParent();
    while (folder != null && folder.startsWith(root)) {
      Optional<Path> found = architectureIn(folder);
      if (found.isPresent()) {
        described.put(checkpoint.location(), NetworkOptions.none().withArchitecture(found.get()));
        return;
      }
      folder = folder.getParent();
    }
  }

  static Optional<Path> architectureIn(Path folder) {
    return Optional.of(folder.resolve(ARCHITECTURE)).filter(Files::isRegularFile);
  }

  /** Other runs of which the same is said, such as some of these. */
  public RunsFolder withRuns(Optional<TrainingRun> otherSource, List<TrainingRun> others) {
    return new RunsFolder(
        root, otherSource, others, probes, options, notes, unread, stepsAreEpochs, facts);
  }

  private static List<RunReader.Found> runsOf(Path folder, List<String> unread) {
    String initialisation = nameOf(folder);
    if (RunReader.holdsCheckpoints(folder)) {
      return RunReader.read(folder, initialisation, initialisation, unread).stream().toList();
    }
    return subfolders(folder).stream()
        .filter(run -> RunReader.isNamedAfterSeed(run) || RunReader.holdsCheckpoints(run))
        .flatMap(
            run ->
                RunReader.read(run, initialisation + "/" + nameOf(run), initialisation, unread)
                    .stream())
        .toList();
  }

  private static List<Path> subfolders(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(Files::isDirectory)
          .filter(entry -> !nameOf(entry).startsWith("."))
          .sorted()
          .toList();
    } catch (IOException failure) {
      throw InputFiles.unreadable(folder, failure);
    }
  }

  static String nameOf(Path path) {
    return String.valueOf(path.getFileName());
  }

  /** What a run is an example of, and how well it did; of one that nothing says, its scores. */
  public RunFacts facts(TrainingRun run) {
    Map<Long, Double> scores = new LinkedHashMap<>();
    run.checkpoints().forEach(one -> one.score().ifPresent(score -> scores.put(one.step(), score)));
    RunFacts known = facts.getOrDefault(run.name(), RunFacts.of(RunRole.unknown(), Map.of()));
    scores.putAll(known.scores());
    return RunFacts.of(known.role(), scores);
  }

  /** The source first, if there is one, then all others. */
  public List<TrainingRun> allRuns() {
    return Stream.concat(source.stream(), runs.stream()).toList();
  }

  /**
   * Whether the first checkpoint of a run may be taken for its start: of nnU-Net, which keeps none,
   * only if every fold has one of epoch 0.
   */
  public boolean startsAreKnown() {
    return !stepsAreEpochs || allRuns().stream().allMatch(run -> run.start().step() == 0);
  }

  /** The runs of one initialisation; none if there is no such. */
  public List<TrainingRun> startedFrom(String initialisation) {
    return runs.stream().filter(run -> run.initialisation().equals(initialisation)).toList();
  }

  /**
   * The run that others started from.
   *
   * @throws PalimpsestException if there is none
   */
  public TrainingRun requireSource() {
    return source.orElseThrow(
        () ->
            new PalimpsestException(
                root
                    + " holds no folder '"
                    + SOURCE
                    + "' with the checkpoints of the network that the others started from."));
  }

  /**
   * The file of probes.
   *
   * @throws PalimpsestException if there is none
   */
  public Path requireProbes() {
    return probes.orElseThrow(
        () ->
            new PalimpsestException(
                root
                    + " holds no "
                    + PROBES
                    + ": save there, as an array of the shape (n, channels, h, w), the images that"
                    + " every network shall see."));
  }

  /**
   * What is known of a training run beside its checkpoints: what the run is an example of, as
   * {@code run.json}, a study's file or the name of its folder says, and how well it did, as its
   * log says. Claims about transfer learning are judged by it.
   *
   * @param role what it is an example of
   * @param scores how well it did by step, such as its Dice coefficient, also at steps of which no
   *     checkpoint was kept; none if there is no log
   */
  public record RunFacts(RunRole role, SortedMap<Long, Double> scores) {

    /**
     * @throws PalimpsestException if a score is not finite
     */
    public RunFacts {
      scores.forEach(
          (step, score) -> {
            if (!Double.isFinite(score)) {
              throw new PalimpsestException(
                  "The score at step %s is %s. Leave the step out.".formatted(step, score));
            }
          });
      scores = Collections.unmodifiableSortedMap(new TreeMap<>(scores));
    }

    static RunFacts of(RunRole role, Map<Long, Double> scores) {
      return new RunFacts(role, new TreeMap<>(scores));
    }
  }

  /**
   * What is said of the checkpoints of a study beside where they lie: the network of a state dict,
   * which of several sets of weights is meant, what is removed from names. Part of it lies beside
   * the files (an {@code architecture.json}), part is said by whoever asks; what is asked counts
   * first.
   *
   * @param asked what the caller says of all of them, which counts before anything else
   * @param byLocation what lies beside them, or the study's file, says of each, by the checkpoint's
   *     location
   */
  public record CheckpointOptions(NetworkOptions asked, Map<String, NetworkOptions> byLocation) {

    public CheckpointOptions {
      byLocation = Collections.unmodifiableMap(new LinkedHashMap<>(byLocation));
    }

    /**
     * What is said of one: its architecture, the entry of its weights, and the prefixes to take
     * off. Fold and checkpoint are not in it, since the location names the file itself.
     *
     * @param checkpoint one of the study
     */
    public NetworkOptions of(Checkpoint checkpoint) {
      return at(checkpoint.location());
    }

    private NetworkOptions at(String location) {
      NetworkOptions own = byLocation.getOrDefault(location, NetworkOptions.none());
      return new NetworkOptions(
          asked.architecture().or(own::architecture),
          asked.key().or(own::key),
          Optional.empty(),
          Optional.empty(),
          asked.withoutPrefixes());
    }

    /**
     * What makes another study of the same checkpoints, by name: architectures count by their
     * content.
     *
     * @throws org.palimpsest.core.PalimpsestException if an architecture cannot be read
     */
    public Map<String, String> identity() {
      Map<String, String> identity = new LinkedHashMap<>();
      identity.put(
          "architectures",
          distinct(o -> o.architecture().map(file -> file.getFileName() + " " + Sha256.of(file))));
      identity.put("keys", distinct(NetworkOptions::key));
      identity.put("folds", asked.fold().orElse(""));
      identity.put("checkpoints", asked.checkpoint().orElse(""));
      return identity;
    }

    private String distinct(Function<NetworkOptions, Optional<String>> told) {
      List<NetworkOptions> all =
          byLocation.isEmpty()
              ? List.of(asked)
              : byLocation.keySet().stream().map(this::at).toList();
      TreeSet<String> words = new TreeSet<>();
      all.forEach(one -> told.apply(one).ifPresent(words::add));
      return String.join(", ", words);
    }
  }
}
