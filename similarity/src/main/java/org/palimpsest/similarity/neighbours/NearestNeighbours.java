package org.palimpsest.similarity.neighbours;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.linalg.FewSamples;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;
import org.palimpsest.similarity.internal.pairwise.Ties;

/**
 * Measures that compare which samples are near each other in two layers.
 *
 * <p>Measures of equal settings are equal; {@code name()} is what {@code Measures.parse} reads.
 */
public final class NearestNeighbours {

  private static final int USUAL_K = NeighbourComputation.DEFAULT_K;

  private NearestNeighbours() {}

  /**
   * The mean over samples of the Jaccard index |A ∩ B| / |A ∪ B| of their k nearest neighbours in
   * two layers.
   *
   * <p>It lies within [0, 1], has no unit and is symmetric: 1 if every sample has the same
   * neighbours in both layers. Unrelated layers have about s/(2 − s) with s = k/(n − 1); where that
   * is much, the score warns. It does not notice rotations, reflections and scaling, nor
   * translations if neighbours are nearest by euclidean distance.
   *
   * <p>A sample is not its own neighbour, though repetitions of it are; of equally near ones the
   * first in order counts, and the score tells of how many samples that decided the neighbours.
   * Refused are n ≤ k samples and, by cosine, a sample of zeros alone. Cost: 2n²p for each layer
   * once, n k² for a pair.
   *
   * @param k the number of neighbours, at least 1 and fewer than the samples
   * @param metric what makes one sample nearer than another
   * @throws org.palimpsest.core.PalimpsestException if k is less than 1
   * @see <a href="https://arxiv.org/abs/2408.00531">Klabunde et al. 2024, ReSi</a>
   */
  public static Measure<Prepared> jaccard(int k, Metric metric) {
    return new JaccardNeighbours(k, metric);
  }

  /** The Jaccard index of ten neighbours by cosine, see {@link #jaccard(int, Metric)}. */
  public static Measure<Prepared> jaccard() {
    return new JaccardNeighbours(USUAL_K, Metric.COSINE);
  }

  /**
   * The mean share of each sample's k nearest neighbours in one layer that are among those in the
   * other: |A ∩ B| / k.
   *
   * <p>It lies within [0, 1], has no unit and is symmetric. Unrelated layers have about k/(n − 1);
   * where that is much, the score warns. It does not notice rotations, reflections and scaling, nor
   * translations if neighbours are nearest by euclidean distance.
   *
   * <p>A sample is not its own neighbour, though repetitions of it are; of equally near ones the
   * first in order counts, and the score tells of how many samples that decided the neighbours.
   * Refused are n ≤ k samples and, by cosine, a sample of zeros alone. Cost: 2n²p for each layer
   * once, n k² for a pair.
   *
   * @param k the number of neighbours, at least 1 and fewer than the samples
   * @param metric what makes one sample nearer than another
   * @throws org.palimpsest.core.PalimpsestException if k is less than 1
   * @see <a href="https://arxiv.org/abs/2405.07987">Huh et al. 2024, The Platonic Representation
   *     Hypothesis, appendix A</a>
   */
  public static Measure<Prepared> mutual(int k, Metric metric) {
    return new MutualNeighbours(k, metric);
  }

  /** The share of ten neighbours by cosine, see {@link #mutual(int, Metric)}. */
  public static Measure<Prepared> mutual() {
    return new MutualNeighbours(USUAL_K, Metric.COSINE);
  }

  /**
   * How far two layers agree in the order of the nearest neighbours that they share: the mean over
   * samples of Σ 2 / ((1 + |r − r'|)(r + r')) over the shared ones of their k nearest neighbours, r
   * and r' their ranks, divided by the harmonic number of their count; 0 for a sample with none.
   *
   * <p>It lies within [0, 1], has no unit and is symmetric. Near neighbours count more than far
   * ones. What unrelated layers have is estimated by shifting one layer's samples against the
   * other's; where that is much, the score warns. It does not notice rotations, reflections and
   * scaling, nor translations if neighbours are nearest by euclidean distance.
   *
   * <p>Of equally near neighbours the first in order counts, and the score tells of how many
   * samples that decided the neighbours. Refused are n ≤ k samples and, by cosine, a sample of
   * zeros alone. Cost: 2n²p for each layer once, n k² for a pair.
   *
   * @param k the number of neighbours, at least 1 and fewer than the samples
   * @param metric what makes one sample nearer than another
   * @throws org.palimpsest.core.PalimpsestException if k is less than 1
   * @see "Wang et al. 2022, Towards understanding the instability of network embedding"
   */
  public static Measure<Prepared> rankSimilarity(int k, Metric metric) {
    return new RankSimilarity(k, metric);
  }

