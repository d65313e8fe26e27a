package org.palimpsest.similarity.internal.intervals;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.FourSums;
import org.palimpsest.similarity.internal.pairwise.PairStorage;
import org.palimpsest.similarity.internal.pairwise.Triangle;
import org.palimpsest.similarity.internal.pairwise.TriangleValues;

/**
 * A Gaussian kernel exp(−d² / b) whose bandwidth b is a multiple of the median of all squared
 * distances, and which therefore changes with every image that is left out.
 *
 * <p>Without image i its bandwidth is bᵢ, and the kernel K + (log bᵢ − log b) D, where D = −K ln K
 * is its derivative by log b. Nearly equal layers differ by so little that a score with the
 * bandwidth kept would move too little. Memory: 16N² bytes for N rows.
 */
final class GaussianByImages implements ImageSide {

  /** Above this −ln K of the median pair, rounding of K decides. */
  private static final double LARGEST_MEDIAN = 27;

  private final KernelByImages kernel;
  private final double[] derivative;
  private final double[] gradient;
  private final double[] moves;
  private final HsicByImages self;

  /**
   * @param derivative D of all pairs of rows, row after row of the strict upper triangle
   * @param gradient how the criterion of D and another kernel changes with that kernel's pairs
   * @param moves log bᵢ − log b
   */
  private GaussianByImages(
      KernelByImages kernel, double[] derivative, double[] gradient, double[] moves) {
    this.kernel = kernel;
    this.derivative = derivative;
    this.gradient = gradient;
    this.moves = moves;
    this.self = with(this);
  }

  /**
   * Of a kernel times a factor.
   *
   * @param lessOne reads K − 1
   * @throws PalimpsestException if the kernel is too narrow to tell the median from it, or an image
   *     without which there is none
   */
  static GaussianByImages of(
      KernelByImages kernel, KernelByImages.UpperRow lessOne, double factor) {
    Representation.Info info = kernel.info();
    int rows = Math.toIntExact(info.samples());
    double[] exponents =
        PairStorage.doubles(Triangle.size(rows), info, "one value for each pair of samples");
    double[] rest = new double[rows];
    for (int i = 0; i < rows; i++) {
      int count = rows - i - 1;
      lessOne.read(i, count, rest);
      for (int k = 0; k < count; k++) {
        exponents[Triangle.start(rows, i) + k] = -Math.log1p(Math.min(0, Math.max(-1, rest[k])));
      }
    }
    double[] moves = new Medians(info, exponents).moves();
    Arrays.setAll(exponents, pair -> factor * slope(exponents[pair]));
    KernelByImages derivative =
        KernelByImages.of(
            info,
            (row, count, target) ->
                System.arraycopy(exponents, Triangle.start(rows, row), target, 0, count));
    return new GaussianByImages(kernel, exponents, derivative.gradient(), moves);
  }

  private static double slope(double exponent) {
    return Double.isInfinite(exponent) ? 0 : exponent * Math.exp(-exponent);
  }

  @Override
  public Representation.Info info() {
    return kernel.info();
  }

  @Override
  public HsicByImages with(ImageSide other) {
    GaussianByImages b = (GaussianByImages) other;
    double[] bySelf = kernel.sumsWithout(b.gradient);
    double[] byOther = b.kernel.sumsWithout(gradient);
    double byBoth = FourSums.ofProducts(gradient, 0, b.derivative, 0, gradient.length);
    HsicByImages kept = kernel.with(b.kernel);
    double[] without = kept.without().clone();
    for (int i = 0; i < without.length; i++) {
      without[i] += moves[i] * byOther[i] + b.moves[i] * bySelf[i] + moves[i] * b.moves[i] * byBoth;
    }
    return new HsicByImages(kept.whole(), without);
  }

  @Override
  public HsicByImages self() {
    return self;
  }

  @Override
  public EffectiveImages effectiveImages() {
    return kernel.effectiveImages();
  }

  @Override
  public double scale() {
    return kernel.scale();
  }

  @Override
  public ImageSide inFloat64() {
    return this;
  }

  @Override
  public ImageSide inFloat32() {
    return this;
  }

