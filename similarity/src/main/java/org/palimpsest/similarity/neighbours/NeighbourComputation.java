package org.palimpsest.similarity.neighbours;

import java.util.Set;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;

/** A mean over samples of something about their nearest neighbours in both layers. */
abstract class NeighbourComputation implements Computation<Neighbours> {

  static final int DEFAULT_K = 10;

  /** Of about so many samples it is looked at what chance gives. */
  private static final int MOST_SHIFTED = 64;

  private final int k;
  private final NearestNeighbours.Metric metric;
  private final MeasureProperties properties;

  /**
   * @param k the number of neighbours
   * @param properties what the measure promises
   */
  NeighbourComputation(int k, NearestNeighbours.Metric metric, MeasureProperties properties) {
    this.k = k;
    this.metric = metric;
    this.properties = properties;
  }

  /** What it is about one sample. */
  abstract double ofSample(Neighbours a, Neighbours b, int sample);

  /** Whether it says anything when every sample is every other's neighbour. */
  boolean needsStrangers() {
    return false;
  }

  int k() {
    return k;
  }

  @Override
  public Preparation<Neighbours> preparation() {
    return new Neighbours.Search(k, metric);
  }

  @Override
  public Score compare(Neighbours a, Neighbours b) {
    a.info().requireSameSamples(b.info());
    int n = a.samples();
    double[] values =
        IntStream.range(0, n).parallel().mapToDouble(i -> ofSample(a, b, i)).toArray();
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return Score.of(sum / n, properties, withTies(b, withTies(a, diagnostics(n))));
  }

  /**
   * About what it comes to where one layer's samples are shifted against the other's, by a half, a
   * third and a quarter of them, so that they are unrelated.
   */
  double shifted(Neighbours a, Neighbours b) {
    int n = a.samples();
    int step = Math.max(1, n / MOST_SHIFTED);
    double sum = 0;
    int count = 0;
    for (int part = 2; part <= 4; part++) {
      int by = Math.max(1, n / part);
      Neighbours other = b.reordered(IntStream.range(0, n).map(i -> (i + by) % n).toArray());
      for (int i = 0; i < n; i += step) {
        sum += ofSample(a, other, i);
        count++;
      }
    }
    return sum / count;
  }

  private Diagnostics withTies(Neighbours of, Diagnostics diagnostics) {
    int undecided = of.undecided();
    return undecided == 0
        ? diagnostics
        : diagnostics.withWarning(
            "In layer '%s' (%s samples × %s features), for %s, others are as near by %s as the last of the %s nearest, so that the order of the samples decides which count%s."
                .formatted(
                    of.info().layer(),
                    of.info().samples(),
                    of.info().features(),
                    undecided == of.samples() ? "each sample" : undecided + " of the samples",
                    metric.label(),
                    k,
                    metric == NearestNeighbours.Metric.COSINE && of.info().features() == 1
                        ? ": the cosines of one feature are all 1 or -1. Compare such layers by"
                            + " euclidean distances"
                        : ""));
  }

  private Diagnostics diagnostics(int n) {
    Diagnostics diagnostics = Diagnostics.of(n);
    return needsStrangers() && k == n - 1
        ? diagnostics.withWarning(
            "With %s neighbours among %s samples everything is everything's neighbour, so that this is 1 for any two layers."
                .formatted(k, n))
        : diagnostics;
  }

  /** {@code stem:k:metric}, as far as they are not the defaults. */
  static String nameFrom(String stem, int k, NearestNeighbours.Metric metric) {
    boolean byCosine = metric == NearestNeighbours.Metric.COSINE;
    String plain = byCosine && k == DEFAULT_K ? stem : stem + ":" + k;
    return byCosine ? plain : plain + ":" + metric.label();
  }

  static MeasureProperties propertiesOf(
      String description, int k, NearestNeighbours.Metric metric, Range range, String source) {
    Set<Transformation> notices = metric.notices();
    notices.add(Transformation.SAMPLE_REORDERING_IN_ONE);
    return MeasureProperties.similarity(description.formatted(k, metric.label()))
        .range(range)
        .noticesOnly(notices)
        .source(source)
        .cost("prepare 2n²p, compare n k²; about 2 n k indices and distances kept")
        .build();
  }

  /** Checks a number of neighbours. */
  static void requireNeighbours(int k) {
    if (k < 1) {
      throw new PalimpsestException(
          "The number of nearest neighbours must be at least 1, not %s.".formatted(k));
    }
  }

  /** How many of a's neighbours of a sample are b's as well. */
  static int common(Neighbours a, Neighbours b, int sample) {
    int common = 0;
    for (int neighbour : a.of(sample)) {
      common += b.rankOf(neighbour, sample) > 0 ? 1 : 0;
    }
    return common;
  }
}
