package org.palimpsest.similarity.linalg;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.representation.RepresentationInfo;

/** A layer without its means, and what the linear measures have already computed of it. */
public final class CentredLayer implements Prepared {

  private final RepresentationInfo info;
  private final INDArray matrix;
  private final double scale;
  private final double[] rowSquares;
  private final DataType cameAs;
  private final Lazy<Double> selfProduct = new Lazy<>(this::computeSelfProduct);
  private final Lazy<Spectrum> spectrum = new Lazy<>(this::computeSpectrum);
  private final Map<RankTolerance, Basis> bases = new ConcurrentHashMap<>();
  private final Map<Integer, Basis> leading = new ConcurrentHashMap<>();

  CentredLayer(
      RepresentationInfo info,
      INDArray matrix,
      DataType cameAs,
      double scale,
      double[] rowSquares) {
    this.info = info;
    this.matrix = matrix;
    this.cameAs = cameAs;
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
    return CrossProducts.between(this, this);
  }

  /** The squared singular values of {@link #matrix()}, descending. */
  public double[] squaredSingularValues() {
    return spectrum.get().squares();
  }

  private Spectrum computeSpectrum() {
    return Spectrum.of(matrix);
  }

  /** An orthonormal basis of the features, of their numerical rank. */
  public Basis basis(RankTolerance tolerance) {
    return bases.computeIfAbsent(
        tolerance, t -> Basis.of(spectrum.get(), t.of(info.samples(), info.features(), cameAs)));
  }

  /** An orthonormal basis of the first k principal components, or of all if there are fewer. */
  public Basis principalComponents(int k) {
    return leading.computeIfAbsent(k, this::computeLeading);
  }

  private Basis computeLeading(int k) {
    Spectrum known = spectrum.get();
    return k <= known.squares().length && Basis.isReliable(known, k)
        ? Basis.leading(known, k)
        : basis(RankTolerance.automatic()).first(k);
  }
}
