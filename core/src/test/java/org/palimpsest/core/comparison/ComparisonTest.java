package org.palimpsest.core.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.ComparisonResult.PairScore;
import org.palimpsest.core.measure.Computation.LayerTable;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.Representation;

class ComparisonTest {

  private record Total(Representation.Info info, double total) implements Prepared {}

  /** Counts how often it is asked; equal to every other that logs to the same list. */
  private record TotalPreparation(List<String> log) implements Preparation<Total> {

    @Override
    public Total prepare(Representation r) {
      log.add(r.layer() + " " + r.info().view());
      return new Total(r.info(), r.matrix().sumNumber().doubleValue());
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof TotalPreparation that && log == that.log;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(log);
    }
  }

  private record TotalDifference(String name, TotalPreparation preparation)
      implements Measure<Total> {

    @Override
    public MeasureProperties properties() {
      return MeasureProperties.distance("difference of sums")
          .range(new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY))
          .asymmetric()
          .source("this test")
          .cost("O(np)")
          .build();
    }

    @Override
    public Score compare(Total a, Total b) {
      a.info().requireSameSamples(b.info());
      return Score.of(b.total() - a.total(), properties(), Diagnostics.of(a.info().samples()));
    }
  }

  /** The sum over all layers of a table; tells how often it was made. */
  private record SumOfAll(AtomicInteger made) implements LayerTable.Need<Total, Double> {

    @Override
    public Double make(List<Total> rows, List<Total> columns) {
      made.incrementAndGet();
      return Stream.concat(rows.stream(), columns.stream()).mapToDouble(Total::total).sum();
    }
  }

  /** The first layer's part of the sum over all layers of the table. */
  private record Share(String name, TotalPreparation preparation, SumOfAll sum)
      implements Measure<Total> {

    @Override
    public MeasureProperties properties() {
      return new TotalDifference(name, preparation).properties();
    }

    @Override
    public Score compare(Total a, Total b) {
      return compareAll(List.of(a), List.of(b)).get(0).get(0);
    }

    @Override
    public List<List<Score>> compareAll(LayerTable<Total> layers) {
      double all = layers.get(sum);
      return layers.rows().stream()
          .map(
              row ->
                  Collections.nCopies(
                      layers.columns().size(),
                      Score.of(row.total() / all, properties(), Diagnostics.of(1))))
          .toList();
    }
  }

  private final List<String> prepared = new ArrayList<>();
  private final TotalPreparation preparation = new TotalPreparation(prepared);
  private final Measure<?> first = new TotalDifference("first", preparation);
  private final Measure<?> second = new TotalDifference("second", preparation);

  private static ActivationSet network(String name, Fingerprint probes, Activations... layers) {
    List<Activations> captured =
        Arrays.stream(layers).map(l -> new Activations(l.layer(), l.values(), probes)).toList();
    return ActivationSet.of(Provenance.inMemory(name), name, captured);
  }

  private static Activations map(String layer, double value, long... shape) {
    INDArray values = Nd4j.valueArrayOf(shape, value);
    return Activations.of(layer, values);
  }

  private static ActivationSet network(String name) {
    return network(
        name,
        Fingerprint.unknown(),
        map("enc1", 1, 2, 3, 4, 4),
        map("enc2", 2, 2, 5, 2, 2),
        map("fc", 3, 2, 6));
  }

  @Test
  void eachLayerIsPreparedOncePerGridAndSharedByMeasures() {
    Comparison.by(first, second).compare(network("a"), network("b"));

    assertThat(prepared)
        .containsExactlyInAnyOrder(
            "enc1 positions 4x4",
            "enc1 positions 2x2",
            "enc1 positions 1",
            "enc2 positions 2x2",
            "enc2 positions 1",
            "fc positions 1",
            "enc1 positions 4x4",
            "enc1 positions 2x2",
            "enc1 positions 1",
            "enc2 positions 2x2",
            "enc2 positions 1",
            "fc positions 1");
  }

  @Test
  void whatMeasuresNeedOfAllLayersOfATableIsMadeOnce() {
    SumOfAll sum = new SumOfAll(new AtomicInteger());
    ActivationSet two =
        network("a", Fingerprint.unknown(), map("one", 1, 2, 3), map("two", 3, 2, 3));

    ComparisonResult result =
        Comparison.by(new Share("first", preparation, sum), new Share("second", preparation, sum))
            .compare(two, two);

    assertThat(sum.made()).hasValue(1);
    for (SimilarityMatrix matrix : result.matrices()) {
      assertThat(matrix.value(0, 0)).isEqualTo(6.0 / 48);
      assertThat(matrix.value(1, 0)).isEqualTo(18.0 / 48);
    }
  }

  @Test
  void preparedLayersServeSeveralComparisons() {
    Comparison comparison = Comparison.by(first).matched();
    PreparedLayers a = comparison.prepare(network("a"));
    PreparedLayers b = comparison.prepare(network("b"));

    comparison.compare(a, b);
    comparison.compare(a, b);
    comparison.compare(b, a);

    assertThat(prepared).hasSize(6);
  }

  @Test
  void layersOfDifferentGridsMeetOnTheCoarserOne() {
    ComparisonResult result = Comparison.by(first).compare(network("a"), network("b"));

    assertThat(result.views().get(0))
        .containsExactly("positions 4x4", "positions 2x2", "positions 1");
    assertThat(result.matrices().get(0).value(0, 1)).isEqualTo(2 * 5 * 4 * 2.0 - 2 * 3 * 4 * 1.0);
  }

  @Test
  void rowsAreOrderedByLayerAThenLayerBThenMeasure() {
    List<PairScore> rows = Comparison.by(first, second).compare(network("a"), network("b")).rows();

    assertThat(rows).hasSize(18);
    assertThat(rows.subList(0, 3))
        .extracting(r -> r.layerA() + "/" + r.layerB() + "/" + r.measure())
        .containsExactly("enc1/enc1/first", "enc1/enc1/second", "enc1/enc2/first");
  }

  /** Of tables and of pairs, but nothing with layers of some name. */
  private record Refusing(String layer, TotalPreparation preparation) implements Measure<Total> {

    @Override
    public String name() {
      return "all but " + layer;
    }

    @Override
    public MeasureProperties properties() {
      return new TotalDifference(name(), preparation).properties();
    }

    @Override
    public Score compare(Total a, Total b) {
      if (a.info().layer().matches(layer)) {
        throw new PalimpsestException("Nothing can be said of " + a.info().layer() + ".");
      }
      return new TotalDifference(name(), preparation).compare(a, b);
    }
  }

  @Test
  void whatAMeasureCannotTellLeavesTheOtherScores() {
    ActivationSet many =
        network(
            "many",
            Fingerprint.unknown(),
            Stream.of("c1", "c2", "c3", "c4", "c5", "c6", "c7")
                .map(layer -> map(layer, layer.charAt(1), 2, 3))
                .toArray(Activations[]::new));
    ComparisonResult result =
        Comparison.by(new Refusing("c3|c6", preparation), first).compare(many, many);

    assertThat(result.missing()).hasSize(14);
    assertThat(result.missing().subList(6, 8))
        .extracting(none -> none.layerA() + "/" + none.layerB() + ": " + none.reason())
        .containsExactly("c3/c7: Nothing can be said of c3.", "c6/c1: Nothing can be said of c6.");
    assertThat(result.rows()).hasSize(2 * 49 - 14);
    assertThat(result.matrices().get(0).value(3, 0)).isEqualTo(6 * ('1' - '4'));
    assertThat(result.matrices().get(1).value(2, 0)).isEqualTo(6 * ('1' - '3'));
  }

  @Test
  void anErrorIsWhatNoMeasureCanTellOfAnyPair() {
    assertThatThrownBy(
            () ->
                Comparison.by(new Refusing(".*", preparation)).compare(network("a"), network("b")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("Nothing can be said of enc1.");
  }

  @Test
  void matchedOnlyComparesLayersOfTheSameName() {
    ComparisonResult result = Comparison.by(first).matched().compare(network("a"), network("b"));

    assertThat(result.rows()).extracting(PairScore::layerA).containsExactly("enc1", "enc2", "fc");
    assertThat(result.matrices().get(0).score(0, 1)).isEmpty();
  }

  @Test
  void networksWithoutACommonLayerNameAreRefusedWhereMatchesAreWanted() {
    ActivationSet other = network("b", Fingerprint.unknown(), map("conv", 1, 2, 3));

    assertThatThrownBy(() -> Comparison.by(first).matched().compare(network("a"), other))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("no layer of the same name");
  }

  @Test
  void differentProbesAreAnErrorNotANumber() {
    ActivationSet a = network("a", new Fingerprint("aa".repeat(32)), map("fc", 1, 2, 3));
    ActivationSet b = network("b", new Fingerprint("bb".repeat(32)), map("fc", 1, 2, 3));

    assertThatThrownBy(() -> Comparison.by(first).compare(a, b))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("aaaaaaaaaaaa")
        .hasMessageContaining("different probes");
  }

  @Test
  void differentNumbersOfSamplesAreAnError() {
    ActivationSet b = network("b", Fingerprint.unknown(), map("fc", 1, 3, 3));

    assertThatThrownBy(() -> Comparison.by(first).compare(network("a"), b))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("a holds 2 samples and b holds 3");
  }

  /** A file in which anything may lie beside activations. */
  private record Archive(ActivationSet sound, Activations other) implements ActivationSet {

    @Override
    public String name() {
      return sound.name();
    }

    @Override
    public Provenance provenance() {
      return sound.provenance();
    }

    @Override
    public List<String> layers() {
      return Stream.concat(sound.layers().stream(), Stream.of(other.layer())).toList();
    }

    @Override
    public Fingerprint probes() {
      return sound.probes();
    }

    @Override
    public Activations get(String layer) {
      return layer.equals(other.layer()) ? other : sound.get(layer);
    }
  }

  @Test
  void layersOfOtherNumbersOfSamplesAreAnErrorUnlessTheyMayBeLeftOut() {
    ActivationSet mixed =
        new Archive(
            network("m", Fingerprint.unknown(), map("fc", 3, 2, 6)), map("weights", 3, 5, 6));
    List<String> leftOut = new ArrayList<>();

    assertThatThrownBy(() -> Comparison.by(first).compare(mixed, mixed))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'weights' of m has 5 samples and 'fc' has 2");
    PreparedLayers fitting = Comparison.by(first).prepareFitting(mixed, leftOut::add);
    assertThat(fitting.layers()).containsExactly("fc");
    assertThat(leftOut).singleElement().asString().contains("'weights'", "5 samples");
  }

  @Test
  void poolingPutsEveryLayerOnOnePoint() {
    ComparisonResult result =
        Comparison.by(first)
            .withFeatureMaps(FeatureMaps.pool())
            .compare(network("a"), network("b"));

    assertThat(result.matrices().get(0).value(0, 0)).isZero();
    assertThat(result.views().get(0)).containsOnly("pool");
    assertThat(prepared).hasSize(6);
  }

  private static ActivationSet withTokens() {
    return network("t", Fingerprint.unknown(), map("tokens", 1, 2, 7, 3), map("fc", 3, 2, 6));
  }

  @Test
  void layersOfUnknownPositionsAreAnErrorUnlessTheyMayBeLeftOut() {
    for (FeatureMaps rule : List.of(FeatureMaps.positions(), FeatureMaps.pool())) {
      Comparison comparison = Comparison.by(first).withFeatureMaps(rule);
      List<String> leftOut = new ArrayList<>();
      assertThatThrownBy(() -> comparison.prepare(withTokens()))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("'tokens' has the shape [2, 7, 3]");

      PreparedLayers fitting = comparison.prepareFitting(withTokens(), leftOut::add);

      assertThat(fitting.layers()).containsExactly("fc");
      assertThat(leftOut)
          .singleElement()
          .asString()
          .contains("'tokens' has the shape [2, 7, 3]", "flatten");
      assertThat(comparison.compare(fitting, fitting).matrices().get(0).rowLayers())
          .containsExactly("fc");
    }
  }

  @Test
  void flattenedLayersFitInAnyShape() {
    Comparison comparison = Comparison.by(first).withFeatureMaps(FeatureMaps.flatten());
    assertThat(comparison.prepare(withTokens()).layers()).containsExactly("tokens", "fc");
  }

  @Test
  void aNetworkOfWhichNoLayerFitsIsAnError() {
    ActivationSet tokens =
        network("t", Fingerprint.unknown(), map("tokens", 1, 2, 7, 3), map("more", 1, 2, 7, 3));
    assertThatThrownBy(() -> Comparison.by(first).prepareFitting(tokens, why -> {}))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'tokens'");
  }

  /** Its shapes are read, then a layer is gone. */
  private record Gone(ActivationSet whole, AtomicInteger reads, boolean changed)
      implements ActivationSet {

    @Override
    public String name() {
      return whole.name();
    }

    @Override
    public Provenance provenance() {
      return whole.provenance();
    }

    @Override
    public List<String> layers() {
      return whole.layers();
    }

    @Override
    public Activations get(String layer) {
      if (reads.incrementAndGet() > 2 * layers().size() && layer.equals("enc2")) {
        throw new PalimpsestException("Layer 'enc2' is gone.");
      }
      return whole.get(layer);
    }

    @Override
    public Fingerprint probes() {
      return whole.probes();
    }

    @Override
    public void requireUnchanged() {
      if (changed) {
        throw new PalimpsestException("a.npz changed.");
      }
    }
  }

  @Test
  void aFileThatChangesEndsTheComparisonAndALayerThatIsDamagedDoesNot() {
    Comparison comparison = Comparison.by(first);
    Gone damaged = new Gone(network("a"), new AtomicInteger(), false);
    assertThat(comparison.compare(damaged, network("b")).missing()).isNotEmpty();

    Gone changed = new Gone(network("a"), new AtomicInteger(), true);
    assertThatThrownBy(() -> comparison.compare(network("b"), changed))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("a.npz changed.");
    Gone selected = new Gone(network("a"), new AtomicInteger(), true);
    assertThatThrownBy(
            () -> comparison.compare(selected.select(LayerSelector.of("enc*", "fc")), network("b")))
        .hasMessage("a.npz changed.");
  }

  @Test
  void aLayerThatCannotBeReadIsNotLeftOut() {
    ActivationSet damaged =
        new ActivationSet() {
          private final ActivationSet whole = network("a");

          @Override
          public String name() {
            return whole.name();
          }

          @Override
          public Provenance provenance() {
            return whole.provenance();
          }

          @Override
          public List<String> layers() {
            return whole.layers();
          }

          @Override
          public Activations get(String layer) {
            if (layer.equals("enc2")) {
              throw new PalimpsestException("Layer 'enc2' is damaged.");
            }
            return whole.get(layer);
          }

          @Override
          public Fingerprint probes() {
            return whole.probes();
          }
        };
    assertThatThrownBy(() -> Comparison.by(first).prepareFitting(damaged, why -> {}))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("a: Layer 'enc2' is damaged.");
  }
}
