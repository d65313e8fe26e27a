package org.palimpsest.core.evolution;

import org.palimpsest.core.PalimpsestException;

/**
 * What was found out cannot be put away, which is nobody's fault whose layers are looked at just
 * then: it passes by those who catch the failures of single checkpoints and layers.
 */
final class StorageFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final PalimpsestException failure;

  StorageFailure(PalimpsestException failure) {
    super(failure);
    this.failure = failure;
  }

  PalimpsestException failure() {
    return failure;
  }
}
