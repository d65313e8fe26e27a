package org.palimpsest.core.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.FakeNetwork;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.PartialComparison.StreamedLayers;
import org.palimpsest.core.measure.Interval.ScoreIntervals;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Prepared.Spill;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.LayerMatrices.MatrixBatch;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;
import org.palimpsest.core.representation.Representation;

/** Two networks are shown probes and compared. */
class ShownNetworksTest {

  private static final int PROBES = 2 * StreamedComparison.PROBES_AT_ONCE + 1;
  private static final Probes SHOWN =
      Probes.of(Nd4j.linspace(1, PROBES * 4L, PROBES * 4L).reshape(PROBES, 1, 2, 2));

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.distance("the difference of sums").build();

  private static final Measure<?> SUMS =
      Measure.of("sums", PROPERTIES, (x, y) -> Math.abs(sum(x) - sum(y)));

  private static double sum(Representation layer) {
    return layer.matrix().sumNumber().doubleValue();
  }

  /** Its layers are the probes times a factor. */
  private static class Network extends FakeNetwork {

    private final Map<String, Double> factors = new LinkedHashMap<>();
    final List<Long> shown = new ArrayList<>();

    Network() {
      super("network");
    }

    Network with(String layer, double factor) {
      factors.put(layer, factor);
      return this;
    }

    @Override
    public void run(
        Probes probes,
        LayerSelector layers,
        Progress progress,
        Consumer<ActivationBatch> receiver) {
      INDArray all = probes.batch(0, probes.count());
      shown.add(probes.count());
      receiver.accept(new ActivationBatch(0, answers(all, layers)));
    }

    Map<String, INDArray> answers(INDArray all, LayerSelector layers) {
      Map<String, INDArray> answers = new LinkedHashMap<>();
      layers
          .select(List.copyOf(factors.keySet()))
          .forEach(layer -> answers.put(layer, all.mul(factors.get(layer))));
      return answers;
    }
  }

  /** Makes matrices while it runs. */
  private static final class Reducing extends Network implements ReducingSource {

    private int reduced;

    @Override
    public Map<String, long[]> shapes(Probes probes, LayerSelector layers) {
      Map<String, long[]> shapes = new LinkedHashMap<>();
      answers(probes.batch(0, probes.count()), layers)
          .forEach((layer, values) -> shapes.put(layer, values.shape()));
      return shapes;
    }

    @Override
    public void run(
        Probes probes, MatrixRequest request, Progress progress, Consumer<MatrixBatch> receiver) {
      reduced++;
      Map<MatrixRequest.Target, INDArray> matrices = new LinkedHashMap<>();
      answers(probes.batch(0, probes.count()), request.layers())
          .forEach((layer, values) -> matrices.putAll(request.reduce(layer, values, 0)));
      receiver.accept(new MatrixBatch(0, probes.count(), matrices, Map.of()));
    }
  }

  /** Sums of all numbers are enough for the measure above. */
  private static final class Totals implements StreamedLayers {

    private final double[][] totals = new double[2][10];
    private long samples;
    private Runnable beforeFirst = () -> {};

    static Kind kind() {
      return new Kind() {
        @Override
        public void requireEnoughFor(Measure<?> measure) {
          if (!measure.name().equals("sums")) {
            throw new PalimpsestException("not of " + measure.name());
          }
        }

        @Override
        public StreamedLayers begin() {
          return new Totals();
        }

        @Override
        public StreamedLayers read(InputStream in) {
          throw new UnsupportedOperationException();
        }
      };
    }

    @Override
    public void add(List<Representation> a, List<Representation> b) {
      if (samples == 0) {
        beforeFirst.run();
      }
      samples += a.get(0).samples();
      for (int i = 0; i < a.size(); i++) {
        totals[0][i] += sum(a.get(i));
      }
      for (int i = 0; i < b.size(); i++) {
        totals[1][i] += sum(b.get(i));
      }
    }

    @Override
    public void merge(StreamedLayers others) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(OutputStream out) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Score score(Measure<?> measure, int a, int b) {
      return Score.of(Math.abs(totals[0][a] - totals[1][b]), PROPERTIES, Diagnostics.of(samples));
    }
  }

  private final Network a = new Network().with("enc1", 1).with("enc2", 2);
  private final Network b = new Network().with("enc1", 1.5).with("enc2", 2).with("out", -1);

  @Test
  void networksAreComparedAsTheirActivationsAre() {
    ComparisonResult result = Comparison.by(SUMS).compare(a, b, SHOWN, LayerSelector.all());

    assertThat(result.rows())
        .isEqualTo(Comparison.by(SUMS).compare(a.capture(SHOWN), b.capture(SHOWN)).rows());
    assertThat(result.matrix("sums").value("enc2", "enc2")).isZero();
  }

  @Test
  void aNetworkThatIsComparedWithItselfRunsOnce() {
    ComparisonResult result = Comparison.by(SUMS).compare(a, a, SHOWN, LayerSelector.of("enc*"));

    assertThat(result.matrix("sums").value("enc1", "enc1")).isZero();
    assertThat(a.shown).containsExactly((long) PROBES);
  }

  @Test
  void matricesAreMadeWhileANetworkRunsWhereTheyAreSmaller() {
    Reducing reducing = new Reducing();
    reducing.with("enc1", 1).with("enc2", 2);
    Comparison pooled = Comparison.by(SUMS).withFeatureMaps(FeatureMaps.pool());

    assertThat(pooled.compare(reducing, b, SHOWN, LayerSelector.all()).rows())
        .isEqualTo(pooled.compare(a, b, SHOWN, LayerSelector.all()).rows());
    assertThat(reducing.reduced).isEqualTo(1);
    assertThat(reducing.shown).isEmpty();
    Comparison.by(SUMS).compare(reducing, b, SHOWN, LayerSelector.all());
    assertThat(reducing.reduced).isEqualTo(1);
  }

