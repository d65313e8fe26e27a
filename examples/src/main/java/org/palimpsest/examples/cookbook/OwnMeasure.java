package org.palimpsest.examples.cookbook;

import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;

/** A measure of one's own, from a function. */
public final class OwnMeasure {

  /** Both layers' mean activations as vectors: the cosine of the angle between them. */
  static final Measure<?> MEANS =
      Measure.of(
          "cosine_of_means",
          MeasureProperties.similarity("The cosine between the mean activations of two layers.")
              .build(),
          (x, y) -> cosine(means(x.toArray()), means(y.toArray())));

  private OwnMeasure() {}

  public static void main(String[] arguments) {
    double[][] x = {{1, 0}, {3, 1}, {2, 2}}; // three samples, two features
    double[][] y = {{2, 1}, {5, 0}, {2, 2}};

    Score score = MEANS.compare(Representation.of(x), Representation.of(y));

    System.out.printf("%.4f%n", score.value());
  }

  private static double[] means(double[][] samples) {
    double[] means = new double[samples[0].length];
    for (double[] sample : samples) {
      for (int feature = 0; feature < means.length; feature++) {
        means[feature] += sample[feature] / samples.length;
      }
    }
    return means;
  }

  private static double cosine(double[] a, double[] b) {
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
