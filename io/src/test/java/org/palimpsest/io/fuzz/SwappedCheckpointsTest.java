package org.palimpsest.io.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.internal.file.Sha256;

/**
 * Checkpoints that are overwritten, replaced and put back at random moments of a study. Right is
 * that each figure is of the contents whose hashes the table tells, then and in all studies that go
 * on from there.
 */
class SwappedCheckpointsTest {

  private static final int TRIALS = Integer.getInteger("fuzz.swaps", 24);

  @TempDir private Path folder;

  private static final class Swaps implements Runnable {

    private final SplittableRandom random;
    private final List<Path> files = new ArrayList<>();
    private int left;

    Swaps(SplittableRandom random) {
      this.random = random;
      this.left = 1 + random.nextInt(3);
    }

    @Override
    public void run() {
      if (files.isEmpty() || left == 0 || random.nextInt(25) != 0) {
        return;
      }
      left--;
      Path file = files.get(random.nextInt(files.size()));
      int number = random.nextInt(3) == 0 ? 10 + files.indexOf(file) : random.nextInt(10, 100);
      if (random.nextBoolean()) {
        SmallStudy.write(file, number);
      } else {
        Path fresh = file.resolveSibling("fresh");
        SmallStudy.write(fresh, number);
        try {
          Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
          throw new UncheckedIOException(failure);
        }
      }
    }
  }

  @Test
  void noFigureIsOfAnotherContentThanTheTableTells() throws IOException {
    int noticed = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
      Path place = Files.createDirectories(folder.resolve(String.valueOf(trial)));
      Swaps swaps = new Swaps(new SplittableRandom(trial));
      SmallStudy study = new SmallStudy(place, swaps);
      swaps.files.addAll(study.checkpoints());
      try {
        EvolutionTable table = study.track(place.resolve("out"));
        requireRight(table);
        noticed += table.broken().isEmpty() ? 0 : 1;
      } catch (PalimpsestException nothingUsable) {
        noticed++;
      }
      swaps.left = 0;
      for (int i = 0; i < study.checkpoints().size(); i++) {
        SmallStudy.write(study.checkpoints().get(i), 10 + i);
      }
      EvolutionTable again = study.track(place.resolve("out"));

      requireRight(again);
      assertThat(again.rows()).isEqualTo(study.track(place.resolve("fresh-out")).rows());
    }
    assertThat(noticed).isPositive();
  }

  private static double numberOf(EvolutionTable table, String run, OptionalLong step) {
    String hash =
        table.checkpoints().stream()
            .filter(known -> known.run().name().equals(run))
            .filter(known -> known.checkpoint().step() == step.getAsLong())
            .map(CheckpointRecord::hash)
            .findFirst()
            .orElseThrow();
    for (int number = 10; number < 100; number++) {
      if (Sha256.of(String.valueOf(number).getBytes(StandardCharsets.UTF_8)).equals(hash)) {
        return number;
      }
    }
    throw new AssertionError("no content has the hash " + hash);
  }

  private static void requireRight(EvolutionTable table) {
    for (EvolutionTable.Row row : table.rows()) {
      if (row.view() == Study.View.GROUPS) {
        continue;
      }
      double a = numberOf(table, row.runA(), row.stepA()) * factor(row.layerA());
      double b = numberOf(table, row.runB(), row.stepB()) * factor(row.layerB());
      double right =
          switch (row.measure()) {
            case "excess" -> Math.max(0, a - b) / b;
            case "weight_difference" -> Math.abs(a - b);
            default -> a / b;
          };
      assertThat(row.measurement().value()).as(row.toString()).isEqualTo(right);
    }
  }

  private static int factor(String layer) {
    return layer.equals("double") ? 2 : 1;
  }
}
