package org.palimpsest.similarity.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.ComparisonResult.PairScore;
import org.palimpsest.core.measure.Prepared.Spill;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.similarity.Data;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.cka.Cka;

/** What is compared while networks run has the values of what is compared afterwards. */
class StreamedComparisonTest {

  static final int PROBES = 37;
  private static final int SIZE = 4;
  private static final int CHANNELS = 2;
  static final Probes SHOWN =
      Probes.of(
          Nd4j.createFromArray(Data.normal(PROBES, CHANNELS * SIZE * SIZE, 1))
              .reshape('c', PROBES, CHANNELS, SIZE, SIZE));

  /** A network whose layers are functions of the probes, shown three at a time. */
  record Network(String name, Map<String, Function<INDArray, INDArray>> layers)
      implements ActivationSource {

    @Override
    public Provenance provenance() {
      return Provenance.inMemory(name);
    }

    @Override
    public void run(
        Probes probes,
        LayerSelector selector,
        Progress progress,
        Consumer<ActivationBatch> receiver) {
      List<String> selected = selector.select(List.copyOf(layers.keySet()));
      for (long from = 0; from < probes.count(); from += 3) {
        INDArray batch = probes.batch(from, Math.min(from + 3, probes.count()));
        Map<String, INDArray> answers = new LinkedHashMap<>();
        selected.forEach(layer -> answers.put(layer, layers.get(layer).apply(batch)));
        receiver.accept(new ActivationBatch(from, answers));
      }
    }

    /** The same, its answers in float32. */
    Network inFloat32() {
      Map<String, Function<INDArray, INDArray>> single = new LinkedHashMap<>();
      layers.forEach((layer, f) -> single.put(layer, f.andThen(x -> x.castTo(DataType.FLOAT))));
      return new Network(name, single);
    }

    @Override
    public void close() {}
  }

  /** Mixes the channels of each position. */
  private static Function<INDArray, INDArray> mixing(int channels, long seed) {
    INDArray weights = Nd4j.createFromArray(Data.normal(CHANNELS, channels, seed));
    return batch -> {
      INDArray rows =
          batch.permute(0, 2, 3, 1).dup('c').reshape('c', batch.length() / CHANNELS, CHANNELS);
      INDArray mixed = rows.castTo(DataType.DOUBLE).mmul(weights);
      return Nd4j.math()
          .tanh(mixed)
          .add(rows.getColumn(0, true).castTo(DataType.DOUBLE))
          .reshape('c', batch.size(0), SIZE, SIZE, channels)
          .permute(0, 3, 1, 2)
          .dup('c');
    };
  }

  private static Function<INDArray, INDArray> coarse(Function<INDArray, INDArray> layer) {
    return batch ->
        layer
            .apply(batch)
            .get(
                NDArrayIndex.all(),
                NDArrayIndex.all(),
                NDArrayIndex.interval(0, 2, SIZE),
                NDArrayIndex.interval(0, 2, SIZE))
            .dup('c');
  }

  /** Sixty features that depend on the probes as wildly as if they were drawn. */
  private static Function<INDArray, INDArray> noise(long seed) {
    INDArray weights = Nd4j.createFromArray(Data.normal(CHANNELS * SIZE * SIZE, 60, seed)).mul(1e4);
    return batch ->
        Nd4j.math()
            .sin(
                batch
                    .castTo(DataType.DOUBLE)
                    .reshape('c', batch.size(0), CHANNELS * SIZE * SIZE)
                    .mmul(weights));
  }

  static Network network(String name, long seed) {
    Map<String, Function<INDArray, INDArray>> layers = new LinkedHashMap<>();
    layers.put("enc1", mixing(5, seed));
    layers.put("enc2", coarse(mixing(7, seed + 1)));
    layers.put("out", mixing(3, seed + 2));
    return new Network(name, layers);
  }

  private static Network with(Network network, String layer, Function<INDArray, INDArray> other) {
    Map<String, Function<INDArray, INDArray>> layers = new LinkedHashMap<>(network.layers());
    layers.put(layer, other);
    return new Network(network.name(), layers);
  }

  private final Network a = network("a", 10);
  private final Network b = network("b", 20);

