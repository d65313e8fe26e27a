package org.palimpsest.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.palimpsest.examples.Miniature.names;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.examples.verdict.Finding;
import org.palimpsest.similarity.statistics.Verdict;

class FilterChangeTest {

  private static final List<Double> HIGH = List.of(0.95, 0.96, 0.97);
  private static final List<Double> LOW = List.of(0.2, 0.21, 0.22);
  private static final List<Double> MIXED = List.of(0.2, 0.95, 0.99);

  @Test
  void runsInMiniature(@TempDir Path folder) throws IOException {
    Path out = folder.resolve("out");
    Miniature.Outcome outcome =
        Miniature.run(new FilterChange(Miniature::ofThree), folder.resolve("networks"), out);

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(names(out))
        .contains("filter-change.png", "layers.csv", "verdicts.csv", "report.md", "study");
    List<String> layers = Files.readAllLines(out.resolve("layers.csv"));
    assertThat(layers).hasSize(1 + 13);
    assertThat(layers.get(1)).startsWith("enc1.conv1,0.9");
  }

  @Test
  void theVerdictFollowsCosinesAndTests() {
    assertThat(verdicts(HIGH, HIGH, HIGH)).containsExactly(Verdict.HOLDS, Verdict.HOLDS);
    assertThat(verdicts(HIGH, LOW, LOW))
        .containsExactly(Verdict.DOES_NOT_HOLD, Verdict.DOES_NOT_HOLD);
    assertThat(verdicts(HIGH, MIXED, MIXED))
        .containsExactly(Verdict.CANNOT_BE_TOLD, Verdict.CANNOT_BE_TOLD);
  }

  private static List<Verdict> verdicts(
      List<Double> transfer, List<Double> random, List<Double> lookRandom) {
    return FilterChange.findings(transfer, random, lookRandom).stream()
        .map(Finding::verdict)
        .toList();
  }
}
