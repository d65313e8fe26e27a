package org.palimpsest.core.measure;

import java.util.Optional;

/**
 * A place outside memory where prepared layers lie under names, for all processes that work on one
 * study. The same name always means the same layer, whoever prepared it; what was put there once
 * stays whole, also where two processes put it there at once or one is killed meanwhile.
 *
 * <p>An implementation over a folder writes a file under a temporary name and moves it. Instead of
 * a layer there may lie the reason why it cannot be prepared, so that no other process tries in
 * vain.
 *
 * <p>Safe to use from several threads. What cannot be read or written is a {@link
 * org.palimpsest.core.PalimpsestException}.
 *
 * @see org.palimpsest.core.evolution.StudyWorkbench#sharing
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

  /**
   * A layer that lies there.
   *
   * @throws org.palimpsest.core.PalimpsestException if there is none, or it is damaged
   */
  <P extends Prepared> P get(String name, PreparedFormat<P> format);
}
