package org.palimpsest.similarity.filters;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.similarity.filters.NetworkFilterComparison.ChanceLevel;
import org.palimpsest.similarity.filters.NetworkFilterComparison.FilterPairs;
import org.palimpsest.similarity.filters.NetworkFilterComparison.Layer.Chance;
import org.palimpsest.similarity.filters.NetworkFilterComparison.Pair;
import org.palimpsest.similarity.filters.NetworkFilterComparison.SimulatedFilters;
import org.palimpsest.similarity.weights.FilterBank;
import org.palimpsest.similarity.weights.NetworkFilters;
import org.palimpsest.similarity.weights.NetworkFilters.LeftOut;

/**
 * Compares two sets of filters of the same number of weights, in whatever order they stand: nearest
 * neighbours each way, the best one-to-one matching, and whether that is nearer than chance.
 *
 * <p>Chance is simulated, since the best of many is far from the mean of all, with what {@link
 * SimulatedFilters} says: short filters with the layers' own weights in random places, so that the
 * p-value holds for every start that draws weights independently, uniform ones too; filters that
 * are orthogonal to each other with random orthogonal ones; long filters, in which the distribution
 * of single weights does not show, with independent directions.
 *
 * <p>Immutable: each {@code with…} gives a changed copy. Cost for m × k filters of d weights: mkd
 * for the products, about (m + k)³ / 8 at worst for the matching (0.6 s for 2048 × 2048), and both
 * again for each simulation; simulations are kept for layers of the same sizes, those with the
 * layers' own weights excepted. Results do not depend on the number of threads.
 */
public final class FilterDistance {

  private static final int SIMULATIONS = 999;
  private static final int LEAST_SIMULATIONS = 19;
  private static final double OPERATIONS = 3e10;
  private static final double OPERATIONS_OF_ONE_PAIR = 3e9;
  private static final int LEAST_WEIGHTS = 2;

  private final Proximity proximity;
  private final int simulations;
  private final long seed;
  private final Map<FilterNull.Key, List<FilterPairs.Means>> simulated = new ConcurrentHashMap<>();

  private FilterDistance(Proximity proximity, int simulations, long seed) {
    if (simulations != 0 && simulations < LEAST_SIMULATIONS) {
      throw new PalimpsestException(
          "%s simulations are too few: take at least %s, or 0 for none."
              .formatted(simulations, LEAST_SIMULATIONS));
    }
    this.proximity = proximity;
    this.simulations = simulations;
    this.seed = seed;
  }

  /** By this proximity, 999 simulations, seed 0. */
  public static FilterDistance by(Proximity proximity) {
    return new FilterDistance(proximity, SIMULATIONS, 0);
  }

  /**
   * At most so many simulations of chance, at least 19; 0 for none. For large layers fewer are
   * made, 19 at least, so that they take about 3·10¹⁰ multiplications (3·10⁹ where they serve one
   * pair of layers alone); the result holds the number.
   */
  public FilterDistance withSimulations(int count) {
    return new FilterDistance(proximity, count, seed);
  }

  /** Decides what chance is simulated with. */
  public FilterDistance withSeed(long newSeed) {
    return new FilterDistance(proximity, simulations, newSeed);
  }

  /** Compares layers of the same name in two networks. */
  public NetworkFilterComparison compare(Weights a, Weights b) {
    return compare(a, b, Progress.silent());
  }

  /**
   * Compares layers of the same name in two networks. Layers that only one has, or whose filters
   * have another number of weights in the other, or are all without direction, are listed in the
   * result.
   *
   * @throws PalimpsestException if no layer has filters of one size in both, or a weight is not
   *     finite
   */
  public NetworkFilterComparison compare(Weights a, Weights b, Progress progress) {
    NetworkFilters ofA = NetworkFilters.of(a).requireLayers();
    NetworkFilters ofB = NetworkFilters.of(b).requireLayers();
    List<NetworkFilterComparison.Layer> layers = new ArrayList<>();
    List<LeftOut> leftOut = new ArrayList<>();
    try (Progress.Task task = progress.begin("distance of filters", ofA.layouts().size())) {
      for (FilterBank.Layout layout : ofA.layouts()) {
        Optional<FilterBank.Layout> other = ofB.layout(layout.layer());
        Optional<String> otherUnit = ofA.otherUnit(layout.layer(), ofB);
        if (otherUnit.isPresent()) {
          leftOut.add(new LeftOut(layout.layer(), otherUnit.get()));
        } else if (other.isPresent() && comparable(layout, other.get())) {
          compare(ofA, ofB, layout.layer(), layers, leftOut);
        } else {
          leftOut.add(new LeftOut(layout.layer(), reason(a.name(), ofB, layout, other)));
        }
        task.advance(1);
      }
    }
    for (FilterBank.Layout layout : ofB.layouts()) {
      if (ofA.layout(layout.layer()).isEmpty()) {
        String why =
            ofA.leavesOut(layout.layer())
                ? "%s has it, but there it is left out.".formatted(a.name())
                : "Read from %s alone.".formatted(b.name());
        leftOut.add(new LeftOut(layout.layer(), why));
      }
    }
    if (layers.isEmpty()
        && ofA.layouts().stream()
            .noneMatch(
                layout ->
                    ofB.layout(layout.layer()).filter(o -> comparable(layout, o)).isPresent())) {
      throw new PalimpsestException(
          "%s and %s have no layer of one name and filter size. Left out: %s."
              .formatted(a.name(), b.name(), leftOut));
    }
    return new NetworkFilterComparison(ofA.provenance(), ofB.provenance(), layers, leftOut);
  }

