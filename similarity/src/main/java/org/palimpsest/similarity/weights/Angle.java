package org.palimpsest.similarity.weights;

/** The angle between two vectors, exact for small angles too. */
final class Angle {

  private Angle() {}

  /**
   * 2 atan2(|u − v|, |u + v|) of the unit vectors u and v (Kahan, <i>How futile are mindless
   * assessments of roundoff</i>, 2006, §12): arccos of the cosine would lose half of the digits.
   */
  static double between(double[] a, double normA, double[] b, double normB, int from, int to) {
    double difference = 0;
    double sum = 0;
    for (int i = from; i < to; i++) {
      double u = a[i] / normA;
      double v = b[i] / normB;
      difference += (u - v) * (u - v);
      sum += (u + v) * (u + v);
    }
    return 2 * Math.atan2(Math.sqrt(difference), Math.sqrt(sum));
  }
}
