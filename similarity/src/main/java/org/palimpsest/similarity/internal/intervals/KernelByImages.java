package org.palimpsest.similarity.internal.intervals;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.FourSums;
import org.palimpsest.similarity.internal.linalg.Products;
import org.palimpsest.similarity.internal.pairwise.PairStorage;
import org.palimpsest.similarity.internal.pairwise.Triangle;

/** A kernel matrix of N rows of n images. Memory: 8N² bytes. */
public final class KernelByImages implements ImageSide {

  private final Representation.Info info;
  private final int rowsEach;
  private final double[] kernel;
  private final RowsToImages toImages;
  private final HsicByImages self;
  private final double scale;
  private final EffectiveImages effectiveImages;

  /**
   * @param kernel N × N, symmetric; what lies within an image is overwritten
   */
  private KernelByImages(
      Representation.Info info, double[] kernel, EffectiveImages effectiveImages) {
    this.info = info;
    this.effectiveImages = effectiveImages;
    this.rowsEach = info.rowsPerProbe();
    this.kernel = kernel;
    int rows = Math.toIntExact(info.samples());
    for (int r = 0; r < rows; r++) {
      int first = r / rowsEach * rowsEach;
      Arrays.fill(kernel, r * rows + first, r * rows + first + rowsEach, 0);
    }
    this.toImages = RowsToImages.of(info, rowsEach == 1 ? kernel : averaged(rows));
    this.scale = Arrays.stream(kernel).map(v -> v * v).sum() / kernel.length;
    this.self = with(this);
  }

  /** Each row's mean over the rows of each image. */
  private double[] averaged(int rows) {
    int images = rows / rowsEach;
    double[] averages = PairStorage.doubles((long) rows * images, info, "a value for each image");
    double share = 1.0 / rowsEach;
    int at = 0;
    for (int k = 0; k < averages.length; k++) {
      double sum = 0;
      for (int end = at + rowsEach; at < end; at++) {
        sum += kernel[at];
      }
      averages[k] = sum * share;
    }
    return averages;
  }

  /** Receives the rest of row i of a symmetric matrix, from column i + 1 on. */
  @FunctionalInterface
  public interface UpperRow {
    void read(int row, int count, double[] target);
  }

  /** A kernel without its diagonal; what is added to its rows and columns changes nothing. */
  public static KernelByImages of(Representation.Info info, UpperRow upper) {
    int rows = (int) info.samples();
    double[] full =
        PairStorage.doubles(
            (long) rows * rows, info, "for intervals one value for each pair of samples");
    double[] rest = new double[rows];
    for (int i = 0; i < rows; i++) {
      int count = rows - i - 1;
      upper.read(i, count, rest);
      for (int k = 0; k < count; k++) {
        full[i * rows + i + 1 + k] = rest[k];
        full[(i + 1 + k) * rows + i] = rest[k];
      }
    }
    double[] sums = new double[(int) info.probeCount()];
    for (int i = 0; i < rows; i++) {
      int image = i / info.rowsPerProbe();
      for (int at = i * rows; at < (i + 1) * rows; at++) {
        sums[image] += full[at];
      }
    }
    return new KernelByImages(info, full, EffectiveImages.all(info, sums));
  }

  /**
   * This as a Gaussian kernel whose bandwidth is a multiple of the median squared distance.
   *
   * @param lessOne reads exp(−d² / b) − 1
   * @param factor times which this is that kernel, but for what is added to rows and columns
   */
  public ImageSide withMedianBandwidth(UpperRow lessOne, double factor) {
    return GaussianByImages.of(this, lessOne, factor);
  }

  static KernelByImages ofGram(CentredLayer layer) {
    double[] gram = Products.gramOfRows(layer.matrix()).values();
    int rows = Math.toIntExact(layer.info().samples());
    double[] squares = IntStream.range(0, rows).mapToDouble(i -> gram[i * rows + i]).toArray();
    double[] marks = EffectiveImages.marks(layer.matrix(), rows);
    return new KernelByImages(layer.info(), gram, EffectiveImages.of(layer.info(), squares, marks));
  }

  @Override
  public Representation.Info info() {
    return info;
  }

  @Override
  public HsicByImages self() {
    return self;
  }

  @Override
  public EffectiveImages effectiveImages() {
    return effectiveImages;
  }

  @Override
  public double scale() {
    return scale;
  }

  @Override
  public HsicByImages with(ImageSide other) {
    KernelByImages b = (KernelByImages) other;
    return toImages.statistic(b.toImages, products(b));
  }

  /**
   * By how much the criterion of this kernel and another one changes with each pair of rows of the
   * other: row after row of the strict upper triangle.
   */
  double[] gradient() {
    int rows = Math.toIntExact(info.samples());
    double[] gradient =
        PairStorage.doubles(Triangle.size(rows), info, "one value for each pair of samples");
    int at = 0;
    for (int r = 0; r < rows; r++) {
      int image = r / rowsEach;
      at += (image + 1) * rowsEach - r - 1;
      for (int other = image + 1; other < rows / rowsEach; other++) {
        for (int c = other * rowsEach; c < (other + 1) * rowsEach; c++) {
          gradient[at++] = toImages.gradient(r, image, c, other, kernel[r * rows + c]);
        }
      }
    }
    return gradient;
  }

  /**
   * The criterion of this kernel and another one without each image, to first order in 1/n.
   *
   * @param gradient of the other kernel
   */
  double[] sumsWithout(double[] gradient) {
    int rows = Math.toIntExact(info.samples());
    double[] ofRows = new double[rows];
    for (int r = 0; r < rows; r++) {
      int at = Triangle.start(rows, r) - r - 1;
      double sum = 0;
      for (int c = r + 1; c < rows; c++) {
        double product = kernel[r * rows + c] * gradient[at + c];
        sum += product;
        ofRows[c] += product;
      }
      ofRows[r] += sum;
    }
    double whole = FourSums.of(ofRows, rows) / 2;
    double n = rows / rowsEach;
    double[] without = new double[rows / rowsEach];
    for (int i = 0; i < n; i++) {
      double own = Arrays.stream(ofRows, i * rowsEach, (i + 1) * rowsEach).sum();
      without[i] = (whole - own) * n / (n - 2);
    }
    return without;
  }

  private double[] products(KernelByImages b) {
    int rows = Math.toIntExact(info.samples());
    double[] products = new double[rows / rowsEach];
    for (int r = 0; r < rows; r++) {
      double sum = FourSums.ofProducts(kernel, r * rows, b.kernel, r * rows, rows);
      products[r / rowsEach] += sum / rowsEach / rowsEach;
    }
    return products;
  }
}
