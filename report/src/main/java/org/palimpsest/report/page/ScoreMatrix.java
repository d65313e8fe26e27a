package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Interval.Ends;

/**
 * A matrix of figures, and where these would lie with ever more probes.
 *
 * @param values row by row; NaN is a figure that there is not
 * @param intervals by row times the number of columns, plus column
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
record ScoreMatrix(double[][] values, Map<Integer, Ends> intervals) {

  /** Without any figure. */
  static ScoreMatrix missing(int rows, int columns) {
    double[][] values = new double[rows][columns];
    for (double[] row : values) {
      Arrays.fill(row, Double.NaN);
    }
    return new ScoreMatrix(values, new HashMap<>());
  }

  private int place(int row, int column) {
    return row * values[row].length + column;
  }

  void put(int row, int column, Measurement figure) {
    values[row][column] = figure.value();
    if (figure.overProbes().orElse(null) instanceof Interval.Known known) {
      intervals.put(place(row, column), known.ends());
    }
  }

  Optional<Ends> interval(int row, int column) {
    return Optional.ofNullable(intervals.get(place(row, column)));
  }

  boolean isEmpty() {
    return values.length == 0;
  }

  /** One of the figures or ends in each entry; NaN where there is none. */
  double[][] ends(ToDoubleFunction<Ends> end) {
    ScoreMatrix ends = missing(values.length, isEmpty() ? 0 : values[0].length);
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < values[i].length; j++) {
        ends.values[i][j] = interval(i, j).map(end::applyAsDouble).orElse(Double.NaN);
      }
    }
    return ends.values;
  }

  /** Entry by entry, the mean of those that are there, from the lowest to the highest end. */
  static ScoreMatrix mean(List<ScoreMatrix> matrices) {
    double[][] first = matrices.get(0).values;
    ScoreMatrix mean = missing(first.length, first.length == 0 ? 0 : first[0].length);
    for (int i = 0; i < first.length; i++) {
      for (int j = 0; j < first[i].length; j++) {
        mean.takeMean(i, j, matrices);
      }
    }
    return mean;
  }

  private void takeMean(int row, int column, List<ScoreMatrix> matrices) {
    double sum = 0;
    int count = 0;
    List<Ends> ends = new ArrayList<>();
    for (ScoreMatrix matrix : matrices) {
      if (!Double.isNaN(matrix.values[row][column])) {
        sum += matrix.values[row][column];
        count++;
        matrix.interval(row, column).ifPresent(ends::add);
      }
    }
    values[row][column] = count == 0 ? Double.NaN : sum / count;
    Ends.spanning(ends).ifPresent(all -> intervals.put(place(row, column), all));
  }
}
