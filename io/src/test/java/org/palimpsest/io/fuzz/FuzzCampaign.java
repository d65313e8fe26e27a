package org.palimpsest.io.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads many damaged copies of real files. Its name keeps it out of the test suite;
 * docs/robustness.md says how to run it and what came of it.
 */
class FuzzCampaign {

  @Test
  void noMutantCrashesHangsOrMisleads() throws IOException {
    int mutants = Integer.getInteger("fuzz.mutants", 20_000);
    long seed = Long.getLong("fuzz.seed", 1);
    String only = System.getProperty("fuzz.format", "");
    Path folder = Files.createDirectories(Path.of("target/fuzz"));
    List<String> findings = new ArrayList<>();
    System.out.println(
        "| file | mutants | refused | read | crashes | hangs | wrong numbers | libraries' words |");
    System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- |");
    List<FuzzTarget> targets = new ArrayList<>(FuzzTarget.all());
    targets.addAll(CutFiles.targets());
    for (FuzzTarget target : targets) {
      if (only.isEmpty() || only.equals(target.name())) {
        FuzzRun.Tally tally = new FuzzRun(target, folder).run(mutants, seed);
        System.out.println(tally.row(target));
        findings.addAll(tally.findings());
      }
    }
    assertThat(findings).isEmpty();
  }

  @Test
  void unusualModelsAreReadRightOrRefused(@TempDir Path folder) throws IOException {
    int models = Integer.getInteger("fuzz.mutants", 20_000);
    String only = System.getProperty("fuzz.format", "");
    List<String> findings = new ArrayList<>();
    for (UnusualModels kind : UnusualModels.values()) {
      if (only.isEmpty() || only.equals(kind.format())) {
        findings.addAll(kind.findings(models, Long.getLong("fuzz.seed", 1), folder));
      }
    }
    assertThat(findings).isEmpty();
  }
}
