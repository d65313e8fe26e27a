package org.palimpsest.claims;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Version;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.runs.RunRole;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.similarity.output.Predictions;

/**
 * Judges the claims on training runs.
 *
 * <pre>
 * Assessment assessment =
 *     Assessor.of(RunsFolder.open(runs))
 *         .withProbes(NpyProbes.open(probes))
 *         .assess(folder);
 * assessment.write(folder);
 * </pre>
 *
 * <p>Networks are compared by a study in the folder {@code evolution} below; what it found out is
 * kept there as it comes, so that an interrupted assessment goes on where it was. Only the first
 * and last checkpoints are run, and of runs without scores all of them if masks are given.
 *
 * <p>Immutable: each {@code with…} gives a changed copy.
 */
public final class Assessor {

  private static final long MEMORY_OF_LAYERS = 2L << 30;

  private final RunsFolder runs;
  private @Nullable Probes probes;
  private @Nullable Probes masks;
  private @Nullable LayerSelector layers;
  private Predictions.Scale outputs = Predictions.Scale.LOGITS;
  private CheckpointFiles networks = new CheckpointFiles();
  private Progress progress = Progress.silent();
  private Consumer<String> listener = line -> {};
  private long memoryBound = MEMORY_OF_LAYERS;
  private boolean mayDiffer;
  private String shown = "no probes";

  private Assessor(RunsFolder runs) {
    this.runs = runs;
  }

  private Assessor changed(Consumer<Assessor> change) {
    Assessor copy = new Assessor(runs);
    copy.probes = probes;
    copy.masks = masks;
    copy.layers = layers;
    copy.outputs = outputs;
    copy.networks = networks;
    copy.progress = progress;
    copy.listener = listener;
    copy.memoryBound = memoryBound;
    copy.mayDiffer = mayDiffer;
    copy.shown = shown;
    change.accept(copy);
    return copy;
  }

  /**
   * Of these runs: scores and weights; without probes no network is run, and claims about
   * representations cannot be told.
   *
   * @param runs which start, data and seed each has is read from their folders
   */
  public static Assessor of(RunsFolder runs) {
    return new Assessor(runs);
  }

  /**
   * Shows every network these probes, which it was not trained on.
   *
   * @param given of the shape that all networks take
   */
  public Assessor withProbes(Probes given) {
    String shape =
        Arrays.stream(given.shape()).mapToObj(Long::toString).collect(Collectors.joining(" × "));
    return withProbes(given, shape + " probes");
  }

  /**
   * Shows every network these probes.
   *
   * @param words what they are, for people
   */
  public Assessor withProbes(Probes given, String words) {
    return changed(
        copy -> {
          copy.probes = given;
          copy.shown = words;
        });
  }

  /**
   * Scores runs that have no log by the Dice coefficient of their predictions on the probes.
   *
   * @param given as many as probes: (n, 1, space) of class numbers, or (n, classes, space)
   */
  public Assessor withMasks(Probes given) {
    return changed(copy -> copy.masks = given);
  }

  /**
   * Looks at these layers, from input to output; at the network's blocks if this is not said.
   *
   * @param chosen in claims about depth, their order in the network is their depth
   */
  public Assessor withLayers(LayerSelector chosen) {
    return changed(copy -> copy.layers = chosen);
  }

  /**
   * Says what the numbers of a network's last layer are: logits if this is not said.
   *
   * @param scale given wrongly, predictions would be compared wrongly, without a word where logits
   *     are claimed
   */
  public Assessor withOutputs(Predictions.Scale scale) {
    return changed(copy -> copy.outputs = scale);
  }

  /**
   * Opens checkpoints in another way, such as in a process of their own.
   *
   * @param files in this process, with the usual limits, if this is not said
   */
  public Assessor withNetworks(CheckpointFiles files) {
    return changed(copy -> copy.networks = files);
  }

  /**
   * Tells how things go.
   *
   * @param hearer hears of each network that was run
   * @param planned hears what is planned
   */
  public Assessor withProgress(Progress hearer, Consumer<String> planned) {
    return changed(
        copy -> {
          copy.progress = hearer;
          copy.listener = planned;
        });
  }

  /**
   * Keeps prepared layers within so much memory.
   *
   * @param bytes the most that they may take; 2 GiB if this is not said
   */
  public Assessor withMemoryBound(long bytes) {
    return changed(copy -> copy.memoryBound = bytes);
  }

  /**
   * Goes on in a folder that held an assessment of other layers or probes: what holds is used.
   * Without this, such a folder is refused, so that two assessments do not mix by mistake.
   */
  public Assessor resuming() {
    return changed(copy -> copy.mayDiffer = true);
  }

  /**
   * Finds out what the claims ask for and judges them.
   *
   * @param folder where what is found out is kept, in {@code evolution}
   * @throws PalimpsestException if masks are given without probes or do not fit them, or a run says
   *     of itself what cannot be, or no checkpoint can be used
   */
  public Assessment assess(Path folder) {
    if (masks != null && probes == null) {
      throw new PalimpsestException("Masks are of probes: give the probes too.");
    }
    requireSources(runs);
    Gathering gathering = new Gathering(this);
    Gathering.Result found = gathering.gather(folder);
    List<String> notes = new ArrayList<>(gathering.notesOfRuns());
    notes.addAll(found.observations().notes());
    notes.addAll(unused(found.observations().runs()));
    notes.addAll(scoredInTwoWays(found.observations()));
    notes.addAll(LastScores.in(found.observations()));
    found
        .observations()
        .conditions()
        .forEach(condition -> notes.addAll(Collapse.in(found.observations(), condition).told()));
    return Assessment.judged(
        found.observations(),
        factsOf(found),
        notes,
        found.broken().stream().map(Assessor::problem).toList());
  }

