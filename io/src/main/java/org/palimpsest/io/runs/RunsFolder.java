package org.palimpsest.io.runs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;

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
 * DL4J ({@code .zip}) or Keras ({@code .h5}), of one kind in a run; files of other names are left
 * alone. {@code log.json} is optional: {@code [{"step": 0, "dsc": 0.1}, …]}, Dice coefficients by
 * step. Names that begin with a dot are left alone.
 *
 * @param root the folder
 * @param source the run that others started from, if there is one
 * @param runs all others, by initialisation and name
 * @param probes the file of probes, if there is one
 */
public record RunsFolder(
    Path root, Optional<TrainingRun> source, List<TrainingRun> runs, Optional<Path> probes) {

  private static final String SOURCE = "source";
  private static final String PROBES = "probes.npy";

  public RunsFolder {
    runs = List.copyOf(runs);
  }

  /**
   * Looks through a folder.
   *
   * @throws PalimpsestException if there is no such folder, it holds no run, or a run holds no
   *     checkpoint
   */
  public static RunsFolder open(Path root) {
    if (!Files.isDirectory(root)) {
      throw new PalimpsestException(
          root + (Files.exists(root) ? " is not a folder." : ": there is no such folder."));
    }
    Optional<TrainingRun> source = Optional.empty();
    List<TrainingRun> runs = new ArrayList<>();
    for (Path folder : subfolders(root)) {
      if (nameOf(folder).equals(SOURCE)) {
        source = Optional.of(RunReader.read(folder, SOURCE, SOURCE));
      } else {
        runs.addAll(runsOf(folder));
      }
    }
    if (source.isEmpty() && runs.isEmpty()) {
      throw new PalimpsestException(
          root
              + " holds no training run. Expected are folders such as source/, transfer/seed0/ and"
              + " random/seed0/ with checkpoints named step_0000.pt.");
    }
    Path probes = root.resolve(PROBES);
    return new RunsFolder(
        root, source, runs, Files.exists(probes) ? Optional.of(probes) : Optional.empty());
  }

  private static List<TrainingRun> runsOf(Path folder) {
    String initialisation = nameOf(folder);
    if (RunReader.holdsCheckpoints(folder)) {
      return List.of(RunReader.read(folder, initialisation, initialisation));
    }
    return subfolders(folder).stream()
        .filter(run -> RunReader.isNamedAfterSeed(run) || RunReader.holdsCheckpoints(run))
        .map(run -> RunReader.read(run, initialisation + "/" + nameOf(run), initialisation))
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
      throw new PalimpsestException(folder + " cannot be listed: " + failure, failure);
    }
  }

  static String nameOf(Path path) {
    return String.valueOf(path.getFileName());
  }

  /** The source first, if there is one, then all others. */
  public List<TrainingRun> allRuns() {
    return Stream.concat(source.stream(), runs.stream()).toList();
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
}
