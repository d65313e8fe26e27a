package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.palimpsest.claims.FiltersLookRandom.KernelScore;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.Study.LayerMeasurement;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.similarity.internal.statistics.KernelAuc;
import org.palimpsest.similarity.weights.FilterBank;
import org.palimpsest.similarity.weights.NetworkChange;
import org.palimpsest.similarity.weights.NetworkFilters;
import org.palimpsest.similarity.weights.WeightChange;

/**
 * What became of each layer's filters, and whether its kernels can be told from random ones, as
 * measurements of a study: so that they are kept and not made twice.
 *
 * <p>Fresh kernels are made of weights drawn from those that the layer had at its start, each
 * independently of the others: of the same distribution, whatever that is, without any structure.
 */
final class FilterFates implements WeightComparison {

  private static final String ANGLE = "filter_angle_degrees";
  private static final String CHANGE = "filter_change_of_independent";
  private static final String NEAREST = "filter_nearest_to_itself";
  private static final String AREA = "kernel_%s_area";
  private static final String VARIANCE = "kernel_%s_area variance";
  private static final int MOST_KERNELS = 4096;
  private static final int LEAST_KERNELS = 8;
  private static final long SEED = 20_060_356;

  @Override
  public String name() {
    return "fates";
  }

  @Override
  public Set<Study.View> views() {
    return EnumSet.of(Study.View.TO_START);
  }

  @Override
  public List<String> measures() {
    List<String> names = new ArrayList<>(List.of(ANGLE, CHANGE, NEAREST));
    for (KernelScore score : KernelScore.values()) {
      names.add(AREA.formatted(score.label()));
      names.add(VARIANCE.formatted(score.label()));
    }
    return List.copyOf(names);
  }

  @Override
  public List<LayerMeasurement> compare(Weights end, Weights start) {
    NetworkFilters before = NetworkFilters.of(start);
    NetworkFilters after = NetworkFilters.of(end);
    NetworkChange change = WeightChange.withDefaults().between(before, after);
    List<LayerMeasurement> measurements = new ArrayList<>();
    for (NetworkChange.Layer layer : change.layers()) {
      FilterBank first = before.bank(layer.layer());
      FilterBank last = after.bank(layer.layer());
      ofFilters(layer, first, last, measurements);
      ofKernels(first, last, measurements);
    }
    return measurements;
  }

  private static void ofFilters(
      NetworkChange.Layer change,
      FilterBank before,
      FilterBank after,
      List<LayerMeasurement> measurements) {
    String layer = change.layer();
    int filters = before.filters();
    change
        .meanAngle()
        .ifPresent(
            angle ->
                measurements.add(
                    new LayerMeasurement(
                        layer, ANGLE, Measurement.of(Math.toDegrees(angle), filters))));
    change.filters().stream()
        .filter(filter -> filter.normBefore() > 0 || filter.normAfter() > 0)
        .mapToDouble(FilterFates::ofIndependent)
        .average()
        .ifPresent(
            share ->
                measurements.add(
                    new LayerMeasurement(layer, CHANGE, Measurement.of(share, filters))));
    if (filters > 1) {
      measurements.add(
          new LayerMeasurement(
              layer, NEAREST, Measurement.of(nearestToThemselves(before, after), filters)));
    }
  }

  /** Independent filters are √(|a|² + |b|²) apart on average. */
  private static double ofIndependent(NetworkChange.Filter filter) {
    return filter.distance() / Math.hypot(filter.normBefore(), filter.normAfter());
  }

  private static int nearestToThemselves(FilterBank before, FilterBank after) {
    double[][] starts = directions(before);
    double[][] ends = directions(after);
    return (int)
        IntStream.range(0, ends.length)
            .parallel()
            .filter(i -> isNearestToItself(i, ends[i], starts))
            .count();
  }

  private static double[][] directions(FilterBank bank) {
    return IntStream.range(0, bank.filters())
        .mapToObj(bank::filter)
        .map(
            filter -> {
              double largest = Arrays.stream(filter).map(Math::abs).max().orElse(0);
              double unit = Math.scalb(1.0, -Math.getExponent(largest)); // squares are numbers then
              double[] near = Arrays.stream(filter).map(w -> largest == 0 ? 0 : w * unit).toArray();
              double norm = Math.sqrt(product(near, near));
              return Arrays.stream(near).map(w -> norm == 0 ? 0 : w / norm).toArray();
            })
        .toArray(double[][]::new);
  }

