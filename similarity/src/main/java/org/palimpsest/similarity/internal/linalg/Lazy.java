package org.palimpsest.similarity.internal.linalg;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Computed when first asked for, once, whichever thread asks. */
public final class Lazy<T> {

  private final Supplier<T> source;
  private @Nullable T value;

  public Lazy(Supplier<T> source) {
    this.source = source;
  }

  public synchronized T get() {
    T known = value;
    if (known == null) {
      known = source.get();
      value = known;
    }
    return known;
  }

  /** The value, if somebody asked for it already. */
  synchronized Optional<T> known() {
    return Optional.ofNullable(value);
  }

  /** Takes a value that was computed before. */
  synchronized void set(T known) {
    value = known;
  }
}
