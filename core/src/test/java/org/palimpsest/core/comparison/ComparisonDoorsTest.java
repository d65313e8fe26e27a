package org.palimpsest.core.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.comparison.ComparisonResult.PairScore;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Prepared.Spill;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.progress.Progress;

/** What is asked of a comparison, in whatever way it is asked. */
class ComparisonDoorsTest {

  private static final Measure<?> GAP =
      Measure.of(
          "gap",
          MeasureProperties.distance("The difference of the sums.").build(),
          (x, y) ->
              Math.abs(
                  x.matrix().sumNumber().doubleValue() - y.matrix().sumNumber().doubleValue()));

  /** Cannot tell anything of layers that hold a number below zero. */
  private static final Measure<?> TIMID =
      Measure.of(
          "timid",
          MeasureProperties.similarity("Whether no number is negative.").build(),
          (x, y) -> {
            if (x.matrix().minNumber().doubleValue() < 0
                || y.matrix().minNumber().doubleValue() < 0) {
              throw new PalimpsestException(
                  "'%s' or '%s' is negative.".formatted(x.layer(), y.layer()));
            }
            return 1;
          });

  private static ActivationSet network(String name, int layers, long seed) {
    Random random = new Random(seed);
    List<Activations> all = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      int height = 1 << random.nextInt(3);
      double[] values = random.doubles(6L * height).map(v -> 10 * v).toArray();
      all.add(
          Activations.of("layer" + i, Nd4j.createFromArray(values).reshape('c', 3, 2, height, 1)));
    }
    return ActivationSet.of(Provenance.inMemory(name), name, all);
  }

  @Test
  void anImageBesideAVolumeIsNamedWhereNothingBringsThemTogether() {
    ActivationSet mixed =
        ActivationSet.of(
            Provenance.inMemory("mixed"),
            "mixed",
            List.of(
                Activations.of("flat", Nd4j.rand(3, 2, 4, 4)),
                Activations.of("deep", Nd4j.rand(3, 2, 4, 2, 2))));

    assertThatThrownBy(() -> Comparison.by(GAP).compare(mixed, network("other", 1, 1)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'deep' has the grid 4x2x2 and 'layer0'")
        .hasMessageContaining("--layers");
  }

  /** Puts layers away as sealed bytes; tells how often. */
  private static final class Bytes implements Spill {

    private final List<byte[]> stored = new ArrayList<>();
    private boolean isClosed;

    @Override
    public <P extends Prepared> int write(P prepared, PreparedFormat<P> format) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try {
        Prepared.Sealed.write(prepared, format, bytes);
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
      stored.add(bytes.toByteArray());
      return stored.size() - 1;
    }

    @Override
    public <P extends Prepared> P read(int number, PreparedFormat<P> format) {
      byte[] bytes = stored.get(number);
      try {
        return Prepared.Sealed.read(new ByteArrayInputStream(bytes), bytes.length, format);
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
    }

    @Override
    public void close() {
      isClosed = true;
    }
  }

  @Property(tries = 30)
  void aBoundOfMemoryChangesNoScore(
      @ForAll @IntRange(min = 1, max = 5) int layersOfA,
      @ForAll @IntRange(min = 1, max = 5) int layersOfB,
      @ForAll @LongRange(min = 1, max = 2000) long bytes,
      @ForAll long seed) {
    ActivationSet a = network("a", layersOfA, seed);
    ActivationSet b = network("b", layersOfB, seed + 1);
    Bytes spill = new Bytes();

    ComparisonResult bounded = Comparison.by(GAP, TIMID).withMemory(bytes, spill).compare(a, b);

    assertThat(bounded).isEqualTo(Comparison.by(GAP, TIMID).compare(a, b));
    assertThat(spill.isClosed).isFalse();
  }

  @Test
  void aBoundOfOneByteStoresEachLayer() {
    Bytes spill = new Bytes();
    Comparison.by(GAP).withMemory(1, spill).compare(network("a", 4, 1), network("b", 4, 2));

    assertThat(spill.stored).isNotEmpty();
  }

  @Property(tries = 30)
  void exchangedNetworksExchangeRowsAndColumns(
      @ForAll @IntRange(min = 1, max = 4) int layersOfA,
      @ForAll @IntRange(min = 1, max = 4) int layersOfB,
      @ForAll long seed) {
    ActivationSet a = network("a", layersOfA, seed);
    ActivationSet b = network("b", layersOfB, seed + 1);
    double[][] there = Comparison.by(GAP).compare(a, b).matrix("gap").toArray();
    double[][] back = Comparison.by(GAP).compare(b, a).matrix("gap").toArray();

    for (int i = 0; i < layersOfA; i++) {
      for (int j = 0; j < layersOfB; j++) {
        assertThat(back[j][i]).isEqualTo(there[i][j]);
      }
    }
  }

  @Property(tries = 20)
  void eachPairThatWasAskedForHasAScoreOrAReason(
      @ForAll @IntRange(min = 1, max = 4) int layers, @ForAll long seed) {
    ActivationSet plain = network("a", layers, seed);
    List<Activations> some = new ArrayList<>();
    for (String layer : plain.layers()) {
      boolean negative = layer.equals("layer0");
      some.add(Activations.of(layer, plain.get(layer).values().mul(negative ? -1 : 1)));
    }
    ActivationSet mixed = ActivationSet.of(Provenance.inMemory("m"), "m", some);

    ComparisonResult result = Comparison.by(TIMID, GAP).compare(mixed, plain);

    assertThat(result.rows().size() + result.missing().size()).isEqualTo(2 * layers * layers);
    assertThat(result.missing())
        .hasSize(layers)
        .allMatch(
            none ->
                none.layerA().equals("layer0")
                    && none.measure().equals("timid")
                    && none.direction() == Direction.SIMILARITY
                    && none.reason().contains("is negative")
                    && !none.view().isEmpty());
  }

  @Test
  void noMeasuresAreRefused() {
    ActivationSet network = network("a", 2, 1);

    assertThatThrownBy(() -> Comparison.by(List.of()).compare(network, network))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("at least one");
    assertThatThrownBy(() -> Comparison.by().compare(network, network))
        .isInstanceOf(PalimpsestException.class);
  }

  @Test
  void namedPairsAloneAreCompared() {
    LayerPairs pairs = LayerPairs.parse(List.of("layer0=layer1", "layer2=layer0", "layer0=layer1"));
    ComparisonResult result =
        Comparison.by(GAP).withPairs(pairs).compare(network("a", 3, 1), network("b", 2, 2));

    assertThat(result.rows())
        .extracting(row -> row.layerA() + "=" + row.layerB())
        .containsExactly("layer0=layer1", "layer2=layer0");
    assertThat(pairs.ofFirst()).containsExactly("layer0", "layer2");
    assertThat(pairs.ofSecond()).containsExactly("layer1", "layer0");
    assertThat(pairs.layers()).containsExactly("layer0", "layer2", "layer1");
  }

  @Test
  void aPairOfALayerThatIsNotThereIsRefused() {
    Comparison comparison = Comparison.by(GAP);
    ActivationSet a = network("a", 3, 1);
    ActivationSet b = network("b", 2, 2);

    assertThatThrownBy(
            () -> comparison.withPairs(LayerPairs.parse(List.of("layer0=layer2"))).compare(a, b))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'layer2'", "2 layers");
    assertThatThrownBy(
            () -> comparison.withPairs(LayerPairs.parse(List.of("layer9=layer1"))).compare(a, b))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'layer9'", "3 layers");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "=", "a=", "=b", " = ", "a=b=c", "a==b"})
  void whatIsNoPairIsRefused(String text) {
    assertThatThrownBy(() -> LayerPairs.parse(List.of("x=y", text)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void noPairsAreRefused() {
    assertThatThrownBy(() -> LayerPairs.parse(List.of()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("at least one pair");
    assertThat(LayerPairs.parse(List.of(" a = b ")).pairs()).containsExactly(Map.entry("a", "b"));
  }

  @Test
  void theLastWordOnPairsCounts() {
    ActivationSet network = network("a", 2, 1);
    LayerPairs one = LayerPairs.parse(List.of("layer0=layer1"));

    assertThat(Comparison.by(GAP).withPairs(one).matched().compare(network, network).rows())
        .extracting(PairScore::layerB)
        .containsExactly("layer0", "layer1");
    assertThat(Comparison.by(GAP).matched().withPairs(one).compare(network, network).rows())
        .singleElement()
        .extracting(PairScore::layerB)
        .isEqualTo("layer1");
  }

  @Test
  void progressCountsAllSteps() {
    Set<String> tasks = new HashSet<>();
    long[] counts = new long[3]; // announced, done, closed
    Progress progress =
        (task, steps) -> {
          tasks.add(task);
          counts[0] += steps;
          return new Progress.Task() {
            @Override
            public void advance(long more) {
              counts[1] += more;
            }

            @Override
            public void close() {
              counts[2]++;
            }
          };
        };
    Comparison.by(GAP, TIMID)
        .withProgress(progress)
        .compare(network("a", 3, 1), network("b", 4, 2));

    assertThat(tasks).containsExactly("compare");
    assertThat(counts[0]).isEqualTo(3 + 4 + 3 * 4 * 2);
    assertThat(counts[1]).isEqualTo(counts[0]);
    assertThat(counts[2]).isEqualTo(1);
  }

  @Test
  void aResultGoesByOtherNamesOfItsMeasures() {
    ActivationSet network = network("a", 2, 1);
    ComparisonResult result = Comparison.by(GAP, TIMID).compare(network, network);
    ComparisonResult named = result.named(List.of("my gap", "my timid"));

    assertThat(named.matrix("my gap").toArray()).isDeepEqualTo(result.matrix("gap").toArray());
    assertThat(named.rows()).extracting(PairScore::measure).contains("my gap", "my timid");
    assertThatThrownBy(() -> named.matrix("gap"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("my gap, my timid");
  }

  @Test
  void aComparisonTakesSomeMemory() {
    Comparison comparison = Comparison.by(GAP);
    for (long bytes : new long[] {0, -1}) {
      assertThatThrownBy(() -> comparison.withMemory(bytes, Spill.none()))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("unlike " + bytes);
    }
  }
}
