package org.palimpsest.io.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.GraphBuilder;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.network.NetworkOptions.MemoryBound;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

class ReducedCaptureTest {

  private static final FeatureMaps DRAWN = FeatureMaps.positions().withPositionsPerProbe(11, 3);
  private static final FeatureMaps POOLED = FeatureMaps.pool();

  /** A network that gives back what it is shown. */
  private static TorchScriptNetwork mirror(ElementType type, int batchSize) {
    return network("positive", type, batchSize);
  }

  private static TorchScriptNetwork network(String operator, ElementType type, int batchSize) {
    GraphBuilder graph = NetworkGraph.builder("mirror");
    Value x = graph.input(type);
    Value same = graph.call(operator, x);
    graph.tap(List.of("same"), same);
    graph.output(same);
    return TorchScriptNetwork.open(
        graph.build(new Provenance("mirror.file", "abc", List.of())),
        RunLimits.withDefaults().withBatchSize(batchSize));
  }

  private static LayerMatrices reduced(
      TorchScriptNetwork network, Probes probes, FeatureMaps rule, List<Grid> grids) {
    LayerSelector same = LayerSelector.of("same");
    Map<String, Set<Grid>> wanted = Map.of("same", new LinkedHashSet<>(grids));
    return LayerMatrices.capture(
        network,
        probes,
        new MatrixRequest(same, rule, wanted),
        network.shapes(probes, same),
        Progress.silent());
  }

  private static void assertAsAfterwards(
      TorchScriptNetwork network, Probes probes, FeatureMaps rule, List<Grid> grids) {
    LayerMatrices expected =
        LayerMatrices.of(network.capture(probes, LayerSelector.of("same")), rule);
    LayerMatrices reduced = reduced(network, probes, rule, grids);
    for (Grid grid : grids) {
      assertThat(reduced.get("same", grid).info()).isEqualTo(expected.get("same", grid).info());
      assertThat(reduced.get("same", grid).matrix())
          .as(grid.toString())
          .isEqualTo(expected.get("same", grid).matrix());
    }
  }

  private static Probes random(DataType type, long... shape) {
    return Probes.of(Nd4j.rand(type, shape).subi(0.5));
  }

  /** Remembers how many were asked for at once. */
  private record Watched(Probes probes, List<Long> asked) implements Probes {

    @Override
    public long count() {
      return probes.count();
    }

    @Override
    public long[] shape() {
      return probes.shape();
    }

    @Override
    public INDArray batch(long from, long to) {
      asked.add(to - from);
      return probes.batch(from, to);
    }

    @Override
    public Fingerprint fingerprint() {
      return probes.fingerprint();
    }
  }

  @Test
  void whereSamplesAreKnownToStandFirstASingleProbeTellsTheShapes() {
    Watched probes = new Watched(random(DataType.FLOAT, 2, 1, 1, 5), new ArrayList<>());
    GraphBuilder graph = NetworkGraph.builder("mirror");
    graph.samplesStandFirst();
    Value x = graph.input(ElementType.FLOAT32);
    graph.tap(List.of("same"), x);
    graph.output(graph.call("positive", x));
    RunLimits bounded = RunLimits.withDefaults().withMemory(new MemoryBound(1L << 50));
    try (TorchScriptNetwork network =
        TorchScriptNetwork.open(
            graph.build(new Provenance("mirror.file", "abc", List.of())), bounded)) {
      Map<String, long[]> shapes = network.shapes(probes, LayerSelector.all());

      assertThat(shapes.get("same")).containsExactly(2, 1, 1, 5);
      assertThat(probes.asked()).isNotEmpty().containsOnly(1L);
      assertThat(network.capture(probes, LayerSelector.of("same")).get("same").values())
          .isEqualTo(probes.batch(0, 2));
    }
  }

  /** The first is looked at once more, which tells the rest. */
  @Test
  void probesThatAreShownOneByOneAreEachShownOnce() {
    Watched probes = new Watched(random(DataType.FLOAT, 4, 1, 3, 5), new ArrayList<>());
    RunLimits bounded = RunLimits.withDefaults().withMemory(new MemoryBound(1L << 50));
    try (TorchScriptNetwork network =
        TorchScriptNetwork.open(HookedActivations.archive("in_place_scripted.pt"), bounded)) {
      for (long i = 0; i < 4; i++) {
        network.capture(probes.range(i, i + 1), LayerSelector.all());
      }

      assertThat(probes.asked().size()).isLessThanOrEqualTo(6);
    }
  }

  @Test
  void volumesAreReducedToAnyGridAsTheyWouldBeAfterwards() {
    try (TorchScriptNetwork network = mirror(ElementType.FLOAT32, 2)) {
      Probes probes = random(DataType.FLOAT, 3, 5, 9, 7, 12);
      List<Grid> grids =
          List.of(
              Grid.of(9, 7, 12),
              Grid.of(3, 7, 5),
              Grid.of(2, 3, 4),
              Grid.of(1, 1, 1),
              Grid.point());
      assertAsAfterwards(network, probes, DRAWN, grids);
      assertAsAfterwards(network, probes, POOLED, List.of(Grid.point()));
    }
  }

  @Test
  void whatIsTakenInPartsIsTheSame() {
    try (TorchScriptNetwork network = mirror(ElementType.FLOAT32, 2)) {
      Probes large = random(DataType.FLOAT, 2, 3, 1200, 900);
      assertAsAfterwards(network, large, DRAWN, List.of(Grid.of(1200, 900), Grid.of(100, 77)));
      Probes many = random(DataType.FLOAT, 2, 700, 64, 60);
      assertAsAfterwards(network, many, DRAWN, List.of(Grid.of(64, 60), Grid.of(7, 30)));
    }
  }

  @Test
  void doublesStayDoublesAndHalvesBecomeFloats() {
    List<Grid> grids = List.of(Grid.of(6, 5), Grid.of(4, 5));
    for (ElementType type :
        List.of(ElementType.FLOAT64, ElementType.FLOAT16, ElementType.BFLOAT16)) {
      try (TorchScriptNetwork network = mirror(type, 2)) {
        assertAsAfterwards(network, random(DataType.DOUBLE, 3, 4, 6, 5), DRAWN, grids);
      }
    }
  }

  @Test
  void aValueThatIsNotFiniteIsNamedAsItWouldBeAfterwards() {
    INDArray values = Nd4j.rand(DataType.FLOAT, 5, 3, 4, 6);
    values.putScalar(new int[] {3, 1, 2, 5}, 0);
    values.putScalar(new int[] {4, 0, 0, 0}, -1);
    Probes probes = Probes.of(values);
    List<Grid> grids = List.of(Grid.of(4, 6));
    try (TorchScriptNetwork network = network("log", ElementType.FLOAT32, 2)) {
      LayerMatrices reduced = reduced(network, probes, DRAWN, grids);
      assertThat(reduced.layers()).containsExactly("same");
      assertThatThrownBy(() -> reduced.get("same", grids.get(0)))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageStartingWith(
              "Layer 'same' holds -Infinity (probe 3, channel 1, position 17).");
      LayerMatrices after =
          LayerMatrices.of(network.capture(probes, LayerSelector.of("same")), DRAWN);
      assertThatThrownBy(() -> after.get("same", grids.get(0)))
          .hasMessageStartingWith(
              "Layer 'same' holds -Infinity (probe 3, channel 1, position 17).");
    }
  }
}
