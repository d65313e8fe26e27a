package org.palimpsest.io;

import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.io.internal.isolation.IsolatedNetwork;

/**
 * What a file turned out to hold: a network, which computes activations of whatever probes it is
 * shown, or activations that were captured before, whose probes are over. Both are compared in the
 * same way. Close it when it is no longer needed: a network may hold native memory, and one that is
 * isolated a process.
 *
 * <pre>{@code
 * try (Input input = Inputs.open(file)) {
 *   ActivationSet activations =
 *       input instanceof Input.Model model
 *           ? model.source().capture(probes, LayerSelector.all())
 *           : ((Input.Dump) input).activations();
 * }
 * }</pre>
 */
public sealed interface Input extends AutoCloseable {

  /**
   * A network that can be shown probes.
   *
   * @param source the network, closed with this
   */
  record Model(ActivationSource source) implements Input {

    /** Whether it runs in a process of its own, where another network can run at the same time. */
    public boolean isIsolated() {
      return source instanceof IsolatedNetwork;
    }

    @Override
    public void close() {
      source.close();
    }
  }

  /**
   * Activations that were captured before.
   *
   * @param activations read from the file layer by layer, when they are asked for
   */
  record Dump(ActivationSet activations) implements Input {
    @Override
    public void close() {}
  }

  @Override
  void close();
}
