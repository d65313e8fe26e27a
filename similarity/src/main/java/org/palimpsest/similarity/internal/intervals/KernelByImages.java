package org.palimpsest.similarity.internal.intervals;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Products;
import org.palimpsest.similarity.internal.pairwise.PairStorage;

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
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < rows; c++) {
        averages[r * images + c / rowsEach] += kernel[r * rows + c] / rowsEach;
      }
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
    return new KernelByImages(layer.info(), gram, EffectiveImages.of(layer.info(), squares));
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

  @Override
  public HsicByImages with(ImageSide other) {
    KernelByImages b = (KernelByImages) other;
    return toImages.statistic(b.toImages, products(b));
  }

  private double[] products(KernelByImages b) {
    int rows = Math.toIntExact(info.samples());
    double[] products = new double[rows / rowsEach];
    for (int r = 0; r < rows; r++) {
      double sum = 0;
      for (int c = r * rows; c < (r + 1) * rows; c++) {
        sum += kernel[c] * b.kernel[c];
      }
      products[r / rowsEach] += sum / rowsEach / rowsEach;
    }
    return products;
  }
}
