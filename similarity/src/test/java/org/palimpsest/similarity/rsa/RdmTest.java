package org.palimpsest.similarity.rsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;

/** Distances against their definitions, pair by pair, some samples repeated. */
class RdmTest {

  private static final int SAMPLES = 23;
  private static final int FEATURES = 4;

  @ParameterizedTest
  @EnumSource(
      value = Rsa.Distance.class,
      names = {"MAHALANOBIS"},
      mode = EnumSource.Mode.EXCLUDE)
  void distancesOfRepeatedSamplesAreThoseOfTheDefinition(Rsa.Distance distance) {
    double[][] rows = rows();
    Rdm rdm = new Rdm.Making(distance).prepare(layer(rows));
    int k = 0;
    for (int i = 0; i < SAMPLES; i++) {
      for (int j = i + 1; j < SAMPLES; j++) {
        assertThat(rdm.distance(k++)).isCloseTo(plain(distance, rows[i], rows[j]), within(1e-9));
      }
    }
    assertThat(rdm.pairs()).isEqualTo(k);
  }

  @Test
  void mahalanobisDistancesAreThoseOfWhitenedSamples() {
    double[][] rows = {{1, 10}, {2, 10}, {1, 30}, {2, 30}, {1, 10}};
    Rdm rdm = new Rdm.Making(Rsa.Distance.MAHALANOBIS).prepare(layer(rows));
    double[][] inverse = inverseCovariance(rows);
    int k = 0;
    for (int i = 0; i < rows.length; i++) {
      for (int j = i + 1; j < rows.length; j++) {
        double x = rows[i][0] - rows[j][0];
        double y = rows[i][1] - rows[j][1];
        double square = x * x * inverse[0][0] + 2 * x * y * inverse[0][1] + y * y * inverse[1][1];
        assertThat(rdm.distance(k++)).isCloseTo(Math.sqrt(square), within(1e-12));
      }
    }
  }

  @Test
  void mahalanobisNeedsMoreSamplesThanIndependentFeatures() {
    double[][] rows = {{1, 10, 3}, {2, 10, 5}, {1, 30, 1}, {7, 3, 0}};

    assertThatThrownBy(() -> new Rdm.Making(Rsa.Distance.MAHALANOBIS).prepare(layer(rows)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("The 4 samples of layer 'layer' (3 features)")
        .hasMessageContaining("all equal");
  }

  @Test
  void distancesThatAreAllEqualAreNamed() {
    Representation axes = layer(new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}});

    for (Rsa.Comparison comparison : Rsa.Comparison.values()) {
      if (comparison != Rsa.Comparison.COSINE) {
        assertThatThrownBy(() -> Rsa.of(Rsa.Distance.EUCLIDEAN, comparison).compare(axes, axes))
            .isInstanceOf(PalimpsestException.class)
            .hasMessageContaining("equally far from each other (1.41421)");
      }
    }
  }

  private static double plain(Rsa.Distance distance, double[] a, double[] b) {
    return switch (distance) {
      case SQUARED_EUCLIDEAN -> squared(a, b);
      case EUCLIDEAN -> Math.sqrt(squared(a, b));
      case COSINE -> 1 - cosine(a, b);
      case CORRELATION -> 1 - cosine(centred(a), centred(b));
      case MAHALANOBIS -> throw new IllegalArgumentException("needs all rows");
    };
  }

  private static double squared(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += (a[j] - b[j]) * (a[j] - b[j]);
    }
    return sum;
  }

  private static double cosine(double[] a, double[] b) {
    double product = 0;
    double squaresA = 0;
    double squaresB = 0;
    for (int j = 0; j < a.length; j++) {
      product += a[j] * b[j];
      squaresA += a[j] * a[j];
      squaresB += b[j] * b[j];
    }
    return product / Math.sqrt(squaresA * squaresB);
  }

  private static double[] centred(double[] row) {
    double mean = 0;
    for (double value : row) {
      mean += value / row.length;
    }
    double[] deviations = row.clone();
    for (int j = 0; j < row.length; j++) {
      deviations[j] -= mean;
    }
    return deviations;
  }

  private static double[][] inverseCovariance(double[][] rows) {
    double[] mean = new double[2];
    for (double[] row : rows) {
      mean[0] += row[0] / rows.length;
      mean[1] += row[1] / rows.length;
    }
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (double[] row : rows) {
      xx += (row[0] - mean[0]) * (row[0] - mean[0]) / (rows.length - 1);
      xy += (row[0] - mean[0]) * (row[1] - mean[1]) / (rows.length - 1);
      yy += (row[1] - mean[1]) * (row[1] - mean[1]) / (rows.length - 1);
    }
    double determinant = xx * yy - xy * xy;
    return new double[][] {
      {yy / determinant, -xy / determinant}, {-xy / determinant, xx / determinant}
    };
  }

  /** The last samples repeat the first. */
  private static double[][] rows() {
    SplittableRandom random = new SplittableRandom(11);
    double[][] rows = new double[SAMPLES][];
    for (int i = 0; i < SAMPLES; i++) {
      rows[i] = i < 15 ? random.doubles(FEATURES).toArray() : rows[i - 15].clone();
    }
    return rows;
  }

  private static Representation layer(double[][] rows) {
    return Representation.of("layer", Nd4j.createFromArray(rows));
  }
}
