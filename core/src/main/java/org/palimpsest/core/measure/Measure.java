package org.palimpsest.core.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;

/**
 * Compares representations: each is prepared once, prepared ones are compared many times.
 *
 * <p>Implementations are immutable and safe to use from several threads.
 *
 * @param <P> what its preparation makes
 */
public interface Measure<P extends Prepared> {

  /**
   * A measure of one's own, from a function of two representations:
   *
   * <pre>{@code
   * Measure<?> widths =
   *     Measure.of(
   *         "width_ratio",
   *         MeasureProperties.similarity("The narrower layer's share of the wider one.").build(),
   *         (x, y) -> Math.min(x.features(), y.features()) / (double) Math.max(x.features(), y.features()));
   * }</pre>
   *
   * <p>The function gets matrices of n × p and n × q numbers, whose rows come from the same samples
   * in the same order, and may be called by several threads at once. Nothing is prepared: where a
   * part of the work looks at one layer alone, a class that implements this interface does that
   * part once for each layer instead of once for each pair. Permutation tests work with such a
   * measure; confidence intervals have no estimator for it and are refused.
   *
   * @param name its name with its parameters: letters, digits, and {@code _ . - : = ,}
   * @param properties what it promises
   * @param value the value of two representations
   * @throws PalimpsestException if the name has other characters; and when the measure compares, if
   *     the value is not finite or lies more than 10⁻⁶ outside the range that the properties tell
   */
  static Measure<?> of(
      String name,
      MeasureProperties properties,
      ToDoubleBiFunction<Representation, Representation> value) {
    return new FunctionMeasure(name, properties, value);
  }

  /** Its name with its parameters, as on the command line: {@code svcca:0.9}. */
  String name();

  /** What it promises: direction, range, what it ignores and notices. */
  MeasureProperties properties();

  /** What it does to each representation once. Measures of equal preparations share the results. */
  Preparation<P> preparation();

  /**
   * Compares two prepared representations.
   *
   * @throws PalimpsestException if they do not come from the same samples, or are too few for this
   *     measure
   */
  Score compare(P a, P b);

  /**
   * Compares each row of a table with each column; entry (i, j) is row i's. A measure that is
   * faster on all layers together overrides this, and asks the table for what other measures may
   * need too.
   *
   * @throws PalimpsestException as {@link #compare}
   */
  default List<List<Score>> compareAll(LayerTable<P> layers) {
    List<List<Score>> scores = new ArrayList<>();
    for (P row : layers.rows()) {
      scores.add(layers.columns().stream().map(column -> compare(row, column)).toList());
    }
    return scores;
  }

  /** Compares each of {@code rows} with each of {@code columns}; entry (i, j) is row i's. */
  default List<List<Score>> compareAll(List<P> rows, List<P> columns) {
    return compareAll(LayerTable.of(rows, columns));
  }

  /**
   * Why a value that {@link #compare} gave says little of these two, beyond what it warns of
   * itself: such as that layers which know nothing of each other come to much the same. Whole
   * sentences; none where it says enough. Tables ask for it once for each score, which resampling
   * does not.
   */
  default List<String> cautions(P a, P b, Score score) {
    return List.of();
  }

  /** A score with its {@linkplain #cautions cautions} as warnings. */
  default Score cautioned(P a, P b, Score score) {
    Score told = score;
    for (String caution : cautions(a, b, score)) {
      told = told.withWarning(caution);
    }
    return told;
  }

  /**
   * Compares two representations once, and says why the value may say little. To compare many,
   * prepare each of them once instead.
   */
  default Score compare(Representation a, Representation b) {
    a.info().requireSameSamples(b.info());
    P first = preparation().prepare(a);
    P second = preparation().prepare(b);
    return cautioned(first, second, compare(first, second));
  }
}
