package org.palimpsest.similarity.internal.linalg;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.similarity.internal.linalg.LinearPair.DiagonalSums;

/** Two layers that both lie in memory. */
public record LayerPair(CentredLayer a, CentredLayer b) implements LinearPair {

  private static final int PIECE = 1 << 16;

  public LayerPair {
    a.info().requireSameSamples(b.info());
  }

  @Override
  public boolean isFloat64() {
    return a.products() == DataType.DOUBLE && b.products() == DataType.DOUBLE;
  }

  @Override
  public Optional<LinearPair> inFloat64() {
    CentredLayer precise = a.inFloat64();
    return Optional.of(new LayerPair(precise, a == b ? precise : b.inFloat64()));
  }

  @Override
  public boolean isOfEqualLayers() {
    return a == b
        || a.scale() == b.scale()
            && Arrays.equals(a.rowSquares(), b.rowSquares())
            && areEqual(a.matrix(), b.matrix());
  }

  private static boolean areEqual(INDArray a, INDArray b) {
    if (!Arrays.equals(a.shape(), b.shape())) {
      return false;
    }
    TensorReader ofA = TensorReader.of(a);
    TensorReader ofB = TensorReader.of(b);
    for (long from = 0; from < a.length(); from += PIECE) {
      int count = (int) Math.min(PIECE, a.length() - from);
      double[] pieceOfA = new double[count];
      double[] pieceOfB = new double[count];
      ofA.read(from, pieceOfA);
      ofB.read(from, pieceOfB);
      if (!Arrays.equals(pieceOfA, pieceOfB)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Dense product() {
    return product(a.matrix(), b.matrix());
  }

  @Override
  public Dense alignment() {
    return product(a.compactScores(), b.compactScores());
  }

  private Dense product(INDArray ofA, INDArray ofB) {
    return Products.transposeTimes(ofA, ofB, type(ofA, ofB));
  }

  private DataType type(INDArray ofA, INDArray ofB) {
    return isFloat64() ? DataType.DOUBLE : Products.commonType(List.of(ofA, ofB));
  }

  @Override
  public double squaredProduct() {
    return CrossProducts.between(a, b);
  }

  @Override
  public Dense product(Axes ofA, Axes ofB) {
    return product(((Basis) ofA).vectors(), ((Basis) ofB).vectors());
  }

  @Override
  public double squaredProjectionOfA(Axes ofB) {
    return squaredProjection((Basis) ofB, a);
  }

  @Override
  public double squaredProjectionOfB(Axes ofA) {
    return squaredProjection((Basis) ofA, b);
  }

  private double squaredProjection(Basis basis, CentredLayer layer) {
    return product(basis.vectors(), layer.matrix()).squaredNorm();
  }

  @Override
  public DiagonalSums diagonals() {
    return DiagonalSums.of(a.rowSquares(), b.rowSquares());
  }
}
