package org.palimpsest.similarity.streaming;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.Products;

/**
 * Sums over images of two layers, of which debiased linear CKA over images is made. Of image i, C
 * is the mean of u v' over its rows, m the mean of u and l that of v; u and v are counted from
 * provisional means.
 *
 * @param c the sum of C, p × q
 * @param squares that of |C|²
 * @param means that of m l', p × q
 * @param timesL that of C l, p
 * @param timesM that of C' m, q
 * @param both that of m' C l
 * @param meanOfA that of m |l|², p
 * @param meanOfB that of l |m|², q
 * @param squaresOfMeans that of |m|² |l|²
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
record ImagePair(
    Dense c,
    double squares,
    Dense means,
    double[] timesL,
    double[] timesM,
    double both,
    double[] meanOfA,
    double[] meanOfB,
    double squaresOfMeans) {

  static ImagePair none(int p, int q) {
    return new ImagePair(
        Dense.zeros(p, q),
        0,
        Dense.zeros(p, q),
        new double[p],
        new double[q],
        0,
        new double[p],
        new double[q],
        0);
  }

  /**
   * With one image more.
   *
   * @param u its rows of the first layer
   * @param v its rows of the second layer
   * @param m the mean of u
   * @param l the mean of v
   */
  ImagePair plus(Dense u, Dense v, double[] m, double[] l) {
    Dense moment = Vectors.times(Products.transposeTimes(u, v), 1.0 / u.rows());
    double[] ofL = Vectors.times(moment, l);
    double mm = Vectors.dot(m, m);
    double ll = Vectors.dot(l, l);
    return plus(
        new ImagePair(
            moment,
            moment.squaredNorm(),
            outer(m, l),
            ofL,
            Vectors.times(moment.transpose(), m),
            Vectors.dot(m, ofL),
            Vectors.times(m, ll),
            Vectors.times(l, mm),
            mm * ll));
  }

  private static Dense outer(double[] m, double[] l) {
    Dense product = Dense.zeros(m.length, l.length);
    for (int i = 0; i < m.length; i++) {
      for (int j = 0; j < l.length; j++) {
        product.values()[i * l.length + j] = m[i] * l[j];
      }
    }
    return product;
  }

  /** With other images about the same provisional means. */
  ImagePair plus(ImagePair other) {
    return new ImagePair(
        Vectors.plus(c, other.c, 1),
        squares + other.squares,
        Vectors.plus(means, other.means, 1),
        Vectors.plus(timesL, other.timesL, 1),
        Vectors.plus(timesM, other.timesM, 1),
        both + other.both,
        Vectors.plus(meanOfA, other.meanOfA, 1),
        Vectors.plus(meanOfB, other.meanOfB, 1),
        squaresOfMeans + other.squaresOfMeans);
  }

  /**
   * The same images about other provisional means: u becomes u - s, v becomes v - t.
   *
   * @param ofA the first layer's own sums, before the change
   * @param ofB the second's
   */
  ImagePair shifted(ImageSums ofA, double[] s, ImageSums ofB, double[] t) {
    Shift to = new Shift(this, ofA, Vectors.times(s, -1), ofB, Vectors.times(t, -1));
    return new ImagePair(
        Vectors.shifted(c, ofA.sum(), ofB.sum(), s, t, ofA.images()),
        to.squares(),
        Vectors.shifted(means, ofA.sum(), ofB.sum(), s, t, ofA.images()),
        sum(timesL, to.cb, to.db, ofA.sum(), to.bb, to.a, to.newSquaresOfB),
        sum(timesM, to.ca, to.da, ofB.sum(), to.aa, to.b, to.newSquaresOfA),
        to.both(),
        sum(meanOfA, to.db, to.db, ofA.sum(), to.bb, to.a, to.newSquaresOfB),
        sum(meanOfB, to.da, to.da, ofB.sum(), to.aa, to.b, to.newSquaresOfA),
        to.squaresOfMeans());
  }

  /** Sums when u becomes u + a and v becomes v + b; all are polynomials of a and b. */
  private static final class Shift {

    private final ImagePair of;
    private final double n;
    private final double oldSquaresOfA;
    private final double oldSquaresOfB;
    private final double[] a;
    private final double[] b;
    private final double aa;
    private final double bb;
    private final double alongA;
    private final double alongB;
    private final double newSquaresOfA;
    private final double newSquaresOfB;
    private final double[] ca;
    private final double[] cb;
    private final double[] da;
    private final double[] db;
    private final double aTimesL;
    private final double bTimesM;
    private final double aMean;
    private final double bMean;

    Shift(ImagePair of, ImageSums ofA, double[] a, ImageSums ofB, double[] b) {
      this.of = of;
      this.n = ofA.images();
      this.oldSquaresOfA = ofA.squares();
      this.oldSquaresOfB = ofB.squares();
      this.a = a;
      this.b = b;
      this.aa = Vectors.dot(a, a);
      this.bb = Vectors.dot(b, b);
      this.alongA = Vectors.dot(a, ofA.sum());
      this.alongB = Vectors.dot(b, ofB.sum());
      this.newSquaresOfA = oldSquaresOfA + 2 * alongA + n * aa;
      this.newSquaresOfB = oldSquaresOfB + 2 * alongB + n * bb;
      this.ca = Vectors.times(of.c.transpose(), a);
      this.cb = Vectors.times(of.c, b);
      this.da = Vectors.times(of.means.transpose(), a);
      this.db = Vectors.times(of.means, b);
      this.aTimesL = Vectors.dot(a, of.timesL);
      this.bTimesM = Vectors.dot(b, of.timesM);
      this.aMean = Vectors.dot(a, of.meanOfA);
      this.bMean = Vectors.dot(b, of.meanOfB);
    }

    /** That of |C + a l' + m b' + a b'|². */
    double squares() {
      double mixed =
          aTimesL + bTimesM + Vectors.dot(a, cb) + Vectors.dot(a, db) + aa * alongB + bb * alongA;
      return of.squares + aa * oldSquaresOfB + bb * oldSquaresOfA + n * aa * bb + 2 * mixed;
    }

    /** That of (m + a)' (C + a l' + m b' + a b') (l + b). */
    double both() {
      double ofM = bTimesM + aMean + 2 * Vectors.dot(a, db) + bb * alongA + bMean;
      double ofStep =
          aTimesL + Vectors.dot(a, cb) + aa * newSquaresOfB + Vectors.dot(a, db) + bb * alongA;
      return of.both + ofM + bb * oldSquaresOfA + ofStep;
    }

    /** That of |m + a|² |l + b|². */
    double squaresOfMeans() {
      return of.squaresOfMeans
          + 2 * bMean
          + bb * oldSquaresOfA
          + 2 * aMean
          + 4 * Vectors.dot(a, db)
          + 2 * bb * alongA
          + aa * newSquaresOfB;
    }
  }

  /** x + y + z + f w + g v. */
  private static double[] sum(
      double[] x, double[] y, double[] z, double[] w, double f, double[] v, double g) {
    double[] sum = new double[x.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = x[i] + y[i] + z[i] + f * w[i] + g * v[i];
    }
    return sum;
  }

  /**
   * The unbiased Hilbert-Schmidt independence criterion over images, in which no product of two
   * rows of one image occurs: U₁ − 2U₂ + U₃ of {@code HsicByImages}.
   */
  double criterion(ImageSums ofA, ImageSums ofB) {
    double n = ofA.images();
    double[] m = ofA.sum();
    double[] l = ofB.sum();
    double pairs = n * (n - 1);
    double first = c.squaredNorm() - squares;
    double own =
        Vectors.dot(m, Vectors.times(c, l))
            - Vectors.dot(m, timesL)
            - Vectors.dot(l, timesM)
            + both;
    double inner = 0;
    for (int i = 0; i < c.values().length; i++) {
      inner += c.values()[i] * means.values()[i];
    }
    double second = own - (inner - both);
    double sums = (Vectors.dot(m, m) - ofA.squares()) * (Vectors.dot(l, l) - ofB.squares());
    double products =
        Vectors.dot(m, Vectors.times(means, l))
            - Vectors.dot(m, meanOfA)
            - Vectors.dot(l, meanOfB)
            + squaresOfMeans;
    double third =
        (sums - 4 * products + 2 * (means.squaredNorm() - squaresOfMeans))
            / (pairs * (n - 2) * (n - 3));
    return first / pairs - 2 * second / (pairs * (n - 2)) + third;
  }

  private List<double[]> arrays() {
    return List.of(
        c.values(),
        means.values(),
        timesL,
        timesM,
        meanOfA,
        meanOfB,
        new double[] {squares, both, squaresOfMeans});
  }

  void write(DataOutputStream out) throws IOException {
    for (double[] array : arrays()) {
      for (double value : array) {
        out.writeDouble(value);
      }
    }
  }

  /** Reads what {@link #write} wrote. */
  static ImagePair read(int p, int q, DataInputStream in) throws IOException {
    Dense c = new Dense(p, q, ImageSums.read(Math.multiplyExact(p, q), in));
    Dense means = new Dense(p, q, ImageSums.read(p * q, in));
    double[] timesL = ImageSums.read(p, in);
    double[] timesM = ImageSums.read(q, in);
    double[] meanOfA = ImageSums.read(p, in);
    double[] meanOfB = ImageSums.read(q, in);
    double[] rest = ImageSums.read(3, in);
    return new ImagePair(c, rest[0], means, timesL, timesM, rest[1], meanOfA, meanOfB, rest[2]);
  }
}
