package org.palimpsest.examples.experiment;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.runs.ScoreLog;

/**
 * The folder of trained networks. A run appears in it as a whole or not at all, together with the
 * recipe that it was trained by, and is used again as long as the recipe stays the same.
 */
final class RunStore {

  private static final String RECIPE = "recipe.json";
  private static final String HASH = "recipe.sha256";

  /** What a run saved at one step. */
  record Saved(byte[] archive, double dice) {}

  private final Path root;

  RunStore(Path root) {
    this.root = root;
  }

  Path file(String run, int step) {
    return root.resolve(run).resolve("step_%04d.pt".formatted(step));
  }

  /** Whether a run by this very recipe is there. */
  boolean holds(String run, RunRecipe recipe) {
    Path hash = root.resolve(run).resolve(HASH);
    try {
      return Files.exists(hash)
          && Files.readString(hash).strip().equals(recipe.hash())
          && recipe.plan().checkpointSteps().stream()
              .allMatch(step -> Files.exists(file(run, step)));
    } catch (IOException failure) {
      throw new PalimpsestException(hash + " cannot be read: " + failure, failure);
    }
  }

  /** Puts a finished run in its place, where an older one may have been. */
  void put(String run, RunRecipe recipe, Map<Integer, Saved> steps) {
    Path target = root.resolve(run);
    Path parent = Objects.requireNonNull(target.getParent());
    try {
      Files.createDirectories(parent);
      Path fresh = Files.createTempDirectory(parent, ".new-");
      write(fresh, recipe, steps);
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

  private static void write(Path folder, RunRecipe recipe, Map<Integer, Saved> steps)
      throws IOException {
    Map<Long, Double> scores = new LinkedHashMap<>();
    for (Map.Entry<Integer, Saved> step : steps.entrySet()) {
      Path file = folder.resolve("step_%04d.pt".formatted(step.getKey()));
      Files.write(file, step.getValue().archive());
      scores.put(step.getKey().longValue(), step.getValue().dice());
    }
    Files.writeString(folder.resolve("log.json"), ScoreLog.write(scores));
    Files.writeString(folder.resolve(RECIPE), recipe.toJson() + System.lineSeparator());
    Files.writeString(folder.resolve(HASH), recipe.hash() + System.lineSeparator());
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
