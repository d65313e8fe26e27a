package org.palimpsest.reproduction.trained;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.ScoreLog;

/**
 * A folder of runs. A run appears in it as a whole or not at all, together with the recipe that it
 * was trained by, and is used again as long as the recipe stays the same.
 */
final class RunStore {

  private static final String RECIPE = "recipe.json";
  private static final String HASH = "recipe.sha256";
  private static final String SCORES = "log.json";
  private static final String LOSSES = "losses.json";
  private static final String SECONDS = "seconds.txt";

  private final Path root;

  RunStore(Path root) {
    this.root = root;
  }

  Path folder(String run) {
    return root.resolve(run);
  }

  Path file(String run, int step) {
    return folder(run).resolve(String.format(Locale.ROOT, "step_%04d.pt", step));
  }

  Path scores(String run) {
    return folder(run).resolve(SCORES);
  }

  Path losses(String run) {
    return folder(run).resolve(LOSSES);
  }

  /** How long its training took, if that was written down. */
  OptionalDouble seconds(String run) {
    Path file = folder(run).resolve(SECONDS);
    try {
      return Files.exists(file)
          ? OptionalDouble.of(Double.parseDouble(Files.readString(file).strip()))
          : OptionalDouble.empty();
    } catch (IOException | NumberFormatException failure) {
      throw new PalimpsestException(file + " cannot be read: " + failure, failure);
    }
  }

  /** Whether a run by this very recipe is there, with its scores and all checkpoints. */
  boolean holds(String run, RunRecipe recipe) {
    Path hash = folder(run).resolve(HASH);
    try {
      return Files.exists(hash)
          && Files.readString(hash).strip().equals(recipe.hash())
          && Files.exists(scores(run))
          && recipe.plan().checkpointSteps().stream()
              .allMatch(step -> Files.exists(file(run, step)));
    } catch (IOException failure) {
      throw new PalimpsestException(hash + " cannot be read: " + failure, failure);
    }
  }

  /**
   * Puts a finished run in its place, where an older one may have been.
   *
   * @param beside further files of it, by name
   */
  void put(String run, RunRecipe recipe, TrainedRun trained, Map<String, String> beside) {
    place(
        run,
        fresh -> {
          for (var file : beside.entrySet()) {
            Files.writeString(fresh.resolve(file.getKey()), file.getValue());
          }
          for (var step : trained.archives().entrySet()) {
            Files.write(
                fresh.resolve(String.format(Locale.ROOT, "step_%04d.pt", step.getKey())),
                step.getValue());
          }
          Files.writeString(fresh.resolve(SCORES), ScoreLog.write(trained.dice()));
          Files.writeString(fresh.resolve(LOSSES), LossLog.write(trained.losses()));
          Files.writeString(
              fresh.resolve(SECONDS), String.format(Locale.ROOT, "%.1f%n", trained.seconds()));
          Files.writeString(fresh.resolve(RECIPE), recipe.toJson() + System.lineSeparator());
          Files.writeString(fresh.resolve(HASH), recipe.hash() + System.lineSeparator());
        });
  }

  /** Puts a copy of a run of another folder in its place. */
  void copy(String run, Path folder) {
    place(
        run,
        fresh -> {
          try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
              Files.copy(file, fresh.resolve(Objects.requireNonNull(file.getFileName())));
            }
          }
        });
  }

  private interface Writer {
    void write(Path fresh) throws IOException;
  }

  private void place(String run, Writer writer) {
    Path target = folder(run);
    Path parent = Objects.requireNonNull(target.getParent());
    try {
      Files.createDirectories(parent);
      Path fresh = fresh(parent, writer);
      if (Files.exists(target)) {
        Path old = Files.createTempDirectory(parent, ".old-").resolve("run");
        Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        delete(Objects.requireNonNull(old.getParent()));
      } else {
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException failure) {
      throw new PalimpsestException(target + " cannot be written: " + failure, failure);
    }
  }

  /** All that is written, in a folder of its own; what fails leaves none. */
  private static Path fresh(Path parent, Writer writer) throws IOException {
    Path fresh = Files.createTempDirectory(parent, ".new-");
    boolean whole = false;
    try {
      writer.write(fresh);
      whole = true;
      return fresh;
    } finally {
      if (!whole) {
        delete(fresh);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failure)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
