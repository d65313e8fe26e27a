package org.palimpsest.similarity.filters;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.palimpsest.similarity.filters.NetworkFilterComparison.SimulatedFilters;
import org.palimpsest.similarity.weights.FilterBank;

/**
 * Draws pairs of unrelated filter sets that are otherwise like two layers.
 *
 * <p>Weights in random places are exactly as probable as the layer itself under every start that
 * draws weights independently, whatever their distribution. Where filters are long the distribution
 * no longer shows in their cosines, and directions serve, which layers of equal sizes share. With
 * excess kurtoses κ of the weights, the mean of the largest cosines of m filters of d weights moves
 * by about κₐ κ_b √m / d of its standard deviations.
 */
final class FilterNull {

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
        case ORTHOGONAL -> drawn.toFilters(Orthogonal.draw(drawn.rows(), drawn.columns(), random));
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
  private final FilterDistance.Proximity proximity;

  private FilterNull(Side a, Side b, FilterDistance.Proximity proximity) {
    this.a = a;
    this.b = b;
    this.proximity = proximity;
  }

  static FilterNull of(
      FilterBank a,
      UnitFilters ofA,
      FilterBank b,
      UnitFilters ofB,
      FilterDistance.Proximity proximity) {
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
        side.draw(random), side.weights(), proximity == FilterDistance.Proximity.CORRELATION);
  }
}
