package org.palimpsest.similarity.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.palimpsest.similarity.streaming.StreamedComparisonTest.PROBES;
import static org.palimpsest.similarity.streaming.StreamedComparisonTest.SHOWN;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.ComparisonResult.PairScore;
import org.palimpsest.core.comparison.PartialComparison;
import org.palimpsest.core.comparison.PartialComparison.StreamedLayers;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.cka.Cka;

/** Shards of probes, merged in any order, have the scores of all probes in one pass. */
class PartialComparisonTest {

  private static final Measure<?>[] MEASURES =
      Stream.of("linear_cka", "cca_mean", "svcca", "pwcca", "procrustes_normalized")
          .map(Measures::parse)
          .toArray(Measure<?>[]::new);
  private static final Comparison OF_POSITIONS = Comparison.by(MEASURES);
  private static final Comparison OF_MEANS =
      Comparison.by(Cka.linear(), Measures.parse("debiased_linear_cka"))
          .withFeatureMaps(FeatureMaps.pool());
  private static final StreamedComparisonTest.Network A = StreamedComparisonTest.network("a", 10);
  private static final StreamedComparisonTest.Network B = StreamedComparisonTest.network("b", 20);

  private static ComparisonResult inOnePass(Comparison comparison) {
    return comparison.stream(A, B, SHOWN, LayerSelector.all(), CoMoments.streaming());
  }

  private static PartialComparison shard(Comparison comparison, long from, long to) {
    return shard(comparison, CoMoments.streaming(), from, to);
  }

  private static PartialComparison shard(
      Comparison comparison, StreamedLayers.Kind kind, long from, long to) {
    PartialComparison shard = comparison.partial(SHOWN, kind);
    Probes some = SHOWN.range(from, to);
    shard.add(
        from,
        to,
        A.capture(some, LayerSelector.all(), Progress.silent()),
        B.capture(some, LayerSelector.all(), Progress.silent()));
    return shard;
  }

