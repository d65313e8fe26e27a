package org.palimpsest.io;

import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;

/** What a file turned out to hold. */
public sealed interface Input extends AutoCloseable {

  /** A network that can be shown probes. */
  record Model(ActivationSource source) implements Input {
    @Override
    public void close() {
      source.close();
    }
  }

  /** Activations that were captured before. */
  record Dump(ActivationSet activations) implements Input {
    @Override
    public void close() {}
  }

  @Override
  void close();
}
