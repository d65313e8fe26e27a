package org.palimpsest.similarity.filters;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.palimpsest.core.RandomStreams;
import org.palimpsest.similarity.linalg.Dense;
import org.palimpsest.similarity.linalg.SymmetricEigenvalues;
import org.palimpsest.similarity.weights.FilterLayout;

/**
 * The singular values of the filter matrix, less the mean of all weights, against those of a random
 * matrix: the largest one, in units of the Marchenko-Pastur edge s (√m + √d) (Marchenko and Pastur
 * 1967), how many stick out beyond what the largest of a random matrix reaches in 95 of 100 cases,
 * and the effective rank.
 */
final class SpectrumCheck implements RandomnessCheck {

  private static final int LEAST_SIDE = 4;
  private static final int LEAST_SHUFFLES = 49;
  private static final int LEAST_GAUSSIAN = 199;
  private static final double GAUSSIAN_OPERATIONS = 2e8;
  private static final double SHUFFLED_OPERATIONS = 3e10;

  private record Shape(int filters, int weights) {}

  private final NullModel model;
  private final int simulations;
  private final long seed;
  private final Map<Shape, SpectrumNull> gaussian = new ConcurrentHashMap<>();

  SpectrumCheck(NullModel model, int simulations, long seed) {
    this.model = model;
    this.simulations = simulations;
    this.seed = seed;
  }

  @Override
  public List<RandomnessFigure> test(Sample sample, List<String> notes) {
    FilterLayout layout = sample.layout();
    int m = layout.filters();
    int d = layout.weightsPerFilter();
    if (Math.min(m, d) < LEAST_SIDE) {
      notes.add(
          "The singular values of %d filters × %d weights are not tested: fewer than %d."
              .formatted(m, d, LEAST_SIDE));
      return List.of();
    }
    FilterSpectrum spectrum = spectrum(sample.centred(), m, d);
    SpectrumNull chance =
        model == NullModel.GAUSSIAN
            ? gaussian.computeIfAbsent(new Shape(m, d), this::gaussianNull)
            : shuffledNull(sample, m, d);
    return figures(spectrum, chance, sample.count());
  }

  private static List<RandomnessFigure> figures(
      FilterSpectrum spectrum, SpectrumNull chance, long n) {
    double largest = spectrum.largest();
    double rank = spectrum.effectiveRank();
    return List.of(
        RandomnessCheck.figure(
            RandomnessQuestion.STRUCTURE,
            "largest_singular_value",
            largest,
            chance.largestQuantile(0.025),
            chance.largestQuantile(0.975),
            chance.largestTwoSidedP(largest),
            n),
        RandomnessCheck.figure(
            RandomnessQuestion.STRUCTURE,
            "singular_values_beyond_edge",
            (double) spectrum.beyond(chance.largestQuantile(0.95)),
            0,
            0,
            chance.largestUpperP(largest),
            n),
        RandomnessCheck.figure(
            RandomnessQuestion.STRUCTURE,
            "effective_rank",
            rank,
            chance.rankQuantile(0.025),
            chance.rankQuantile(0.975),
            chance.rankTwoSidedP(rank),
            n));
  }

  static FilterSpectrum spectrum(double[] centred, int m, int d) {
    int side = Math.min(m, d);
    double[] gram = RowProducts.smallerGram(centred, m, d);
    return FilterSpectrum.ofGram(SymmetricEigenvalues.of(new Dense(side, side, gram)), m, d);
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
        random -> spectrum(shuffled(sample.centred(), random), m, d),
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

  private static double[] shuffled(double[] values, SplittableRandom random) {
    double[] copy = values.clone();
    for (int i = copy.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      double kept = copy[i];
      copy[i] = copy[j];
      copy[j] = kept;
    }
    return copy;
  }
}
