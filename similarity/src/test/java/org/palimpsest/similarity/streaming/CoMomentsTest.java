package org.palimpsest.similarity.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.Data;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.streaming.CoMoments.Pairs;
import org.palimpsest.similarity.streaming.CoMoments.Precision;

class CoMomentsTest {

  private static final double[][] X = Data.layer(90, 6, 1);
  private static final double[][] Y = Data.relative(X, 4, 2);
  private static final List<String> MEASURES =
      List.of(
          "linear_cka",
          "debiased_linear_cka",
          "cca_mean",
          "cca_mean_squared",
          "svcca",
          "svcca:0.8",
          "svcca:k=3",
          "pwcca",
          "pwcca:y",
          "procrustes_normalized",
          "procrustes_angular",
          "procrustes_size_and_shape",
          "shape:0.3",
          "linear_regression_x_from_y",
          "linear_regression_y_from_x",
          "gulp");

  private static Representation rows(String layer, double[][] values, int from, int to) {
    return Data.representation(layer, Arrays.copyOfRange(values, from, to));
  }

  private static CoMoments gathered(double[][] x, double[][] y, int... bounds) {
    CoMoments moments = CoMoments.of(Pairs.MATCHED);
    for (int i = 1; i < bounds.length; i++) {
      moments.add(rows("x", x, bounds[i - 1], bounds[i]), rows("y", y, bounds[i - 1], bounds[i]));
    }
    return moments;
  }

  private static Score whole(String measure, double[][] x, double[][] y) {
    return Measures.parse(measure)
        .compare(Data.representation("x", x), Data.representation("y", y));
  }

  private static void agree(CoMoments moments, double[][] x, double[][] y) {
    for (String name : MEASURES) {
      Score streamed = moments.compare(Measures.parse(name), 0, 0);
      Score expected = whole(name, x, y);
      assertThat(streamed.value())
          .as(name)
          .isCloseTo(expected.value(), within(1e-8 * Math.max(1, expected.value())));
      assertThat(streamed.diagnostics()).as(name).isEqualTo(expected.diagnostics());
    }
  }

  @Test
  void onePassInUnevenBatchesGivesWhatAllSamplesAtOnceGive() {
    agree(gathered(X, Y, 0, 1, 20, 55, 90), X, Y);
  }

  @Test
  void largeMeansDoNoHarm() {
    double[][] far = Data.map(X, (i, j, value) -> value + 1e4);
    agree(gathered(far, Y, 0, 30, 60, 90), far, Y);
  }

  @Test
  void aDriftingMeanDoesNoHarm() {
    double[][] drifting = Data.map(X, (i, j, value) -> value + (i < 10 ? 1000 : 0));
    agree(gathered(drifting, Y, 0, 10, 90), drifting, Y);
  }

  @Test
  void deadAndCopiedUnitsLowerTheRank() {
    double[][] poor = Data.columns(X, new int[] {0, 1, 1, 2, 3, 3});
    double[][] dead = Data.map(poor, (i, j, value) -> j == 3 ? 0.1 : value);
    agree(gathered(dead, Y, 0, 40, 90), dead, Y);
  }

  /** Squares are a hundred million times smaller: more than rounding, less than its root. */
  @Test
  void weakComponentsAreKept() {
    double[][] weak =
        Data.map(Data.normal(90, 6, 5), (i, j, value) -> j == 2 ? 1e-4 * value : value);
    Measure<?> measure = Measures.parse("cca_mean");
    Score streamed = gathered(weak, Y, 0, 40, 90).compare(measure, 0, 0);

    assertThat(streamed.diagnostics()).isEqualTo(whole("cca_mean", weak, Y).diagnostics());
    assertThat(streamed.diagnostics().rankA()).isEqualTo(6);
  }

  @Test
  void extremeScalesDoNoHarm() {
    double[][] tiny = Data.map(X, (i, j, value) -> value * 1e-90);
    double[][] huge = Data.map(Y, (i, j, value) -> value * 1e90);
    for (String name : List.of("linear_cka", "debiased_linear_cka", "cca_mean", "svcca")) {
      assertThat(gathered(tiny, huge, 0, 40, 90).compare(Measures.parse(name), 0, 0).value())
          .isCloseTo(whole(name, X, Y).value(), within(1e-8));
    }
  }

