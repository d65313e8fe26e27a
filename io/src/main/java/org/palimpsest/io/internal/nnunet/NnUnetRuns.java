package org.palimpsest.io.internal.nnunet;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.pytorch.TorchWeights;
import org.palimpsest.io.network.NetworkOptions;

/**
 * The folds in results of nnU-Net as training runs: one for each fold, whose steps are the epochs
 * that its checkpoints tell of themselves.
 *
 * <p>Of several checkpoints of the same epoch in a fold the final one counts, else the best, the
 * latest, or the first by name.
 *
 * @param runs at least one
 * @param notes which checkpoints were left out since another one is of the same epoch, and which
 *     folds have no final one where others have
 * @param unread which checkpoints could not be read, and why
 */
public record NnUnetRuns(List<TrainingRun> runs, List<String> notes, List<String> unread) {

  /** Trainers that keep more than the usual three call them by such names. */
  private static final Pattern NAME =
      Pattern.compile("checkpoint_(?<v2>.+)\\.pth|model_(?<v1>.+?)(_checkpoint)?\\.model");

  private static final String FINAL = "final";
  private static final List<String> PREFERRED = List.of(FINAL, "best", "latest");

  public NnUnetRuns {
    runs = List.copyOf(runs);
    notes = List.copyOf(notes);
    unread = List.copyOf(unread);
  }

  /** A checkpoint by the name that it has within its fold, and its epoch. */
  private record Saved(String label, long epoch, Path file) {

    int rank() {
      int place = PREFERRED.indexOf(label);
      return place < 0 ? PREFERRED.size() : place;
    }
  }

  /**
   * The runs in the folder of a fold, the results folder above it ({@code
   * TRAINER__PLANS__CONFIGURATION}), or the data set's folder above that, whose trainers are then
   * the groups.
   *
   * @param said which fold, or which checkpoints, if not all
   * @return empty if the folder holds no results of nnU-Net
   * @throws PalimpsestException if there is no such fold or checkpoint, no checkpoint can be read,
   *     or a data set's folder holds networks of several configurations
   */
  public static Optional<NnUnetRuns> in(Path folder, NetworkOptions said) {
    Map<Path, ResultsFolder> results = results(folder);
    if (results.isEmpty()) {
      return Optional.empty();
    }
    Reading reading = new Reading(folder, said);
    List<String> trainers = results.keySet().stream().map(NnUnetRuns::trainer).toList();
    results.forEach(
        (place, found) -> {
          boolean plansDiffer = Collections.frequency(trainers, trainer(place)) > 1;
          String group = plansDiffer ? InputFiles.name(place) : trainer(place);
          found.folds().forEach((fold, in) -> reading.add(group, fold, in, results.size() > 1));
        });
    return Optional.of(reading.runs());
  }

  /** Of {@code TRAINER__PLANS__CONFIGURATION}, whose name is that of the folder above a fold's. */
  private static String trainer(Path place) {
    Path folder = place.toAbsolutePath().normalize();
    Path above = folder.getParent();
    boolean isFold = ResultsFolder.foldOf(folder).isPresent() && above != null;
    return InputFiles.name(isFold && above != null ? above : folder).split("__", 2)[0];
  }

  /** Whether a folder holds results of nnU-Net that are a study. */
  public static boolean areIn(Path folder) {
    return !results(folder).isEmpty();
  }

  /**
   * Makes sure that a folder is not that of a data set, whose trainers' results are several
   * networks.
   *
   * @throws PalimpsestException if it is, naming them
   */
  public static void requireNone(Path folder) {
    List<String> results = results(folder).keySet().stream().map(InputFiles::name).toList();
    if (!results.isEmpty()) {
      throw new PalimpsestException(
          "%s holds the results of nnU-Net in %s %s: %s. One network is needed here: give one of these, or a fold's folder. 'track' takes the whole folder."
              .formatted(
                  folder,
                  results.size(),
                  results.size() == 1 ? "folder" : "folders",
                  String.join(", ", results)));
    }
  }

  private static Map<Path, ResultsFolder> results(Path folder) {
    Map<Path, ResultsFolder> results = new LinkedHashMap<>();
    Optional<ResultsFolder> own = ResultsFolder.in(folder);
    if (own.isPresent()) {
      results.put(folder, own.get());
      return results;
    }
    for (Path inner : entries(folder)) {
      if (InputFiles.name(inner).contains("__") && Files.isDirectory(inner)) {
        ResultsFolder.in(inner).ifPresent(found -> results.put(inner, found));
      }
    }
    requireOneConfiguration(folder, List.copyOf(results.keySet()));
    return results;
  }

