package org.palimpsest.core.representation;

/** Area averages along one axis of an array of shape {@code (outer, source, inner)}. */
record AxisAverage(int outer, int source, int target, int inner) {

  double[] apply(double[] values) {
    if (source == target) {
      return values;
    }
    double[] result = new double[outer * target * inner];
    for (int cell = 0; cell < target; cell++) {
      double low = (double) cell * source / target;
      double high = (double) (cell + 1) * source / target;
      int last = (int) Math.min(source, Math.ceil(high));
      for (int from = (int) low; from < last; from++) {
        double share = (Math.min(high, from + 1.0) - Math.max(low, from)) / (high - low);
        add(values, from, share, result, cell);
      }
    }
    return result;
  }

  private void add(double[] values, int from, double share, double[] result, int cell) {
    for (int o = 0; o < outer; o++) {
      int read = (o * source + from) * inner;
      int write = (o * target + cell) * inner;
      for (int i = 0; i < inner; i++) {
        result[write + i] += share * values[read + i];
      }
    }
  }
}
