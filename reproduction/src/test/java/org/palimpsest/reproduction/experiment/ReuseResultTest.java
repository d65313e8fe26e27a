package org.palimpsest.reproduction.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.runs.RunsFolder.CheckpointOptions;
import org.palimpsest.similarity.cka.Cka;
import org.palimpsest.similarity.shape.Shapes;

/** Which networks are paired, and that table, files and picture say the same of them. */
class ReuseResultTest {

  private static final List<String> LAYERS = List.of("enc1", "out");

  @TempDir private Path folder;

  private static TrainingRun run(String name, String initialisation, double dice) {
    return new TrainingRun(
        name,
        initialisation,
        OptionalLong.empty(),
        List.of(
            new Checkpoint(0, name + "/step_0000.pt", OptionalDouble.of(0.01)),
            new Checkpoint(20, name + "/step_0020.pt", OptionalDouble.empty()),
            new Checkpoint(40, name + "/step_0040.pt", OptionalDouble.of(dice))));
  }

  private static RunsFolder runs(Optional<TrainingRun> source, TrainingRun... runs) {
    return new RunsFolder(
        Path.of("runs"),
        source,
        List.of(runs),
        Optional.empty(),
        new CheckpointOptions(NetworkOptions.none(), Map.of()),
        List.of(),
        List.of(),
        false,
        Map.of());
  }

  private static final RunsFolder RUNS =
      runs(
          Optional.of(run("source", "source", 0.9)),
          run("transfer/seed0", "transfer", 0.8),
          run("transfer/seed1", "transfer", 0.81),
          run("random/seed0", "random", 0.7),
          run("random/seed1", "random", 0.6123456),
          run("frozen/seed0", "frozen", 0.5));

  @Test
  void pairsTellWhatRemainedAndHowAlikeNetworksBecame() {
    assertThat(NetworkPair.of(RUNS))
        .extracting(
            pair ->
                "%s: %s@%s %s@%s"
                    .formatted(
                        pair.comparison().label(),
                        pair.a().run().name(),
                        pair.a().checkpoint().step(),
                        pair.b().run().name(),
                        pair.b().checkpoint().step()))
        .containsExactly(
            "transfer: source to end: source@40 transfer/seed0@40",
            "transfer: source to end: source@40 transfer/seed1@40",
            "random: start to end: random/seed0@0 random/seed0@40",
            "random: start to end: random/seed1@0 random/seed1@40",
            "frozen: start to end: frozen/seed0@0 frozen/seed0@40",
            "transfer / transfer: transfer/seed0@40 transfer/seed1@40",
            "random / random: random/seed0@40 random/seed1@40",
            "transfer / random: transfer/seed0@40 random/seed0@40",
            "transfer / random: transfer/seed0@40 random/seed1@40",
            "transfer / random: transfer/seed1@40 random/seed0@40",
            "transfer / random: transfer/seed1@40 random/seed1@40");
  }

  @Test
  void transferWithoutItsSourceIsRefused() {
    RunsFolder alone = runs(Optional.empty(), run("transfer/seed0", "transfer", 0.8));
    assertThatThrownBy(() -> NetworkPair.of(alone))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("source");
    assertThat(NetworkPair.of(runs(Optional.of(run("source", "source", 1))))).isEmpty();
  }

  @Test
  void endsAreTheFirstAndTheLastCheckpoint() {
    TrainingRun run = run("r", "random", 0.5);
    assertThat(EndsOfRuns.of(run).steps()).containsExactly(0L, 40L);
    TrainingRun single = new TrainingRun("s", "random", OptionalLong.of(1), List.of(run.end()));
    assertThat(EndsOfRuns.of(single)).isEqualTo(single);
  }

  /** Values that differ in every cell: 0.1 per pair, 0.01 per layer. */
  private static ReuseResult result() {
    List<NetworkPair> pairs = NetworkPair.of(RUNS);
    List<ReuseRow> rows = new ArrayList<>();
    for (int p = 0; p < pairs.size(); p++) {
      for (int l = 0; l < LAYERS.size(); l++) {
        double value = 0.07 * p + 0.011 * l;
        rows.add(new ReuseRow(pairs.get(p), LAYERS.get(l), "linear_cka", value));
        rows.add(new ReuseRow(pairs.get(p), LAYERS.get(l), "procrustes_angular", 1 - value));
      }
    }
    List<CheckpointRecord> checkpoints =
        RUNS.allRuns().stream()
            .map(run -> new CheckpointRecord(run, run.end(), "ab".repeat(32), Optional.empty()))
            .toList();
    EvolutionTable table =
        new EvolutionTable(
            List.of(),
            checkpoints,
            List.of(),
            new Fingerprint("1".repeat(64)),
            "positions as samples",
            "1");
    return new ReuseResult(
        RUNS, 8, List.of(Cka.linear(), Shapes.procrustesAngular()), LAYERS, rows, table);
  }

  @Test
  void theTextHasTheMeansOfTheFile() throws IOException {
    ReuseResult result = result();
    ReuseReport.write(result, folder);
    List<String> text = ReuseTable.of(result);
    List<String[]> records = records("feature-reuse.csv");
    assertThat(records).hasSize(11 * 2 * 2);
    Map<String, List<Double>> values =
        records.stream()
            .collect(
                Collectors.groupingBy(
                    cells -> cells[6] + "|" + cells[0] + "|" + cells[5],
                    Collectors.mapping(cells -> Double.valueOf(cells[7]), Collectors.toList())));
    for (String measure : List.of("linear_cka", "procrustes_angular")) {
      List<String> block =
          text.subList(text.indexOf(measure + ", mean over pairs of networks") + 1, text.size());
      assertThat(block.get(0).strip()).matches("pairs +enc1 +out");
      for (String line : block.subList(1, 7)) {
        String label = line.split(" {2,}")[0];
        String[] cells = line.substring(label.length()).strip().split(" +");
        List<Double> first = values.get(measure + "|" + label + "|enc1");
        List<Double> last = values.get(measure + "|" + label + "|out");
        assertThat(cells).containsExactly(String.valueOf(first.size()), mean(first), mean(last));
      }
    }
  }