  private static void requireOneConfiguration(Path folder, List<Path> results) {
    List<String> names = results.stream().map(InputFiles::name).toList();
    if (names.stream().map(n -> n.substring(n.lastIndexOf("__") + 2)).distinct().count() > 1) {
      throw new PalimpsestException(
          "%s holds networks of several configurations, which cannot be shown the same probes: %s. Give one of these folders."
              .formatted(folder, String.join(", ", names)));
    }
  }

  private static List<Path> entries(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (IOException failure) {
      throw InputFiles.unreadable(folder, failure);
    }
  }

  /** What was found so far. */
  private static final class Reading {

    private final Path folder;
    private final NetworkOptions said;
    private final List<TrainingRun> runs = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<String> unread = new ArrayList<>();
    private final List<String> notFinal = new ArrayList<>();
    private boolean someAreFinal;

    Reading(Path folder, NetworkOptions said) {
      this.folder = folder;
      this.said = said;
    }

    void add(String group, String fold, Path in, boolean severalGroups) {
      if (said.fold().isPresent() && !said.fold().get().equals(fold)) {
        return;
      }
      String run = "fold_" + fold;
      List<Saved> saved = saved(in);
      List<Checkpoint> checkpoints = checkpoints(saved);
      if (!checkpoints.isEmpty()) {
        noteLast(severalGroups ? group + "/" + run : run, saved, checkpoints);
        runs.add(
            new TrainingRun(
                severalGroups ? group + "/" + run : run, group, OptionalLong.empty(), checkpoints));
      }
    }

    /** Remembers folds without a final checkpoint, whose last one stands among final ones. */
    private void noteLast(String run, List<Saved> saved, List<Checkpoint> kept) {
      boolean isFinal = saved.stream().anyMatch(one -> one.label().equals(FINAL));
      if (isFinal) {
        someAreFinal = true;
      } else {
        Checkpoint last = kept.get(kept.size() - 1);
        notFinal.add(
            "%s has no final checkpoint: its last one, %s, is of epoch %s"
                .formatted(run, InputFiles.name(Path.of(last.location())), last.step()));
      }
    }

    private List<Saved> saved(Path fold) {
      List<Saved> saved = new ArrayList<>();
      for (Path file : entries(fold)) {
        label(file).filter(this::isWanted).ifPresent(label -> read(label, file, saved));
      }
      saved.sort(
          Comparator.comparingLong(Saved::epoch)
              .thenComparing(Saved::rank)
              .thenComparing(Saved::label));
      return saved;
    }

    private List<Checkpoint> checkpoints(List<Saved> saved) {
      Map<Long, Saved> byEpoch = new LinkedHashMap<>();
      for (Saved one : saved) {
        Saved before = byEpoch.putIfAbsent(one.epoch(), one);
        if (before != null) {
          notes.add(
              "%s left out: it is of epoch %s like %s"
                  .formatted(
                      folder.relativize(one.file()), one.epoch(), InputFiles.name(before.file())));
        }
      }
      return byEpoch.values().stream()
          .map(one -> new Checkpoint(one.epoch(), one.file().toString(), OptionalDouble.empty()))
          .toList();
    }

    private boolean isWanted(String label) {
      return said.checkpoint().isEmpty() || said.checkpoint().get().equals(label);
    }

    private static Optional<String> label(Path file) {
      Matcher name = NAME.matcher(InputFiles.name(file));
      return name.matches() && Files.isRegularFile(file)
          ? Optional.of(name.group("v2") == null ? name.group("v1") : name.group("v2"))
          : Optional.empty();
    }

    private void read(String label, Path file, List<Saved> saved) {
      try {
        saved.add(new Saved(label, epoch(file), file));
      } catch (PalimpsestException damaged) {
        unread.add(String.valueOf(damaged.getMessage()));
      }
    }

    private static long epoch(Path file) {
      JsonNode settings = TorchWeights.open(file).settings();
      JsonNode epoch =
          settings.has("current_epoch") ? settings.path("current_epoch") : settings.path("epoch");
      if (!epoch.isIntegralNumber() || !epoch.canConvertToLong() || epoch.longValue() < 0) {
        throw new PalimpsestException(
            file + " is called like a checkpoint of nnU-Net, but does not tell its epoch.");
      }
      return epoch.longValue();
    }

    NnUnetRuns runs() {
      if (runs.isEmpty() && !unread.isEmpty()) {
        throw new PalimpsestException(unread.get(0));
      }
      if (runs.isEmpty()) {
        throw new PalimpsestException(
            "%s has no %s checkpoint of fold %s."
                .formatted(folder, said.checkpoint().orElse("such"), said.fold().orElse("any")));
      }
      if (someAreFinal) {
        notes.addAll(notFinal);
      }
      return new NnUnetRuns(runs, notes, unread);
    }
  }
}