  @Test
  void allPairsOfTwoSetsAreGatheredAtOnce() {
    CoMoments moments = CoMoments.of(Pairs.ALL);
    double[][] z = Data.layer(90, 3, 9);
    for (int from = 0; from < 90; from += 30) {
      Representation x = rows("x", X, from, from + 30);
      Representation y = rows("y", Y, from, from + 30);
      moments.add(List.of(x, y), List.of(y, rows("z", z, from, from + 30), x));
    }
    assertThat(moments.compare(Measures.parse("linear_cka"), 1, 2).value())
        .isCloseTo(whole("linear_cka", Y, X).value(), within(1e-12));
    assertThat(moments.compare(Measures.parse("svcca"), 0, 1).value())
        .isCloseTo(whole("svcca", X, z).value(), within(1e-10));
    assertThat(moments.layersOfB().get(1).samples()).isEqualTo(90);
  }

  @Test
  void productsInFloat32AreNearEnoughForCkaAndSvcca() {
    CoMoments moments = CoMoments.of(Pairs.MATCHED, Precision.FLOAT32);
    moments.add(rows("x", X, 0, 40), rows("y", Y, 0, 40));
    moments.add(rows("x", X, 40, 90), rows("y", Y, 40, 90));
    for (String name : List.of("linear_cka", "debiased_linear_cka", "svcca")) {
      assertThat(moments.compare(Measures.parse(name), 0, 0).value())
          .isCloseTo(whole(name, X, Y).value(), within(1e-5));
    }
  }

  @Test
  void whatWasMergedIntoAnEmptyOneStaysItsOwn() {
    CoMoments first = gathered(X, Y, 0, 40);
    double before = first.compare(Measures.parse("linear_cka"), 0, 0).value();
    CoMoments all = CoMoments.of(Pairs.MATCHED);
    all.merge(first);
    all.add(rows("x", X, 40, 90), rows("y", Y, 40, 90));
    agree(all, X, Y);
    assertThat(first.compare(Measures.parse("linear_cka"), 0, 0).value()).isEqualTo(before);
  }

  @Test
  void aBatchThatIsNotFiniteIsRefusedAndChangesNothing() {
    CoMoments moments = gathered(X, Y, 0, 40);
    Representation x = rows("x", X, 40, 60);
    Representation y = rows("y", Y, 40, 60);
    y.matrix().putScalar(3, 1, Double.NaN);
    assertThatThrownBy(() -> moments.add(x, y)).isInstanceOf(PalimpsestException.class);
    moments.add(rows("x", X, 40, 90), rows("y", Y, 40, 90));
    agree(moments, X, Y);
  }

