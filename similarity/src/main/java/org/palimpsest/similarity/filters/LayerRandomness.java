package org.palimpsest.similarity.filters;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.weights.FilterLayout;
import org.palimpsest.similarity.weights.WeightFigure;

/**
 * How random one layer's filters look.
 *
 * @param layout the layer and its shape
 * @param figures one per test
 * @param notes which tests were not made, and why
 */
public record LayerRandomness(
    FilterLayout layout, List<RandomnessFigure> figures, List<String> notes) {

  public LayerRandomness {
    figures = List.copyOf(figures);
    notes = List.copyOf(notes);
  }

  public String layer() {
    return layout.layer();
  }

  /**
   * One test's figure.
   *
   * @throws PalimpsestException if that test was not made
   */
  public RandomnessFigure figure(String statistic) {
    return figures.stream()
        .filter(figure -> figure.statistic().equals(statistic))
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
  public OptionalDouble p(RandomnessQuestion question) {
    List<RandomnessFigure> asked =
        figures.stream().filter(figure -> figure.question() == question).toList();
    return asked.stream()
        .mapToDouble(figure -> Math.min(1, figure.correctedP() * asked.size()))
        .min();
  }

  /** One row per test. */
  public List<WeightFigure> rows() {
    return figures.stream()
        .map(
            figure ->
                new WeightFigure(
                    layer(),
                    OptionalInt.empty(),
                    figure.statistic(),
                    figure.value(),
                    OptionalDouble.of(figure.low()),
                    OptionalDouble.of(figure.high()),
                    OptionalDouble.of(figure.p()),
                    OptionalDouble.of(figure.correctedP()),
                    figure.n()))
        .toList();
  }
}
