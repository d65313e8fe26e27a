package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import org.bytedeco.openblas.global.openblas;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.representation.Representation;

/** The last bit of a value depends on nothing but the layers. */
class ThreadsTest {

  private static final double[][] X = Data.layer(330, 70, 1);
  private static final Representation A = Data.representation("a", X);
  private static final Representation B = Data.representation("b", Data.relative(X, 50, 2));

  private static double value(String name) {
    return Measures.parse(name).compare(A, B).value();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "linear_cka",
        "rbf_cka",
        "distance_correlation",
        "svcca",
        "pwcca",
        "procrustes_angular",
        "shape",
        "rsa",
        "mutual_knn",
        "gulp",
        "soft_correlation_match"
      })
  void theNumberOfThreadsChangesNoBit(String name) throws ExecutionException, InterruptedException {
    double usual = value(name);
    int threads = openblas.blas_get_num_threads();
    ForkJoinPool one = new ForkJoinPool(1);
    try {
      for (int count : new int[] {1, 2, 3, 8}) {
        openblas.blas_set_num_threads(count);
        assertThat(value(name)).as("%d threads of BLAS", count).isEqualTo(usual);
      }
      Callable<Double> inAPoolOfOne = () -> value(name);
      assertThat(one.submit(inAPoolOfOne).get()).as("a pool of one").isEqualTo(usual);
    } finally {
      one.shutdown();
      openblas.blas_set_num_threads(threads);
    }
  }

  @Test
  void callsAtTheSameTimeChangeNoBit() throws ExecutionException, InterruptedException {
    Measure<?> measure = Measures.parse("rbf_cka");
    Representation a = Data.representation("a", Data.layer(60, 9, 3));
    Representation b = Data.representation("b", Data.layer(60, 7, 4));
    double alone = measure.compare(a, b).value();
    ExecutorService many = Executors.newFixedThreadPool(8);
    try {
      List<Future<Double>> values = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        boolean other = i % 2 == 1;
        values.add(many.submit(() -> other ? value("linear_cka") : measure.compare(a, b).value()));
      }
      for (int i = 0; i < values.size(); i += 2) {
        assertThat(values.get(i).get()).isEqualTo(alone);
      }
    } finally {
      many.shutdown();
    }
  }
}