  /** The rank similarity of ten neighbours by cosine, see {@link #rankSimilarity(int, Metric)}. */
  public static Measure<Prepared> rankSimilarity() {
    return new RankSimilarity(USUAL_K, Metric.COSINE);
  }

  /**
   * The mean over samples of the cosine between the vectors of a sample's cosine similarities, in
   * two layers, to the union of its k nearest neighbours in either.
   *
   * <p>It lies within [−1, 1], has no unit, is symmetric, and does not notice rotations,
   * reflections and scaling. Features are not centred: with large means all similarities are near 1
   * and so is the value. What unrelated layers have is estimated by shifting one layer's samples
   * against the other's; where that is much, the score warns.
   *
   * <p>A sample at right angles to all of its neighbours in both layers counts as 1, in one layer
   * only as 0. Refused are n ≤ k samples, and a sample of zeros alone. Cost: 2n²p for each layer
   * once, n k² for a pair.
   *
   * @param k the number of neighbours, at least 1 and fewer than the samples
   * @throws org.palimpsest.core.PalimpsestException if k is less than 1
   * @see <a href="https://aclanthology.org/D16-1229/">Hamilton, Leskovec and Jurafsky 2016</a>
   * @see <a href="https://arxiv.org/abs/2408.00531">Klabunde et al. 2024, ReSi</a>
   */
  public static Measure<Prepared> secondOrderCosine(int k) {
    return new SecondOrderCosine(k);
  }

  /** The second-order cosine of ten neighbours, see {@link #secondOrderCosine(int)}. */
  public static Measure<Prepared> secondOrderCosine() {
    return new SecondOrderCosine(USUAL_K);
  }

  /**
   * What makes one sample nearer than another. By either, the same neighbours come out whatever the
   * units of a layer and however it is rotated; they differ in what a constant added to a feature
   * does.
   */
  public enum Metric {
    /**
     * The cosine of the angle between two rows, of features that are not centred: what is added to
     * a feature changes it, and a sample of zeros alone has none and is refused.
     */
    COSINE("cosine", EnumSet.of(Transformation.TRANSLATION, Transformation.INVERTIBLE_LINEAR_MAP)),
    /** The euclidean distance of two rows, which ignores translations. */
    EUCLIDEAN("euclidean", EnumSet.of(Transformation.INVERTIBLE_LINEAR_MAP));

    private final String label;
    private final Set<Transformation> notices;

    Metric(String label, Set<Transformation> notices) {
      this.label = label;
      this.notices = notices;
    }

    /** Its name on the command line. */
    public String label() {
      return label;
    }

    /** A squared distance of two rows, as it is compared with others. */
    double comparable(double squared) {
      return this == COSINE ? Ties.betweenDirections(squared) : squared;
    }

    /** What changes who is near whom, besides another order of the samples. */
    Set<Transformation> notices() {
      return EnumSet.copyOf(notices);
    }
  }

  private record JaccardNeighbours(int k, Metric metric) implements DelegatingMeasure {

    JaccardNeighbours {
      NeighbourComputation.requireNeighbours(k);
    }

    @Override
    public String name() {
      return NeighbourComputation.nameFrom("jaccard", k, metric);
    }

    @Override
    public MeasureProperties properties() {
      return NeighbourComputation.propertiesOf(
          "Share of the %d nearest neighbours (%s) in either layer that are neighbours in both.",
          k, metric, Range.UNIT, "Klabunde et al. 2024, ReSi; Schumacher et al. 2021");
    }

    @Override
    public Computation<?> computation() {
      return new Formula();
    }

    private final class Formula extends SharedNeighbours {

      Formula() {
        super(k, metric, properties());
      }

      @Override
      double ofSample(Neighbours a, Neighbours b, int sample) {
        int common = NeighbourComputation.common(a, b, sample);
        return (double) common / (2 * k - common);
      }

      @Override
      double ofShare(double share) {
        return share / (2 - share);
      }
    }
  }

  private record MutualNeighbours(int k, Metric metric) implements DelegatingMeasure {

