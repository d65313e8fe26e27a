package org.palimpsest.similarity.internal.intervals;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.BlockProducts;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Cores;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.Products;
import org.palimpsest.similarity.internal.linalg.Rows;

/**
 * The linear kernel of centred rows x of n images by the images' moments Cᵢ = meanₐ x(ia) y(ia)':
 * the mean of K·L over the rows of two images is the inner product of their Cᵢ. Cost of a pair:
 * about twice that of X'Y; memory: three p × q matrices, and one for each image if these are small;
 * of a layer with few images beside its features, n values for each row.
 */
final class LinearByImages implements ImageSide {

  /** Up to here images' moments are kept, rather than computed twice. */
  private static final long MOST_KEPT = 1 << 22;

  private final Representation.Info info;
  private final INDArray matrix;
  private final int images;
  private final int rowsEach;
  private final Dense means;
  private final double scale;
  private final EffectiveImages effectiveImages;
  private final Optional<RowsToImages> toImages;
  private final HsicByImages self;
  private final Optional<LinearByImages> inFloat64;
  private Optional<HsicByImages> selfInFloat64 = Optional.empty();

  private LinearByImages(Representation.Info info, INDArray matrix, double scale) {
    this.info = info;
    this.matrix = matrix;
    this.scale = scale;
    this.images = Math.toIntExact(info.probeCount());
    this.rowsEach = info.rowsPerProbe();
    double[] squares = new double[images];
    this.means = means(squares);
    this.effectiveImages =
        EffectiveImages.of(info, squares, EffectiveImages.marks(means.values(), images));
    this.toImages =
        rowsEach > 1 && images <= matrix.columns() / 2
            ? Optional.of(RowsToImages.of(info, productsWithMeans()))
            : Optional.empty();
    this.self = with(this);
    this.inFloat64 = Optional.empty();
  }

  private LinearByImages(
      LinearByImages other,
      INDArray matrix,
      Optional<HsicByImages> self,
      Optional<LinearByImages> inFloat64) {
    this.info = other.info;
    this.matrix = matrix;
    this.scale = other.scale;
    this.images = other.images;
    this.rowsEach = other.rowsEach;
    this.means = other.means;
    this.effectiveImages = other.effectiveImages;
    this.toImages = other.toImages;
    this.inFloat64 = inFloat64;
    this.self = self.orElseGet(() -> with(this));
  }

  static LinearByImages of(CentredLayer layer) {
    double square = layer.squaredNorm() / layer.info().samples();
    return new LinearByImages(layer.info(), layer.matrix(), square * square);
  }

  /**
   * Of the rows of each image.
   *
   * @param squares to which each image's sum of squares is added
   */
  private Dense means(double[] squares) {
    int width = matrix.columns();
    Dense sums = Dense.zeros(images, width);
    forEachImage(
        (image, row, values, at) -> {
          int ofImage = image * width;
          for (int j = 0; j < width; j++) {
            double value = values[at + j];
            sums.values()[ofImage + j] += value;
            squares[image] += value * value;
          }
        });
    for (int i = 0; i < sums.values().length; i++) {
      sums.values()[i] /= rowsEach;
    }
    return sums;
  }

  /** Of each row with the mean of each image but its own. */
  private double[] productsWithMeans() {
    double[][] mean = IntStream.range(0, images).mapToObj(this::mean).toArray(double[][]::new);
    double[] products = new double[images * rowsEach * images];
    forEachImage(
        (image, row, values, at) -> {
          for (int j = 0; j < images; j++) {
            products[row * images + j] = j == image ? 0 : dot(mean[j], values, at);
          }
        });
    return products;
  }

  /** Receives a row of an image, which lies somewhere in an array. */
  @FunctionalInterface
  private interface RowVisitor {

    void visit(int image, int row, double[] values, int at);
  }

