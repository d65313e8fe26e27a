package org.palimpsest.core.internal.engine;

import org.palimpsest.core.PalimpsestException;

/**
 * A prepared layer cannot be put away or read again, which is nobody's fault whose layers are
 * looked at just then: it passes by those who catch the failures of single checkpoints and layers.
 */
public final class StorageFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final PalimpsestException failure;

  StorageFailure(PalimpsestException failure) {
    super(failure);
    this.failure = failure;
  }

  /** What went wrong, for people. */
  public PalimpsestException failure() {
    return failure;
  }
}
