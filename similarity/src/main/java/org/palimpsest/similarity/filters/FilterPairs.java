package org.palimpsest.similarity.filters;

import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.similarity.filters.NetworkFilterComparison.Pair;
import org.palimpsest.similarity.internal.linalg.LinearAssignment;

/** Nearest neighbours and the best matching of two sets of filters. */
final class FilterPairs {

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
