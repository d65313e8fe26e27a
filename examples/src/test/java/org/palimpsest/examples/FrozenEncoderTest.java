package org.palimpsest.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.palimpsest.examples.Miniature.names;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.examples.verdict.Finding;
import org.palimpsest.similarity.statistics.Verdict;

class FrozenEncoderTest {

  @Test
  void runsInMiniature(@TempDir Path folder) throws IOException {
    Path out = folder.resolve("out");
    Miniature.Outcome outcome =
        Miniature.run(new FrozenEncoder(Miniature::ofThree), folder.resolve("networks"), out);

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("19 networks");
    assertThat(names(out))
        .containsExactlyInAnyOrder(
            "frozen-encoder.png",
            "frozen-encoder.svg",
            "dice.csv",
            "verdicts.csv",
            "report.md",
            "report.html");
    assertThat(Files.readAllLines(out.resolve("dice.csv"))).hasSize(1 + 2 * 3);
  }

  @Test
  void theVerdictFollowsTheRatioOfDice() {
    assertThat(verdict(0.6, 0.62, 0.61)).isEqualTo(Verdict.HOLDS);
    assertThat(verdict(0.4, 0.42, 0.41)).isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(verdict(0.4, 0.6, 0.5)).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(verdict(0.6)).isEqualTo(Verdict.CANNOT_BE_TOLD);
  }

  private static Verdict verdict(Double... frozen) {
    List<Double> whole = List.of(0.6, 0.61, 0.62).subList(0, frozen.length);
    List<Double> others = List.of();
    FrozenEncoder.Scores scores = new FrozenEncoder.Scores(whole, List.of(frozen), others);
    List<Finding> findings = FrozenEncoder.findings(Map.of("made up", scores));
    return findings.get(0).verdict();
  }
}
