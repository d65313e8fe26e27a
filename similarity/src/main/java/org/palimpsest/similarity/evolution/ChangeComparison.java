package org.palimpsest.similarity.evolution;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.Study.LayerMeasurement;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.similarity.weights.NetworkChange;
import org.palimpsest.similarity.weights.WeightChange;

/** See {@link WeightComparisons#change()}. */
record ChangeComparison() implements WeightComparison {

  static final String RELATIVE = "weight_relative_change";
  static final String COSINE = "weight_cosine";
  static final String FLIPS = "weight_sign_flips";
  static final String NORM = "weight_norm_change";
  static final String BIAS = "bias_relative_change";
  static final String NORMALISATION = "normalisation_relative_change";

  @Override
  public String name() {
    return "change";
  }

  @Override
  public List<String> measures() {
    return List.of(RELATIVE, COSINE, FLIPS, NORM, BIAS, NORMALISATION);
  }

  @Override
  public List<MeasureFacts> facts() {
    return WeightCatalogue.of(measures());
  }

  @Override
  public List<LayerMeasurement> compare(Weights a, Weights b) {
    NetworkChange change = WeightChange.withDefaults().between(b, a);
    List<LayerMeasurement> measurements = new ArrayList<>();
    for (NetworkChange.Layer layer : change.layers()) {
      long n = layer.layout().weights();
      add(measurements, layer.layer(), RELATIVE, layer.relativeChange(), n);
      add(measurements, layer.layer(), COSINE, layer.meanCosine(), n);
      add(measurements, layer.layer(), FLIPS, OptionalDouble.of(layer.signFlips()), n);
      add(measurements, layer.layer(), NORM, layer.relativeNormChange(), n);
    }
    addAll(measurements, change.biases(), BIAS);
    addAll(measurements, change.normalisation(), NORMALISATION);
    return measurements;
  }

  private static void addAll(
      List<LayerMeasurement> measurements, List<NetworkChange.Vector> vectors, String measure) {
    for (NetworkChange.Vector vector : vectors) {
      add(measurements, vector.tensor(), measure, vector.relativeChange(), vector.length());
    }
  }

  private static void add(
      List<LayerMeasurement> measurements,
      String layer,
      String measure,
      OptionalDouble value,
      long n) {
    value.ifPresent(
        v -> measurements.add(new LayerMeasurement(layer, measure, Measurement.of(v, n))));
  }
}
