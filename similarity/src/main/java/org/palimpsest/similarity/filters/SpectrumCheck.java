package org.palimpsest.similarity.filters;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.AhrensDieterMarsagliaTsangGammaSampler;
import org.apache.commons.statistics.distribution.GammaDistribution;
import org.apache.commons.statistics.distribution.TDistribution;
import org.palimpsest.core.internal.random.RandomStreams;
import org.palimpsest.similarity.filters.NetworkRandomness.Question;
import org.palimpsest.similarity.filters.NetworkRandomness.TestResult;
import org.palimpsest.similarity.internal.linalg.Decompositions;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.weights.FilterBank;

/**
 * The singular values of the filter matrix, less the mean of all weights, against those of a random
 * matrix: the largest one, in units of the Marchenko-Pastur edge s (√m + √d) (Marchenko and Pastur
 * 1967), how many stick out beyond what the largest of a random matrix reaches in 95 of 100 cases,
 * and the effective rank.
 */
final class SpectrumCheck {

  private static final int LEAST_SIDE = 4;
  private static final int LEAST_SHUFFLES = 49;
  private static final int LEAST_GAUSSIAN = 199;
  private static final double GAUSSIAN_OPERATIONS = 2e8;
  private static final double SHUFFLED_OPERATIONS = 3e10;

  /** Sides of the matrices by which forms other than the normal one are told from it. */
  private static final int SMALL_SIDE = 32;

  private static final int SMALL_LENGTH = 2000;
  private static final int SMALL_SIMULATIONS = 2999;

  private record Shape(int filters, int weights) {}

  private record FormOfShape(ValueForm form, Shape shape) {}

  private final FilterRandomness.NullModel model;
  private final int simulations;
  private final long seed;
  private final Map<Shape, SpectrumNull> gaussian = new ConcurrentHashMap<>();
  private final Map<FormOfShape, SpectrumNull> ofForms = new ConcurrentHashMap<>();

  SpectrumCheck(FilterRandomness.NullModel model, int simulations, long seed) {
    this.model = model;
    this.simulations = simulations;
    this.seed = seed;
  }

  List<TestResult> test(Sample sample, ValueForm form, List<String> notes) {
    FilterBank.Layout layout = sample.layout();
    int m = layout.filters();
    int d = layout.weightsPerFilter();
    if (Math.min(m, d) < LEAST_SIDE) {
      notes.add(
          "The singular values of %s filters × %s weights are not tested: fewer than %s."
              .formatted(m, d, LEAST_SIDE));
      return List.of();
    }
    if (form == ValueForm.ORTHOGONAL) {
      return ofOrthogonal(sample);
    }
    SpectrumNull chance =
        model == FilterRandomness.NullModel.START
            ? ofForms.computeIfAbsent(new FormOfShape(form, new Shape(m, d)), this::nullOfForm)
            : shuffledNull(sample, m, d);
    return results(spectrum(sample.centred(), m, d), chance, sample.count());
  }

  private static List<TestResult> ofOrthogonal(Sample sample) {
    DrawnMatrix drawn = DrawnMatrix.of(sample.layout());
    return results(
        spectrum(drawn.ofFilters(sample.weights()), drawn.rows(), drawn.columns()),
        SpectrumNull.ofEqualValues(drawn.rows(), drawn.columns()),
        sample.count());
  }

  /**
   * The normal one, moved by as many of its standard deviations as the form makes a small matrix of
   * the same proportions differ: they do not depend on the size.
   */
  private SpectrumNull nullOfForm(FormOfShape asked) {
    Shape shape = asked.shape();
    SpectrumNull normal = gaussian.computeIfAbsent(shape, this::gaussianNull);
    if (asked.form() == ValueForm.NORMAL) {
      return normal;
    }
    Shape small = small(shape);
    return normal.moved(
        simulateSmall(
            small,
            r -> GaussianSpectra.draw(small.filters(), small.weights(), r),
            ValueForm.NORMAL),
        simulateSmall(small, r -> spectrumOf(asked.form(), small, r), asked.form()));
  }

  private static Shape small(Shape shape) {
    double side = Math.min(shape.filters(), shape.weights());
    double scale = Math.min(1, SMALL_SIDE / side);
    return new Shape(scaled(shape.filters(), scale), scaled(shape.weights(), scale));
  }

  private static int scaled(int extent, double scale) {
    return (int) Math.min(SMALL_LENGTH, Math.round(scale * extent));
  }

  private static FilterSpectrum spectrumOf(ValueForm form, Shape shape, SplittableRandom random) {
    double[] values = form.draw(shape.filters(), shape.weights(), random);
    FilterProducts.centre(values, values.length);
    return spectrum(values, shape.filters(), shape.weights());
  }

  private SpectrumNull simulateSmall(
      Shape shape, Function<SplittableRandom, FilterSpectrum> draw, ValueForm form) {
    return simulate(SMALL_SIMULATIONS, draw, shape.filters(), shape.weights(), form.ordinal());
  }

