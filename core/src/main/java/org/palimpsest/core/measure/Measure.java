package org.palimpsest.core.measure;

import java.util.function.ToDoubleBiFunction;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;

/**
 * Compares representations: what it is called, what it promises, and how it computes.
 *
 * <p>Implementations are immutable and safe to use from several threads.
 *
 * @param <P> what its preparation makes
 */
public interface Measure<P extends Prepared> extends Computation<P> {

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
   *     the value is not finite or lies more than 10⁻⁶ outside the range that the properties tell,
   *     or the function throws something else
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
