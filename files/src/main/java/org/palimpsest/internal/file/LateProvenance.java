package org.palimpsest.internal.file;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.Provenance;

/**
 * Where something came from, found out when it is first asked for: a file is hashed after what is
 * wanted of it was read, so that one that cannot be read is refused at once, however large it is.
 */
public final class LateProvenance {

  private final Supplier<Provenance> source;
  private @Nullable Provenance known;

  public LateProvenance(Supplier<Provenance> source) {
    this.source = source;
  }

  public synchronized Provenance get() {
    if (known == null) {
      known = source.get();
    }
    return known;
  }
}
