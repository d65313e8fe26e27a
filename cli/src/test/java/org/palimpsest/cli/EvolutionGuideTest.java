package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTracker;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.io.study.EvolutionTables;
import org.palimpsest.io.study.StudyFolder;
import org.palimpsest.report.page.StudyReport;
import org.palimpsest.similarity.cca.Cca;
import org.palimpsest.similarity.cka.Cka;

/** Runs the code of docs/evolution.md on a small folder and holds it to being that code. */
class EvolutionGuideTest {

  private static final Path GUIDE = Path.of("..", "docs", "evolution.md");
  private static final Path THIS =
      Path.of("src/test/java/org/palimpsest/cli/EvolutionGuideTest.java");

  @TempDir private Path runsFolder;
  @TempDir private Path outputFolder;

  private void layOut(String run) throws IOException {
    Path folder = Files.createDirectories(runsFolder.resolve(run));
    Files.copy(SampleFiles.MODEL_A, folder.resolve("step_0000.pt"));
    Files.copy(SampleFiles.MODEL_B, folder.resolve("step_0010.pt"));
  }

  @Test
  void theGuidesCodeRuns() throws IOException {
    layOut("source");
    layOut("random/seed0");
    layOut("random/seed1");
    Files.copy(SampleFiles.PROBES, runsFolder.resolve("probes.npy"));
    // guide
    RunsFolder runs = RunsFolder.open(runsFolder);
    Study study =
        Study.of(
                runs.runs(),
                NpyProbes.open(runs.requireProbes()),
                List.of(Cka.linear(), Cca.svcca()))
            .withSource(runs.requireSource());
    try (StudyFolder kept = StudyFolder.open(outputFolder)) {
      EvolutionTable table =
          EvolutionTracker.of(new CheckpointFiles(), kept.journal(), kept.spill()).track(study);
      EvolutionTables.write(table, outputFolder);
      StudyReport.Facts facts =
          StudyReport.Facts.of("Transfer to vessels", "8 held-out vessel images");
      StudyReport.of(table, facts).write(outputFolder);
    }
    // end of guide
    List<String> lines = Files.readAllLines(outputFolder.resolve("evolution.csv"));
    assertThat(lines.get(0))
        .isEqualTo(
            "view,run_a,step_a,layer_a,run_b,step_b,layer_b,measure,value,low,high,n,warnings");
    assertThat(lines).anyMatch(l -> l.startsWith("to_source,random/seed1,0,enc,source,10,enc,"));
    assertThat(lines)
        .anyMatch(
            l -> l.matches("groups,random,,enc,random,,enc,linear_cka,(1\\.0|0\\.9999999).*"));
    assertThat(outputFolder.resolve("checkpoints.csv")).exists();
    assertThat(outputFolder.resolve("evolution.json")).exists();
  }

  @Test
  void theGuideShowsTheCodeThatRuns() throws IOException {
    String guide = between(Files.readString(GUIDE), "```java", "```");
    String run = between(Files.readString(THIS), "// guide\n", "// end of guide\n");

    assertThat(tokens(guide)).isNotEmpty().isEqualTo(tokens(run));
  }

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin) + begin.length();
    return text.substring(from, text.indexOf(end, from));
  }

  private static List<String> tokens(String code) {
    return Arrays.stream(code.split("\\s+")).filter(token -> !token.isEmpty()).toList();
  }
}
