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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.PairScore;
import org.palimpsest.core.comparison.PartialComparison;
import org.palimpsest.core.comparison.StreamedLayers;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.cka.DebiasedLinearCka;
import org.palimpsest.similarity.cka.LinearCka;

/** Shards of probes, merged in any order, have the scores of all probes in one pass. */
class PartialComparisonTest {

  private static final Measure<?>[] MEASURES =
      Stream.of("linear_cka", "cca_mean", "svcca", "pwcca", "procrustes_normalized")
          .map(Measures::parse)
          .toArray(Measure<?>[]::new);
  private static final Comparison OF_POSITIONS = Comparison.by(MEASURES);
  private static final Comparison OF_MEANS =
      Comparison.by(new LinearCka(), Measures.parse("debiased_linear_cka"))
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
    Comparison debiased = Comparison.by(new DebiasedLinearCka());
    PartialComparison merged = debiased.partial(SHOWN, ImageMoments.streaming());

    shards(debiased, ImageMoments.streaming(), cuts, order)
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

  @Test
  void damagedShardsAreRefused() {
    byte[] bytes = written(shard(OF_POSITIONS, 0, PROBES));
    bytes[bytes.length - 9] ^= 1;
    PartialComparison merged = OF_POSITIONS.partial(SHOWN, CoMoments.streaming());

    assertThatThrownBy(() -> merged.merge(new ByteArrayInputStream(bytes)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("damaged");
  }
}
