package org.palimpsest.similarity.evolution;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.Study.LayerMeasurement;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.similarity.filters.FilterRandomness;
import org.palimpsest.similarity.filters.Initialisation;
import org.palimpsest.similarity.filters.NetworkRandomness;
import org.palimpsest.similarity.filters.NetworkRandomness.Question;
import org.palimpsest.similarity.filters.NetworkRandomness.TestResult;

/** See {@link WeightComparisons#randomness()}. */
final class RandomnessComparison implements WeightComparison {

  static final String DRAWN_FROM = "filter_drawn_from p_value";
  static final String VALUES = "filter_values p_value";
  static final String STRUCTURE = "filter_structure p_value";

  private static final List<String> STATISTICS =
      List.of(
          "spatial_autocorrelation",
          "low_frequency_energy",
          "largest_singular_value",
          "singular_values_beyond_edge",
          "effective_rank");
  private static final Map<Question, String> P_VALUES = pValues();

  private static final String NAME = "randomness";

  private final FilterRandomness tests;
  private final Optional<Initialisation> start;

  private RandomnessComparison(FilterRandomness tests, Optional<Initialisation> start) {
    this.tests = tests;
    this.start = start;
  }

  /** The start that is assumed is told by a test of each run's first checkpoint. */
  static RandomnessComparison ofTestedStart() {
    return new RandomnessComparison(FilterRandomness.withDefaults(), Optional.empty());
  }

  static RandomnessComparison of(Initialisation start) {
    return new RandomnessComparison(
        FilterRandomness.withDefaults().assuming(start), Optional.of(start));
  }

  private static Map<Question, String> pValues() {
    Map<Question, String> names = new LinkedHashMap<>();
    names.put(Question.DRAWN_FROM, DRAWN_FROM);
    names.put(Question.VALUES, VALUES);
    names.put(Question.STRUCTURE, STRUCTURE);
    return names;
  }

  @Override
  public String name() {
    return start.map(known -> NAME + ":" + known.name()).orElse(NAME);
  }

  @Override
  public Set<Study.View> views() {
    return EnumSet.of(Study.View.TO_START);
  }

  @Override
  public List<String> measures() {
    List<String> measures = new ArrayList<>(STATISTICS.stream().map(s -> "filter_" + s).toList());
    measures.addAll(P_VALUES.values());
    return measures;
  }

  @Override
  public List<MeasureFacts> facts() {
    return WeightCatalogue.of(measures());
  }

  @Override
  public List<LayerMeasurement> compare(Weights a, Weights b) {
    List<LayerMeasurement> measurements = new ArrayList<>();
    FilterRandomness assuming = start.isPresent() ? tests : tests.assumingStartOf(unnamed(b));
    NetworkRandomness tested = assuming.drawnFrom(b).test(a);
    for (NetworkRandomness.Layer layer : tested.layers()) {
      for (TestResult found : layer.results()) {
        if (STATISTICS.contains(found.statistic())) {
          Measurement measurement =
              Measurement.of(found.value(), found.low(), found.high(), found.n());
          measurements.add(
              new LayerMeasurement(layer.layer(), "filter_" + found.statistic(), measurement));
        }
      }
      P_VALUES.forEach(
          (question, name) ->
              layer
                  .p(question)
                  .ifPresent(
                      p ->
                          measurements.add(
                              new LayerMeasurement(
                                  layer.layer(), name, figure(p, layer, tested)))));
    }
    return measurements;
  }

  /** Figures go by the content of checkpoints, which files of several runs may share. */
  private static Weights unnamed(Weights start) {
    return Weights.of(start.provenance(), "the run's first checkpoint", start.tensors());
  }

  /** The assumption stands beside the answers that depend on it. */
  private static Measurement figure(
      double p, NetworkRandomness.Layer layer, NetworkRandomness tested) {
    return Measurement.of(p, layer.layout().weights())
        .withWarnings(List.of("Assumed start: " + tested.assumedStart() + "."));
  }
}
