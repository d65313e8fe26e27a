package org.palimpsest.similarity.internal.intervals;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.pairwise.PairStorage;
import org.palimpsest.similarity.internal.pairwise.Triangle;

/**
 * A Gaussian kernel exp(−d² / b) whose bandwidth b is a multiple of the median of all squared
 * distances, and which therefore changes with every image that is left out.
 *
 * <p>Without image i its bandwidth is bᵢ, and the kernel K + (log bᵢ − log b) D, where D = −K ln K
 * is its derivative by log b. Nearly equal layers differ by so little that a score with the
 * bandwidth kept would move too little. Memory: 20N² bytes for N rows.
 */
final class GaussianByImages implements ImageSide {

  /** Above this −ln K of the median pair, rounding of K decides. */
  private static final double LARGEST_MEDIAN = 27;

  private final KernelByImages kernel;
  private final KernelByImages derivative;
  private final double[] moves;
  private final HsicByImages self;

  private GaussianByImages(KernelByImages kernel, KernelByImages derivative, double[] moves) {
    this.kernel = kernel;
    this.derivative = derivative;
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
    KernelByImages derivative =
        KernelByImages.of(
            info,
            (row, count, target) -> {
              for (int k = 0; k < count; k++) {
                double exponent = exponents[Triangle.start(rows, row) + k];
                target[k] = factor * slope(exponent);
              }
            });
    return new GaussianByImages(kernel, derivative, new Medians(info, exponents).moves());
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
    double[] both = new double[moves.length];
    Arrays.setAll(both, i -> moves[i] * b.moves[i]);
    return kernel
        .with(b.kernel)
        .moved(derivative.with(b.kernel), moves)
        .moved(kernel.with(b.derivative), b.moves)
        .moved(derivative.with(b.derivative), both);
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
    private final double[] sorted;

    Medians(Representation.Info info, double[] pairs) {
      this.info = info;
      this.rows = Math.toIntExact(info.samples());
      this.rowsEach = info.rowsPerProbe();
      this.pairs = pairs;
      this.sorted = pairs.clone();
      Arrays.parallelSort(sorted);
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

    /** The values of all pairs with a row of this image, in ascending order. */
    private double[] pairsOf(int image) {
      int first = image * rowsEach;
      int end = first + rowsEach;
      double[] own = new double[rowsEach * (rows - rowsEach) + rowsEach * (rowsEach - 1) / 2];
      int count = 0;
      for (int r = first; r < end; r++) {
        for (int c = 0; c < rows; c++) {
          if (c < first || c > r) {
            own[count++] = pairs[Triangle.index(rows, r, c)];
          }
        }
      }
      Arrays.sort(own);
      return own;
    }

    /** Of n rows whose pairs are all but some, sorted ones. */
    private double median(int n, double[] but) {
      long upper = (long) n * n / 2;
      double above = entry(upper, n, but);
      return n % 2 == 1 ? above : (entry(upper - 1, n, but) + above) / 2;
    }

    /** Entry k in ascending order: n zeros come first, then each pair twice. */
    private double entry(long k, int n, double[] but) {
      return k < n ? 0 : ofRank((int) ((k - n) / 2), but);
    }

    /** The least value which, with those below it, is more than {@code rank} of the pairs left. */
    private double ofRank(int rank, double[] but) {
      int low = rank;
      int high = Math.min(sorted.length - 1, rank + but.length);
      while (low < high) {
        int middle = (low + high) >>> 1;
        double value = sorted[middle];
        if (notAbove(sorted, value) - notAbove(but, value) > rank) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      return sorted[low];
    }

    /** How many values of a sorted array are not above this one. */
    private static int notAbove(double[] values, double value) {
      int low = 0;
      int high = values.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (values[middle] <= value) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }
  }
}