  private static ComparisonResult streamed(Comparison comparison, Network a, Network b) {
    return comparison.stream(a, b, SHOWN, LayerSelector.all(), CoMoments.streaming());
  }

  static void requireEqual(ComparisonResult streamed, ComparisonResult whole) {
    assertThat(streamed.a()).isEqualTo(whole.a());
    assertThat(streamed.views()).isEqualTo(whole.views());
    assertThat(streamed.missing()).hasSameSizeAs(whole.missing());
    List<PairScore> rows = whole.rows();
    assertThat(streamed.rows()).hasSameSizeAs(rows);
    for (int i = 0; i < rows.size(); i++) {
      PairScore there = streamed.rows().get(i);
      PairScore expected = rows.get(i);
      assertThat(there.layerA()).isEqualTo(expected.layerA());
      assertThat(there.layerB()).isEqualTo(expected.layerB());
      assertThat(there.measure()).isEqualTo(expected.measure());
      assertThat(there.score().value())
          .as("%s", expected)
          .isCloseTo(expected.score().value(), within(1e-7));
      assertThat(there.score().range()).isEqualTo(expected.score().range());
      assertThat(there.score().diagnostics()).isEqualTo(expected.score().diagnostics());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "linear_cka",
        "cca_mean",
        "cca_mean_squared",
        "svcca",
        "pwcca",
        "procrustes_normalized",
        "procrustes_size_and_shape",
        "shape:0.5",
        "linear_regression_x_from_y",
        "gulp"
      })
  void positionsOfDifferentGridsHaveTheValuesOfWholeLayers(String measure) {
    Comparison comparison = Comparison.by(Measures.parse(measure));

    requireEqual(streamed(comparison, a, b), comparison.compare(a, b, SHOWN, LayerSelector.all()));
  }

  @Test
  void drawnPositionsAreThoseOfTheSameProbes() {
    Comparison comparison =
        Comparison.by(Cka.linear())
            .withFeatureMaps(FeatureMaps.positions().withPositionsPerProbe(3, 7));

    requireEqual(streamed(comparison, a, b), comparison.compare(a, b, SHOWN, LayerSelector.all()));
  }

