package org.palimpsest.similarity.internal.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.similarity.internal.linalg.Decompositions.Decomposer;
import org.palimpsest.similarity.internal.linalg.Decompositions.Eigen;
import org.palimpsest.similarity.internal.linalg.Decompositions.Svd;

/** Both sides against the definition, and against each other. */
class DecompositionsTest {

  private static final Decomposer EJML = new Decompositions.Ejml();
  private static final Decomposer LAPACK = Decompositions.Lapack.load().orElseThrow();

  private static Stream<Arguments> shapes() {
    return Stream.of(EJML, LAPACK)
        .flatMap(
            side ->
                Stream.of(
                    Arguments.of(side, 1, 1),
                    Arguments.of(side, 1, 4),
                    Arguments.of(side, 4, 1),
                    Arguments.of(side, 5, 5),
                    Arguments.of(side, 40, 7),
                    Arguments.of(side, 7, 40),
                    Arguments.of(side, 120, 110)));
  }

  private static Dense normal(int rows, int columns) {
    Dense matrix = Dense.zeros(rows, columns);
    SplittableRandom random = new SplittableRandom(rows * 31L + columns);
    for (int i = 0; i < matrix.values().length; i++) {
      matrix.values()[i] = random.nextGaussian();
    }
    return matrix;
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void singularVectorsAreOrthonormalAndRebuildTheMatrix(Decomposer side, int rows, int columns) {
    Dense matrix = normal(rows, columns);
    Svd svd = side.svd(matrix);
    int k = svd.values().length;

    assertThat(k).isEqualTo(Math.min(rows, columns));
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double sum = 0;
        for (int c = 0; c < k; c++) {
          sum += svd.u().get(i, c) * svd.values()[c] * svd.vt().get(c, j);
        }
        assertThat(sum).isCloseTo(matrix.get(i, j), within(1e-11));
      }
    }
    for (int a = 0; a < k; a++) {
      for (int b = 0; b < k; b++) {
        assertThat(rowProduct(svd.vt(), a, b)).isCloseTo(a == b ? 1 : 0, within(1e-12));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void bothSidesFindTheSameDescendingSingularValues(Decomposer side, int rows, int columns) {
    double[] values = side.singularValues(normal(rows, columns));

    assertThat(values)
        .containsExactly(LAPACK.svd(normal(rows, columns)).values(), within(1e-11))
        .isSortedAccordingTo((a, b) -> Double.compare(b, a));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void eigenvectorsAreOrthonormalAndBelongToDescendingValues(
      Decomposer side, int rows, int columns) {
    Dense gram = gram(normal(rows, columns));
    Eigen eigen = side.symmetric(gram);
    int n = gram.rows();

    assertThat(eigen.values()).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        assertThat(rowProduct(eigen.vectors(), a, b)).isCloseTo(a == b ? 1 : 0, within(1e-12));
        double image = 0;
        for (int j = 0; j < n; j++) {
          image += gram.get(b, j) * eigen.vectors().get(a, j);
        }
        assertThat(image).isCloseTo(eigen.values()[a] * eigen.vectors().get(a, b), within(1e-10));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void argumentsStayAsTheyAre(Decomposer side, int rows, int columns) {
    Dense matrix = normal(rows, columns);
    side.singularValues(matrix);
    side.svd(matrix);
    assertThat(matrix.values()).containsExactly(normal(rows, columns).values());

    Dense gram = gram(matrix);
    double[] before = gram.values().clone();
    side.symmetric(gram);
    assertThat(gram.values()).containsExactly(before);
  }

  private static Dense gram(Dense matrix) {
    Dense gram = Dense.zeros(matrix.rows(), matrix.rows());
    for (int i = 0; i < matrix.rows(); i++) {
      for (int j = 0; j < matrix.rows(); j++) {
        gram.values()[i * matrix.rows() + j] = rowProduct(matrix, i, j);
      }
    }
    return gram;
  }

  private static double rowProduct(Dense matrix, int a, int b) {
    double sum = 0;
    for (int j = 0; j < matrix.columns(); j++) {
      sum += matrix.get(a, j) * matrix.get(b, j);
    }
    return sum;
  }
}
