package org.palimpsest.similarity.internal.linalg;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.measure.Prepared.Resamplable;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.representation.Representation;

/** A layer without its means, and what the linear measures have already computed of it. */
public class CentredLayer implements Resamplable<CentredLayer>, LinearSide {

  private final Representation.Info info;
  private final INDArray matrix;
  private final double scale;
  private final double[] rowSquares;
  private final double squaredNorm;
  private final double spread;
  private final boolean keepsMeans;
  private final DataType cameAs;
  private final Lazy<Double> selfProduct = new Lazy<>(this::computeSelfProduct);
  private final Lazy<Dense> gram = new Lazy<>(this::computeGram);
  private final Lazy<Spectrum> spectrum = new Lazy<>(this::computeSpectrum);
  private final Lazy<Spectrum> leadingSpectrum = new Lazy<>(this::computeLeadingSpectrum);
  private final Map<RankTolerance, Basis> bases = new ConcurrentHashMap<>();
  private final Map<Integer, Basis> leading = new ConcurrentHashMap<>();

  CentredLayer(
      Representation.Info info,
      INDArray matrix,
      DataType cameAs,
      double scale,
      double[] rowSquares,
      double spread,
      boolean keepsMeans) {
    this.info = info;
    this.matrix = matrix;
    this.cameAs = cameAs;
    this.scale = scale;
    this.rowSquares = rowSquares;
    this.squaredNorm = Arrays.stream(rowSquares).sum();
    this.spread = spread;
    this.keepsMeans = keepsMeans;
  }

  /** The same layer with its rows elsewhere. */
  CentredLayer(CentredLayer original, INDArray matrix, double[] rowSquares) {
    this(
        original.info,
        matrix,
        original.cameAs,
        original.scale,
        rowSquares,
        original.spread,
        original.keepsMeans);
  }

  @Override
  public CentredLayer withRows(int[] rows) {
    return new ReorderedLayer(this, rows);
  }

  @Override
  public boolean canDraw(int[] rows) {
    return Rows.isPermutation(rows);
  }

  @Override
  public Representation.Info info() {
    return info;
  }

  /** Xc / {@link #scale()}, n × p, of the type in which the layer came: float32 or float64. */
  public INDArray matrix() {
    return matrix;
  }

  /** In which type products of {@link #matrix()} are computed. */
  DataType products() {
    return matrix.dataType();
  }

  /** The same layer, of which every product is computed in float64. */
  CentredLayer inFloat64() {
    return products() == DataType.DOUBLE ? this : new PreciseLayer(this);
  }

  /**
   * Of more features than samples a square matrix of the same inner products of samples, in
   * float64; else {@link #matrix()}.
   */
  INDArray compactScores() {
    return matrix().rows() < matrix().columns() ? spectrum().scores() : matrix();
  }

  Spectrum spectrum() {
    return spectrum.get();
  }

  /** The power of two that the layer was divided by. */
  @Override
  public double scale() {
    return scale;
  }

  /** The squared norm of each row of {@link #matrix()}. */
  public double[] rowSquares() {
    return rowSquares;
  }

  /** |Xc|² of {@link #matrix()}. */
  @Override
  public double squaredNorm() {
    return squaredNorm;
  }

  @Override
  public double spread() {
    return spread;
  }

  @Override
  public DataType cameAs() {
    return cameAs;
  }

  /** |Xc'Xc|² of {@link #matrix()}. */
  @Override
  public double selfProduct() {
    return selfProduct.get();
  }

  private double computeSelfProduct() {
    return CrossProducts.between(this, this);
  }

  /** XcXc' of {@link #matrix()}, n × n. */
  Dense gram() {
    return gram.get();
  }

  private Dense computeGram() {
    return Products.gramOfRows(matrix(), products());
  }

  /** Where each sample of {@link #gram()} went, in the new order. */
  int[] order() {
    return IntStream.range(0, matrix.rows()).toArray();
  }

  /** The squared singular values of {@link #matrix()}, descending. */
  @Override
  public double[] squaredSingularValues() {
    return leadingSpectrum.get().squares();
  }

  private Spectrum computeSpectrum() {
    return Spectrum.of(matrix);
  }

  /** In float32 where the layer is, and is tall; enough for the leading components. */
  private Spectrum computeLeadingSpectrum() {
    boolean single = products() == DataType.FLOAT && matrix.rows() >= matrix.columns();
    return single ? Spectrum.inSinglePrecision(matrix) : spectrum();
  }

  /** An orthonormal basis of the features, of their numerical rank. */
  @Override
  public Basis axes(RankTolerance tolerance) {
    return bases.computeIfAbsent(
        tolerance,
        t -> Basis.of(spectrum(), t.of(info.samples(), info.features(), cameAs), products()));
  }

  /** An orthonormal basis of the first k principal components, or of all if there are fewer. */
  @Override
  public Basis principalAxes(int k) {
    return leading.computeIfAbsent(k, this::computeLeading);
  }

  private Basis computeLeading(int k) {
    if (leadingSpectrum.get().isReliable(k)) {
      return Basis.leading(leadingSpectrum.get(), k, products());
    }
    return spectrum().isReliable(k)
        ? Basis.leading(spectrum(), k, products())
        : axes(RankTolerance.automatic()).first(k);
  }

  /** With the singular values and vectors, if they were computed; all else is cheap after them. */
  static final class Format implements PreparedFormat<CentredLayer> {

    @Override
    public void write(CentredLayer layer, PreparedOutput out) throws IOException {
      out.writeInfo(layer.info);
      out.writeTensor(layer.matrix);
      out.writeBoolean(layer.cameAs == DataType.FLOAT);
      out.writeDouble(layer.scale);
      out.writeDoubles(layer.rowSquares);
      out.writeDouble(layer.spread);
      out.writeBoolean(layer.keepsMeans);
      write(layer.spectrum, out);
      write(layer.leadingSpectrum, out);
    }

    private static void write(Lazy<Spectrum> lazy, PreparedOutput out) throws IOException {
      Optional<Spectrum> known = lazy.known();
      out.writeBoolean(known.isPresent());
      if (known.isPresent()) {
        known.get().write(out);
      }
    }

    @Override
    public CentredLayer read(PreparedInput in) throws IOException {
      CentredLayer layer =
          new CentredLayer(
              in.readInfo(),
              in.readTensor(),
              in.readBoolean() ? DataType.FLOAT : DataType.DOUBLE,
              in.readDouble(),
              in.readDoubles(),
              in.readDouble(),
              in.readBoolean());
      read(layer.spectrum, layer.matrix, in);
      read(layer.leadingSpectrum, layer.matrix, in);
      return layer;
    }

    private static void read(Lazy<Spectrum> lazy, INDArray matrix, PreparedInput in)
        throws IOException {
      if (in.readBoolean()) {
        lazy.set(Spectrum.read(matrix, in));
      }
    }
  }

  /**
   * A float32 layer of which every product is computed in float64: how far two layers are apart
   * that are nearly equal is less than what float32 sums lose.
   */
  private static final class PreciseLayer extends CentredLayer {

    private final CentredLayer original;

    PreciseLayer(CentredLayer original) {
      super(original, original.matrix(), original.rowSquares());
      this.original = original;
    }

    @Override
    DataType products() {
      return DataType.DOUBLE;
    }

    @Override
    Spectrum spectrum() {
      return original.spectrum();
    }
  }
}