  @Property(tries = 30)
  void everyMergeOrderGivesTheSame(
      @ForAll @IntRange(min = 2, max = 6) int shards, @ForAll long seed) {
    List<CoMoments> parts = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      parts.add(gathered(X, Y, 90 * shard / shards, 90 * (shard + 1) / shards));
    }
    CoMoments merged = CoMoments.of(Pairs.MATCHED);
    for (int part : Data.shuffled(shards, seed)) {
      merged.merge(parts.get(part));
    }
    CoMoments nested = parts.get(shards - 1);
    for (int shard = shards - 2; shard >= 0; shard--) {
      CoMoments left = parts.get(shard);
      left.merge(nested);
      nested = left;
    }
    for (String name : MEASURES) {
      double expected = whole(name, X, Y).value();
      double tolerance = 1e-10 * Math.max(1, expected);
      assertThat(merged.compare(Measures.parse(name), 0, 0).value())
          .as(name)
          .isCloseTo(nested.compare(Measures.parse(name), 0, 0).value(), within(tolerance));
    }
    agree(merged, X, Y);
  }

  @Property(tries = 20)
  void writtenAndReadTheyAreTheSame(@ForAll @IntRange(min = 1, max = 5) int layers) {
    CoMoments moments = CoMoments.of(Pairs.ALL);
    List<Representation> a = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      a.add(Data.representation("layer" + i, Data.layer(30, i + 1, i)));
    }
    moments.add(a, a.subList(0, 1));
    byte[] bytes = bytes(moments);
    CoMoments restored = read(bytes);

    assertThat(bytes(restored)).isEqualTo(bytes);
    assertThat(restored.layersOfA()).isEqualTo(moments.layersOfA());
    restored.add(a, a.subList(0, 1));
    moments.add(a, a.subList(0, 1));
    assertThat(bytes(restored)).isEqualTo(bytes(moments));
  }

  @Test
  void noSamplesYetCanBeWrittenToo() {
    assertThat(read(bytes(CoMoments.of(Pairs.ALL))).layersOfA()).isEmpty();
  }

  @Test
  void readingStopsAtTheLastByte() throws IOException {
    byte[] one = bytes(gathered(X, Y, 0, 90));
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.write(one);
    both.write(one);
    ByteArrayInputStream in = new ByteArrayInputStream(both.toByteArray());

    assertThat(bytes(CoMoments.read(in))).isEqualTo(one);
    assertThat(bytes(CoMoments.read(in))).isEqualTo(one);
  }

  @Test
  void everyCutIsNoticed() {
    byte[] bytes = bytes(gathered(X, Y, 0, 90));
    for (int length = 0; length < bytes.length; length += 7) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> CoMoments.read(new ByteArrayInputStream(cut)))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("co-moments");
    }
  }

  @Property(tries = 300)
  void everyChangedByteIsNoticed(@ForAll @IntRange(min = 0, max = 10_000) int place) {
    byte[] bytes = bytes(gathered(X, Y, 0, 90));
    bytes[place % bytes.length] ^= 0x55;

    assertThatThrownBy(() -> CoMoments.read(new ByteArrayInputStream(bytes)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("co-moments");
  }

  private static byte[] bytes(CoMoments moments) {
    try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
      moments.write(out);
      return out.toByteArray();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static CoMoments read(byte[] bytes) {
    try {
      return CoMoments.read(new ByteArrayInputStream(bytes));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  @Test
  void aRefusedBatchChangesNothing() {
    CoMoments moments = gathered(X, Y, 0, 90);
    byte[] before = bytes(moments);

    assertThatThrownBy(() -> moments.add(rows("x", X, 0, 9), rows("y", Y, 0, 8)))
        .isInstanceOf(PalimpsestException.class);
    assertThatThrownBy(() -> moments.add(rows("z", X, 0, 9), rows("y", Y, 0, 9)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'x'")
        .hasMessageContaining("'z'");
    assertThatThrownBy(() -> moments.add(List.of(rows("x", X, 0, 9)), List.of()))
        .isInstanceOf(PalimpsestException.class);
    assertThatThrownBy(() -> moments.merge(CoMoments.of(Pairs.ALL)))
        .isInstanceOf(PalimpsestException.class);
    assertThat(bytes(moments)).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"minibatch_cka", "eigenspace_overlap", "aligned_cosine"})
  void aMeasureThatNeedsAllSamplesIsRefused(String name) {
    CoMoments moments = gathered(X, Y, 0, 90);

    assertThatThrownBy(() -> moments.compare(Measures.parse(name), 0, 0))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("needs all samples at once");
  }

  @Test
  void aLayerThatNeverVariesIsRefused() {
    double[][] constant = Data.map(X, (i, j, value) -> 0.1);

    assertThatThrownBy(
            () -> gathered(constant, Y, 0, 40, 90).compare(Measures.parse("linear_cka"), 0, 0))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'x' (90 samples × 6 features)");
  }

  @Test
  void diagnosticsTellTheNumberOfAllSamples() {
    Diagnostics diagnostics =
        gathered(X, Y, 0, 40, 90).compare(Measures.parse("svcca"), 0, 0).diagnostics();

    assertThat(diagnostics.samples()).isEqualTo(90);
    assertThat(diagnostics.hasRanks()).isTrue();
  }
}