  @Override
  public boolean isFloat64() {
    return true;
  }

  /** The median of an N × N matrix of zero diagonal, of all images and of all but each. */
  private static final class Medians {

    private final Representation.Info info;
    private final int rows;
    private final int rowsEach;
    private final double[] pairs;
    private final int ofEachImage;
    private final int below;
    private final double[] window;

    Medians(Representation.Info info, double[] pairs) {
      this.info = info;
      this.rows = Math.toIntExact(info.samples());
      this.rowsEach = info.rowsPerProbe();
      this.pairs = pairs;
      this.ofEachImage = pairs.length - Math.toIntExact(Triangle.size(rows - rowsEach));
      int rest = rows - rowsEach;
      TriangleValues values = TriangleValues.of(pairs);
      double low = values.smallest(pairs.length, Math.max(0, rank(lower(rest), rest)));
      int last = Math.max(rank(upper(rows), rows), rank(upper(rest), rest) + ofEachImage);
      double high = values.smallest(pairs.length, Math.min(pairs.length - 1, last));
      this.below = (int) Arrays.stream(pairs).filter(pair -> pair < low).count();
      this.window = Arrays.stream(pairs).filter(pair -> pair >= low && pair <= high).toArray();
      Arrays.sort(window);
    }

    /** What the logarithm of the median moves by without each image. */
    double[] moves() {
      double median = median(rows, new double[0]);
      if (!(median <= LARGEST_MEDIAN)) {
        throw new PalimpsestException(
            "The bandwidth is so small beside the distances of layer '%s' (%d samples × %d features) that the kernel of most pairs is 0, and how it varies with the images cannot be told. Use a fraction of the median distance of 0.15 or more."
                .formatted(info.layer(), info.samples(), info.features()));
      }
      return IntStream.range(0, Math.toIntExact(info.probeCount()))
          .parallel()
          .mapToDouble(image -> Math.log(medianWithout(image) / median))
          .toArray();
    }

    private double medianWithout(int image) {
      double median = median(rows - rowsEach, pairsOf(image));
      if (!(median > 0)) {
        throw new PalimpsestException(JackknifeValues.nothingWithout("image", image, info));
      }
      return median;
    }

    /** The values of all pairs with a row of this image. */
    private double[] pairsOf(int image) {
      int first = image * rowsEach;
      double[] own = new double[ofEachImage];
      int count = 0;
      for (int r = first; r < first + rowsEach; r++) {
        for (int c = 0; c < rows; c++) {
          if (c < first || c > r) {
            own[count++] = pairs[Triangle.index(rows, r, c)];
          }
        }
      }
      return own;
    }

    /** Of n rows whose pairs are all but some. */
    private double median(int n, double[] but) {
      double above = entry(upper(n), n, but);
      return lower(n) == upper(n) ? above : (entry(lower(n), n, but) + above) / 2;
    }

    /** Which of the n² entries in ascending order is in the middle, or the second of two. */
    private static long upper(int n) {
      return (long) n * n / 2;
    }

    /** The first of two, or that one. */
    private static long lower(int n) {
      return ((long) n * n - 1) / 2;
    }

    /** Of entry k among the pairs: n zeros come first, then each pair twice. */
    private static int rank(long k, int n) {
      return (int) ((k - n) / 2);
    }

    private double entry(long k, int n, double[] but) {
      return k < n ? 0 : ofRank(rank(k, n), but);
    }

    /** The least value which, with those below it, is more than {@code rank} of the pairs left. */
    private double ofRank(int rank, double[] but) {
      int low = Math.max(0, rank - below);
      int high = Math.min(window.length - 1, rank + but.length - below);
      while (low < high) {
        int middle = (low + high) >>> 1;
        double value = window[middle];
        if (below + notAbove(value) - notAbove(but, value) > rank) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      return window[low];
    }

    /** How many of the window are not above this value. */
    private int notAbove(double value) {
      int low = 0;
      int high = window.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (window[middle] <= value) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }

    private static int notAbove(double[] values, double value) {
      int count = 0;
      for (double one : values) {
        count += one <= value ? 1 : 0;
      }
      return count;
    }
  }
}
