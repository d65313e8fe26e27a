package org.palimpsest.similarity;

import java.util.List;

/**
 * Brings measures that this library does not have. A jar that names a class of this kind in {@code
 * META-INF/services/org.palimpsest.similarity.MeasureProvider} adds them to {@link
 * Measures#catalogue} once it is loaded by {@code PluginFolder.load} of the module {@code io}.
 *
 * <pre>{@code
 * public final class MyMeasures implements MeasureProvider {
 *   public List<MeasureEntry> measures() {
 *     return List.of(MeasureEntry.of("my_measure", MyMeasure::new));
 *   }
 * }
 * }</pre>
 *
 * <p>The class is public and has a public constructor without arguments. Code that has a measure on
 * its class path needs no provider: it constructs the measure.
 */
public interface MeasureProvider {

  /** The measures, under names that no other measure has. */
  List<MeasureEntry> measures();
}
