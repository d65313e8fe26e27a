package org.palimpsest.benchmarks.kernels;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
import org.palimpsest.similarity.internal.linalg.LinearAssignment;

/** The assignment solver, on independent gains and on those of a hidden permutation with noise. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AssignmentBenchmark {

  @Param({"512", "2048"})
  int size;

  private double[] independent = {};
  private double[] hidden = {};

  @Setup
  public void makeGains() {
    SplittableRandom random = new SplittableRandom(1);
    independent = random.doubles((long) size * size).toArray();
    hidden = independent.clone();
    for (int i = 0; i < size; i++) {
      hidden[i * size + (i * 7 + 3) % size] += 0.5;
    }
  }

  @Benchmark
  public double independentGains() {
    return LinearAssignment.maximise(size, size, independent).total();
  }

  @Benchmark
  public double hiddenPermutation() {
    return LinearAssignment.maximise(size, size, hidden).total();
  }
}
