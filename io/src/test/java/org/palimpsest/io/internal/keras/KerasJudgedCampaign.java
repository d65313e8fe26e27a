package org.palimpsest.io.internal.keras;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.internal.capture.Closeness;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.npy.NpyProbes;

/**
 * Networks with changed settings, and with changed trees of HDF5, against what Keras answered
 * (judge_keras_mutants.py, judge_keras_trees.py). Its name keeps it out of the test suite;
 * docs/robustness.md says how to run it and what came of it.
 */
class KerasJudgedCampaign {

  private enum Outcome {
    RIGHT,
    REFUSED,
    REFUSED_BY_BOTH,
    RUN_THOUGH_KERAS_REFUSES,
    WRONG
  }

  private static final double TOLERANCE = 1e-4;

  /** Here all is computed in float32. */
  private static final double WHERE_KERAS_COMPUTES_IN_HALF_PRECISION = 5e-2;

  @TempDir static Path folder;

  @Test
  void mutantsAreRightOrRefused() throws IOException {
    unpack(Path.of(System.getProperty("keras.mutants")));
    Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
    List<String> wrong = new ArrayList<>();
    for (Path changes : changes()) {
      String name = changes.getFileName().toString().replaceFirst("\\.txt$", "");
      List<String> why = new ArrayList<>();
      Outcome outcome = judge(name, why);
      counts.merge(outcome, 1, Integer::sum);
      String line = "%s %s %s: %s".formatted(outcome, name, Files.readAllLines(changes), why);
      System.out.println(line);
      if (outcome == Outcome.WRONG) {
        wrong.add(line);
      }
    }
    System.out.println(counts);
    assertThat(wrong).isEmpty();
  }

  private static void unpack(Path archive) throws IOException {
    try (InputStream in = Files.newInputStream(archive);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Files.copy(zip, folder.resolve(entry.getName()));
      }
    }
  }

  private static List<Path> changes() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
    }
  }

  private static Outcome judge(String name, List<String> why) throws IOException {
    Path archive = folder.resolve(name + ".keras");
    Path network = Files.exists(archive) ? archive : folder.resolve(name + ".h5");
    Path refusal = folder.resolve(name + ".refused");
    boolean refused = Files.exists(refusal);
    Path probes = folder.resolve(name + ".npy");
    Path architecture = folder.resolve(name + ".json");
    NetworkOptions options =
        Files.exists(architecture)
            ? NetworkOptions.none().withArchitecture(architecture)
            : NetworkOptions.none();
    try (ActivationSource opened = KerasFiles.open(network, options)) {
      ActivationSet captured = opened.capture(NpyProbes.open(probes), LayerSelector.all());
      if (refused) {
        why.add(Files.readString(refusal));
        return Outcome.RUN_THOUGH_KERAS_REFUSES;
      }
      String notes = String.join(" ", opened.provenance().notes());
      double tolerance =
          notes.contains("where Keras computes")
              ? WHERE_KERAS_COMPUTES_IN_HALF_PRECISION
              : TOLERANCE;
      ActivationSet expected = Dumps.open(folder.resolve(name + ".npz"));
      for (String layer : expected.layers()) {
        String own = layer.replace('|', '/');
        assertThat(captured.layers()).contains(own);
        Closeness.assertClose(
            own, captured.get(own).values(), expected.get(layer).values(), tolerance);
      }
      return Outcome.RIGHT;
    } catch (PalimpsestException clear) {
      why.add(String.valueOf(clear.getMessage()));
      return refused ? Outcome.REFUSED_BY_BOTH : Outcome.REFUSED;
    } catch (RuntimeException | AssertionError failure) {
      why.add(failure.toString().strip());
      return Outcome.WRONG;
    }
  }
}
