package org.palimpsest.similarity.filters;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.weights.FilterBank;
import org.palimpsest.similarity.weights.NetworkFilters.LeftOut;
import org.palimpsest.similarity.weights.WeightStatistic;

/**
 * How random a network's filters look, layer by layer.
 *
 * @param provenance where the weights came from
 * @param layers the tested layers, in the order of the file
 * @param leftOut layers that nothing can be said of, and why
 * @param assumedStart the form of values that fresh layers are taken to have, and how it was found
 * @param setting the null model, simulations and seed, in words
 */
public record NetworkRandomness(
    Provenance provenance,
    List<Layer> layers,
    List<LeftOut> leftOut,
    String assumedStart,
    String setting) {

  public NetworkRandomness {
    layers = List.copyOf(layers);
    leftOut = List.copyOf(leftOut);
  }

  /** Of layers whose p-values are corrected here for the number of layers of each test. */
  static NetworkRandomness corrected(
      Provenance provenance,
      List<Layer> layers,
      List<LeftOut> leftOut,
      String assumedStart,
      String setting) {
    return new NetworkRandomness(provenance, corrected(layers), leftOut, assumedStart, setting);
  }

  private static List<Layer> corrected(List<Layer> layers) {
    Map<TestResult, Double> corrected = new HashMap<>();
    byStatistic(layers).values().forEach(results -> correct(results, corrected));
    return layers.stream().map(layer -> withCorrected(layer, corrected)).toList();
  }

  private static Map<String, List<TestResult>> byStatistic(List<Layer> layers) {
    Map<String, List<TestResult>> results = new HashMap<>();
    for (Layer layer : layers) {
      for (TestResult result : layer.results()) {
        results.computeIfAbsent(family(result), name -> new ArrayList<>()).add(result);
      }
    }
    return results;
  }

  /** Layers of different starts are tested against different forms by one test. */
  private static String family(TestResult result) {
    boolean ofForm = result.question() == Question.VALUES && result.statistic().startsWith("ks_");
    return ofForm ? "ks" : result.statistic();
  }

  /** Equal p-values have equal corrections, so that equal results of two layers may share one. */
  private static void correct(List<TestResult> results, Map<TestResult, Double> corrected) {
    double[] p = Judgement.holm(results.stream().mapToDouble(TestResult::p).toArray());
    for (int i = 0; i < p.length; i++) {
      corrected.merge(results.get(i), p[i], Math::max);
    }
  }

  private static Layer withCorrected(Layer layer, Map<TestResult, Double> corrected) {
    List<TestResult> results =
        layer.results().stream()
            .map(result -> result.withCorrectedP(corrected.getOrDefault(result, result.p())))
            .toList();
    return new Layer(layer.layout(), results, layer.notes());
  }

  /**
   * One layer's results.
   *
   * @throws PalimpsestException if that layer was not tested
   */
  public Layer layer(String name) {
    return layers.stream()
        .filter(layer -> layer.layer().equals(name))
        .findFirst()
        .orElseThrow(() -> new PalimpsestException("Layer '%s' was not tested.".formatted(name)));
  }

  /** One row per layer and test. */
  public List<WeightStatistic> rows() {
    return layers.stream().flatMap(layer -> layer.rows().stream()).toList();
  }

  /**
   * How random one layer's filters look.
   *
   * @param layout the layer and its shape
   * @param results one per test
   * @param notes which tests were not made, and why
   */
  public record Layer(FilterBank.Layout layout, List<TestResult> results, List<String> notes) {

    public Layer {
      results = List.copyOf(results);
      notes = List.copyOf(notes);
    }

    /** The layer's name. */
    public String layer() {
      return layout.layer();
    }

    /**
     * One test's result.
     *
     * @throws PalimpsestException if that test was not made
     */
    public TestResult result(String statistic) {
      return results.stream()
          .filter(result -> result.statistic().equals(statistic))
          .findFirst()
          .orElseThrow(
              () ->
                  new PalimpsestException(
                      "Layer '%s' was not tested for '%s'. %s"
                          .formatted(layer(), statistic, String.join(" ", notes))));
    }

    /**
     * The p-value of one question: the smallest corrected p-value of its tests times their number
     * (Bonferroni), at most 1, so that with probability 1 − α no layer of a random network falls
     * below α; empty if no test of that question was made.
     */
    public OptionalDouble p(Question question) {
      List<TestResult> asked =
          results.stream().filter(result -> result.question() == question).toList();
      return asked.stream()
          .mapToDouble(result -> Math.min(1, result.correctedP() * asked.size()))
          .min();
    }

    /** One row per test. */
    public List<WeightStatistic> rows() {
      return results.stream()
          .map(
              result ->
                  new WeightStatistic(
                      layer(),
                      OptionalInt.empty(),
                      result.statistic(),
                      result.value(),
                      OptionalDouble.of(result.low()),
                      OptionalDouble.of(result.high()),
                      OptionalDouble.of(result.p()),
                      OptionalDouble.of(result.correctedP()),
                      result.n()))
          .toList();
    }
  }

  /**
   * One test of one layer.
   *
   * @param question what it asks
   * @param statistic its name, in snake case
   * @param value the result
   * @param low the lower end of what random filters give in 95 of 100 cases
   * @param high the upper end of the same
   * @param p the p-value, two-sided where either direction speaks against randomness
   * @param correctedP the p-value after Holm's correction for the number of layers that this test
   *     was made on
   * @param n the number of weights behind it
   */
  public record TestResult(
      Question question,
      String statistic,
      double value,
      double low,
      double high,
      double p,
      double correctedP,
      long n) {

    TestResult withCorrectedP(double corrected) {
      return new TestResult(question, statistic, value, low, high, p, corrected, n);
    }
  }

  /** What a test of randomness asks; fresh filters may pass one and fail another. */
  public enum Question {
    /** Are the values still distributed as those that the layer was drawn from? */
    DRAWN_FROM,
    /**
     * Have the values the form that the assumed start draws, such as normal or uniform, with their
     * own mean and variance?
     */
    VALUES,
    /**
     * Are the values arranged as if independent: no smoothness within kernels, no filter patterns
     * that many share?
     */
    STRUCTURE
  }
}