  /** Compares two layers, or says why nothing can be told of them. */
  private void compare(
      NetworkFilters inA,
      NetworkFilters inB,
      String layer,
      List<NetworkFilterComparison.Layer> layers,
      List<LeftOut> leftOut) {
    FilterBank a = inA.bank(layer);
    FilterBank b = inB.bank(layer);
    UnitFilters ofA = UnitFilters.of(a, proximity);
    UnitFilters ofB = UnitFilters.of(b, proximity);
    Optional<String> nothing = ofA.nothing(proximity);
    Optional<String> nothingInB = ofB.nothing(proximity);
    if (nothing.isPresent()) {
      leftOut.add(new LeftOut(layer, "In %s: %s".formatted(inA.network(), nothing.get())));
    } else if (nothingInB.isPresent()) {
      leftOut.add(new LeftOut(layer, "In %s: %s".formatted(inB.network(), nothingInB.get())));
    } else {
      layers.add(compare(a, ofA, b, ofB));
    }
  }

  private static boolean comparable(FilterBank.Layout a, FilterBank.Layout b) {
    return a.inputChannels() == b.inputChannels() && a.kernel().equals(b.kernel());
  }

  private static String reason(
      String a, NetworkFilters b, FilterBank.Layout layout, Optional<FilterBank.Layout> other) {
    if (b.leavesOut(layout.layer())) {
      return "%s has it, but there it is left out.".formatted(b.network());
    }
    return other.isEmpty()
        ? "Read from %s alone.".formatted(a)
        : "Its filters have %s input channels and kernel %s, in %s %s and %s."
            .formatted(
                layout.inputChannels(),
                layout.kernel(),
                b.network(),
                other.get().inputChannels(),
                other.get().kernel());
  }

  /**
   * Compares the filters of two layers.
   *
   * @throws PalimpsestException if the filters have different numbers of weights, or all filters of
   *     a layer are without direction
   */
  public NetworkFilterComparison.Layer compare(FilterBank a, FilterBank b) {
    if (a.weightsPerFilter() != b.weightsPerFilter()) {
      throw new PalimpsestException(
          "The filters of %s and %s have different numbers of weights: no distance between them."
              .formatted(a, b));
    }
    return compare(a, directed(a), b, directed(b));
  }

  private NetworkFilterComparison.Layer compare(
      FilterBank a, UnitFilters ofA, FilterBank b, UnitFilters ofB) {
    FilterPairs pairs = FilterPairs.of(ofA, ofB, proximity);
    return new NetworkFilterComparison.Layer(
        a.layout(),
        b.layout(),
        proximity,
        pairs.nearestOfA(),
        pairs.nearestOfB(),
        pairs.matching(),
        ofA.dead(),
        ofB.dead(),
        simulations == 0 || a.weightsPerFilter() < LEAST_WEIGHTS
            ? Optional.empty()
            : Optional.of(chance(pairs, FilterNull.of(a, ofA, b, ofB, proximity))));
  }

  /** Whether any filter of a layer has a direction, so that the layer can be compared. */
  public boolean isDefinedFor(FilterBank bank) {
    return UnitFilters.of(bank, proximity).nothing(proximity).isEmpty();
  }

  private UnitFilters directed(FilterBank bank) {
    UnitFilters filters = UnitFilters.of(bank, proximity);
    filters
        .nothing(proximity)
        .ifPresent(
            why -> {
              throw new PalimpsestException(
                  "Layer '%s': %s Leave the layer out.".formatted(bank.layer(), why));
            });
    return filters;
  }

