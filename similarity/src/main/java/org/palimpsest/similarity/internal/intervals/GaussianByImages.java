package org.palimpsest.similarity.internal.intervals;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.FourSums;
import org.palimpsest.similarity.internal.pairwise.DecayingExponentials;
import org.palimpsest.similarity.internal.pairwise.PairStorage;
import org.palimpsest.similarity.internal.pairwise.Triangle;
import org.palimpsest.similarity.internal.pairwise.TriangleValues;

/**
 * A Gaussian kernel exp(−d² / b) whose bandwidth b is a multiple of the median of all squared
 * distances, and which therefore changes with every image that is left out. Nearly equal layers
 * differ by so little that a score with the bandwidth kept would move too little.
 *
 * <p>Without image i its bandwidth is bᵢ, and the kernel nearly K + (log bᵢ − log b) D, where D =
 * −K ln K is its derivative by log b. Where bᵢ is far from b, as with few images, the kernel is
 * made anew. Memory: 20N² bytes for N rows.
 */
final class GaussianByImages implements ImageSide {

  /** Above this −ln K of the median pair, rounding of K decides. */
  private static final double LARGEST_MEDIAN = 27;

  /** Of log bᵢ − log b; what the derivative leaves out is of the order of its square. */
  private static final double SMALL_MOVE = 0.02;

  private static final double SECONDS_OF_PAIR = 2e-8;

  private final KernelByImages kernel;
  private final double[] exponents;
  private final double[] derivative;
  private final double[] gradient;
  private final double[] moves;
  private final HsicByImages moved;

  /**
   * @param exponents −ln K of all pairs of rows, row after row of the strict upper triangle
   * @param derivative D of these, times the kernel's factor
   * @param gradient how the criterion of D and another kernel changes with that kernel's pairs
   * @param moves log bᵢ − log b
   */
  private GaussianByImages(
      KernelByImages kernel,
      double[] exponents,
      double[] derivative,
      double[] gradient,
      double[] moves) {
    this.kernel = kernel;
    this.exponents = exponents;
    this.derivative = derivative;
    this.gradient = gradient;
    this.moves = moves;
    this.moved = with(this);
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
    double[] exponents = pairs(info);
    double[] rest = new double[rows];
    for (int i = 0; i < rows; i++) {
      int count = rows - i - 1;
      lessOne.read(i, count, rest);
      for (int k = 0; k < count; k++) {
        exponents[Triangle.start(rows, i) + k] = -Math.log1p(Math.min(0, Math.max(-1, rest[k])));
      }
    }
    double[] slopes = pairs(info);
    Arrays.setAll(slopes, pair -> factor * slope(exponents[pair]));
    KernelByImages derivative =
        KernelByImages.of(
            info,
            (row, count, target) ->
                System.arraycopy(slopes, Triangle.start(rows, row), target, 0, count));
    double[] moves = new Medians(info, exponents).moves();
    return new GaussianByImages(kernel, exponents, slopes, derivative.gradient(), moves);
  }

  private static double[] pairs(Representation.Info info) {
    return PairStorage.doubles(
        Triangle.size(info.samples()), info, "one value for each pair of samples");
  }

  private static double slope(double exponent) {
    return Double.isInfinite(exponent) ? 0 : exponent * Math.exp(-exponent);
  }

  @Override
  public Representation.Info info() {
    return kernel.info();
  }

  /** To first order in all moves. */
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
  public JackknifeValues alignedWith(ImageSide other) {
    GaussianByImages b = (GaussianByImages) other;
    JackknifeValues nearly = with(b).over(moved, b.moved);
    double[] without = nearly.without().clone();
    for (int i = 0; i < without.length; i++) {
      if (isFar(i, b)) {
        without[i] = new AllButOne(this, i).alignment(new AllButOne(b, i));
      }
    }
    return new JackknifeValues(nearly.value(), without);
  }

  private boolean isFar(int image, GaussianByImages b) {
    return Math.max(Math.abs(moves[image]), Math.abs(b.moves[image])) > SMALL_MOVE;
  }

  @Override
  public double secondsBeside(ImageSide other) {
    GaussianByImages b = (GaussianByImages) other;
    long far = IntStream.range(0, moves.length).filter(i -> isFar(i, b)).count();
    return far * SECONDS_OF_PAIR * exponents.length;
  }

  /** With the bandwidth kept, which tells whether anything is left without an image. */
  @Override
  public HsicByImages self() {
    return kernel.self();
  }

  @Override
  public EffectiveImages effectiveImages() {
    return kernel.effectiveImages();
  }

  @Override
  public double scale() {
    return kernel.scale();
  }

  /** The kernel less one of all images but one, with the bandwidth of these, row by row. */
  private static final class AllButOne {

    private final Representation.Info info;
    private final double[] exponents;
    private final int left;
    private final double bandwidth;
    private final int images;
    private final int each;
    private final double[] row;
    private final double[] toImages;

    AllButOne(GaussianByImages all, int image) {
      Representation.Info of = all.info();
      this.each = of.rowsPerProbe();
      this.info =
          new Representation.Info(
              of.layer(), of.samples() - each, of.features(), each, of.probes(), of.view());
      this.exponents = all.exponents;
      this.left = image * each;
      this.bandwidth = Math.exp(all.moves[image]);
      this.images = Math.toIntExact(info.probeCount());
      this.row = new double[images * each];
      this.toImages = PairStorage.doubles(info.samples() * images, info, "a value for each image");
    }

    double alignment(AllButOne b) {
      double[] between = new double[images];
      double[] own = new double[images];
      double[] ofB = new double[images];
      for (int r = 0; r < images * each; r++) {
        read(r);
        b.read(r);
        add(row, b.row, r / each, between);
        add(row, row, r / each, own);
        add(b.row, b.row, r / each, ofB);
      }
      RowsToImages x = RowsToImages.of(info, toImages);
      RowsToImages y = RowsToImages.of(b.info, b.toImages);
      return x.statistic(y, between).over(x.statistic(x, own), y.statistic(y, ofB)).value();
    }

    /** The kernel of a row and those of later images. */
    private void read(int r) {
      int image = r / each;
      int first = (image + 1) * each;
      int count = images * each - first;
      int start = Triangle.start(Math.toIntExact(info.samples()) + each, original(r));
      int at = start + original(first) - original(r) - 1;
      int before = Math.max(0, Math.min(count, left - first));
      System.arraycopy(exponents, at, row, 0, before);
      System.arraycopy(
          exponents, at + before + (before > 0 ? each : 0), row, before, count - before);
      DecayingExponentials.lessOne(row, count, bandwidth);
      for (int k = 0; k < count; k++) {
        double share = row[k] / each;
        toImages[r * images + (first + k) / each] += share;
        toImages[(first + k) * images + image] += share;
      }
    }

    /** Which row of all images one of the rest is. */
    private int original(int r) {
      return r < left ? r : r + each;
    }

    private void add(double[] x, double[] y, int image, double[] products) {
      for (int other = image + 1; other < images; other++) {
        double sum =
            FourSums.ofProducts(x, (other - image - 1) * each, y, (other - image - 1) * each, each);
        products[image] += sum / each / each;
        products[other] += sum / each / each;
      }
    }
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
            "The bandwidth is so small beside the distances of layer '%s' (%s samples × %s features) that the kernel of most pairs is 0, and how it varies with the images cannot be told. Use a fraction of the median distance of 0.15 or more."
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
