package org.palimpsest.similarity.streaming;

import java.util.Arrays;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.Axes;
import org.palimpsest.similarity.internal.linalg.Decompositions;
import org.palimpsest.similarity.internal.linalg.Decompositions.Eigen;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.Lazy;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.LinearPair.DiagonalSums;
import org.palimpsest.similarity.internal.linalg.LinearSide;
import org.palimpsest.similarity.internal.linalg.Products;
import org.palimpsest.similarity.internal.linalg.RankTolerance;
import org.palimpsest.similarity.streaming.CoMoments.Precision;

/**
 * Sums over the samples of two layers, of products of their deviations u and v from provisional
 * means and of the squared norms a = |u|² and b = |v|².
 *
 * @param products that of uv', p × q
 * @param squares that of a b
 * @param squaresOfA that of a v, q
 * @param squaresOfB that of b u, p
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
record CrossMoments(Dense products, double squares, double[] squaresOfA, double[] squaresOfB) {

  static CrossMoments none(int p, int q) {
    return new CrossMoments(Dense.zeros(p, q), 0, new double[q], new double[p]);
  }

  /** The same with sums of its own. */
  CrossMoments copy() {
    return plus(none(squaresOfB.length, squaresOfA.length));
  }

  /** With a batch's sum of a b; its other sums are there already. */
  CrossMoments withSquares(double ofBatch) {
    return new CrossMoments(products, squares + ofBatch, squaresOfA, squaresOfB);
  }

  CrossMoments plus(CrossMoments other) {
    return new CrossMoments(
        Vectors.plus(products, other.products, 1),
        squares + other.squares,
        Vectors.plus(squaresOfA, other.squaresOfA, 1),
        Vectors.plus(squaresOfB, other.squaresOfB, 1));
  }

  /** The same samples in other units: u becomes f u, v becomes g v. */
  CrossMoments scaled(double f, double g) {
    return new CrossMoments(
        Vectors.times(products, f * g),
        f * f * g * g * squares,
        Vectors.times(squaresOfA, f * f * g),
        Vectors.times(squaresOfB, f * g * g));
  }

  /**
   * The same samples about other provisional means: u becomes u - s, v becomes v - t.
   *
   * @param ofA the first layer's own moments, before the change
   * @param ofB the second's
   */
  CrossMoments shifted(SideMoments ofA, double[] s, SideMoments ofB, double[] t) {
    double n = ofA.count();
    double c = Vectors.dot(s, s);
    double d = Vectors.dot(t, t);
    double alongA = Vectors.dot(s, ofA.sum());
    double alongB = Vectors.dot(t, ofB.sum());
    double[] imageOfS = Vectors.times(products.transpose(), s);
    double[] imageOfT = Vectors.times(products, t);
    double newSquaresOfA = ofA.squares() - 2 * alongA + n * c;
    double newSquaresOfB = ofB.squares() - 2 * alongB + n * d;
    double sum =
        squares
            - 2 * Vectors.dot(t, squaresOfA)
            + d * ofA.squares()
            - 2 * Vectors.dot(s, squaresOfB)
            + 4 * Vectors.dot(s, imageOfT)
            - 2 * d * alongA
            + c * ofB.squares()
            - 2 * c * alongB
            + n * c * d;
    return new CrossMoments(
        Vectors.shifted(products, ofA.sum(), ofB.sum(), s, t, n),
        sum,
        timesSquares(squaresOfA, imageOfS, c, ofB.sum(), newSquaresOfA, t),
        timesSquares(squaresOfB, imageOfT, d, ofA.sum(), newSquaresOfB, s));
  }

  /** The sum of a v after the change: of (a - 2 s'u + c)(v - t). */
  private static double[] timesSquares(
      double[] before, double[] image, double c, double[] sum, double newSquares, double[] t) {
    double[] after = new double[before.length];
    for (int j = 0; j < after.length; j++) {
      after[j] = before[j] - 2 * image[j] + c * sum[j] - t[j] * newSquares;
    }
    return after;
  }

  /**
   * Two layers, of which only the co-moments about their means are known.
   *
   * @param a the first
   * @param b the second
   * @param product Xc'Yc
   * @param diagonals sums over squared row norms
   */
  record StreamedPair(Layer a, Layer b, Dense product, DiagonalSums diagonals)
      implements LinearPair {

    static StreamedPair of(Layer a, Layer b, CrossMoments centred) {
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

    /** One layer, of which only the moments about its mean are known. */
    static final class Layer implements LinearSide {

      /** Whose squares float64 holds with all digits, and what is far smaller beside them. */
      private static final double LEAST_SQUARES = 1e-140;

      private final Representation.Info info;
      private final double scale;
      private final SideMoments centred;
      private final double spread;
      private final Precision precision;
      private final DataType type;
      private final Lazy<Eigen> eigen;

      /**
       * @param squaresOfMeans of the features, summed over them and over samples
       * @param type in which the layer came, whose rounding decides how small a component is none
       */
      Layer(
          Representation.Info info,
          double scale,
          SideMoments centred,
          double squaresOfMeans,
          Precision precision,
          DataType type) {
        this.info = info;
        this.scale = scale;
        this.centred = centred;
        this.spread = Math.sqrt(centred.squares() / (centred.squares() + squaresOfMeans));
        this.precision = precision;
        this.type = type;
        this.eigen = new Lazy<>(() -> Decompositions.symmetric(centred.gram()));
        if (!(centred.squares() > 0)) {
          throw new PalimpsestException(
              "Layer '%s' (%s samples × %s features) answers the same to every sample, so nothing can be compared with it. Leave it out, or show more probes."
                  .formatted(info.layer(), info.samples(), info.features()));
        }
        if (centred.squares() < LEAST_SQUARES) {
          throw new PalimpsestException(
              "Layer '%s' (%s samples × %s features) varies by %s alone, too little for float64 sums of fourth powers. Scale it up, or leave it out."
                  .formatted(
                      info.layer(),
                      info.samples(),
                      info.features(),
                      scale * Math.sqrt(centred.squares() / info.samples())));
        }
      }

      Precision precision() {
        return precision;
      }

      SideMoments centred() {
        return centred;
      }

      @Override
      public Representation.Info info() {
        return info;
      }

      @Override
      public double scale() {
        return scale;
      }

      @Override
      public double squaredNorm() {
        return centred.squares();
      }

      @Override
      public double spread() {
        return spread;
      }

      @Override
      public DataType cameAs() {
        return type;
      }

      @Override
      public double selfProduct() {
        return centred.gram().squaredNorm();
      }

      @Override
      public double[] squaredSingularValues() {
        return Arrays.stream(eigen.get().values()).map(value -> Math.max(0, value)).toArray();
      }

      @Override
      public Axes axes(RankTolerance tolerance) {
        return axes(tolerance, centred.width());
      }

      @Override
      public Axes principalAxes(int k) {
        return axes(RankTolerance.automatic(), k);
      }

      private MomentAxes axes(RankTolerance tolerance, int most) {
        double least =
            Math.max(
                precision.leastSingularValue(centred.width()),
                tolerance.of(info.samples(), info.features(), type));
        double[] squares = squaredSingularValues();
        int rank = 1;
        while (rank < Math.min(most, squares.length)
            && squares[rank] > least * least * squares[0]) {
          rank++;
        }
        return new MomentAxes(eigen.get(), rank);
      }
    }

    /**
     * The first r principal axes of a layer of which only the covariance is known.
     *
     * @param eigen of Xc'Xc
     * @param rank r
     */
    private record MomentAxes(Eigen eigen, int rank) implements Axes {

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
  }
}
