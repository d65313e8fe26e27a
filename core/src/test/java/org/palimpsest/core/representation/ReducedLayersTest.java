package org.palimpsest.core.representation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.activation.FakeNetwork;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.LayerMatrices.MatrixBatch;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;

class ReducedLayersTest {

  private static final FeatureMaps RULE = FeatureMaps.positions().withPositionsPerProbe(2, 5);
  private static final Probes PROBES = Probes.of(Nd4j.rand(DataType.FLOAT, 4, 1));
  private static final Map<String, long[]> SHAPES = shapes();

  private static Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put("map", new long[] {4, 3, 6, 4});
    shapes.put("tokens", new long[] {4, 7, 3});
    shapes.put("vector", new long[] {4, 5});
    return shapes;
  }

  /** Answers two probes at a time. */
  private static final class Network extends FakeNetwork implements ReducingSource {

    private final LongFunction<Map<String, INDArray>> answers;

    Network(LongFunction<Map<String, INDArray>> answers) {
      super("network");
      this.answers = answers;
    }

    @Override
    public Map<String, long[]> shapes(Probes probes, LayerSelector layers) {
      return SHAPES;
    }

    @Override
    public void run(
        Probes probes, MatrixRequest request, Progress progress, Consumer<MatrixBatch> receiver) {
      for (long from = 0; from < probes.count(); from += 2) {
        Map<MatrixRequest.Target, INDArray> matrices = new LinkedHashMap<>();
        Map<String, String> flaws = new LinkedHashMap<>();
        long first = from;
        answers
            .apply(from)
            .forEach(
                (layer, values) -> {
                  try {
                    matrices.putAll(request.reduce(layer, values, first));
                  } catch (PalimpsestException flaw) {
                    flaws.put(layer, String.valueOf(flaw.getMessage()));
                  }
                });
        receiver.accept(new MatrixBatch(from, 2, matrices, flaws));
      }
    }

    @Override
    public void run(
        Probes probes,
        LayerSelector layers,
        Progress progress,
        Consumer<ActivationBatch> receiver) {
      throw new UnsupportedOperationException();
    }
  }

  private static MatrixRequest request() {
    return Comparison.by(List.of())
        .withFeatureMaps(RULE)
        .request(LayerSelector.all(), SHAPES, SHAPES);
  }

  private static LayerMatrices capture(LongFunction<Map<String, INDArray>> answers) {
    return LayerMatrices.capture(
        new Network(answers), PROBES, request(), SHAPES, Progress.silent());
  }

  private static Map<String, INDArray> answers(long from) {
    Map<String, INDArray> answers = new LinkedHashMap<>();
    answers.put("map", Nd4j.arange(144).castTo(DataType.FLOAT).reshape(2, 3, 6, 4).add(from));
    answers.put("vector", Nd4j.arange(10).castTo(DataType.FLOAT).reshape(2, 5).add(from));
    return answers;
  }

  @Test
  void aRequestAsksForTheGridsThatEachLayerSharesWithOthers() {
    assertThat(request().grids())
        .containsExactly(
            Map.entry("map", Set.of(Grid.of(6, 4), Grid.point())),
            Map.entry("vector", Set.of(Grid.point())));
    assertThat(
            Comparison.by(List.of())
                .withFeatureMaps(RULE)
                .matched()
                .request(LayerSelector.all(), SHAPES, Map.of("map", new long[] {4, 2, 3, 9}))
                .grids())
        .containsExactly(Map.entry("map", Set.of(Grid.of(3, 4))), Map.entry("vector", Set.of()));
  }

  @Test
  void batchesAreJoinedToTheMatricesOfAllProbes() {
    LayerMatrices layers = capture(ReducedLayersTest::answers);
    assertThat(layers.layers()).containsExactly("map", "tokens", "vector");
    INDArray whole = Nd4j.concat(0, answers(0).get("map"), answers(2).get("map"));
    LayerMatrices after =
        LayerMatrices.of(
            ActivationSet.of(
                Provenance.inMemory("after"),
                "after",
                List.of(new Activations("map", whole, PROBES.fingerprint()))),
            RULE);
    for (Grid grid : List.of(Grid.of(6, 4), Grid.point())) {
      assertThat(layers.get("map", grid).matrix()).isEqualTo(after.get("map", grid).matrix());
      assertThat(layers.get("map", grid).info()).isEqualTo(after.get("map", grid).info());
    }
  }

  @Test
  void aLayerWithoutPositionsAndAGridThatWasNotRequestedAreRefused() {
    LayerMatrices layers = capture(ReducedLayersTest::answers);
    assertThatThrownBy(() -> layers.get("tokens", Grid.point()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Layer 'tokens' has the shape [4, 7, 3]");
    assertThatThrownBy(() -> layers.get("map", Grid.of(2, 2)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Layer 'map' of the grid 6x4 was not captured on the grid 2x2");
  }

  @Test
  void aFlawOfOneLayerLeavesTheOthersAlone() {
    LayerMatrices layers =
        capture(
            from -> {
              Map<String, INDArray> answers = answers(from);
              if (from > 0) {
                answers.get("map").putScalar(new int[] {1, 2, 5, 3}, Double.NaN);
              }
              return answers;
            });
    assertThatThrownBy(() -> layers.get("map", Grid.point()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Layer 'map' holds NaN (probe 3, channel 2, position 23)");
    assertThat(layers.get("vector", Grid.point()).samples()).isEqualTo(4);
  }

  @Test
  void aLayerThatDoesNotAnswerAllProbesIsRefused() {
    assertThatThrownBy(
            () ->
                capture(
                    from -> {
                      Map<String, INDArray> answers = answers(from);
                      if (from > 0) {
                        answers.remove("map");
                      }
                      return answers;
                    }))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Layer 'map' gave 2 rows for 4 probes");
  }
}
