package org.palimpsest.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.streaming.CoMoments;

/** Shards of probes on executors give what one process gives. */
class ShardedComparisonTest {

  private static final List<String> MEASURES =
      List.of("linear_cka", "cca_mean", "svcca", "pwcca", "procrustes_normalized");
  private static final int PROBES = 260;

  @TempDir private static Path folder;
  private static Path probes;
  private static JavaSparkContext spark;

  @BeforeAll
  static void begin() {
    long[] shape = NpyProbes.open(SampleRuns.PROBES).shape();
    shape[0] = PROBES;
    probes = folder.resolve("probes.npy");
    NpyFile.write(probes, Nd4j.rand(DataType.FLOAT, shape));
    spark =
        new JavaSparkContext(
            new SparkConf()
                .setMaster("local[2]")
                .setAppName("test")
                .set("spark.ui.enabled", "false"));
  }

  @AfterAll
  static void end() {
    spark.stop();
  }

  private static ComparisonResult inOneProcess() {
    List<Measure<?>> measures = new ArrayList<>();
    MEASURES.forEach(name -> measures.add(Measures.parse(name)));
    Probes shown = NpyProbes.open(probes);
    try (ActivationSource a = TorchScriptNetwork.open(SampleRuns.MODEL_A);
        ActivationSource b = TorchScriptNetwork.open(SampleRuns.MODEL_B)) {
      return Comparison.by(measures).stream(
          a, b, shown, LayerSelector.all(), CoMoments.streaming());
    }
  }

  private static ComparisonResult over(int shards) {
    return ShardedComparison.by(MEASURES)
        .inProcess()
        .compare(spark, List.of(SampleRuns.MODEL_A, SampleRuns.MODEL_B), probes, shards)
        .get(0);
  }

  @Test
  void anyNumberOfShardsGivesTheScoresOfOneProcess() {
    ComparisonResult whole = inOneProcess();

    for (int shards : new int[] {1, 3, 16}) {
      ComparisonResult merged = over(shards);
      assertThat(merged.rows()).hasSameSizeAs(whole.rows());
      for (int i = 0; i < whole.rows().size(); i++) {
        assertThat(merged.rows().get(i).score().value())
            .as("%s over %d shards", whole.rows().get(i), shards)
            .isCloseTo(whole.rows().get(i).score().value(), within(1e-10));
      }
    }
  }

  @Test
  void eachOfThreeNetworksIsComparedWithThoseAfterIt() {
    List<ComparisonResult> results =
        ShardedComparison.by(List.of("linear_cka"))
            .inProcess()
            .compare(
                spark,
                List.of(SampleRuns.MODEL_A, SampleRuns.MODEL_B, SampleRuns.MODEL_A),
                probes,
                4);

    assertThat(results).hasSize(3);
    assertThat(results.get(1).rows().get(0).score().value()).isCloseTo(1, within(1e-10));
    assertThat(results.get(2).matrices().get(0).value(0, 1))
        .isCloseTo(results.get(0).matrices().get(0).value(1, 0), within(1e-10));
  }

  @Test
  void aMeasureThatNeedsAllSamplesIsRefusedBeforeAnythingRuns() {
    assertThatThrownBy(() -> ShardedComparison.by(List.of("linear_cka", "rbf_cka")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("needs all samples at once");
    assertThatThrownBy(() -> ShardedComparison.by(List.of()))
        .isInstanceOf(PalimpsestException.class);
  }

  @Test
  void measuresAreInTheOrderAndUnderTheNamesInWhichTheyWereAsked() {
    ComparisonResult result =
        ShardedComparison.by(
                List.of("debiased_linear_cka", "svcca:0.90", "linear_cka", "svcca:0.90"))
            .inProcess()
            .compare(spark, List.of(SampleRuns.MODEL_A, SampleRuns.MODEL_B), probes, 2)
            .get(0);

    assertThat(result.matrices())
        .extracting(SimilarityMatrix::measure)
        .containsExactly("debiased_linear_cka", "svcca:0.90", "linear_cka");
    assertThat(result.matrix("linear_cka").value(0, 0))
        .isCloseTo(inOneProcess().matrix("linear_cka").value(0, 0), within(1e-10));
  }

  /** Opened probes are kept for as long as the executor lives. */
  @Test
  void probesThatBecomeOthersBetweenTwoComparisonsAreReadAgain() {
    Path changing = folder.resolve("changing.npy");
    long[] shape = NpyProbes.open(probes).shape();
    shape[0] = 40;
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      NpyFile.write(changing, Nd4j.rand(DataType.FLOAT, shape));
      values.add(
          ShardedComparison.by(List.of("linear_cka"))
              .inProcess()
              .compare(spark, List.of(SampleRuns.MODEL_A, SampleRuns.MODEL_B), changing, 2)
              .get(0)
              .matrices()
              .get(0)
              .value(0, 0));
    }

    assertThat(values.get(1)).isNotEqualTo(values.get(0));
  }
}