  private static List<TestResult> results(FilterSpectrum spectrum, SpectrumNull chance, long n) {
    double largest = spectrum.largest();
    double rank = spectrum.effectiveRank();
    return List.of(
        RandomnessCheck.result(
            Question.STRUCTURE,
            "largest_singular_value",
            largest,
            chance.largestQuantile(0.025),
            chance.largestQuantile(0.975),
            chance.largestTwoSidedP(largest),
            n),
        RandomnessCheck.result(
            Question.STRUCTURE,
            "singular_values_beyond_edge",
            (double) spectrum.beyond(chance.largestQuantile(0.95)),
            0,
            0,
            chance.largestUpperP(largest),
            n),
        RandomnessCheck.result(
            Question.STRUCTURE,
            "effective_rank",
            rank,
            chance.rankQuantile(0.025),
            chance.rankQuantile(0.975),
            chance.rankTwoSidedP(rank),
            n));
  }

  static FilterSpectrum spectrum(double[] centred, int m, int d) {
    int side = Math.min(m, d);
    double[] gram = FilterProducts.smallerGram(centred, m, d);
    return FilterSpectrum.ofGram(Decompositions.eigenvalues(new Dense(side, side, gram)), m, d);
  }

  private SpectrumNull gaussianNull(Shape shape) {
    double side = Math.min(shape.filters(), shape.weights());
    return simulate(
        affordable(GAUSSIAN_OPERATIONS, side * side, LEAST_GAUSSIAN),
        random -> GaussianSpectra.draw(shape.filters(), shape.weights(), random),
        shape.filters(),
        shape.weights());
  }

  private SpectrumNull shuffledNull(Sample sample, int m, int d) {
    double side = Math.min(m, d);
    double operations = side * m * d + 10 * side * side * side;
    return simulate(
        affordable(SHUFFLED_OPERATIONS, operations, LEAST_SHUFFLES),
        random ->
            spectrum(Seeds.shuffle(sample.centred().clone(), 0, sample.count(), random), m, d),
        m,
        d,
        sample.layout().layer().hashCode());
  }

  /** Wide layers vary little, so that fewer simulations tell as much. */
  private int affordable(double budget, double each, int least) {
    return Math.min(simulations, (int) Math.max(least, Math.min(simulations, budget / each)));
  }

  private SpectrumNull simulate(
      int count, Function<SplittableRandom, FilterSpectrum> draw, long... identity) {
    long own = Seeds.random(seed, identity).nextLong();
    return new SpectrumNull(
        IntStream.range(0, count)
            .parallel()
            .mapToObj(i -> draw.apply(RandomStreams.of(own, i)))
            .toList());
  }

  /**
   * The spectrum of random matrices: location and scale of the largest singular value and of the
   * effective rank are simulated, the shape of their distributions is taken from theory.
   *
   * <p>The largest singular value follows the Tracy-Widom law of order 1, here as the shifted gamma
   * distribution that Chiani 2014 gives for it (Journal of Multivariate Analysis 129, 69–81); the
   * effective rank, a smooth function of all singular values, a normal law, so that a value beside
   * S simulated ones is judged by Student's t with S − 1 degrees of freedom.
   */
  private static final class SpectrumNull {

    private static final double SHAPE = 46.446;
    private static final GammaDistribution TRACY_WIDOM = GammaDistribution.of(SHAPE, 1);

    /** What half precision leaves of equal singular values. */
    private static final double ROUNDING = 1e-3;

    private final int simulations;
    private final double largestMean;
    private final double largestSd;
    private final double rankMean;
    private final double rankSd;
    private final TDistribution student;

    SpectrumNull(List<FilterSpectrum> simulated) {
      this(
          simulated.size(),
          simulated.stream().mapToDouble(FilterSpectrum::largest).toArray(),
          simulated.stream().mapToDouble(FilterSpectrum::effectiveRank).toArray());
    }

    private SpectrumNull(int simulations, double[] largest, double[] ranks) {
      this(simulations, mean(largest), sd(largest), mean(ranks), sd(ranks));
    }

    private SpectrumNull(
        int simulations, double largestMean, double largestSd, double rankMean, double rankSd) {
      this.simulations = simulations;
      this.largestMean = largestMean;
      this.largestSd = largestSd;
      this.rankMean = rankMean;
      this.rankSd = rankSd;
      this.student = TDistribution.of(simulations - 1.0);
    }

    /** Of m × d orthogonal matrices, all of whose singular values are equal but for rounding. */
    static SpectrumNull ofEqualValues(int m, int d) {
      double largest = Math.sqrt(Math.max(m, d)) / (Math.sqrt(m) + Math.sqrt(d));
      double rank = Math.min(m, d);
      return new SpectrumNull(
          Integer.MAX_VALUE, largest, ROUNDING * largest, rank, ROUNDING * rank);
    }