  private static byte[] written(PartialComparison shard) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      shard.write(bytes);
      return bytes.toByteArray();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static void mergeWritten(PartialComparison into, PartialComparison shard) {
    try {
      into.merge(new ByteArrayInputStream(written(shard)));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static List<PartialComparison> shards(
      Comparison comparison, Set<Integer> cuts, long order) {
    return shards(comparison, CoMoments.streaming(), cuts, order);
  }

  /** Cut at some places, in some order. */
  private static List<PartialComparison> shards(
      Comparison comparison, StreamedLayers.Kind kind, Set<Integer> cuts, long order) {
    List<PartialComparison> shards = new ArrayList<>();
    int from = 0;
    for (int cut : new TreeSet<>(cuts)) {
      shards.add(shard(comparison, kind, from, cut));
      from = cut;
    }
    shards.add(shard(comparison, kind, from, PROBES));
    Collections.shuffle(shards, new Random(order));
    return shards;
  }

  private static void requireEqual(ComparisonResult merged, ComparisonResult whole) {
    List<PairScore> rows = whole.rows();
    assertThat(merged.rows()).hasSameSizeAs(rows);
    for (int i = 0; i < rows.size(); i++) {
      PairScore one = merged.rows().get(i);
      assertThat(one.layerA() + one.layerB())
          .isEqualTo(rows.get(i).layerA() + rows.get(i).layerB());
      assertThat(one.score().value()).isCloseTo(rows.get(i).score().value(), within(1e-10));
      assertThat(one.score().diagnostics()).isEqualTo(rows.get(i).score().diagnostics());
    }
  }

  @Property(tries = 15)
  void shardsOfPositionsMergeInAnyOrder(
      @ForAll @Size(max = 6) Set<@IntRange(min = 1, max = PROBES - 1) Integer> cuts,
      @ForAll long order) {
    PartialComparison merged = OF_POSITIONS.partial(SHOWN, CoMoments.streaming());

    shards(OF_POSITIONS, cuts, order).forEach(shard -> mergeWritten(merged, shard));

    requireEqual(merged.result(), inOnePass(OF_POSITIONS));
  }

  @Property(tries = 15)
  void shardsOfMeansMergeAsATreeOrOneByOne(
      @ForAll @Size(max = 6) Set<@IntRange(min = 1, max = PROBES - 1) Integer> cuts,
      @ForAll long order) {
    List<PartialComparison> level = shards(OF_MEANS, cuts, order);

    while (level.size() > 1) {
      List<PartialComparison> above = new ArrayList<>();
      for (int i = 0; i + 1 < level.size(); i += 2) {
        level.get(i).merge(level.get(i + 1));
        above.add(level.get(i));
      }
      if (level.size() % 2 == 1) {
        above.add(level.get(level.size() - 1));
      }
      level = above;
    }

    requireEqual(level.get(0).result(), inOnePass(OF_MEANS));
  }

  /** The estimator over images is that of layers in memory. */
  @Property(tries = 10)
  void shardsHaveTheDebiasedValuesOverImages(
      @ForAll @Size(max = 4) Set<@IntRange(min = 1, max = PROBES - 1) Integer> cuts,
      @ForAll long order) {
    Comparison debiased = Comparison.by(Cka.debiased());
    PartialComparison merged = debiased.partial(SHOWN, CoMoments.ofImages());

    shards(debiased, CoMoments.ofImages(), cuts, order)
        .forEach(shard -> mergeWritten(merged, shard));

    requireEqual(merged.result(), debiased.compare(A.capture(SHOWN), B.capture(SHOWN)));
  }

  @Test
  void noProbeCountsTwice() {
    PartialComparison merged = shard(OF_POSITIONS, 0, 10);

    assertThatThrownBy(() -> mergeWritten(merged, shard(OF_POSITIONS, 9, 20)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage(
            "Probes from 9 to 20 were shown already, among those from 0 to 10. Show each once.");
  }

  @Test
  void thereAreNoScoresBeforeAllProbesWereShown() {
    PartialComparison some = shard(OF_POSITIONS, 0, 10);
    mergeWritten(some, shard(OF_POSITIONS, 20, PROBES));

    assertThat(some.shownProbes()).isEqualTo(PROBES - 10);
    assertThatThrownBy(some::result)
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("Of 37 probes 27 were shown ({0=10, 20=37}). Show the others too.");
  }

  @Test
  void shardsOfOtherNetworksAreRefused() {
    PartialComparison other = OF_POSITIONS.partial(SHOWN, CoMoments.streaming());
    Probes rest = SHOWN.range(10, PROBES);
    other.add(10, PROBES, B.capture(rest), A.capture(rest));
    PartialComparison merged = shard(OF_POSITIONS, 0, 10);

    assertThatThrownBy(() -> merged.merge(other))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("different networks");
  }

  private static final Probes OTHERS = Probes.of(SHOWN.batch(0, PROBES).mul(1.5));

  private static List<Double> values(PartialComparison whole) {
    return whole.result().rows().stream().map(row -> row.score().value()).toList();
  }

  /** What is refused leaves the sums of the probes from 0 to 10 as they were. */
  private static void requireRefused(
      Comparison comparison,
      StreamedLayers.Kind kind,
      Consumer<PartialComparison> change,
      String... words) {
    PartialComparison changed = shard(comparison, kind, 0, 10);

    assertThatThrownBy(() -> change.accept(changed))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(words);

    PartialComparison same = shard(comparison, kind, 0, 10);
    assertThat(changed.shownProbes()).isEqualTo(10);
    assertThat(written(changed)).isEqualTo(written(same));
  }

  private static void requireRefused(Consumer<PartialComparison> change, String... words) {
    requireRefused(OF_POSITIONS, CoMoments.streaming(), change, words);
  }

  private static void requireShardRefused(PartialComparison other, String... words) {
    requireRefused(shard -> mergeWritten(shard, other), words);
    requireRefused(shard -> shard.merge(other), words);
  }

  @Test
  void answersToFewerProbesThanSaidAreRefused() {
    Probes some = SHOWN.range(10, 16);
    ActivationSet ofA = A.capture(some);
    ActivationSet ofB = B.capture(some);

    requireRefused(shard -> shard.add(10, 22, ofA, ofB), "fingerprint");
    requireRefused(
        shard -> shard.add(10, 22, unknown(ofA), unknown(ofB)), "'enc1'", "6 probes, not to 12");
    requireRefused(shard -> shard.add(20, 26, ofA, ofB), "fingerprint");
  }

  /** As if another tool had written them. */
  private static ActivationSet unknown(ActivationSet answers) {
    return ActivationSet.of(
        answers.provenance(),
        answers.name(),
        answers.layers().stream()
            .map(layer -> Activations.of(layer, answers.get(layer).values()))
            .toList());
  }

  @Test
  void answersToOtherProbesAreRefused() {
    Probes rest = SHOWN.range(10, PROBES);
    Probes others = OTHERS.range(10, PROBES);

    requireRefused(
        shard -> shard.add(10, PROBES, A.capture(rest), B.capture(others)),
        "b answers other probes",
        others.fingerprint().toString(),
        rest.fingerprint().toString());
  }

  @Test
  void shardsOfOtherProbesAreRefused() {
    PartialComparison other = OF_POSITIONS.partial(OTHERS, CoMoments.streaming());
    Probes rest = OTHERS.range(10, PROBES);
    other.add(10, PROBES, A.capture(rest), B.capture(rest));

    requireShardRefused(other, SHOWN.fingerprint().toString(), OTHERS.fingerprint().toString());
  }

  @Test
  void shardsOfImagesOfOtherProbesAreRefused() {
    Comparison debiased = Comparison.by(Cka.debiased());
    PartialComparison other = debiased.partial(OTHERS, CoMoments.ofImages());
    Probes rest = OTHERS.range(10, PROBES);
    other.add(10, PROBES, A.capture(rest), B.capture(rest));

    requireRefused(debiased, CoMoments.ofImages(), shard -> shard.merge(other), "probes");
  }

  @Test
  void shardsOfOtherSettingsAreRefused() {
    FeatureMaps drawn = FeatureMaps.positions().withPositionsPerProbe(3, 7);
    Comparison seven = OF_POSITIONS.withFeatureMaps(drawn);
    Comparison eight = OF_POSITIONS.withFeatureMaps(drawn.withPositionsPerProbe(3, 8));

    requireRefused(
        seven,
        CoMoments.streaming(),
        shard -> mergeWritten(shard, shard(eight, 10, PROBES)),
        "seed 7",
        "seed 8");
    requireShardRefused(
        shard(OF_POSITIONS.withFeatureMaps(FeatureMaps.pool()), 10, PROBES),
        "positions",
        "averaged");
    requireShardRefused(
        shard(Comparison.by(Cka.linear()), 10, PROBES), "measures", "[linear_cka]", "pwcca");
    requireShardRefused(
        shard(OF_POSITIONS.matched(), 10, PROBES),
        "each layer with each",
        "layers of the same name");
  }

  @Test
  void anEmptyComparisonRefusesSumsOfAnotherPrecision() {
    PartialComparison empty = OF_POSITIONS.partial(SHOWN, CoMoments.streaming());
    PartialComparison single =
        shard(OF_POSITIONS, CoMoments.streaming(CoMoments.Precision.FLOAT32), 0, PROBES);

    assertThatThrownBy(() -> mergeWritten(empty, single)).isInstanceOf(PalimpsestException.class);
    assertThat(empty.shownProbes()).isZero();
  }

  @Test
  void anotherNetworkCannotGoOn() {
    Probes rest = SHOWN.range(10, PROBES);
    StreamedComparisonTest.Network other = StreamedComparisonTest.network("other", 10);

    requireRefused(
        shard -> shard.add(10, PROBES, other.capture(rest), B.capture(rest)),
        "different networks",
        "a (",
        "other (");
    requireRefused(
        shard -> shard.add(10, PROBES, B.capture(rest), A.capture(rest)), "different networks");
  }

  @Test
  void theRestCanBeAddedAfterARefusal() {
    PartialComparison merged = shard(OF_POSITIONS, 0, 10);
    PartialComparison swapped = OF_POSITIONS.partial(SHOWN, CoMoments.streaming());
    Probes rest = SHOWN.range(10, PROBES);
    swapped.add(10, PROBES, B.capture(rest), A.capture(rest));

    assertThatThrownBy(() -> merged.merge(swapped)).isInstanceOf(PalimpsestException.class);
    assertThatThrownBy(merged::result).hasMessageContaining("Of 37 probes 10 were shown");
    merged.merge(shard(OF_POSITIONS, 10, PROBES));

    requireEqual(merged.result(), inOnePass(OF_POSITIONS));
  }

  /** The first layer's sums hold the last probes when those of the second refuse them. */
  @Test
  void whatWasRefusedHalfWayIsOfNoMoreUse() {
    StreamedComparisonTest.Network growing =
        new StreamedComparisonTest.Network(
            "growing",
            new TreeMap<>(
                Map.of(
                    "first",
                    batch -> batch.castTo(DataType.DOUBLE),
                    "second",
                    batch -> batch.castTo(DataType.DOUBLE).mul(batch.size(0) == 3 ? 1 : 1e90))));
    PartialComparison sums = OF_POSITIONS.matched().partial(SHOWN, CoMoments.streaming());
    ActivationSet three = growing.capture(SHOWN.range(0, 3));
    sums.add(0, 3, three, three);
    ActivationSet two = growing.capture(SHOWN.range(3, 5));

    assertThatThrownBy(() -> sums.add(3, 5, two, two)).hasMessageContaining("'second'");

    assertThatThrownBy(() -> sums.add(3, 5, three, three))
        .hasMessageContaining("Gather them again");
    assertThatThrownBy(() -> written(sums)).hasMessageContaining("Gather them again");
    assertThatThrownBy(sums::result).hasMessageContaining("Gather them again");
    assertThatThrownBy(() -> shard(OF_POSITIONS.matched(), 5, 9).merge(sums))
        .hasMessageContaining("Gather them again");
  }

  private record Kept(Comparison comparison, StreamedLayers.Kind kind) {}

  static Stream<Kept> kinds() {
    return Stream.of(
        new Kept(Comparison.by(Cka.linear()), CoMoments.streaming()),
        new Kept(Comparison.by(Cka.debiased()), CoMoments.ofImages()));
  }

  /** Cuts move forward by a prime, so that they fall on all places of a number. */
  @ParameterizedTest
  @MethodSource("kinds")
  void everyDamagedByteAndCutsOfAllKindsAreRefused(Kept kept) {
    byte[] bytes = written(shard(kept.comparison().matched(), kept.kind(), 0, 5));
    PartialComparison merged = kept.comparison().matched().partial(SHOWN, kept.kind());
    for (int i = 0; i < bytes.length; i++) {
      byte[] damaged = bytes.clone();
      damaged[i] ^= (byte) (1 << i % 8);
      requireNoShard(merged, damaged);
      if (i % 13 == 0 || i < 64 || i > bytes.length - 64) {
        requireNoShard(merged, Arrays.copyOf(bytes, i));
      }
    }
    requireNoShard(merged, "a foreign file of some length".getBytes(StandardCharsets.UTF_8));
    assertThat(merged.shownProbes()).isZero();
  }

  private static void requireNoShard(PartialComparison merged, byte[] bytes) {
    assertThatThrownBy(() -> merged.merge(new ByteArrayInputStream(bytes)))
        .isInstanceOf(PalimpsestException.class);
  }

  @Test
  void shardsMayFollowOneAnotherInOneStream() throws IOException {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    shard(OF_POSITIONS, 0, 10).write(both);
    shard(OF_POSITIONS, 10, PROBES).write(both);
    ByteArrayInputStream in = new ByteArrayInputStream(both.toByteArray());
    PartialComparison merged = OF_POSITIONS.partial(SHOWN, CoMoments.streaming());

    merged.merge(in);
    merged.merge(in);

    assertThat(values(merged)).hasSize(MEASURES.length * 9);
    assertThat(in.available()).isZero();
  }

  private static StreamedComparisonTest.Network scaled(double factor) {
    return new StreamedComparisonTest.Network(
        "scaled", Map.of("out", batch -> batch.castTo(DataType.DOUBLE).mul(factor)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-160, 1e-155})
  void layersThatVaryTooLittleForSumsAreRefusedByName(double factor) {
    for (String measure : List.of("procrustes_normalized", "linear_cka", "cca_mean")) {
      requireNoScore(Measures.parse(measure), CoMoments.streaming(), factor);
    }
    requireNoScore(Cka.debiased(), CoMoments.ofImages(), factor);
  }

  @Test
  void layersTooLargeForSumsOfImagesAreRefusedByName() {
    requireNoScore(Cka.debiased(), CoMoments.ofImages(), 1e150);
  }

  private static void requireNoScore(Measure<?> measure, StreamedLayers.Kind kind, double factor) {
    assertThatThrownBy(
            () ->
                Comparison.by(measure).stream(
                    scaled(factor), scaled(2 * factor), SHOWN, LayerSelector.all(), kind))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("Layer 'out'", "float64 sums", "Scale ");
  }
}
