package org.palimpsest.io.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;
import org.palimpsest.core.representation.Representation;

/** What every network keeps to that can be shown probes. */
public abstract class ActivationSourceContract {

  /** The same network each time. */
  protected abstract ActivationSource network(int batchSize);

  /** Five probes that the network takes. */
  protected abstract Probes probes();

  /** Probes that it cannot take. */
  protected abstract Probes wrongProbes();

  /** All layers of the network in the order in which they run. */
  protected abstract List<String> layersInOrder();

  private ActivationSet capture(int batchSize, String... globs) {
    try (ActivationSource network = network(batchSize)) {
      return network.capture(probes(), LayerSelector.of(globs));
    }
  }

  @Test
  void layersComeInTheOrderInWhichTheyRun() {
    assertThat(capture(5).layers()).containsExactlyElementsOf(layersInOrder());
  }

  @Test
  void answersDoNotDependOnTheBatchSize() {
    ActivationSet whole = capture(5);
    ActivationSet parts = capture(2);

    assertThat(parts.layers()).isEqualTo(whole.layers());
    for (String layer : whole.layers()) {
      Closeness.assertClose(
          layer, parts.get(layer).values(), whole.get(layer).values(), Closeness.TOLERANCE);
    }
  }

  @Test
  void theNetworkRunsInEvaluationModeSoThatTwoRunsAgree() {
    ActivationSet first = capture(5);
    ActivationSet second = capture(5);

    for (String layer : first.layers()) {
      assertThat(second.get(layer).values()).as(layer).isEqualTo(first.get(layer).values());
    }
  }

  @Test
  void whatWasCapturedIsACopy() {
    try (ActivationSource network = network(5)) {
      ActivationSet first = network.capture(probes(), LayerSelector.all());
      List<INDArray> before =
          first.layers().stream().map(layer -> first.get(layer).values().dup()).toList();

      network.capture(probes(), LayerSelector.all());
      for (int i = 0; i < before.size(); i++) {
        String layer = first.layers().get(i);
        assertThat(first.get(layer).values()).as(layer).isEqualTo(before.get(i));
      }
      first.layers().forEach(layer -> first.get(layer).values().assign(-7));
      ActivationSet third = network.capture(probes(), LayerSelector.all());
      for (int i = 0; i < before.size(); i++) {
        String layer = first.layers().get(i);
        assertThat(third.get(layer).values()).as(layer).isEqualTo(before.get(i));
      }
    }
  }

  @Test
  void everyLayerHasOneRowForEachProbeAndTheFingerprintOfTheProbes() {
    ActivationSet captured = capture(2);

    assertThat(captured.probes()).isEqualTo(probes().fingerprint());
    for (String layer : captured.layers()) {
      assertThat(captured.get(layer).samples()).as(layer).isEqualTo(probes().count());
      assertThat(captured.get(layer).values().isNaN().any()).as(layer).isFalse();
    }
  }

  @Test
  void batchesComeInOrderAndProgressHearsOfEachProbe() {
    AtomicLong told = new AtomicLong();
    Progress progress =
        (task, steps) ->
            new Progress.Task() {
              @Override
              public void advance(long done) {
                told.addAndGet(done);
              }

              @Override
              public void close() {}
            };
    List<Long> starts = new ArrayList<>();
    try (ActivationSource network = network(2)) {
      network.run(
          probes(),
          LayerSelector.all(),
          progress,
          (ActivationBatch b) -> starts.add(b.firstSample()));
    }
    assertThat(starts).containsExactly(0L, 2L, 4L);
    assertThat(told).hasValue(probes().count());
  }

  @Test
  void matricesThatAreMadeWhileTheNetworkRunsAreThoseOfItsActivations() {
    for (FeatureMaps rule :
        List.of(FeatureMaps.positions().withPositionsPerProbe(3, 7), FeatureMaps.pool())) {
      try (ActivationSource network = network(2)) {
        LayerMatrices expected =
            LayerMatrices.of(network.capture(probes(), LayerSelector.all()), rule);
        LayerMatrices reduced = reduced((ReducingSource) network, rule);

        assertThat(reduced.layers()).isEqualTo(expected.layers());
        assertThat(reduced.samples()).isEqualTo(expected.samples());
        for (String layer : expected.layers()) {
          for (String other : expected.layers()) {
            assertSameMatrix(layer, other, reduced, expected);
          }
        }
      }
    }
  }

  private LayerMatrices reduced(ReducingSource network, FeatureMaps rule) {
    Map<String, long[]> shapes = network.shapes(probes(), LayerSelector.all());
    MatrixRequest request =
        Comparison.by(List.of()).withFeatureMaps(rule).request(LayerSelector.all(), shapes, shapes);
    return LayerMatrices.capture(network, probes(), request, shapes, Progress.silent());
  }

  private static void assertSameMatrix(
      String layer, String other, LayerMatrices reduced, LayerMatrices expected) {
    Grid grid;
    try {
      grid = expected.grid(layer).commonWith(expected.grid(other));
    } catch (PalimpsestException misfit) {
      assertThatThrownBy(() -> reduced.grid(layer).commonWith(reduced.grid(other)))
          .hasMessage(misfit.getMessage());
      return;
    }
    Representation matrix = reduced.get(layer, grid);
    assertThat(matrix.info()).isEqualTo(expected.get(layer, grid).info());
    assertThat(matrix.matrix()).as(layer).isEqualTo(expected.get(layer, grid).matrix());
  }

  @Test
  void onlyTheSelectedLayersAreGiven() {
    String last = layersInOrder().get(layersInOrder().size() - 1);

    assertThat(capture(5, last).layers()).containsExactly(last);
  }

  @Test
  void anUnknownLayerIsRefusedWithTheNearestNames() {
    String first = layersInOrder().get(0);

    assertThatThrownBy(() -> capture(5, first + "x"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'" + first + "x'")
        .hasMessageContaining(first + ",");
  }

  @Test
  void probesThatDoNotFitAreOneErrorThatNamesTheNetworkAndTheirShape() {
    try (ActivationSource network = network(5)) {
      assertThatThrownBy(() -> network.capture(wrongProbes(), LayerSelector.all()))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining(network.name())
          .hasMessageContaining(java.util.Arrays.toString(wrongProbes().shape()));
    }
  }

  @Test
  void closingTwiceDoesNoHarm() {
    ActivationSource network = network(5);
    network.close();
    network.close();
  }

  @Test
  void anExceptionOfTheReceiverComesThroughUnchanged() {
    IllegalStateException full = new IllegalStateException("the disk is full");
    try (ActivationSource network = network(5)) {
      assertThatThrownBy(
              () ->
                  network.run(
                      probes(),
                      LayerSelector.all(),
                      Progress.silent(),
                      batch -> {
                        throw full;
                      }))
          .isSameAs(full);
    }
  }
}
