package org.palimpsest.similarity.streaming;

import java.util.Optional;
import org.palimpsest.similarity.internal.linalg.Axes;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.DiagonalSums;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.Products;

/**
 * Two layers, of which only the co-moments about their means are known.
 *
 * @param a the first
 * @param b the second
 * @param product Xc'Yc
 * @param diagonals sums over squared row norms
 */
record StreamedPair(StreamedLayer a, StreamedLayer b, Dense product, DiagonalSums diagonals)
    implements LinearPair {

  static StreamedPair of(StreamedLayer a, StreamedLayer b, CrossMoments centred) {
    SideMoments ofA = a.centred();
    SideMoments ofB = b.centred();
    DiagonalSums sums =
        new DiagonalSums(
            ofA.squares(),
            ofB.squares(),
            ofA.squaresSquared(),
            ofB.squaresSquared(),
            centred.squares());
    return new StreamedPair(a, b, centred.products(), sums);
  }

  @Override
  public boolean isFloat64() {
    return a.precision() == Precision.FLOAT64 && b.precision() == Precision.FLOAT64;
  }

  @Override
  public Optional<LinearPair> inFloat64() {
    return isFloat64() ? Optional.of(this) : Optional.empty();
  }

  @Override
  public double squaredProduct() {
    return product.squaredNorm();
  }

  @Override
  public Dense product(Axes ofA, Axes ofB) {
    Dense half = Products.product(((MomentAxes) ofA).whitening(), product);
    return Products.product(half, ((MomentAxes) ofB).whitening().transpose());
  }

  @Override
  public double squaredProjectionOfA(Axes ofB) {
    return Products.product(((MomentAxes) ofB).whitening(), product.transpose()).squaredNorm();
  }

  @Override
  public double squaredProjectionOfB(Axes ofA) {
    return Products.product(((MomentAxes) ofA).whitening(), product).squaredNorm();
  }
}
