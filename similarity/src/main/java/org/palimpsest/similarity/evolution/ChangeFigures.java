package org.palimpsest.similarity.evolution;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.palimpsest.core.evolution.Figure;
import org.palimpsest.core.evolution.MeasureFacts;
import org.palimpsest.core.evolution.WeightComparison;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.similarity.weights.NetworkChange;
import org.palimpsest.similarity.weights.WeightChange;

/** See {@link WeightComparisons#change()}. */
record ChangeFigures() implements WeightComparison {

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
  public List<LayerFigure> compare(Weights a, Weights b) {
    NetworkChange change = WeightChange.withDefaults().between(b, a);
    List<LayerFigure> figures = new ArrayList<>();
    for (NetworkChange.Layer layer : change.layers()) {
      long n = layer.layout().weights();
      add(figures, layer.layer(), RELATIVE, layer.relativeChange(), n);
      add(figures, layer.layer(), COSINE, layer.meanCosine(), n);
      add(figures, layer.layer(), FLIPS, OptionalDouble.of(layer.signFlips()), n);
      add(figures, layer.layer(), NORM, layer.relativeNormChange(), n);
    }
    addAll(figures, change.biases(), BIAS);
    addAll(figures, change.normalisation(), NORMALISATION);
    return figures;
  }

  private static void addAll(
      List<LayerFigure> figures, List<NetworkChange.Vector> vectors, String measure) {
    for (NetworkChange.Vector vector : vectors) {
      add(figures, vector.tensor(), measure, vector.relativeChange(), vector.length());
    }
  }

  private static void add(
      List<LayerFigure> figures, String layer, String measure, OptionalDouble value, long n) {
    value.ifPresent(v -> figures.add(new LayerFigure(layer, measure, Figure.of(v, n))));
  }
}