  /**
   * The values of matched filters that chance gives for two layers, of as many simulations as make
   * at least {@code least} of them.
   *
   * @throws PalimpsestException as {@link #compare(FilterBank, FilterBank)}
   */
  public double[] matchedByChance(FilterBank a, FilterBank b, int least) {
    FilterNull chance = FilterNull.of(a, directed(a), b, directed(b), proximity);
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; pairs.size() < least; i++) {
      pairs.addAll(chance.draw(seed, i).matching());
    }
    return pairs.stream().mapToDouble(Pair::value).toArray();
  }

  private Chance chance(FilterPairs observed, FilterNull chance) {
    List<FilterPairs.Means> means =
        chance.isOfTheseLayersAlone()
            ? simulate(chance, OPERATIONS_OF_ONE_PAIR)
            : simulated.computeIfAbsent(chance.key(), key -> simulate(chance, OPERATIONS));
    return new Chance(
        level(observed.nearestOfA(), means, FilterPairs.Means::nearestOfA),
        level(observed.nearestOfB(), means, FilterPairs.Means::nearestOfB),
        level(observed.matching(), means, FilterPairs.Means::matched),
        chance.chance(),
        seed);
  }

  private List<FilterPairs.Means> simulate(FilterNull chance, double operations) {
    int affordable = (int) Math.min(simulations, operations / chance.operations());
    return IntStream.range(0, Math.max(LEAST_SIMULATIONS, affordable))
        .parallel()
        .mapToObj(i -> chance.draw(seed, i).means())
        .toList();
  }

  private ChanceLevel level(
      List<Pair> observed,
      List<FilterPairs.Means> simulated,
      ToDoubleFunction<FilterPairs.Means> mean) {
    return ChanceLevel.of(
        observed.stream().mapToDouble(Pair::value).average().orElseThrow(),
        simulated.stream().mapToDouble(mean).toArray(),
        proximity.sign());
  }

  /**
   * How near two filters are. None of them sees the filters' lengths, so that a filter that has
   * only grown in training is where it was. Filters w and v are taken as vectors of all their
   * weights.
   *
   * <p>Filters of networks that were trained apart stand in no order: each is compared with all of
   * another network, and the nearest counts, by whichever of these was chosen. With d weights,
   * unrelated filters have cosines about 0 with a spread of about 1/√d, which is why small kernels
   * find near filters by chance. A filter of zeros has no direction.
   */
  public enum Proximity {
    /** w·v / (|w| |v|), the cosine of the angle between them, −1 to 1. */
    COSINE("cosine", Direction.SIMILARITY, new Range(-1, 1)),
    /**
     * Pearson's correlation of their weights, the cosine after the mean of each is subtracted, −1
     * to 1.
     */
    CORRELATION("correlation", Direction.SIMILARITY, new Range(-1, 1)),
    /** The euclidean distance |w/|w| − v/|v||, which is √(2 − 2 cos), 0 to 2. */
    NORMALISED_DISTANCE("normalised_distance", Direction.DISTANCE, new Range(0, 2));

    private final String label;
    private final Direction direction;
    private final Range range;

    Proximity(String label, Direction direction, Range range) {
      this.label = label;
      this.direction = direction;
      this.range = range;
    }

    /** Its name in tables. */
    public String label() {
      return label;
    }

    /** Whether larger values are nearer. */
    public Direction direction() {
      return direction;
    }

    /** The least and the largest value. */
    public Range range() {
      return range;
    }

    /** 1 if larger values are nearer, −1 if smaller ones are. */
    int sign() {
      return direction == Direction.SIMILARITY ? 1 : -1;
    }
  }

  /**
   * Draws pairs of unrelated filter sets that are otherwise like two layers.
   *
   * <p>Weights in random places are exactly as probable as the layer itself under every start that
   * draws weights independently, whatever their distribution. Where filters are long the
   * distribution no longer shows in their cosines, and directions serve, which layers of equal
   * sizes share. With excess kurtoses κ of the weights, the mean of the largest cosines of m
   * filters of d weights moves by about κₐ κ_b √m / d of its standard deviations.
   */
  static final class FilterNull {

    private static final int LONGEST_OF_OWN_VALUES = 256;
    private static final double NOTICED = 0.05;

    private enum Source {
      DIRECTIONS,
      OWN_PLACES,
      OWN_PLACES_WITHIN_FILTERS,
      ORTHOGONAL
    }

    private record Side(Source source, double[] own, int filters, int weights, DrawnMatrix drawn) {

      boolean isOwn() {
        return source == Source.OWN_PLACES || source == Source.OWN_PLACES_WITHIN_FILTERS;
      }

      double[] draw(SplittableRandom random) {
        return switch (source) {
          case DIRECTIONS -> Seeds.gaussians(random, Math.multiplyExact(filters, weights));
          case OWN_PLACES -> Seeds.shuffle(own.clone(), 0, own.length, random);
          case OWN_PLACES_WITHIN_FILTERS -> {
            double[] rows = own.clone();
            for (int start = 0; start < rows.length; start += weights) {
              Seeds.shuffle(rows, start, weights, random);
            }
            yield rows;
          }
          case ORTHOGONAL ->
              drawn.toFilters(Orthogonal.draw(drawn.rows(), drawn.columns(), random));
        };
      }
    }

    /** What decides the null of two layers whose own weights do not. */
    record Key(
        DrawnMatrix drawnA,
        DrawnMatrix drawnB,
        int weights,
        boolean orthogonalA,
        boolean orthogonalB) {}

    private final Side a;
    private final Side b;
    private final Proximity proximity;

    private FilterNull(Side a, Side b, Proximity proximity) {
      this.a = a;
      this.b = b;
      this.proximity = proximity;
    }

    static FilterNull of(
        FilterBank a, UnitFilters ofA, FilterBank b, UnitFilters ofB, Proximity proximity) {
      double[] rowsA = ofA.rowsOf(a);
      double[] rowsB = ofB.rowsOf(b);
      int d = a.weightsPerFilter();
      boolean orthogonalA = drawn(a, ofA).isOrthogonal(rowsA);
      boolean orthogonalB = drawn(b, ofB).isOrthogonal(rowsB);
      boolean own =
          !orthogonalA
              && !orthogonalB
              && d <= LONGEST_OF_OWN_VALUES
              && showsInCosines(ofA, ofB, Math.max(ofA.count(), ofB.count()), d);
      return new FilterNull(
          side(source(orthogonalA, own, rowsA, d), rowsA, a, ofA),
          side(source(orthogonalB, own, rowsB, d), rowsB, b, ofB),
          proximity);
    }

    private static Side side(Source source, double[] rows, FilterBank bank, UnitFilters filters) {
      DrawnMatrix plain = DrawnMatrix.ofFilters(filters.count(), bank.weightsPerFilter());
      DrawnMatrix drawn = source == Source.ORTHOGONAL ? drawn(bank, filters) : plain;
      return new Side(source, rows, filters.count(), bank.weightsPerFilter(), drawn);
    }

    /** A layer that lacks filters is no matrix that a start drew, unless filters are its rows. */
    private static DrawnMatrix drawn(FilterBank bank, UnitFilters filters) {
      return filters.count() == bank.filters()
          ? DrawnMatrix.of(bank.layout())
          : DrawnMatrix.ofFilters(filters.count(), bank.weightsPerFilter());
    }

    private static boolean showsInCosines(UnitFilters a, UnitFilters b, int filters, int d) {
      return Math.abs(a.excessKurtosis() * b.excessKurtosis()) * Math.sqrt(filters) / d > NOTICED;
    }

    private static Source source(boolean orthogonal, boolean own, double[] rows, int d) {
      if (orthogonal) {
        return Source.ORTHOGONAL;
      }
      if (!own) {
        return Source.DIRECTIONS;
      }
      return repeats(rows) < d ? Source.OWN_PLACES : Source.OWN_PLACES_WITHIN_FILTERS;
    }

    /** How often the commonest weight occurs: so many in one filter leave it no direction. */
    private static int repeats(double[] rows) {
      double[] sorted = rows.clone();
      Arrays.sort(sorted);
      int most = 1;
      int run = 1;
      for (int i = 1; i < sorted.length; i++) {
        run = sorted[i] == sorted[i - 1] ? run + 1 : 1;
        most = Math.max(most, run);
      }
      return most;
    }

    /** Whether the weights themselves enter it, so that no other layers share it. */
    boolean isOfTheseLayersAlone() {
      return a.isOwn() || b.isOwn();
    }

    Key key() {
      return new Key(
          a.drawn(),
          b.drawn(),
          a.weights(),
          a.source() == Source.ORTHOGONAL,
          b.source() == Source.ORTHOGONAL);
    }

    SimulatedFilters chance() {
      if (isOfTheseLayersAlone()) {
        return SimulatedFilters.OWN_VALUES;
      }
      return a.source() == Source.DIRECTIONS && b.source() == Source.DIRECTIONS
          ? SimulatedFilters.DIRECTIONS
          : SimulatedFilters.ORTHOGONAL;
    }

    /** About how many multiplications a draw takes. */
    double operations() {
      double pairs = (double) a.filters() * b.filters();
      double drawing = a.filters() * (double) Math.min(a.filters(), a.weights());
      return (pairs + (chance() == SimulatedFilters.ORTHOGONAL ? 2 * drawing : 0)) * a.weights()
          + Math.pow((a.filters() + b.filters()) / 2.0, 3);
    }

    FilterPairs draw(long seed, int index) {
      return FilterPairs.of(draw(a, seed, 0, index), draw(b, seed, 1, index), proximity);
    }

    private UnitFilters draw(Side side, long seed, int which, int index) {
      SplittableRandom random = Seeds.random(seed, which, index, side.filters(), side.weights());
      return UnitFilters.ofRows(
          side.draw(random), side.weights(), proximity == Proximity.CORRELATION);
    }
  }
}
