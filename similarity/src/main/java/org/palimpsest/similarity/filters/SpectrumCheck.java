package org.palimpsest.similarity.filters;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.palimpsest.core.RandomStreams;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.SymmetricEigenvalues;
import org.palimpsest.similarity.weights.FilterLayout;

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

  private final NullModel model;
  private final int simulations;
  private final long seed;
  private final Map<Shape, SpectrumNull> gaussian = new ConcurrentHashMap<>();
  private final Map<FormOfShape, SpectrumNull> ofForms = new ConcurrentHashMap<>();

  SpectrumCheck(NullModel model, int simulations, long seed) {
    this.model = model;
    this.simulations = simulations;
    this.seed = seed;
  }

  List<RandomnessFigure> test(Sample sample, ValueForm form, List<String> notes) {
    FilterLayout layout = sample.layout();
    int m = layout.filters();
    int d = layout.weightsPerFilter();
    if (Math.min(m, d) < LEAST_SIDE) {
      notes.add(
          "The singular values of %d filters × %d weights are not tested: fewer than %d."
              .formatted(m, d, LEAST_SIDE));
      return List.of();
    }
    if (form == ValueForm.ORTHOGONAL) {
      return ofOrthogonal(sample);
    }
    SpectrumNull chance =
        model == NullModel.START
            ? ofForms.computeIfAbsent(new FormOfShape(form, new Shape(m, d)), this::nullOfForm)
            : shuffledNull(sample, m, d);
    return figures(spectrum(sample.centred(), m, d), chance, sample.count());
  }

  private static List<RandomnessFigure> ofOrthogonal(Sample sample) {
    DrawnMatrix drawn = DrawnMatrix.of(sample.layout());
    return figures(
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
    double mean = Arrays.stream(values).sum() / values.length;
    for (int i = 0; i < values.length; i++) {
      values[i] -= mean;
    }
    return spectrum(values, shape.filters(), shape.weights());
  }

  private SpectrumNull simulateSmall(
      Shape shape, Function<SplittableRandom, FilterSpectrum> draw, ValueForm form) {
    return simulate(SMALL_SIMULATIONS, draw, shape.filters(), shape.weights(), form.ordinal());
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
}
