package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.ComparisonResult.PairScore;
import org.palimpsest.core.comparison.PreparedLayers;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Prepared.Spill;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.study.StudyFolder;
import org.palimpsest.similarity.Measures;

/** Comparisons whose prepared layers do not fit into memory, against those that hold them all. */
class BoundedComparisonTest {

  private static final int[][] MAPS = {{3, 16}, {8, 16}, {5, 8}, {1, 8}, {16, 4}, {9, 2}, {4, 2}};

  @TempDir private Path folder;

  private final Comparison comparison =
      Comparison.by(
          Stream.of("linear_cka", "svcca", "procrustes_angular", "mutual_knn:2", "jaccard:2")
              .<Measure<?>>map(Measures::parse)
              .toList());

  @Test
  void scoresAreThoseOfAComparisonThatHoldsAll() throws IOException {
    ComparisonResult all = comparison.compare(network(1), network(2));
    for (long bytes : new long[] {1, 100_000, 1L << 40}) {
      AtomicInteger putAside = new AtomicInteger();
      Path place = folder.resolve("spill" + bytes);
      try (Spill spill = counting(StudyFolder.spill(place), putAside)) {
        Comparison bounded = comparison.withMemory(bytes, spill);
        assertSame(bounded.compare(network(1), network(2)), all);
      }
      assertThat(putAside.get() > 0).as("%d bytes", bytes).isEqualTo(bytes < 1L << 40);
      assertThat(Files.exists(place)).isFalse();
    }
  }

  @Test
  void twoNetworksOfOneNameAndOneWithItselfAreNotMixedUp() {
    try (Spill spill = StudyFolder.spill(folder.resolve("spill"))) {
      Comparison bounded = comparison.withMemory(20_000, spill);
      PreparedLayers one = bounded.prepare(network(1));
      PreparedLayers same = bounded.prepare(network(1));
      PreparedLayers other = bounded.prepare(network(3));

      assertSame(bounded.compare(one, other), comparison.compare(network(1), network(3)));
      assertSame(bounded.compare(one, one), comparison.compare(network(1), network(1)));
      assertSame(bounded.compare(same, other), comparison.compare(network(1), network(3)));
    }
  }

  @Test
  void modelsOfBoundedMemoryHaveTheScoresAndFilesOfUnboundedOnes() throws IOException {
    List<String> all = scores(SampleFiles.MODEL_B, "--in-process");
    assertThat(all).hasSizeGreaterThan(3);
    assertClose(scores(SampleFiles.MODEL_B, "--max-memory", "2G"), all);
    assertClose(scores(SampleFiles.MODEL_B, "--max-memory", "2G", "--in-process"), all);
    List<String> itself = scores(SampleFiles.MODEL_A, "--in-process");
    assertClose(scores(SampleFiles.MODEL_A, "--max-memory", "2G", "--in-process"), itself);
  }

  /** Each network's layers take 67 MB for a probe of this size, the largest 17 MB. */
  @Test
  void whatTheComparisonHoldsIsToldBeforeItBegins() throws IOException {
    Path probes = folder.resolve("large.npy");
    NpyFile.write(probes, Nd4j.rand(DataType.FLOAT, 2, 1, 1024, 1024));
    String a = SampleFiles.MODEL_A.toString();
    String b = SampleFiles.MODEL_B.toString();
    for (List<String> more : List.of(List.<String>of(), List.of("--measure", "svcca"))) {
      List<String> words = new ArrayList<>(List.of("compare", a, b, "--probes", "" + probes));
      words.addAll(List.of("--max-memory", "700M", "--in-process"));
      words.addAll(more);
      Outcome.of(words.toArray(String[]::new))
          .isOneLine(1, "700 MB of memory are too little to compare", "Allow at least", "--layers");
    }
  }

  private List<String> scores(Path b, String... more) throws IOException {
    Path out = folder.resolve("out" + more.length + b.getFileName());
    List<String> words = new ArrayList<>();
    words.addAll(List.of("compare", SampleFiles.MODEL_A.toString(), b.toString()));
    words.addAll(List.of("--probes", SampleFiles.PROBES.toString(), "-o", out.toString()));
    words.addAll(List.of(more));
    Outcome.of(words.toArray(String[]::new)).isWell();
    return Files.readAllLines(out.resolve("scores.csv"));
  }

  private static void assertClose(List<String> found, List<String> expected) {
    assertThat(found).hasSameSizeAs(expected);
    assertThat(found.get(0)).isEqualTo(expected.get(0));
    int value = List.of(expected.get(0).split(",")).indexOf("value");
    for (int i = 1; i < expected.size(); i++) {
      List<String> one = new ArrayList<>(List.of(found.get(i).split(",", -1)));
      List<String> other = new ArrayList<>(List.of(expected.get(i).split(",", -1)));
      assertThat(Double.parseDouble(one.remove(value)))
          .isCloseTo(Double.parseDouble(other.remove(value)), within(1e-6));
      assertThat(one).isEqualTo(other);
    }
  }

  private static void assertSame(ComparisonResult found, ComparisonResult expected) {
    assertThat(found.rows()).hasSameSizeAs(expected.rows());
    for (int i = 0; i < expected.rows().size(); i++) {
      PairScore one = expected.rows().get(i);
      PairScore other = found.rows().get(i);
      assertThat(other.layerA() + other.layerB() + other.measure())
          .isEqualTo(one.layerA() + one.layerB() + one.measure());
      assertThat(other.score().value())
          .as("%s of %s and %s", one.measure(), one.layerA(), one.layerB())
          .isCloseTo(one.score().value(), within(1e-7));
    }
    assertThat(found.views()).isEqualTo(expected.views());
  }

  private static ActivationSet network(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Activations> layers = new ArrayList<>();
    for (int i = 0; i < MAPS.length; i++) {
      int size = MAPS[i][1];
      double[] values = random.doubles((long) 6 * MAPS[i][0] * size * size, -1, 1).toArray();
      float[] floats = new float[values.length];
      for (int j = 0; j < values.length; j++) {
        floats[j] = (float) values[j];
      }
      layers.add(
          Activations.of(
              "layer" + i, Nd4j.createFromArray(floats).reshape('c', 6, MAPS[i][0], size, size)));
    }
    return ActivationSet.of(Provenance.inMemory("network"), "network", layers);
  }

  private static Spill counting(Spill spill, AtomicInteger writes) {
    return new Spill() {
      @Override
      public <P extends Prepared> int write(P prepared, PreparedFormat<P> format) {
        writes.incrementAndGet();
        return spill.write(prepared, format);
      }

      @Override
      public <P extends Prepared> P read(int number, PreparedFormat<P> format) {
        return spill.read(number, format);
      }

      @Override
      public void close() {
        spill.close();
      }
    };
  }
}