  /** Shows the rows of each image in their order; images side by side. */
  private void forEachImage(RowVisitor visitor) {
    Cores.sideBySide(
        images,
        image -> {
          int first = image * rowsEach;
          Rows.forEach(
              matrix,
              first,
              first + rowsEach,
              (row, values, at) -> visitor.visit(image, first + row, values, at));
        });
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
  public boolean isFloat64() {
    return matrix.dataType() == DataType.DOUBLE;
  }

  @Override
  public ImageSide inFloat32() {
    return isFloat64() && rowsEach > 1
        ? new LinearByImages(
            this, matrix.castTo(DataType.FLOAT), Optional.empty(), Optional.of(this))
        : this;
  }

  @Override
  public synchronized ImageSide inFloat64() {
    if (isFloat64() || inFloat64.isPresent()) {
      return inFloat64.orElse(this);
    }
    LinearByImages precise =
        new LinearByImages(this, matrix.castTo(DataType.DOUBLE), selfInFloat64, Optional.empty());
    selfInFloat64 = Optional.of(precise.self);
    return precise;
  }

  @Override
  public HsicByImages with(ImageSide other) {
    LinearByImages b = (LinearByImages) other;
    return toImages.isPresent() && b.toImages.isPresent()
        ? toImages.get().statistic(b.toImages.get(), products(b))
        : new Pair(this, b).sums().statistic();
  }

  /** Σⱼ Cᵢ·Cⱼ over the others. */
  private double[] products(LinearByImages b) {
    int width = b.matrix.columns();
    double[] whole = new double[matrix.columns() * width];
    double[] squares = new double[images];
    boolean areKept = (long) images * whole.length <= MOST_KEPT;
    double[][] kept = new double[areKept ? images : 0][];
    BlockProducts.forEach(
        matrix,
        b.matrix,
        rowsEach,
        (image, moment) -> {
          squares[image] = addAndSquare(moment, whole, width);
          if (areKept) {
            kept[image] = moment.clone();
          }
        });
    double[] products =
        areKept
            ? Arrays.stream(kept).mapToDouble(moment -> inner(moment, whole, width)).toArray()
            : withWhole(b, new Dense(matrix.columns(), width, whole));
    double ofRows = (double) rowsEach * rowsEach;
    for (int i = 0; i < images; i++) {
      products[i] = (products[i] - squares[i]) / ofRows;
    }
    return products;
  }

  /** Adds a matrix to a sum; the sum of its squares, added up column by column. */
  private static double addAndSquare(double[] matrix, double[] sum, int width) {
    double[] squares = new double[width];
    for (int at = 0; at < matrix.length; at += width) {
      for (int c = 0; c < width; c++) {
        double value = matrix[at + c];
        sum[at + c] += value;
        squares[c] += value * value;
      }
    }
    return Arrays.stream(squares).sum();
  }

  /** Of two matrices with rows of this width. */
  private static double inner(double[] one, double[] other, int width) {
    double[] sums = new double[width];
    for (int at = 0; at < one.length; at += width) {
      for (int c = 0; c < width; c++) {
        sums[c] += one[at + c] * other[at + c];
      }
    }
    return Arrays.stream(sums).sum();
  }

  /** The inner product of a matrix and the sum of x y' over the rows of each image. */
  private double[] withWhole(LinearByImages b, Dense whole) {
    double[] ofRows =
        Rows.innerProducts(Products.times(matrix, whole, b.matrix.dataType()), b.matrix);
    double[] products = new double[images];
    for (int r = 0; r < ofRows.length; r++) {
      products[r / rowsEach] += ofRows[r];
    }
    return products;
  }

  private double[] mean(int image) {
    double[] mean = new double[means.columns()];
    System.arraycopy(means.values(), image * mean.length, mean, 0, mean.length);
    return mean;
  }

  private double square(int image) {
    double[] mean = mean(image);
    return dot(mean, mean);
  }

  private static double dot(double[] a, double[] b) {
    return dot(a, b, 0);
  }

  private static double dot(double[] a, double[] b, int from) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[from + i];
    }
    return sum;
  }

  /** Means of centred layers sum to zero, so that Σⱼ K(ia, j) over the others is −x(ia)·x̄ᵢ. */
  private static final class Pair {

    private final LinearByImages a;
    private final LinearByImages b;
    private final int n;
    private final Dense whole;
    private final Dense ofMeans;

    /** Σᵢ Cᵢ ȳᵢ and Σᵢ Cᵢ' x̄ᵢ. */
    private final double[] sumToB;

    private final double[] sumToA;

    private final double[] own;
    private final double[] wholeWithOwn;
    private final double[] meansWithOwn;
    private final double[] squares;

    Pair(LinearByImages a, LinearByImages b) {
      this.a = a;
      this.b = b;
      this.n = a.images;
      this.sumToB = new double[a.means.columns()];
      this.sumToA = new double[b.means.columns()];
      this.own = new double[n];
      this.wholeWithOwn = new double[n];
      this.meansWithOwn = new double[n];
      this.squares = new double[n];
      if (a.rowsEach == 1) {
        this.whole = Products.transposeTimes(a.matrix, b.matrix);
        this.ofMeans = whole;
        lookAtRows();
      } else {
        this.ofMeans = productsOfMeans();
        this.whole = Dense.zeros(ofMeans.rows(), ofMeans.columns());
        lookAtImages();
      }
    }

    /** Where an image is one row, its moment is x y'. */
    private void lookAtRows() {
      INDArray mapped = Products.times(a.matrix, whole, b.matrix.dataType());
      double[] products = Rows.innerProducts(mapped, b.matrix);
      for (int i = 0; i < n; i++) {
        double squareA = a.square(i);
        double squareB = b.square(i);
        addTo(sumToB, a.mean(i), squareB);
        addTo(sumToA, b.mean(i), squareA);
        own[i] = squareA * squareB;
        wholeWithOwn[i] = products[i];
        meansWithOwn[i] = products[i];
        squares[i] = squareA * squareB;
      }
    }

    private Dense productsOfMeans() {
      Dense products = Dense.zeros(a.means.columns(), b.means.columns());
      for (int i = 0; i < n; i++) {
        double[] x = a.mean(i);
        double[] y = b.mean(i);
        for (int r = 0; r < x.length; r++) {
          int at = r * y.length;
          for (int c = 0; c < y.length; c++) {
            products.values()[at + c] += x[r] * y[c];
          }
        }
      }
      return products;
    }

    private static void addTo(double[] sums, double[] values, double factor) {
      for (int i = 0; i < values.length; i++) {
        sums[i] += factor * values[i];
      }
    }

    private void lookAtImages() {
      int size = whole.values().length;
      double[][] kept = new double[(long) n * size <= MOST_KEPT ? n : 0][];
      double[] weighted = new double[size];
      BlockProducts.forEach(
          a.matrix,
          b.matrix,
          a.rowsEach,
          (image, moment) -> {
            lookAt(image, moment, weighted);
            if (kept.length > 0) {
              kept[image] = moment.clone();
            }
          });
      for (int r = 0; r < sumToB.length; r++) {
        for (int c = 0; c < sumToA.length; c++) {
          sumToB[r] += weighted[r * sumToA.length + c];
        }
      }
      if (kept.length > 0) {
        for (int i = 0; i < n; i++) {
          wholeWithOwn[i] = inner(kept[i], whole.values(), sumToA.length) / a.rowsEach;
        }
      } else {
        double[] products = a.withWhole(b, whole);
        for (int i = 0; i < n; i++) {
          wholeWithOwn[i] = products[i] / a.rowsEach;
        }
      }
    }

    /**
     * In one pass over the sum x y' over an image's rows. What is summed over columns is added up
     * column by column, which processors do for several columns at once.
     *
     * @param weighted Σᵢ of the entries of Cᵢ times those of ȳᵢ
     */
    private void lookAt(int image, double[] moment, double[] weighted) {
      double[] x = a.mean(image);
      double[] y = b.mean(image);
      int width = y.length;
      double[] left = new double[width];
      double[] square = new double[width];
      double[] withMeans = new double[width];
      double[] row = new double[width];
      double each = 1.0 / a.rowsEach;
      for (int r = 0; r < x.length; r++) {
        int at = r * width;
        for (int c = 0; c < width; c++) {
          row[c] = moment[at + c] * each;
        }
        addTo(left, row, x[r]);
        addProducts(square, 0, row, row, 0);
        addProducts(withMeans, 0, row, ofMeans.values(), at);
        addProducts(weighted, at, row, y, 0);
        for (int c = 0; c < width; c++) {
          whole.values()[at + c] += row[c];
        }
      }
      own[image] = dot(left, y);
      squares[image] = Arrays.stream(square).sum();
      meansWithOwn[image] = Arrays.stream(withMeans).sum();
      addTo(sumToA, left, 1);
    }

    private static void addProducts(
        double[] sums, int first, double[] row, double[] other, int from) {
      for (int c = 0; c < row.length; c++) {
        sums[first + c] += row[c] * other[from + c];
      }
    }

    private static double[] leftOf(double[] vector, Dense matrix) {
      double[] product = new double[matrix.columns()];
      for (int r = 0; r < vector.length; r++) {
        int at = r * product.length;
        for (int c = 0; c < product.length; c++) {
          product[c] += matrix.values()[at + c] * vector[r];
        }
      }
      return product;
    }

    HsicByImages.Sums sums() {
      double[] products = new double[n];
      double[] ofRow = new double[n];
      double[] ofColumn = new double[n];
      double[] crossed = new double[n];
      for (int i = 0; i < n; i++) {
        double[] x = a.mean(i);
        double[] y = b.mean(i);
        products[i] = wholeWithOwn[i] - squares[i];
        ofRow[i] = meansWithOwn[i] - own[i];
        ofColumn[i] = dot(leftOf(x, whole), y) - own[i];
        crossed[i] = 2 * own[i] - dot(sumToA, y) - dot(sumToB, x);
      }
      return withMeans(products, ofRow, ofColumn, crossed);
    }

    private HsicByImages.Sums withMeans(
        double[] products, double[] ofRow, double[] ofColumn, double[] crossed) {
      double[] k = new double[n];
      double[] l = new double[n];
      double[] both = new double[n];
      for (int i = 0; i < n; i++) {
        k[i] = -a.square(i);
        l[i] = -b.square(i);
        both[i] = dot(leftOf(a.mean(i), ofMeans), b.mean(i)) - k[i] * l[i];
      }
      return new HsicByImages.Sums(
          products, own, ofRow, ofColumn, crossed, k, l, times(a, k, l), times(b, l, k), both);
    }

    /** Σⱼ K(i, j) l(j) over the others. */
    private double[] times(LinearByImages side, double[] k, double[] l) {
      double[] weighted = new double[side.means.columns()];
      for (int j = 0; j < n; j++) {
        double[] mean = side.mean(j);
        for (int c = 0; c < weighted.length; c++) {
          weighted[c] += mean[c] * l[j];
        }
      }
      double[] sums = new double[n];
      for (int i = 0; i < n; i++) {
        sums[i] = dot(side.mean(i), weighted) + k[i] * l[i];
      }
      return sums;
    }
  }
}
