package org.palimpsest.similarity.catalogue;

import java.util.function.Function;
import java.util.function.Supplier;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;

/**
 * One line of the catalogue: a measure that can be asked for by name.
 *
 * @param name its name without parameters: {@code svcca}
 * @param parameters what may follow the name after a colon, for people; empty if nothing may
 * @param factory makes the measure from what followed the name
 */
public record MeasureEntry(
    String name, String parameters, Function<MeasureParameters, Measure<?>> factory) {

  /** A measure without parameters. */
  public static MeasureEntry of(String name, Supplier<? extends Measure<?>> factory) {
    return new MeasureEntry(
        name,
        "",
        parameters -> {
          parameters.requireAtMost(0);
          return factory.get();
        });
  }

  /** A measure with parameters. */
  public static MeasureEntry of(
      String name, String parameters, Function<MeasureParameters, Measure<?>> factory) {
    return new MeasureEntry(name, parameters, factory);
  }

  /**
   * The measure with these parameters.
   *
   * @param text what followed the name and its colon; empty for the defaults
   * @throws org.palimpsest.core.PalimpsestException if the parameters cannot be understood
   */
  public Measure<?> measure(String text) {
    return factory.apply(MeasureParameters.parse(this, text));
  }

  /** The measure with its default parameters. */
  public Measure<?> example() {
    return measure("");
  }

  public MeasureProperties properties() {
    return example().properties();
  }
}