  private static String mean(List<Double> values) {
    return String.format(
        Locale.ROOT,
        "%.3f",
        values.stream().mapToDouble(Double::doubleValue).sum() / values.size());
  }

  @Test
  void diceAndProvenanceAreWrittenOfEveryNetwork() throws IOException {
    ReuseReport.write(result(), folder);
    List<String[]> dice = records("dice.csv");
    assertThat(dice).hasSize(6 * 2);
    assertThat(dice)
        .anyMatch(
            cells ->
                Arrays.equals(cells, new String[] {"random/seed1", "random", "40", "0.6123456"}));
    assertThat(ReuseTable.of(result()))
        .anyMatch(line -> line.matches("random/seed1 +step 40 +0\\.612"));

    JsonNode provenance = new ObjectMapper().readTree(folder.resolve("provenance.json").toFile());
    assertThat(provenance.get("probes").intValue()).isEqualTo(8);
    assertThat(provenance.get("probes_sha256_of_values").textValue()).isEqualTo("1".repeat(64));
    assertThat(provenance.get("measures")).hasSize(2);
    assertThat(provenance.get("networks")).hasSize(6);
    assertThat(provenance.get("networks").get(0).get("file").textValue())
        .isEqualTo("source/step_0040.pt");
    assertThat(provenance.get("networks").get(0).get("sha256").textValue())
        .isEqualTo("ab".repeat(32));
  }

  @Test
  void eachMeasureHasAPictureThatSaysHowToReadIt() throws IOException {
    List<Path> files = ReuseReport.write(result(), folder);
    assertThat(files).allSatisfy(file -> assertThat(file).isNotEmptyFile());
    assertThat(Files.readString(folder.resolve("feature-reuse-linear_cka.svg")))
        .contains("higher is more alike", "How well they do", "transfer / random");
    assertThat(Files.readString(folder.resolve("feature-reuse-procrustes_angular.svg")))
        .contains("lower is more alike");
  }

  private List<String[]> records(String file) throws IOException {
    return Files.readAllLines(folder.resolve(file)).stream()
        .skip(1)
        .map(line -> line.split(",", -1))
        .toList();
  }

  private static EvolutionTable.Row row(
      String a, String b, String layerA, String layerB, double value) {
    return new EvolutionTable.Row(
        Study.View.FINALS,
        a,
        OptionalLong.of(9),
        layerA,
        b,
        OptionalLong.of(9),
        layerB,
        "m",
        Measurement.of(value, 10));
  }

  @Test
  void similaritiesOfPairsCountEachPairOnce() {
    PairSimilarities pairs =
        PairSimilarities.of(
            List.of(
                row("a", "b", "x", "x", 0.9),
                row("a", "c", "x", "x", 0.7),
                row("b", "c", "x", "x", 0.1),
                row("b", "c", "x", "x", 0.2),
                row("a", "b", "x", "y", 0.5),
                row("a", "b", "y", "y", 0.3)),
            "m");
    assertThat(pairs.layers()).containsExactly("x", "y");
    assertThat(pairs.values(List.of("a", "b", "c"), List.of("a", "b", "c"), "x"))
        .containsExactly(0.9, 0.7, 0.2);
    assertThat(pairs.values(List.of("c"), List.of("a", "b"), "x")).containsExactly(0.7, 0.2);
    assertThat(pairs.values(List.of("a"), List.of("a"), "x")).isEmpty();
    assertThat(pairs.mean(List.of("a"), List.of("b"), LAYERS)).isNaN();
    assertThat(pairs.mean(List.of("a"), List.of("b"), List.of("x", "y")))
        .isCloseTo(0.6, within(1e-15));
    assertThat(PairSimilarities.of(List.of(row("a", "b", "x", "x", 1)), "other").layers())
        .isEmpty();
  }

  /** Of two networks with two layers; the second looks like the first's second layer. */
  @Test
  void layersThatAreNotComparedAreMissingAndNotFound() {
    List<EvolutionTable.Row> rows = new ArrayList<>();
    for (String a : LAYERS) {
      for (String b : LAYERS) {
        if (!(a.equals("out") && b.equals("out"))) {
          double value = a.equals("enc1") && b.equals("enc1") ? 0.9 : 0.4;
          rows.add(
              new EvolutionTable.Row(
                  Study.View.FINAL_LAYERS,
                  "r0",
                  OptionalLong.of(9),
                  a,
                  "r1",
                  OptionalLong.of(9),
                  b,
                  "linear_cka",
                  Measurement.of(value, 10)));
        }
      }
    }
    IdentifiedLayers found =
        IdentifiedLayers.by(
            Cka.linear(),
            new EvolutionTable(rows, List.of(), List.of(), Fingerprint.unknown(), "", ""));
    assertThat(found.networks()).containsExactly("r0", "r1");
    assertThat(found.layers()).containsExactlyElementsOf(LAYERS);
    assertThat(found.missing()).isEqualTo(1);
    assertThat(found.perPair()).containsExactly(0.5, 0.5);
    assertThat(found.accuracy(List.of("r0", "r1"))).isEqualTo(0.5);
    assertThat(found.accuracy(List.of("r0"))).isNaN();
  }
}
