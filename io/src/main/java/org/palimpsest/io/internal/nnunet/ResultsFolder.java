package org.palimpsest.io.internal.nnunet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.network.NetworkOptions;

/**
 * A results folder of nnU-Net ({@code TRAINER__PLANS__CONFIGURATION} with its folds), or the folder
 * of one fold.
 */
final class ResultsFolder {

  /** Which of a fold's checkpoints; the earlier ones are preferred. */
  enum Kind {
    FINAL("final", "checkpoint_final.pth", "model_final_checkpoint.model"),
    BEST("best", "checkpoint_best.pth", "model_best.model"),
    LATEST("latest", "checkpoint_latest.pth", "model_latest.model");

    private final String label;
    private final List<String> names;

    Kind(String label, String... names) {
      this.label = label;
      this.names = List.of(names);
    }

    String label() {
      return label;
    }
  }

  /**
   * A checkpoint.
   *
   * @param fold such as {@code 0} or {@code all}
   */
  record Checkpoint(String fold, Kind kind, Path file) {}

  private static final Comparator<String> BY_FOLD =
      Comparator.comparing(
              (String fold) -> fold.matches("\\d{1,9}") ? Long.parseLong(fold) : Long.MAX_VALUE)
          .thenComparing(Comparator.naturalOrder());

  private final Path folder;
  private final List<Checkpoint> checkpoints;

  private ResultsFolder(Path folder, List<Checkpoint> checkpoints) {
    this.folder = folder;
    this.checkpoints = checkpoints;
  }

  /** The results in a folder, if it holds any. */
  static Optional<ResultsFolder> in(Path folder) {
    List<Checkpoint> found = new ArrayList<>();
    try (Stream<Path> inner = Files.list(folder)) {
      inner.filter(Files::isDirectory).forEach(fold -> addFold(fold, found));
    } catch (IOException failure) {
      throw InputFiles.unreadable(folder, failure);
    }
    if (found.isEmpty()) {
      addFold(folder, found);
    }
    found.sort(Comparator.comparing(Checkpoint::fold, BY_FOLD).thenComparing(Checkpoint::kind));
    return found.isEmpty() ? Optional.empty() : Optional.of(new ResultsFolder(folder, found));
  }

  /** The folder of the fold in which a checkpoint lies, if it lies in one. */
  static Optional<ResultsFolder> around(Path checkpoint) {
    Path fold = checkpoint.toAbsolutePath().normalize().getParent();
    return fold == null || foldOf(fold).isEmpty()
        ? Optional.empty()
        : Optional.of(new ResultsFolder(fold, List.of()));
  }

  private static void addFold(Path fold, List<Checkpoint> found) {
    Optional<String> label = foldOf(fold);
    for (Kind kind : label.isPresent() ? Kind.values() : new Kind[0]) {
      kind.names.stream()
          .map(fold::resolve)
          .filter(Files::isRegularFile)
          .forEach(file -> found.add(new Checkpoint(label.get(), kind, file)));
    }
  }

  /** Which fold a folder is of, if its name tells. */
  static Optional<String> foldOf(Path folder) {
    String name = InputFiles.name(folder.toAbsolutePath().normalize());
    String label = name.startsWith("fold_") ? name.substring("fold_".length()) : name;
    return label.matches("\\d{1,9}|all") ? Optional.of(label) : Optional.empty();
  }

  /** The folders of the folds by their labels, such as {@code 0} or {@code all}. */
  Map<String, Path> folds() {
    Map<String, Path> folds = new LinkedHashMap<>();
    for (Checkpoint checkpoint : checkpoints) {
      folds.put(checkpoint.fold(), checkpoint.file().resolveSibling(""));
    }
    return folds;
  }

  /** The file of this name beside the folds, whether the folder is theirs or that of one fold. */
  Optional<Path> shared(String name) {
    Path parent = folder.toAbsolutePath().normalize().getParent();
    return Stream.of(Optional.of(folder), Optional.ofNullable(parent))
        .flatMap(Optional::stream)
        .map(place -> place.resolve(name))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /**
   * The checkpoint that the user asks for; else the final one of the lowest fold that has one, else
   * the best, else the latest; the fold of all images only if there is no other.
   *
   * @throws PalimpsestException if there is none such
   */
  Checkpoint choose(NetworkOptions options) {
    List<Checkpoint> fitting =
        checkpoints.stream()
            .filter(c -> options.fold().isEmpty() || options.fold().get().equals(c.fold()))
            .filter(
                c ->
                    options.checkpoint().isEmpty()
                        || options.checkpoint().get().equals(c.kind().label()))
            .toList();
    return fitting.stream()
        .min(
            Comparator.comparing((Checkpoint c) -> c.fold().equals("all"))
                .thenComparing(Checkpoint::kind)
                .thenComparing(Checkpoint::fold, BY_FOLD))
        .orElseThrow(
            () ->
                new PalimpsestException(
                    "%s has no %s checkpoint of fold %s. It has: %s."
                        .formatted(
                            folder,
                            options.checkpoint().orElse("such"),
                            options.fold().orElse("any"),
                            listed())));
  }

  /** What there is, in one line. */
  String listed() {
    return String.join(
        ", ", checkpoints.stream().map(c -> "fold " + c.fold() + " " + c.kind().label()).toList());
  }
}