  @Test
  void valuesThatSayLittleCarryTheirWarning() {
    Comparison comparison =
        Comparison.by(Measures.parse("linear_cka"), Measures.parse("debiased_linear_cka"))
            .withFeatureMaps(FeatureMaps.flatten())
            .matched();
    Network noisy = with(a, "enc1", noise(1));
    Network other = with(b, "enc1", noise(2));
    ComparisonResult result = streamed(comparison, noisy, other);

    assertThat(result.rows().get(0).score().diagnostics().warnings()).isNotEmpty();
    requireEqual(result, comparison.compare(noisy, other, SHOWN, LayerSelector.all()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear_cka", "pwcca", "svcca", "procrustes_normalized"})
  void layersOfWhichFloat32LeavesTooFewDigitsAreToldWhicheverWayTheyAreCompared(String measure) {
    Function<INDArray, INDArray> layer = mixing(5, 1);
    Network single = with(a, "enc1", batch -> layer.apply(batch).castTo(DataType.FLOAT));
    Network hardly = with(a, "enc1", batch -> layer.apply(batch).add(1e5).castTo(DataType.FLOAT));
    Network inFloat64 = with(a, "enc1", batch -> layer.apply(batch).add(1e5));
    Comparison comparison = Comparison.by(Measures.parse(measure)).matched();

    for (Network network : List.of(single, inFloat64)) {
      assertThat(streamed(comparison, network, b).rows())
          .allSatisfy(row -> assertThat(row.score().diagnostics().warnings()).isEmpty());
    }
    ComparisonResult told = streamed(comparison, hardly, b);
    assertThat(told.rows().get(0).score().diagnostics().warnings())
        .singleElement()
        .asString()
        .matches("Layer 'enc1' varies by 1\\.[0-9]e-05 of its size, .* about 1 digit: .*");
    requireEqual(told, comparison.compare(hardly, b, SHOWN, LayerSelector.all()));
  }

  @Test
  void aChannelThatIsTwiceThereInFloat32CountsOnce() {
    Function<INDArray, INDArray> doubled =
        batch -> {
          INDArray layer = mixing(4, 5).apply(batch).castTo(DataType.FLOAT);
          return Nd4j.concat(1, layer, layer.mul(17).sub(layer.mul(16)));
        };
    Comparison comparison = Comparison.by(Measures.parse("cca_mean")).matched();
    Network deficient = with(a, "enc1", doubled);

    requireEqual(
        streamed(comparison, deficient, b),
        comparison.compare(deficient, b, SHOWN, LayerSelector.all()));
  }

  @Test
  void aConstantLayerIsMissingWithTheReason() {
    Network constant = with(a, "enc1", batch -> Nd4j.ones(DataType.DOUBLE, batch.size(0), 3, 4, 4));
    ComparisonResult result = streamed(Comparison.by(Cka.linear()), constant, b);

    assertThat(result.rows()).hasSize(6);
    assertThat(result.missing()).hasSize(3);
    assertThat(result.missing().get(0).reason()).contains("'enc1'");
  }

  @Test
  void aMeasureThatNeedsAllSamplesIsRefusedBeforeAnythingRuns() {
    Network broken =
        with(
            a,
            "enc1",
            batch -> {
              throw new AssertionError("it ran");
            });
    Comparison comparison = Comparison.by(Cka.linear(), Measures.parse("rbf_cka"));

    assertThatThrownBy(() -> streamed(comparison, broken, b))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'rbf_cka", "linear_cka");
  }

  @Test
  void aValueThatIsNotFiniteNamesItsProbe() {
    int[] shown = {0};
    Network diverged =
        with(
            a,
            "enc1",
            batch -> {
              INDArray layer = mixing(3, 1).apply(batch);
              shown[0] += (int) batch.size(0);
              if (shown[0] > 20) {
                layer.putScalar(0, Double.NaN);
              }
              return layer;
            });

    assertThatThrownBy(() -> streamed(Comparison.by(Cka.linear()), diverged, b))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'enc1'", "NaN", "probe 19");
  }

  @Test
  void sumsThatServeHaveTheScoresOfAStream() {
    Comparison comparison = Comparison.by(Cka.linear());

    ComparisonResult found = ifSumsServe(bounded(comparison, 1 << 20), a, b).orElseThrow();

    assertThat(found.rows()).hasSameSizeAs(streamed(comparison, a, b).rows());
    for (PairScore score : streamed(comparison, a, b).rows()) {
      assertThat(
              found.matrices().get(0).score(score.layerA(), score.layerB()).orElseThrow().value())
          .isCloseTo(score.score().value(), within(1e-12));
    }
  }

  @Test
  void sumsDoNotServeWhereTheyTakeTooMuchOrRefuseOrCannotTell() {
    Comparison comparison = Comparison.by(Cka.linear());
    Network diverged =
        with(a, "enc1", batch -> mixing(3, 1).apply(batch).putScalar(5, Double.POSITIVE_INFINITY));
    Network constant = with(a, "enc1", batch -> mixing(3, 1).apply(batch).mul(0));

    assertThat(ifSumsServe(bounded(comparison, 100), a, b)).isEmpty();
    assertThat(ifSumsServe(bounded(comparison, 1 << 20), diverged, b)).isEmpty();
    assertThat(ifSumsServe(bounded(comparison, 1 << 20), constant, b)).isEmpty();
  }

  private static Optional<ComparisonResult> ifSumsServe(
      Comparison comparison, ActivationSource a, ActivationSource b) {
    return comparison.streamIfSumsServe(
        a, LayerSelector.all(), b, LayerSelector.all(), SHOWN, CoMoments.streaming());
  }

  private static Comparison bounded(Comparison comparison, long bytes) {
    return comparison.withMemory(bytes, Spill.none());
  }

  @Test
  void aLayerThatChangesItsShapeIsRefused() {
    int[] shown = {0};
    Network changing =
        with(
            a,
            "enc1",
            batch -> {
              shown[0] += (int) batch.size(0);
              return mixing(shown[0] > 16 ? 4 : 3, 1).apply(batch);
            });

    assertThatThrownBy(() -> streamed(Comparison.by(Cka.linear()), changing, b))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'enc1'");
  }
}
