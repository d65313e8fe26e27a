package org.palimpsest.reproduction.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.palimpsest.reproduction.commands.Miniature.names;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.reproduction.verdict.ClaimFinding;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

class TrainingDynamicsCommandTest {

  private static final List<Double> RISING = List.of(0.1, 0.2, 0.3, 0.4, 0.5);
  private static final List<Double> NEARLY = List.of(0.2, 0.1, 0.3, 0.4, 0.5);
  private static final List<Double> FALLING = List.of(0.5, 0.4, 0.3, 0.2, 0.1);
  private static final List<Double> NEARLY_FALLING = List.of(0.4, 0.5, 0.3, 0.2, 0.1);

  @Test
  void runsInMiniature(@TempDir Path folder) throws IOException {
    Path out = folder.resolve("out");
    Miniature.Outcome outcome =
        Miniature.run(
            new TrainingDynamicsCommand(Miniature::ofThree), folder.resolve("networks"), out);

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(names(out))
        .containsExactlyInAnyOrder(
            "training-dynamics.png",
            "training-dynamics.svg",
            "lateness.csv",
            "layers.csv",
            "verdicts.csv",
            "report.md",
            "report.html",
            "study");
    List<String> likest = Files.readAllLines(out.resolve("layers.csv"));
    assertThat(likest).hasSize(5);
    assertThat(likest.get(4)).isEqualTo("3,1.0,1.0");
  }

  @Test
  void theVerdictFollowsTheOrderOfLayers() {
    assertThat(verdicts(List.of(RISING, NEARLY, RISING), List.of(RISING, RISING, NEARLY)))
        .containsExactly(Verdict.HOLDS, Verdict.HOLDS);
    assertThat(verdicts(List.of(RISING, NEARLY, RISING), List.of(FALLING, FALLING, NEARLY_FALLING)))
        .containsExactly(Verdict.DOES_NOT_HOLD, Verdict.DOES_NOT_HOLD);
    assertThat(verdicts(List.of(RISING, FALLING, RISING), List.of(RISING, NEARLY, RISING)))
        .containsExactly(Verdict.HOLDS, Verdict.CANNOT_BE_TOLD);
    assertThat(verdicts(List.of(RISING, FALLING), List.of(RISING, FALLING)).get(0))
        .isEqualTo(Verdict.CANNOT_BE_TOLD);
  }

  private static List<Verdict> verdicts(List<List<Double>> transfer, List<List<Double>> random) {
    return TrainingDynamicsCommand.findings(new TrainingDynamicsCommand.Lateness(transfer, random))
        .stream()
        .map(ClaimFinding::verdict)
        .toList();
  }
}
