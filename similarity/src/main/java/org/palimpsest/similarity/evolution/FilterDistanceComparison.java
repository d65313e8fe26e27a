package org.palimpsest.similarity.evolution;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.Study.LayerMeasurement;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.similarity.filters.FilterDistance;
import org.palimpsest.similarity.weights.WeightStatistic;

/** See {@link WeightComparisons#filters()}. */
final class FilterDistanceComparison implements WeightComparison {

  static final String MATCHED = "filter_matched_cosine";
  static final String NEAREST = "filter_nearest_cosine";
  static final String P_VALUE = MATCHED + " p_value";
  private static final Map<String, String> NAMES =
      Map.of("mean_matched_cosine", MATCHED, "mean_nearest_of_a_cosine", NEAREST);

  private final FilterDistance distance = FilterDistance.by(FilterDistance.Proximity.COSINE);

  @Override
  public String name() {
    return "filters";
  }

  @Override
  public List<String> measures() {
    return List.of(MATCHED, NEAREST, P_VALUE);
  }

  @Override
  public List<MeasureFacts> facts() {
    return WeightCatalogue.of(measures());
  }

  @Override
  public List<LayerMeasurement> compare(Weights a, Weights b) {
    List<LayerMeasurement> measurements = new ArrayList<>();
    for (WeightStatistic row : distance.compare(a, b).rows()) {
      String measure = NAMES.get(row.statistic());
      if (measure != null) {
        measurements.add(
            new LayerMeasurement(
                row.layer(),
                measure,
                new Measurement(row.value(), row.low(), row.high(), row.n(), List.of())));
      }
      if (MATCHED.equals(measure) && row.correctedP().isPresent()) {
        measurements.add(
            new LayerMeasurement(
                row.layer(), P_VALUE, Measurement.of(row.correctedP().getAsDouble(), row.n())));
      }
    }
    return measurements;
  }
}
