package org.palimpsest.similarity;

import java.util.List;

/**
 * Brings measures that this library does not have. A jar that names a class of this kind in {@code
 * META-INF/services/org.palimpsest.similarity.MeasureProvider} adds them to {@link
 * Measures#catalogue} once it is loaded as one of the {@link org.palimpsest.core.Plugins}.
 */
public interface MeasureProvider {

  /** The measures, under names that no other measure has. */
  List<MeasureEntry> measures();
}
