package org.palimpsest.benchmarks.kernels;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.Measures;

/** The two halves of each kind of measure: preparing one layer, comparing two prepared ones. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PreparationBenchmark {

  @Param({
    "linear_cka",
    "debiased_linear_cka",
    "rbf_cka",
    "svcca",
    "procrustes_angular",
    "rsa",
    "rsa:euclidean:pearson",
    "rsa:euclidean:kendall",
    "distance_correlation",
    "jaccard",
    "hard_correlation_match"
  })
  String measure = "";

  @Param("2000")
  int samples;

  @Param("512")
  int features;

  private Trial<?> trial =
      new Trial<>(Measures.parse("linear_cka"), random(3, 2, 1), random(3, 2, 2));

  @Setup
  public void makeLayers() {
    trial =
        new Trial<>(
            Measures.parse(measure), random(samples, features, 1), random(samples, features, 2));
  }

  private static Representation random(int rows, int columns, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[rows * columns];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) random.nextGaussian();
    }
    INDArray matrix = Nd4j.createFromArray(values).reshape('c', rows, columns);
    return Representation.of("layer", matrix);
  }

  private static final class Trial<P extends Prepared> {

    private final Measure<P> measure;
    private final Representation layer;
    private final P a;
    private final P b;

    Trial(Measure<P> measure, Representation layer, Representation other) {
      this.measure = measure;
      this.layer = layer;
      this.a = measure.preparation().prepare(layer);
      this.b = measure.preparation().prepare(other);
    }

    P prepare() {
      return measure.preparation().prepare(layer);
    }

    Score compare() {
      return measure.compare(a, b);
    }
  }

  @Benchmark
  public Prepared prepare() {
    return trial.prepare();
  }

  @Benchmark
  public Score compare() {
    return trial.compare();
  }
}
