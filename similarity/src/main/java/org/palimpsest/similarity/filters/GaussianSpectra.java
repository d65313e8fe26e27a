package org.palimpsest.similarity.filters;

import java.util.SplittableRandom;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.AhrensDieterMarsagliaTsangGammaSampler;
import org.palimpsest.similarity.internal.linalg.SymmetricEigenvalues;

/**
 * Spectra of matrices of iid Gaussian entries, without making the matrices: their singular values
 * are distributed as those of a bidiagonal matrix of independent chi variables (Dumitriu and
 * Edelman 2002, Journal of Mathematical Physics 43, 5830–5847). Exact at any size; O(min(m, d)²)
 * each.
 */
final class GaussianSpectra {

  private GaussianSpectra() {}

  static FilterSpectrum draw(int filters, int weights, SplittableRandom random) {
    int side = Math.min(filters, weights);
    int longer = Math.max(filters, weights);
    UniformRandomProvider source = random::nextLong;
    double[] diagonal = new double[side];
    double[] off = new double[side - 1];
    double squareAbove = 0;
    for (int i = 0; i < side; i++) {
      double square = chiSquared(longer - i, source);
      diagonal[i] = square + squareAbove;
      if (i < side - 1) {
        squareAbove = chiSquared(side - 1 - i, source);
        off[i] = Math.sqrt(square * squareAbove);
      }
    }
    return FilterSpectrum.ofGram(
        SymmetricEigenvalues.ofTridiagonal(diagonal, off), filters, weights);
  }

  private static double chiSquared(int degrees, UniformRandomProvider source) {
    return AhrensDieterMarsagliaTsangGammaSampler.of(source, degrees / 2.0, 2).sample();
  }
}
