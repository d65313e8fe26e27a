package org.palimpsest.similarity.streaming;

import java.util.Arrays;
import org.palimpsest.similarity.internal.linalg.Axes;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.Eigen;

/**
 * The first r principal axes of a layer of which only the covariance is known.
 *
 * @param eigen of Xc'Xc
 * @param rank r
 */
record MomentAxes(Eigen eigen, int rank) implements Axes {

  @Override
  public double[] singularValues() {
    return Arrays.stream(eigen.values()).limit(rank).map(Math::sqrt).toArray();
  }

  @Override
  public Dense coordinates() {
    return scaled(singularValues());
  }

  /** What makes the axes of the features: Q = Xc W', r × p. */
  Dense whitening() {
    return scaled(Arrays.stream(singularValues()).map(value -> 1 / value).toArray());
  }

  private Dense scaled(double[] factors) {
    int width = eigen.vectors().columns();
    Dense scaled = Dense.zeros(rank, width);
    for (int i = 0; i < rank; i++) {
      for (int j = 0; j < width; j++) {
        scaled.values()[i * width + j] = factors[i] * eigen.vectors().get(i, j);
      }
    }
    return scaled;
  }
}
