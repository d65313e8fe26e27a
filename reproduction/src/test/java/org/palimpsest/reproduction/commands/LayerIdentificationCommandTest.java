package org.palimpsest.reproduction.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.palimpsest.reproduction.commands.Miniature.names;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.reproduction.experiment.IdentifiedLayers;
import org.palimpsest.reproduction.verdict.Bounds;
import org.palimpsest.reproduction.verdict.ClaimFinding;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

class LayerIdentificationCommandTest {

  private static final List<String> LAYERS =
      Stream.of("enc", "dec")
          .flatMap(side -> IntStream.rangeClosed(1, 6).mapToObj(level -> side + level))
          .toList();
  private static final List<String> RUNS = List.of("r0", "r1", "r2", "r3");
  private static final List<String> CCA = List.of("cca_mean", "cca_mean_squared", "svcca", "pwcca");

  @Test
  void runsInMiniatureByEveryMeasureThatApplies(@TempDir Path folder) throws IOException {
    Path out = folder.resolve("out");
    Miniature.Outcome outcome =
        Miniature.run(
            new LayerIdentificationCommand(Miniature::ofThree), folder.resolve("networks"), out);

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(names(out))
        .contains("layer-identification.png", "accuracy.csv", "verdicts.csv", "report.md");
    assertThat(Files.readAllLines(out.resolve("accuracy.csv")))
        .hasSize(1 + 2 * (Measures.catalogue().size() - 3));
  }

  @Test
  void aLayerIsFoundOnlyIfItsCounterpartIsAloneAtTheTop() {
    assertThat(found("linear_cka", (run, layer) -> true).accuracy(RUNS)).isEqualTo(1);
    assertThat(found("linear_cka", (run, layer) -> false).accuracy(RUNS)).isZero();
    assertThat(found("procrustes_angular", (run, layer) -> true).accuracy(RUNS)).isEqualTo(1);
    assertThat(found("linear_cka", (run, layer) -> layer.equals("enc1")).accuracy(RUNS))
        .isCloseTo(1.0 / LAYERS.size(), within(1e-12));
    assertThat(found("linear_cka", (run, layer) -> true).missing()).isZero();
  }

  @Test
  void theVerdictFollowsTheSharesFound() {
    assertThat(verdicts((run, layer) -> true, (run, layer) -> false))
        .containsExactly(Verdict.HOLDS, Verdict.HOLDS);
    assertThat(verdicts((run, layer) -> false, (run, layer) -> true))
        .containsExactly(Verdict.DOES_NOT_HOLD, Verdict.DOES_NOT_HOLD);
    assertThat(verdicts((run, layer) -> !run.equals("r0"), (run, layer) -> run.equals("r1")))
        .containsExactly(Verdict.CANNOT_BE_TOLD, Verdict.CANNOT_BE_TOLD);
  }

  @Test
  void networksThatAllFindTheSameShareGiveAnIntervalWithAWidth() {
    LayerIdentificationCommand.Found half =
        new LayerIdentificationCommand.Found(
            LayerIdentificationCommand.TARGET,
            Map.of("linear_cka", found("linear_cka", (run, layer) -> layer.startsWith("enc"))));

    Bounds interval = half.share("linear_cka").interval();
    assertThat(half.share("linear_cka").value()).isEqualTo(0.5);
    assertThat(interval.low()).isBetween(0.4, 0.45);
    assertThat(interval.high()).isBetween(0.55, 0.6);
  }

  private static List<Verdict> verdicts(
      BiPredicate<String, String> byCka, BiPredicate<String, String> byCca) {
    Map<String, IdentifiedLayers> all = new LinkedHashMap<>();
    all.put("linear_cka", found("linear_cka", byCka));
    CCA.forEach(name -> all.put(name, found(name, byCca)));
    return LayerIdentificationCommand.findings(
            List.of(new LayerIdentificationCommand.Found(LayerIdentificationCommand.TARGET, all)))
        .stream()
        .map(ClaimFinding::verdict)
        .toList();
  }

  /**
   * @param clear whether in pairs with this network this layer stands out
   */
  private static IdentifiedLayers found(String measure, BiPredicate<String, String> clear) {
    boolean distance = measure.startsWith("procrustes");
    String name = Measures.parse(measure).name();
    List<EvolutionTable.Row> rows = new ArrayList<>();
    for (int i = 0; i < RUNS.size(); i++) {
      for (int j = i + 1; j < RUNS.size(); j++) {
        MadeUp.Pair pair = new MadeUp.Pair(RUNS.get(i), RUNS.get(j));
        for (String a : LAYERS) {
          for (String b : LAYERS) {
            boolean top =
                a.equals(b) && clear.test(pair.first(), a) && clear.test(pair.second(), a);
            double value = top == distance ? 0.2 : 0.8;
            rows.add(MadeUp.row(Study.View.FINAL_LAYERS, pair, a, b, name, value));
          }
        }
      }
    }
    EvolutionTable table =
        new EvolutionTable(rows, List.of(), List.of(), new Fingerprint("0".repeat(64)), "", "");
    return IdentifiedLayers.by(Measures.parse(measure), table);
  }
}