  /**
   * Whether no other start is nearer; of filters that were equal each is. A filter of zeros, such
   * as one that was pruned, has no direction: it is what it was if it was zero before.
   */
  private static boolean isNearestToItself(int filter, double[] end, double[][] starts) {
    boolean wasZero = isZero(starts[filter]);
    if (wasZero || isZero(end)) {
      return wasZero && isZero(end);
    }
    double own = product(end, starts[filter]);
    return Arrays.stream(starts).noneMatch(start -> product(end, start) > own);
  }

  private static boolean isZero(double... filter) {
    return Arrays.stream(filter).allMatch(weight -> weight == 0);
  }

  private static double product(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void ofKernels(
      FilterBank before, FilterBank after, List<LayerMeasurement> measurements) {
    FilterBank.Layout layout = after.layout();
    int size = layout.kernelSize();
    int all = layout.filters() * layout.inputChannels();
    if (size < 2 || all < LEAST_KERNELS) {
      return;
    }
    double[] weights = after.toArray();
    int count = Math.min(all, MOST_KERNELS);
    double[][] trained =
        IntStream.range(0, count)
            .map(i -> (int) ((long) i * all / count))
            .mapToObj(kernel -> Arrays.copyOfRange(weights, kernel * size, (kernel + 1) * size))
            .toArray(double[][]::new);
    double[][] fresh = fresh(before, count * KernelAuc.FRESH_PER_TRAINED);
    int[][] neighbours = KernelScore.neighbours(layout.kernel());
    for (KernelScore score : KernelScore.values()) {
      KernelAuc area =
          KernelAuc.of(scores(trained, score, neighbours), scores(fresh, score, neighbours));
      String layer = layout.layer();
      measurements.add(
          new LayerMeasurement(
              layer, AREA.formatted(score.label()), Measurement.of(area.value(), count)));
      measurements.add(
          new LayerMeasurement(
              layer, VARIANCE.formatted(score.label()), Measurement.of(area.variance(), count)));
    }
  }

  static double[] scores(double[][] kernels, KernelScore score, int[][] neighbours) {
    return Arrays.stream(kernels).mapToDouble(kernel -> score.of(kernel, neighbours)).toArray();
  }

  private static double[][] fresh(FilterBank before, int count) {
    double[] pool = before.toArray();
    int size = before.layout().kernelSize();
    SplittableRandom random = new SplittableRandom(SEED + before.layer().hashCode());
    double[][] kernels = new double[count][size];
    for (double[] kernel : kernels) {
      Arrays.setAll(kernel, i -> pool[random.nextInt(pool.length)]);
    }
    return kernels;
  }

  /** The fates of the layers of a run, from a study's table. */
  static List<LayerFate> of(EvolutionTable.Rows ofRun) {
    Map<String, Map<String, Measurement>> byLayer = new LinkedHashMap<>();
    for (EvolutionTable.Row row : ofRun.all()) {
      byLayer
          .computeIfAbsent(row.layerA(), layer -> new LinkedHashMap<>())
          .put(row.measure(), row.measurement());
    }
    List<LayerFate> fates = new ArrayList<>();
    byLayer.forEach((layer, measurements) -> fate(layer, measurements).ifPresent(fates::add));
    return List.copyOf(fates);
  }

  private static Optional<LayerFate> fate(String layer, Map<String, Measurement> measurements) {
    Measurement angle = measurements.get(ANGLE);
    Measurement change = measurements.get(CHANGE);
    Measurement nearest = measurements.get(NEAREST);
    if (angle == null || change == null) {
      return Optional.empty();
    }
    Map<KernelScore, KernelAuc> looks = new LinkedHashMap<>();
    for (KernelScore score : KernelScore.values()) {
      Measurement area = measurements.get(AREA.formatted(score.label()));
      Measurement variance = measurements.get(VARIANCE.formatted(score.label()));
      if (area != null && variance != null) {
        looks.put(score, new KernelAuc(area.value(), variance.value(), Math.toIntExact(area.n())));
      }
    }
    int filters = Math.toIntExact(angle.n());
    int themselves = nearest == null ? filters : (int) Math.round(nearest.value());
    return Optional.of(
        new LayerFate(layer, filters, angle.value(), change.value(), themselves, looks));
  }
}
