package org.palimpsest.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.palimpsest.examples.Miniature.names;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.examples.experiment.LayerPairs;
import org.palimpsest.examples.verdict.Finding;
import org.palimpsest.similarity.statistics.Verdict;

class SeedVariabilityTest {

  private static final List<String> TRANSFER = List.of("t0", "t1", "t2", "t3");
  private static final List<String> RANDOM = List.of("r0", "r1", "r2", "r3");

  @Test
  void runsInMiniature(@TempDir Path folder) throws IOException {
    Path out = folder.resolve("out");
    Miniature.Outcome outcome =
        Miniature.run(new SeedVariability(Miniature::ofThree), folder.resolve("networks"), out);

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("transfer/transfer minus random/random", "Written: ");
    assertThat(names(out))
        .containsExactlyInAnyOrder(
            "seed-variability.png",
            "seed-variability.svg",
            "groups.csv",
            "verdicts.csv",
            "report.md",
            "report.html",
            "study");
    assertThat(Files.readString(out.resolve("groups.csv")))
        .contains("transfer/random,p", "enc1,linear_cka,0.", "out,svcca,0.");
    assertThat(Files.readString(out.resolve("report.md"))).contains("Verdict: **");
  }

  @Test
  void theVerdictFollowsTheSimilaritiesOfPairs() {
    assertThat(verdicts(0.4, 0.2, 0.4)).containsExactly(Verdict.HOLDS, Verdict.HOLDS);
    assertThat(verdicts(0.8, 0.5, 0.4))
        .containsExactly(Verdict.DOES_NOT_HOLD, Verdict.DOES_NOT_HOLD);
    assertThat(verdicts(0.45, 0.4, 0.4))
        .containsExactly(Verdict.CANNOT_BE_TOLD, Verdict.CANNOT_BE_TOLD);
  }

  @Test
  void twoNetworksOfAKindAreTooFewForAVerdict() {
    List<Finding> findings =
        SeedVariability.findings(
            similarities(0.8, 0.1, 0.4), TRANSFER.subList(0, 2), RANDOM.subList(0, 2));

    assertThat(findings).extracting(Finding::verdict).containsOnly(Verdict.CANNOT_BE_TOLD);
  }

  private static List<Verdict> verdicts(double transfer, double between, double random) {
    return SeedVariability.findings(similarities(transfer, between, random), TRANSFER, RANDOM)
        .stream()
        .map(Finding::verdict)
        .toList();
  }

  /** Pairs of a kind are alike but for a little that is each network's own. */
  private static LayerPairs similarities(double transfer, double between, double random) {
    List<String> all = new ArrayList<>(TRANSFER);
    all.addAll(RANDOM);
    List<MadeUp.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      for (int j = i + 1; j < all.size(); j++) {
        pairs.add(new MadeUp.Pair(all.get(i), all.get(j)));
      }
    }
    return LayerPairs.of(
        MadeUp.rows(
            List.of("enc1", "out"),
            pairs,
            (layer, pair) -> {
              boolean first = pair.first().startsWith("t");
              boolean second = pair.second().startsWith("t");
              double kind = first && second ? transfer : first || second ? between : random;
              return kind + own(pair.first()) + own(pair.second());
            }),
        "linear_cka");
  }

  private static double own(String network) {
    return 0.004 * (network.charAt(1) - '0') - 0.006;
  }
}