  private static void requireSources(RunsFolder runs) {
    Set<String> names = new TreeSet<>(runs.allRuns().stream().map(TrainingRun::name).toList());
    for (TrainingRun run : runs.runs()) {
      RunRole role = runs.facts(run).role();
      String source = role.source().orElse("source");
      if (role.isTransferred() && !source.equals("source") && !names.contains(source)) {
        throw new PalimpsestException(
            "%s says that it started from '%s', but no run is called so. The runs are %s."
                .formatted(run.name(), source, String.join(", ", names)));
      }
    }
  }

  private static List<String> unused(List<ObservedRun> runs) {
    List<String> names =
        runs.stream()
            .filter(run -> run.role().start().isEmpty() && !run.role().floor())
            .map(ObservedRun::name)
            .filter(name -> runs.stream().noneMatch(run -> isSource(name, run)))
            .toList();
    return names.isEmpty()
        ? List.of()
        : List.of(
            "Nothing says what these runs started from, so that no claim looks at them (say \"start\" in a file run.json beside the checkpoints): %s."
                .formatted(String.join(", ", names)));
  }

  private static List<String> scoredInTwoWays(Observations observations) {
    List<String> mixed =
        TrainingCondition.all(observations.runs()).stream()
            .filter(
                condition ->
                    Arms.scored(
                                observations.in(
                                    condition, role -> role.start().isPresent() || role.floor()))
                            .stream()
                            .map(ObservedRun::isScoredByMasks)
                            .distinct()
                            .count()
                        > 1)
            .map(TrainingCondition::words)
            .toList();
    return mixed.isEmpty()
        ? List.of()
        : List.of(
            "Scores are of two kinds (%s): by masks of the probes %s; by their logs %s. Where the log is of other images than the probes their Dice does not compare: give all runs a log, or none."
                .formatted(
                    String.join("; ", mixed),
                    scored(observations, true),
                    scored(observations, false)));
  }

  private static String scored(Observations observations, boolean byMasks) {
    return observations.runs().stream()
        .filter(run -> run.plateau().isPresent() && run.isScoredByMasks() == byMasks)
        .map(ObservedRun::name)
        .collect(Collectors.groupingBy(Assessor::folderOf, LinkedHashMap::new, Collectors.toList()))
        .values()
        .stream()
        .map(Assessor::inShort)
        .collect(Collectors.joining(", "));
  }

  private static String folderOf(String run) {
    return run.substring(0, run.lastIndexOf('/') + 1);
  }

  /** Runs of one folder: {@code random/seed0 to seed9 (10 runs)}. */
  private static String inShort(List<String> runs) {
    if (runs.size() < 3 || folderOf(runs.get(0)).isEmpty()) {
      return String.join(", ", runs);
    }
    String last = runs.get(runs.size() - 1);
    return "%s to %s (%s runs)"
        .formatted(runs.get(0), last.substring(folderOf(last).length()), runs.size());
  }

  private static boolean isSource(String name, ObservedRun run) {
    return run.role().source().filter(name::equals).isPresent() || name.equals("source");
  }

  private Map<String, String> factsOf(Gathering.Result found) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Runs", runs.root().toString());
    for (TrainingCondition condition : found.observations().conditions()) {
      facts.put(
          "Condition " + condition.words(),
          "%s transferred, %s random, %s with a frozen random encoder, %s floor"
              .formatted(
                  found.observations().transferred(condition).size(),
                  found.observations().random(condition).size(),
                  found.observations().frozen(condition).size(),
                  found.observations().floor(condition).size()));
    }
    found
        .observations()
        .main()
        .filter(main -> found.observations().conditions().size() > 1)
        .ifPresent(main -> facts.put("Representations and filters are those of", main.words()));
    for (boolean byMasks : new boolean[] {false, true}) {
      String scored = scored(found.observations(), byMasks);
      if (!scored.isEmpty()) {
        facts.put(byMasks ? "Scored by masks of the probes" : "Scored by logs", scored);
      }
    }
    facts.put("Blocks", found.layers());
    facts.put("Probes", shown);
    probes().ifPresent(given -> facts.put("Probes' fingerprint", given.fingerprint().value()));
    facts.put("Palimpsest", Version.current());
    return facts;
  }

  private static String problem(CheckpointRecord broken) {
    return "%s, step %s: %s"
        .formatted(
            broken.run().name(), broken.checkpoint().step(), broken.problem().orElse("unknown"));
  }

  RunsFolder runs() {
    return runs;
  }

  Optional<Probes> probes() {
    return Optional.ofNullable(probes);
  }

  Optional<Probes> masks() {
    return Optional.ofNullable(masks);
  }

  Optional<LayerSelector> layers() {
    return Optional.ofNullable(layers);
  }

  Predictions.Scale outputs() {
    return outputs;
  }

  CheckpointFiles networks() {
    return networks;
  }

  Progress progress() {
    return progress;
  }

  Consumer<String> listener() {
    return listener;
  }

  long memoryBound() {
    return memoryBound;
  }

  boolean mayDiffer() {
    return mayDiffer;
  }

  String shown() {
    return shown;
  }
}