  @Test
  void streamedNetworksSeeTheProbesAFewAtATimeAndGiveTheSameValues() {
    Comparison comparison = Comparison.by(SUMS);
    ComparisonResult streamed = comparison.stream(a, b, SHOWN, LayerSelector.all(), Totals.kind());

    assertThat(a.shown).containsExactly(16L, 16L, 1L);
    assertThat(b.shown).containsExactly(16L, 16L, 1L);
    assertThat(streamed).isEqualTo(comparison.compare(a, b, SHOWN, LayerSelector.all()));
  }

  /** A network and sums that tell whether they wait for each other. */
  private static final class Watch {

    private final CountDownLatch secondShowing = new CountDownLatch(2);
    private final AtomicInteger running = new AtomicInteger();

    /** Whether the network was shown more while the first sums were made. */
    private boolean isAhead;

    Network network() {
      return new Network() {
        @Override
        public void run(
            Probes probes,
            LayerSelector layers,
            Progress progress,
            Consumer<ActivationBatch> receiver) {
          assertThat(running.incrementAndGet()).isEqualTo(1);
          super.run(probes, layers, progress, receiver);
          secondShowing.countDown();
          running.decrementAndGet();
        }
      };
    }

    /**
     * @param refusing what is thrown when the first sums are made, if anything
     */
    StreamedLayers.Kind kind(Optional<RuntimeException> refusing) {
      return new StreamedLayers.Kind() {
        @Override
        public void requireEnoughFor(Measure<?> measure) {}

        @Override
        public StreamedLayers begin() {
          Totals totals = new Totals();
          totals.beforeFirst =
              () -> {
                isAhead = await(secondShowing);
                refusing.ifPresent(
                    failure -> {
                      throw failure;
                    });
              };
          return totals;
        }

        @Override
        public StreamedLayers read(InputStream in) {
          throw new UnsupportedOperationException();
        }
      };
    }

    private static boolean await(CountDownLatch latch) {
      try {
        return latch.await(1, TimeUnit.SECONDS);
      } catch (InterruptedException interrupted) {
        throw new IllegalStateException(interrupted);
      }
    }
  }

  @Test
  void networksAnswerTheNextProbesWhileSumsAreMade() {
    Watch watch = new Watch();

    ComparisonResult streamed =
        Comparison.by(SUMS).stream(
            watch.network().with("enc1", 1),
            b,
            SHOWN,
            LayerSelector.of("enc1"),
            watch.kind(Optional.empty()));

    assertThat(watch.isAhead).isTrue();
    assertThat(streamed)
        .isEqualTo(Comparison.by(SUMS).compare(a, b, SHOWN, LayerSelector.of("enc1")));
  }

  @Test
  void networksAnswerNothingAheadWhereThatMayBeTooMuch() {
    Watch watch = new Watch();
    long bytesOfProbe = 2 * 4 * Float.BYTES;
    Comparison bounded = Comparison.by(SUMS).withMemory(2 * bytesOfProbe - 1, Spill.none());

    bounded.stream(
        watch.network().with("enc1", 1),
        b,
        SHOWN,
        LayerSelector.of("enc1"),
        watch.kind(Optional.empty()));

    assertThat(watch.isAhead).isFalse();
  }

  @Test
  void networksAreAtRestWhenSumsAreRefused() {
    Watch watch = new Watch();
    Network network = watch.network().with("enc1", 1);
    PalimpsestException refusal = new PalimpsestException("no sums");

    assertThatThrownBy(
            () ->
                Comparison.by(SUMS).stream(
                    network, b, SHOWN, LayerSelector.of("enc1"), watch.kind(Optional.of(refusal))))
        .isSameAs(refusal);

    assertThat(watch.isAhead).isTrue();
    assertThat(watch.running).hasValue(0);
    assertThat(network.shown).containsExactly(16L, 16L);
    assertThat(b.shown).containsExactly(16L, 16L);
  }

  @Test
  void onlyThePairsThatAreWantedAreStreamed() {
    LayerPairs pairs = LayerPairs.parse(List.of("enc1=out", "enc2=enc1"));
    Comparison comparison = Comparison.by(SUMS).withPairs(pairs);

    assertThat(comparison.stream(a, b, SHOWN, LayerSelector.all(), Totals.kind()))
        .isEqualTo(comparison.compare(a, b, SHOWN, LayerSelector.all()));
    assertThat(
            Comparison.by(SUMS).matched().stream(a, b, SHOWN, LayerSelector.all(), Totals.kind())
                .rows())
        .hasSize(2);
  }

  @Test
  void whatCannotBeStreamedIsRefusedBeforeANetworkRuns() {
    Measure<?> other = Measure.of("other", PROPERTIES, (x, y) -> 0);

    assertThatThrownBy(
            () ->
                Comparison.by(SUMS, other).stream(a, b, SHOWN, LayerSelector.all(), Totals.kind()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("not of other");
    assertThatThrownBy(
            () ->
                Comparison.by(SUMS).withIntervals(new NoIntervals()).stream(
                    a, b, SHOWN, LayerSelector.all(), Totals.kind()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Intervals need all samples");
    assertThat(a.shown).isEmpty();
  }

  private static final class NoIntervals implements ScoreIntervals {

    @Override
    public <P extends Prepared> List<List<Score>> attach(
        Measure<P> measure, List<P> rows, List<P> columns, List<List<Score>> scores) {
      return scores;
    }

    @Override
    public String settings() {
      return "";
    }
  }
}
