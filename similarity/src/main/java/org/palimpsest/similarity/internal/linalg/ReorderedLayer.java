package org.palimpsest.similarity.internal.linalg;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer whose samples changed places, which changes nothing of what is known of it alone. */
final class ReorderedLayer extends CentredLayer {

  private final CentredLayer original;
  private final int[] order;
  private final Lazy<INDArray> matrix;

  ReorderedLayer(CentredLayer original, int[] order) {
    super(original, original.matrix(), Rows.gather(original.rowSquares(), order));
    this.original = original;
    this.order = order;
    this.matrix = new Lazy<>(() -> Rows.gather(original.matrix(), order));
  }

  @Override
  public INDArray matrix() {
    return matrix.get();
  }

  @Override
  DataType products() {
    return original.products();
  }

  @Override
  CentredLayer inFloat64() {
    return products() == DataType.DOUBLE ? this : new ReorderedLayer(original.inFloat64(), order);
  }

  @Override
  INDArray compactScores() {
    INDArray scores = original.compactScores();
    return scores == original.matrix() ? matrix() : Rows.gather(scores, order);
  }

  @Override
  Dense gram() {
    return original.gram();
  }

  @Override
  int[] order() {
    return Rows.gather(original.order(), order);
  }

  @Override
  public double selfProduct() {
    return original.selfProduct();
  }

  @Override
  public double[] squaredSingularValues() {
    return original.squaredSingularValues();
  }

  @Override
  public Basis axes(RankTolerance tolerance) {
    return original.axes(tolerance).reordered(order);
  }

  @Override
  public Basis principalAxes(int k) {
    return original.principalAxes(k).reordered(order);
  }
}