    MutualNeighbours {
      NeighbourComputation.requireNeighbours(k);
    }

    @Override
    public String name() {
      return NeighbourComputation.nameFrom("mutual_knn", k, metric);
    }

    @Override
    public MeasureProperties properties() {
      return NeighbourComputation.propertiesOf(
          "Share of the %d nearest neighbours (%s) in one layer that are neighbours in the other.",
          k, metric, Range.UNIT, "Huh et al. 2024, The Platonic Representation Hypothesis");
    }

    @Override
    public Computation<?> computation() {
      return new Formula();
    }

    private final class Formula extends SharedNeighbours {

      Formula() {
        super(k, metric, properties());
      }

      @Override
      double ofSample(Neighbours a, Neighbours b, int sample) {
        return (double) NeighbourComputation.common(a, b, sample) / k;
      }

      @Override
      double ofShare(double share) {
        return share;
      }
    }
  }

  private record RankSimilarity(int k, Metric metric) implements DelegatingMeasure {

    RankSimilarity {
      NeighbourComputation.requireNeighbours(k);
    }

    @Override
    public String name() {
      return NeighbourComputation.nameFrom("rank_similarity", k, metric);
    }

    @Override
    public MeasureProperties properties() {
      return NeighbourComputation.propertiesOf(
          "Agreement in the order of the shared ones of the %d nearest neighbours (%s).",
          k,
          metric,
          Range.UNIT,
          "Wang et al. 2022, Towards understanding the instability of network embedding");
    }

    @Override
    public Computation<?> computation() {
      return new Formula();
    }

    private final class Formula extends NeighbourComputation {

      Formula() {
        super(k, metric, properties());
      }

      @Override
      public List<String> cautions(Neighbours a, Neighbours b, Score score) {
        return FewSamples.of(a.info(), b.info())
            .otherOrders(shifted(a, b), score.value(), "Take mutual_knn");
      }

      @Override
      double ofSample(Neighbours a, Neighbours b, int sample) {
        double sum = 0;
        double harmonic = 0;
        int common = 0;
        int[] list = a.of(sample);
        for (int r = 1; r <= list.length; r++) {
          int other = b.rankOf(list[r - 1], sample);
          if (other > 0) {
            sum += 2.0 / ((1.0 + Math.abs(r - other)) * (r + other));
            harmonic += 1.0 / ++common;
          }
        }
        return common == 0 ? 0 : sum / harmonic;
      }
    }
  }

  private record SecondOrderCosine(int k) implements DelegatingMeasure {

    SecondOrderCosine {
      NeighbourComputation.requireNeighbours(k);
    }

    @Override
    public String name() {
      return NeighbourComputation.nameFrom("second_order_cosine", k, Metric.COSINE);
    }

    @Override
    public MeasureProperties properties() {
      return NeighbourComputation.propertiesOf(
          "Agreement of the cosine similarities to the %d nearest neighbours (%s) in either layer.",
          k,
          Metric.COSINE,
          new Range(-1, 1),
          "Hamilton et al. 2016, Cultural shift or linguistic drift?");
    }

    @Override
    public Computation<?> computation() {
      return new Formula();
    }

    private final class Formula extends NeighbourComputation {

      Formula() {
        super(k, Metric.COSINE, properties());
      }

      @Override
      public List<String> cautions(Neighbours a, Neighbours b, Score score) {
        return FewSamples.of(a.info(), b.info())
            .otherOrders(shifted(a, b), score.value(), "Take debiased_linear_cka");
      }

      @Override
      double ofSample(Neighbours a, Neighbours b, int sample) {
        double product = 0;
        double squaresOfA = 0;
        double squaresOfB = 0;
        for (int neighbour : union(a.of(sample), b.of(sample))) {
          double inA = a.product(sample, neighbour);
          double inB = b.product(sample, neighbour);
          product += inA * inB;
          squaresOfA += inA * inA;
          squaresOfB += inB * inB;
        }
        if (squaresOfA == 0 || squaresOfB == 0) {
          return squaresOfA == squaresOfB ? 1 : 0;
        }
        return Math.max(-1, Math.min(1, product / Math.sqrt(squaresOfA * squaresOfB)));
      }

      private static int[] union(int[] some, int[] others) {
        return IntStream.concat(IntStream.of(some), IntStream.of(others)).distinct().toArray();
      }
    }
  }
}
