package org.palimpsest.core.measure;

import java.util.Optional;

/**
 * A place outside memory where prepared layers lie under names, for all processes that work on one
 * study. The same name always means the same layer, whoever prepared it; what was put there once
 * stays whole.
 *
 * <p>Safe to use from several threads. What cannot be read or written is a {@link
 * org.palimpsest.core.PalimpsestException}.
 */
public interface PreparedShelf {

  /** Whether a layer, or why there is none, lies there. */
  boolean holds(String name);

  /** Puts a layer there; one that lies there already stays. */
  <P extends Prepared> void put(String name, P prepared, PreparedFormat<P> format);

  /** Puts there why a layer cannot be prepared. */
  void putFailure(String name, String reason);

  /** Why a layer that lies there could not be prepared, if it could not. */
  Optional<String> failure(String name);

  /** A layer that lies there. */
  <P extends Prepared> P get(String name, PreparedFormat<P> format);
}
