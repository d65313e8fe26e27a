package org.palimpsest.similarity.linalg;

import java.io.Serializable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Computed when first asked for, once, whichever thread asks. */
public final class Lazy<T> implements Serializable {

  /** Where the value comes from. */
  @FunctionalInterface
  public interface Source<T> extends Supplier<T>, Serializable {}

  private final Source<T> source;
  private @Nullable T value;

  public Lazy(Source<T> source) {
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
}
