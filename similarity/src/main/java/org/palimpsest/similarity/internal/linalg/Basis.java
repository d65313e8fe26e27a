package org.palimpsest.similarity.internal.linalg;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** An orthonormal basis of a layer's features, leading principal component first. */
public final class Basis implements Axes {

  /**
   * A Gram matrix squares the condition number. Each pass takes the components down to this
   * fraction of its largest, which are then orthonormal to 1e-10, and leaves the rest to the next.
   */
  private static final double RELIABLE = 1e-3;

  /** What is this small a fraction of the whole norm cannot be told from rounding. */
  private static final double ROUNDING = 8 * Math.ulp(1.0);

  private final INDArray matrix;
  private final INDArray vectors;
  private final DataType products;
  private final Lazy<Dense> coordinates;

  private Basis(INDArray matrix, INDArray vectors, DataType products) {
    this.matrix = matrix;
    this.vectors = vectors;
    this.products = products;
    this.coordinates = new Lazy<>(this::computeCoordinates);
  }

  private Basis(Basis original, INDArray vectors) {
    this.matrix = original.matrix;
    this.vectors = vectors;
    this.products = original.products;
    this.coordinates = original.coordinates;
  }

  /**
   * Of the components whose singular values exceed a fraction of the largest.
   *
   * @param spectrum of the layer's matrix
   * @param tolerance the fraction
   * @param products in which type products with the basis are computed
   */
  static Basis of(Spectrum spectrum, double tolerance, DataType products) {
    INDArray matrix = spectrum.matrix();
    double bound = tolerance * Math.sqrt(spectrum.squares()[0]);
    if (matrix.dataType() == DataType.FLOAT) {
      int rank = Math.max(1, spectrum.countAbove(bound));
      return leading(spectrum, rank, products);
    }
    return new Basis(matrix, peel(spectrum, bound), products);
  }

  /** The first k components alone, where the spectrum is precise enough for that. */
  static Basis leading(Spectrum spectrum, int k, DataType products) {
    INDArray vectors = spectrum.left(k, products);
    boolean isWidened = products != spectrum.matrix().dataType();
    return new Basis(
        spectrum.matrix(), isWidened ? orthonormal(vectors, List.of()) : vectors, products);
  }

  /** Takes off the reliable components of what is left, until nothing above the bound is left. */
  private static INDArray peel(Spectrum spectrum, double leastSingularValue) {
    INDArray whole = spectrum.matrix();
    double bound = Math.max(leastSingularValue, ROUNDING * norm(whole));
    long most = Math.min(whole.rows(), whole.columns());
    List<INDArray> parts = new ArrayList<>();
    Spectrum rest = spectrum;
    for (int rank = 0; rank < most; ) {
      double largest = Math.sqrt(rest.squares()[0]);
      int reliable = rest.countAbove(Math.max(bound, RELIABLE * largest));
      if (reliable == 0) {
        break;
      }
      INDArray part = orthonormal(leadingVectors(rest, reliable), parts);
      parts.add(part);
      rank += reliable;
      INDArray remainder = withoutSpan(rest.matrix(), part);
      if (norm(remainder) <= bound) {
        break;
      }
      rest = Spectrum.of(remainder);
    }
    return parts.size() == 1 ? parts.get(0) : Nd4j.hstack(parts).dup('c');
  }

  /**
   * Eigenvectors of the samples' Gram matrix lie in the span of the features only as far as that is
   * precise; what the features themselves make of them lies in it.
   */
  private static INDArray leadingVectors(Spectrum rest, int count) {
    INDArray vectors = rest.left(count, DataType.DOUBLE);
    if (!rest.ofSamples()) {
      return vectors;
    }
    Dense loadings = Products.transposeTimes(vectors, rest.matrix());
    return Products.timesTransposed(rest.matrix(), loadings, DataType.DOUBLE);
  }

  /** Without what rounding left of earlier parts, and one Newton step nearer to orthonormal. */
  private static INDArray orthonormal(INDArray vectors, List<INDArray> earlier) {
    INDArray own = vectors;
    for (INDArray part : earlier) {
      own = withoutSpan(own, part);
    }
    INDArray unit = own.divRowVector(own.norm2(0));
    Dense products = Products.transposeTimes(unit, unit);
    INDArray spread = Products.timesTransposed(unit, products, DataType.DOUBLE);
    return unit.mul(1.5).subi(spread.muli(0.5));
  }

  private static double norm(INDArray matrix) {
    return matrix.norm2Number().doubleValue();
  }

  private static INDArray withoutSpan(INDArray matrix, INDArray basis) {
    Dense along = Products.transposeTimes(matrix, basis);
    return matrix.sub(Products.timesTransposed(basis, along, DataType.DOUBLE));
  }

  /** The first k components, or all if there are fewer. */
  Basis first(int k) {
    return k >= rank()
        ? this
        : new Basis(
            matrix,
            vectors.get(NDArrayIndex.all(), NDArrayIndex.interval(0, k)).dup('c'),
            products);
  }

  /** With the samples in another order. */
  Basis reordered(int[] order) {
    return new Basis(this, Rows.gather(vectors, order));
  }

  /** The basis, n × r. */
  public INDArray vectors() {
    return vectors;
  }

  /** The number of components, r. */
  @Override
  public int rank() {
    return vectors.columns();
  }

  /** The layer in this basis, Q'Xc, r × p. */
  @Override
  public Dense coordinates() {
    return coordinates.get();
  }

  private Dense computeCoordinates() {
    return Products.transposeTimes(vectors, matrix, products);
  }

  /** The singular values of the layer's components, as norms of its coordinates. */
  @Override
  public double[] singularValues() {
    Dense all = coordinates();
    double[] values = new double[all.rows()];
    for (int i = 0; i < values.length; i++) {
      double square = 0;
      for (int j = 0; j < all.columns(); j++) {
        square += all.get(i, j) * all.get(i, j);
      }
      values[i] = Math.sqrt(square);
    }
    return values;
  }
}
