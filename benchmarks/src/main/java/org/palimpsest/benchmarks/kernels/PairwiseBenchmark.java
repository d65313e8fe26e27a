package org.palimpsest.benchmarks.kernels;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Centring;
import org.palimpsest.similarity.internal.pairwise.InnerProducts;
import org.palimpsest.similarity.internal.pairwise.PairVector;
import org.palimpsest.similarity.internal.pairwise.SampleRows;
import org.palimpsest.similarity.internal.pairwise.SquaredDistances;

/** Distances of all pairs of samples, and inner products of vectors as long as there are pairs. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PairwiseBenchmark {

  @Param("2000")
  int samples;

  @Param({"64", "512"})
  int features;

  private SampleRows rows = SampleRows.of(layer(1, new float[1]));
  private CentredLayer centred = Centring.ofFeatures().prepare(layer(2, new float[] {1, 2}));
  private PairVector vector = PairVector.of(new double[1], 0, 1);

  @Setup
  public void makeRows() {
    SplittableRandom random = new SplittableRandom(1);
    float[] values = new float[samples * features];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) random.nextDouble();
    }
    Representation layer = layer(samples, values);
    rows = SampleRows.of(layer).centred();
    centred = Centring.ofFeatures().prepare(layer);
    vector = PairVector.of(random.doubles((long) samples * (samples - 1) / 2).toArray(), 0.5, 1);
  }

  private static Representation layer(int rows, float[] values) {
    return Representation.of(
        "layer", Nd4j.createFromArray(values).reshape('c', rows, values.length / rows));
  }

  @Benchmark
  public double[] distancesOfFloat32() {
    double[] sums = new double[samples];
    SquaredDistances.upper(centred, (i, first, squared) -> sums[i] = sum(squared, i + 1 - first));
    return sums;
  }

  @Benchmark
  public double[] distancesOfFloat64() {
    double[] sums = new double[samples];
    SquaredDistances.upper(rows, (i, first, squared) -> sums[i] = sum(squared, i + 1 - first));
    return sums;
  }

  private static double sum(double[] values, int from) {
    double sum = 0;
    for (int k = from; k < values.length; k++) {
      sum += values[k];
    }
    return sum;
  }

  @Benchmark
  public double innerProduct() {
    return InnerProducts.of(vector, vector);
  }
}