    /** This, differing from {@code from} as {@code to} does. */
    SpectrumNull moved(SpectrumNull from, SpectrumNull to) {
      return new SpectrumNull(
          simulations,
          largestMean + largestSd * (to.largestMean - from.largestMean) / from.largestSd,
          largestSd * to.largestSd / from.largestSd,
          rankMean + rankSd * (to.rankMean - from.rankMean) / from.rankSd,
          rankSd * to.rankSd / from.rankSd);
    }

    /** The value that the largest singular value stays below with the given probability. */
    double largestQuantile(double probability) {
      double standard =
          (TRACY_WIDOM.inverseCumulativeProbability(probability) - SHAPE) / Math.sqrt(SHAPE);
      return largestMean + largestSd * standard;
    }

    /** The probability of a largest singular value above the given one. */
    double largestUpperP(double value) {
      return TRACY_WIDOM.survivalProbability(standard(value));
    }

    double largestTwoSidedP(double value) {
      double below = TRACY_WIDOM.cumulativeProbability(standard(value));
      return Math.min(1, 2 * Math.min(below, largestUpperP(value)));
    }

    private double standard(double value) {
      return Math.max(0, SHAPE + Math.sqrt(SHAPE) * (value - largestMean) / largestSd);
    }

    double rankQuantile(double probability) {
      return rankMean + predictionSd() * student.inverseCumulativeProbability(probability);
    }

    double rankTwoSidedP(double value) {
      double t = Math.abs(value - rankMean) / predictionSd();
      return Math.min(1, 2 * student.cumulativeProbability(-t));
    }

    private double predictionSd() {
      return rankSd * Math.sqrt(1 + 1.0 / simulations);
    }

    private static double mean(double[] values) {
      return Arrays.stream(values).average().orElseThrow();
    }

    private static double sd(double[] values) {
      double mean = mean(values);
      double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
      return Math.sqrt(squares / (values.length - 1));
    }
  }

  /**
   * Spectra of matrices of iid Gaussian entries, without making the matrices: their singular values
   * are distributed as those of a bidiagonal matrix of independent chi variables (Dumitriu and
   * Edelman 2002, Journal of Mathematical Physics 43, 5830–5847). Exact at any size; O(min(m, d)²)
   * each.
   */
  private static final class GaussianSpectra {

    private GaussianSpectra() {}

    static FilterSpectrum draw(int filters, int weights, SplittableRandom random) {
      int side = Math.min(filters, weights);
      int longer = Math.max(filters, weights);
      UniformRandomProvider source = random::nextLong;
      double[] diagonal = new double[side];
      double[] off = new double[side - 1];
      double squareAbove = 0;
      for (int i = 0; i < side; i++) {
        double square = chiSquared(longer - i, source);
        diagonal[i] = square + squareAbove;
        if (i < side - 1) {
          squareAbove = chiSquared(side - 1 - i, source);
          off[i] = Math.sqrt(square * squareAbove);
        }
      }
      return FilterSpectrum.ofGram(
          Decompositions.eigenvaluesOfTridiagonal(diagonal, off), filters, weights);
    }

    private static double chiSquared(int degrees, UniformRandomProvider source) {
      return AhrensDieterMarsagliaTsangGammaSampler.of(source, degrees / 2.0, 2).sample();
    }
  }

  /**
   * The singular values of a filters × weights matrix, in units of its Marchenko-Pastur edge.
   *
   * @param values σᵢ / (s (√m + √d)), s² being the mean square of the entries, descending
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  private record FilterSpectrum(double[] values) {

    /**
     * @param eigenvalues of the smaller Gram matrix
     * @param filters m
     * @param weights d
     */
    static FilterSpectrum ofGram(double[] eigenvalues, int filters, int weights) {
      double meanSquare =
          FilterProducts.sum(eigenvalues, 0, eigenvalues.length) / filters / weights;
      double edge = Math.sqrt(meanSquare) * (Math.sqrt(filters) + Math.sqrt(weights));
      double[] ascending = eigenvalues.clone();
      Arrays.sort(ascending);
      double[] descending = new double[ascending.length];
      for (int i = 0; i < descending.length; i++) {
        descending[i] = Math.sqrt(ascending[descending.length - 1 - i]) / edge;
      }
      return new FilterSpectrum(descending);
    }

    double largest() {
      return values[0];
    }

    /** How many exceed a limit. */
    long beyond(double limit) {
      return Arrays.stream(values).filter(value -> value > limit).count();
    }

    /**
     * The exponential of the entropy of the singular values divided by their sum (Roy and Vetterli
     * 2007, EUSIPCO 606–610).
     */
    double effectiveRank() {
      double sum = FilterProducts.sum(values, 0, values.length);
      double entropy = 0;
      for (double value : values) {
        double share = value / sum;
        entropy -= share > 0 ? share * Math.log(share) : 0;
      }
      return Math.exp(entropy);
    }
  }
}
