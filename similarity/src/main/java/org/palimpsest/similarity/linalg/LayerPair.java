package org.palimpsest.similarity.linalg;

/** Two layers that both lie in memory. */
public record LayerPair(CentredLayer a, CentredLayer b) implements LinearPair {

  public LayerPair {
    a.info().requireSameSamples(b.info());
  }

  @Override
  public Dense product() {
    return Products.transposeTimes(a.matrix(), b.matrix());
  }

  @Override
  public double squaredProduct() {
    return CrossProducts.between(a, b);
  }

  @Override
  public Dense product(Axes ofA, Axes ofB) {
    return Products.transposeTimes(((Basis) ofA).vectors(), ((Basis) ofB).vectors());
  }

  @Override
  public double squaredProjectionOfA(Axes ofB) {
    return squaredProjection((Basis) ofB, a);
  }

  @Override
  public double squaredProjectionOfB(Axes ofA) {
    return squaredProjection((Basis) ofA, b);
  }

  private static double squaredProjection(Basis basis, CentredLayer layer) {
    return Products.transposeTimes(basis.vectors(), layer.matrix()).squaredNorm();
  }

  @Override
  public DiagonalSums diagonals() {
    return DiagonalSums.of(a.rowSquares(), b.rowSquares(), a.weights());
  }
}
