package org.palimpsest.similarity.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.PartialComparison;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.Data;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.cka.Cka;
import org.palimpsest.similarity.streaming.CoMoments.Pairs;

/** What lies features first has the sums of what lies samples first. */
class StackedBatchTest {

  /** The same matrix in the other order. */
  private static Representation featuresFirst(Representation layer) {
    INDArray other = layer.matrix().transpose().dup('c').transpose();
    assertThat(StackedBatch.liesFeaturesFirst(other)).isTrue();
    return new Representation(layer.info(), other);
  }

  private static List<Representation> layers(List<Integer> widths, int samples, long seed) {
    return IntStream.range(0, widths.size())
        .mapToObj(
            i -> {
              double[][] values = Data.layer(samples, widths.get(i), seed + i);
              String name = "layer" + i;
              return i % 2 == 0 ? Data.single(name, values) : Data.representation(name, values);
            })
        .toList();
  }

  private static void requireSameScores(CoMoments one, CoMoments other, String... measures) {
    for (String measure : measures) {
      for (int i = 0; i < one.layersOfA().size(); i++) {
        for (int j = 0; j < one.layersOfB().size(); j++) {
          assertThat(one.compare(Measures.parse(measure), i, j).value())
              .as("%s of %d and %d", measure, i, j)
              .isCloseTo(other.compare(Measures.parse(measure), i, j).value(), within(1e-10));
        }
      }
    }
  }

  private static CoMoments gathered(
      Stream<List<Representation>> batchesOfA, List<List<Representation>> batchesOfB) {
    CoMoments moments = CoMoments.of(Pairs.ALL);
    List<List<Representation>> ofA = batchesOfA.toList();
    IntStream.range(0, ofA.size()).forEach(i -> moments.add(ofA.get(i), batchesOfB.get(i)));
    return moments;
  }

  @Property(tries = 20)
  void sumsDoNotDependOnTheOrderInMemory(
      @ForAll @Size(min = 1, max = 4) List<@IntRange(min = 1, max = 9) Integer> ofA,
      @ForAll @Size(min = 1, max = 4) List<@IntRange(min = 1, max = 9) Integer> ofB,
      @ForAll @Size(min = 1, max = 3) List<@IntRange(min = 20, max = 2600) Integer> batches) {
    List<List<Representation>> a = batches.stream().map(rows -> layers(ofA, rows, rows)).toList();
    List<List<Representation>> b =
        batches.stream().map(rows -> layers(ofB, rows, rows + 50L)).toList();

    CoMoments expected = gathered(a.stream(), b);
    CoMoments stacked =
        gathered(
            a.stream().map(StackedBatchTest::allFeaturesFirst),
            b.stream().map(StackedBatchTest::allFeaturesFirst).toList());

    requireSameScores(stacked, expected, "linear_cka", "debiased_linear_cka", "procrustes_angular");
  }

  private static List<Representation> allFeaturesFirst(List<Representation> layers) {
    return layers.stream().map(StackedBatchTest::featuresFirst).toList();
  }

  @Test
  void moreFeaturesThanAStackHoldsAreSeveralStacks() {
    List<Representation> a = layers(List.of(300, 300, 520, 4), 700, 1);
    List<Representation> b = layers(List.of(3, 511, 9), 700, 40);

    requireSameScores(
        gathered(Stream.of(allFeaturesFirst(a)), List.of(allFeaturesFirst(b))),
        gathered(Stream.of(a), List.of(b)),
        "linear_cka",
        "debiased_linear_cka");
  }

  @Test
  void oneSideMayLieSamplesFirst() {
    List<Representation> a = layers(List.of(3, 4), 90, 1);
    List<Representation> b = layers(List.of(5, 2), 90, 9);

    requireSameScores(
        gathered(Stream.of(allFeaturesFirst(a)), List.of(b)),
        gathered(Stream.of(a), List.of(b)),
        "linear_cka");
  }

  @Test
  void valuesNearTheLimitAreRefusedOrTakenAlike() {
    double[][] large = Data.map(Data.layer(40, 3, 1), (i, j, value) -> value * 1e70);
    List<Representation> a = List.of(Data.representation("large", large));
    List<Representation> b = layers(List.of(2), 40, 3);

    requireSameScores(
        gathered(Stream.of(allFeaturesFirst(a)), List.of(allFeaturesFirst(b))),
        gathered(Stream.of(a), List.of(b)),
        "linear_cka");
  }

  @Test
  void probesOneByOneHaveTheScoresOfAllAtOnceAndKeepTheirOutputs() {
    for (FeatureMaps rule :
        List.of(
            FeatureMaps.positions(),
            FeatureMaps.positions().withPositionsPerProbe(3, 7),
            FeatureMaps.pool(),
            FeatureMaps.flatten())) {
      Comparison comparison = Comparison.by(Cka.linear()).withFeatureMaps(rule);
      PartialComparison byProbes =
          comparison.partial(StreamedComparisonTest.SHOWN, CoMoments.streaming());
      for (long probe = 0; probe < StreamedComparisonTest.PROBES; probe++) {
        Probes one = StreamedComparisonTest.SHOWN.range(probe, probe + 1);
        ActivationSet ofA = single(StreamedComparisonTest.network("a", 10), one);
        double before = ofA.get("enc1").values().sumNumber().doubleValue();
        byProbes.add(probe, probe + 1, ofA, single(StreamedComparisonTest.network("b", 20), one));
        assertThat(ofA.get("enc1").values().sumNumber().doubleValue()).isEqualTo(before);
      }

      StreamedComparisonTest.requireEqual(
          byProbes.result(),
          comparison.compare(
              single(StreamedComparisonTest.network("a", 10), StreamedComparisonTest.SHOWN),
              single(StreamedComparisonTest.network("b", 20), StreamedComparisonTest.SHOWN)));
    }
  }

  /** In float32, as networks answer. */
  private static ActivationSet single(StreamedComparisonTest.Network network, Probes probes) {
    return network.inFloat32().capture(probes, LayerSelector.all(), Progress.silent());
  }
}
