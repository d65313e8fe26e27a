package org.palimpsest.io.inspect;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.inspect.Inspection.Use;
import org.palimpsest.io.internal.nnunet.NnUnetRuns;
import org.palimpsest.io.runs.RunsFolder;

/** Tells what a folder holds. */
final class FolderInspection {

  private static final int MOST_FILES = 1000;

  private FolderInspection() {}

  static Inspection of(Path folder, Inspection found) {
    Map<FileKind, Integer> kinds = kinds(folder);
    if (kinds.containsKey(FileKind.FOLDER) && NnUnetRuns.areIn(folder)) {
      return withFolds(folder, found);
    }
    List<String> notes = new ArrayList<>();
    kinds.forEach(
        (kind, count) -> notes.add("%s: %d %s".formatted(kind.description(), count, files(count))));
    Inspection told = found.noting(notes);
    if (kinds.containsKey(FileKind.FOLDER)) {
      Optional<Inspection> runs = runs(folder, told);
      if (runs.isPresent()) {
        return runs.get();
      }
    }
    if (kinds.containsKey(FileKind.NPY)) {
      told =
          told.with("arrays", Inspector.unread(Dumps.open(folder).layers()))
              .offering(Use.COMPARE_ACTIVATIONS);
    }
    if (kinds.getOrDefault(FileKind.TORCHSCRIPT, 0) > 1) {
      told = told.noting(List.of("checkpoints of one run? 'track' takes the folder above it"));
    }
    if (kinds.containsKey(FileKind.NIFTI)) {
      told = told.offering(Use.PATCHES);
    }
    if (kinds.keySet().stream().anyMatch(FileKind::isImage)) {
      told = told.offering(Use.PROBES);
    }
    return told;
  }

  /** Of results of nnU-Net also which checkpoints there are, since they are a study. */
  static Inspection withFolds(Path folder, Inspection found) {
    RunsFolder folds = RunsFolder.open(folder);
    List<String> notes = new ArrayList<>();
    for (TrainingRun run : folds.runs()) {
      notes.add("%s: checkpoints of the epochs %s".formatted(run.name(), run.steps()));
    }
    notes.addAll(folds.notes());
    notes.addAll(folds.unread());
    int runs = folds.runs().size();
    return found
        .renamed(
            "results of nnU-Net: %d %s".formatted(runs, runs == 1 ? "fold" : "folds"),
            found.layers().isEmpty()
                ? "as a study; each folder in it, or a fold's, as a network"
                : "as a network (the checkpoint that the notes name), or as a study of its folds")
        .noting(notes)
        .offering(Use.PREPARE_BY_PLAN, Use.TRACK_WITH_PROBES);
  }

  private static String files(int count) {
    return count == 1 ? "file" : "files";
  }

  private static Optional<Inspection> runs(Path folder, Inspection told) {
    try {
      RunsFolder found = RunsFolder.open(folder);
      int runs = found.runs().size() + (found.source().isPresent() ? 1 : 0);
      Inspection counted = told.noting(List.of("training runs in it: " + runs));
      return Optional.of(
          counted.offering(found.probes().isPresent() ? Use.TRACK : Use.TRACK_WITH_PROBES));
    } catch (PalimpsestException noRuns) {
      return Optional.empty();
    }
  }

  private static Map<FileKind, Integer> kinds(Path folder) {
    Map<FileKind, Integer> kinds = new EnumMap<>(FileKind.class);
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(file -> Files.isReadable(file))
          .filter(file -> Files.isDirectory(file) || Files.isRegularFile(file))
          .sorted()
          .limit(MOST_FILES)
          .forEach(file -> kinds.merge(FileKind.of(file), 1, Integer::sum));
      return kinds;
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
