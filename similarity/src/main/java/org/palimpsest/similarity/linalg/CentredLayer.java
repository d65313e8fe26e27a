package org.palimpsest.similarity.linalg;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.representation.RepresentationInfo;

/** A layer without its means, and what the linear measures have already computed of it. */
public final class CentredLayer implements Prepared {

  private final RepresentationInfo info;
  private final INDArray matrix;
  private final double scale;
  private final double[] rowSquares;
  private final Lazy<Double> selfProduct = new Lazy<>(this::computeSelfProduct);

  CentredLayer(RepresentationInfo info, INDArray matrix, double scale, double[] rowSquares) {
    this.info = info;
    this.matrix = matrix;
    this.scale = scale;
    this.rowSquares = rowSquares;
  }

  @Override
  public RepresentationInfo info() {
    return info;
  }

  /** Xc / {@link #scale()}, n × p, of the type in which the layer came: float32 or float64. */
  public INDArray matrix() {
    return matrix;
  }

  /** The power of two that was taken off. */
  public double scale() {
    return scale;
  }

  /** The squared norm of each row of {@link #matrix()}. */
  public double[] rowSquares() {
    return rowSquares;
  }

  /** |Xc|² of {@link #matrix()}. */
  public double squaredNorm() {
    return Arrays.stream(rowSquares).sum();
  }

  /** |Xc'Xc|² of {@link #matrix()}. */
  public double selfProduct() {
    return selfProduct.get();
  }

  private double computeSelfProduct() {
    return Products.transposeTimes(matrix, matrix).squaredNorm();
  }
}
