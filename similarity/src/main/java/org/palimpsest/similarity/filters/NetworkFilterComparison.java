package org.palimpsest.similarity.filters;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.TDistribution;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.similarity.internal.linalg.LinearAssignment;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.weights.FilterBank;
import org.palimpsest.similarity.weights.NetworkFilters.LeftOut;
import org.palimpsest.similarity.weights.WeightStatistic;

/**
 * How near the filters of two networks are, by layers of the same name.
 *
 * @param a where the first came from
 * @param b where the second came from
 * @param layers the compared layers, in the order of the first one's file
 * @param leftOut layers that were not compared, and why
 */
public record NetworkFilterComparison(
    Provenance a, Provenance b, List<Layer> layers, List<LeftOut> leftOut) {

  public NetworkFilterComparison {
    layers = List.copyOf(layers);
    leftOut = List.copyOf(leftOut);
  }

  /**
   * One layer's comparison.
   *
   * @throws PalimpsestException if that layer was not compared
   */
  public Layer layer(String name) {
    return layers.stream()
        .filter(layer -> layer.a().layer().equals(name))
        .findFirst()
        .orElseThrow(() -> new PalimpsestException("Layer '%s' was not compared.".formatted(name)));
  }

  /** All statistics, one row each, p-values corrected (Holm) for the number of layers. */
  public List<WeightStatistic> rows() {
    List<WeightStatistic> rows = layers.stream().flatMap(layer -> layer.rows().stream()).toList();
    Map<String, List<Integer>> tested = new HashMap<>();
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).p().isPresent()) {
        tested.computeIfAbsent(rows.get(i).statistic(), s -> new ArrayList<>()).add(i);
      }
    }
    List<WeightStatistic> corrected = new ArrayList<>(rows);
    for (List<Integer> indices : tested.values()) {
      double[] p =
          Judgement.holm(
              indices.stream().mapToDouble(i -> rows.get(i).p().getAsDouble()).toArray());
      for (int k = 0; k < p.length; k++) {
        int i = indices.get(k);
        corrected.set(i, rows.get(i).withCorrectedP(OptionalDouble.of(p[k])));
      }
    }
    return List.copyOf(corrected);
  }

  /**
   * How near the filters of two layers are.
   *
   * @param a the first layer
   * @param b the second
   * @param proximity what the values are
   * @param nearestOfA for each filter of A the nearest of B
   * @param nearestOfB for each filter of B the nearest of A
   * @param matching the one-to-one matching of all filters of the smaller layer with the best mean
   * @param deadA filters of A without a direction (all zeros; for correlations, constant), which
   *     were left out
   * @param deadB the same of B
   * @param chance what chance gives, if it was simulated
   */
  public record Layer(
      FilterBank.Layout a,
      FilterBank.Layout b,
      FilterDistance.Proximity proximity,
      List<Pair> nearestOfA,
      List<Pair> nearestOfB,
      List<Pair> matching,
      List<Integer> deadA,
      List<Integer> deadB,
      Optional<Chance> chance) {

    /**
     * The means beside those of unrelated filters, whose cosine has mean 0 and standard deviation
     * 1/√d (their correlation 1/√(d − 1)).
     *
     * @param nearestOfA of the mean over {@link Layer#nearestOfA()}
     * @param nearestOfB of the mean over {@link Layer#nearestOfB()}
     * @param matching of the mean over {@link Layer#matching()}
     * @param filters what the simulated filters are like
     * @param seed what the simulation was drawn from
     */
    public record Chance(
        ChanceLevel nearestOfA,
        ChanceLevel nearestOfB,
        ChanceLevel matching,
        SimulatedFilters filters,
        long seed) {}

    public Layer {
      nearestOfA = List.copyOf(nearestOfA);
      nearestOfB = List.copyOf(nearestOfB);
      matching = List.copyOf(matching);
      deadA = List.copyOf(deadA);
      deadB = List.copyOf(deadB);
    }

    /** The mean over the filters of A of the value of their nearest of B. */
    public double meanNearestOfA() {
      return mean(nearestOfA);
    }

    /** The mean over the filters of B of the value of their nearest of A. */
    public double meanNearestOfB() {
      return mean(nearestOfB);
    }

    /** The mean value of the matched filters. */
    public double meanMatched() {
      return mean(matching);
    }

    private static double mean(List<Pair> pairs) {
      return pairs.stream().mapToDouble(Pair::value).average().orElseThrow();
    }

    /** The layer's means with what chance gives, then each pair, under the first layer's name. */
    public List<WeightStatistic> rows() {
      List<WeightStatistic> rows = new ArrayList<>();
      String label = proximity.label();
      rows.add(row("mean_nearest_of_a_" + label, nearestOfA, chance.map(Chance::nearestOfA)));
      rows.add(row("mean_nearest_of_b_" + label, nearestOfB, chance.map(Chance::nearestOfB)));
      rows.add(row("mean_matched_" + label, matching, chance.map(Chance::matching)));
      int d = a.weightsPerFilter();
      for (Pair pair : nearestOfA) {
        rows.add(
            WeightStatistic.ofFilter(a.layer(), pair.a(), "nearest_" + label, pair.value(), d));
      }
      for (Pair pair : matching) {
        rows.add(
            WeightStatistic.ofFilter(a.layer(), pair.a(), "matched_" + label, pair.value(), d));
      }
      return rows;
    }

    private WeightStatistic row(String statistic, List<Pair> pairs, Optional<ChanceLevel> level) {
      return new WeightStatistic(
          a.layer(),
          OptionalInt.empty(),
          statistic,
          mean(pairs),
          of(level.map(ChanceLevel::low)),
          of(level.map(ChanceLevel::high)),
          of(level.map(ChanceLevel::p)),
          OptionalDouble.empty(),
          pairs.size());
    }

    private static OptionalDouble of(Optional<Double> value) {
      return value.map(OptionalDouble::of).orElse(OptionalDouble.empty());
    }
  }

  /**
   * Two filters and how near they are.
   *
   * @param a index of the filter among the first layer's
   * @param b index of the filter among the second layer's
   * @param value the similarity or distance, as the {@link FilterDistance.Proximity} says
   */
  public record Pair(int a, int b, double value) {}

  /**
   * A mean over filters beside what unrelated filters give.
   *
   * @param observed the mean of the compared filters
   * @param mean of the simulated means
   * @param sd standard deviation of the simulated means
   * @param low the lower end of what chance gives in 95 of 100 cases
   * @param high the upper end of the same
   * @param z (observed − mean) / sd, turned so that more is nearer; 0 if chance never varies
   * @param p the probability of filters at least as near by chance: counted among the simulated
   *     means, or, where fewer than ten are as near, of Student's t
   * @param simulations how many pairs of filter sets were simulated
   */
  public record ChanceLevel(
      double observed,
      double mean,
      double sd,
      double low,
      double high,
      double z,
      double p,
      int simulations) {

    private static final int FEWEST_COUNTED = 10;

    /**
     * @param sign 1 if larger values are nearer, −1 if smaller ones are
     */
    static ChanceLevel of(double observed, double[] simulated, int sign) {
      int count = simulated.length;
      double mean = Arrays.stream(simulated).average().orElseThrow();
      double squares = Arrays.stream(simulated).map(v -> (v - mean) * (v - mean)).sum();
      double sd = Math.sqrt(squares / (count - 1));
      TDistribution student = TDistribution.of(count - 1.0);
      double predictionSd = sd * Math.sqrt(1 + 1.0 / count);
      double reach = student.inverseCumulativeProbability(0.975) * predictionSd;
      long asNear = Arrays.stream(simulated).filter(v -> sign * v >= sign * observed).count();
      double z = sd == 0 ? 0 : sign * (observed - mean) / sd;
      double p =
          asNear >= FEWEST_COUNTED || sd == 0
              ? (asNear + 1.0) / (count + 1)
              : student.cumulativeProbability(-sign * (observed - mean) / predictionSd);
      return new ChanceLevel(observed, mean, sd, mean - reach, mean + reach, z, p, count);
    }
  }

  /** What the filters are like that chance is simulated with. */
  public enum SimulatedFilters {
    /** Independent directions, each as probable as any other. */
    DIRECTIONS("independent directions"),
    /**
     * The layers' own weights in random places: of short filters the distribution of the weights
     * decides which directions are probable, and this keeps it whatever it is.
     */
    OWN_VALUES("their own weights in random places"),
    /** Random orthogonal matrices, for a layer whose filters are orthogonal to each other. */
    ORTHOGONAL("random orthogonal filters");

    private final String label;

    SimulatedFilters(String label) {
      this.label = label;
    }

    /** In words, for tables. */
    public String label() {
      return label;
    }
  }

  /** Nearest neighbours and the best matching of two sets of filters. */
  static final class FilterPairs {

    record Means(double nearestOfA, double nearestOfB, double matched) {}

    private final UnitFilters a;
    private final UnitFilters b;
    private final FilterDistance.Proximity proximity;
    private final double[] values;
    private final LinearAssignment assignment;

    private FilterPairs(UnitFilters a, UnitFilters b, FilterDistance.Proximity proximity) {
      this.a = a;
      this.b = b;
      this.proximity = proximity;
      this.values = a.products(b);
      if (proximity == FilterDistance.Proximity.NORMALISED_DISTANCE) {
        for (int i = 0; i < values.length; i++) {
          values[i] = Math.sqrt(2 - 2 * values[i]);
        }
      }
      this.assignment =
          proximity.sign() > 0
              ? LinearAssignment.maximise(a.count(), b.count(), values)
              : LinearAssignment.minimise(a.count(), b.count(), values);
    }

    static FilterPairs of(UnitFilters a, UnitFilters b, FilterDistance.Proximity proximity) {
      return new FilterPairs(a, b, proximity);
    }

    List<Pair> nearestOfA() {
      return IntStream.range(0, a.count()).mapToObj(i -> pair(i, nearestColumn(i))).toList();
    }

    List<Pair> nearestOfB() {
      return IntStream.range(0, b.count()).mapToObj(j -> pair(nearestRow(j), j)).toList();
    }

    List<Pair> matching() {
      return IntStream.range(0, a.count())
          .filter(i -> assignment.columnOf(i) != LinearAssignment.NONE)
          .mapToObj(i -> pair(i, assignment.columnOf(i)))
          .toList();
    }

    Means means() {
      return new Means(
          IntStream.range(0, a.count())
              .mapToDouble(i -> value(i, nearestColumn(i)))
              .average()
              .orElseThrow(),
          IntStream.range(0, b.count())
              .mapToDouble(j -> value(nearestRow(j), j))
              .average()
              .orElseThrow(),
          assignment.total() / assignment.pairs());
    }

    private Pair pair(int row, int column) {
      double value =
          proximity == FilterDistance.Proximity.NORMALISED_DISTANCE
              ? a.distance(row, b, column)
              : value(row, column);
      return new Pair(a.index(row), b.index(column), value);
    }

    private double value(int row, int column) {
      return values[row * b.count() + column];
    }

    private int nearestColumn(int row) {
      int nearest = 0;
      for (int j = 1; j < b.count(); j++) {
        nearest = isNearer(value(row, j), value(row, nearest)) ? j : nearest;
      }
      return nearest;
    }

    private int nearestRow(int column) {
      int nearest = 0;
      for (int i = 1; i < a.count(); i++) {
        nearest = isNearer(value(i, column), value(nearest, column)) ? i : nearest;
      }
      return nearest;
    }

    private boolean isNearer(double value, double than) {
      return proximity.sign() * value > proximity.sign() * than;
    }
  }
}
