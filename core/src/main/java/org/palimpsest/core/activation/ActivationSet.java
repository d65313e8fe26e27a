package org.palimpsest.core.activation;

import java.util.List;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.probe.Fingerprint;

/**
 * The activations of several layers of one network to the same probes, in memory or in a file that
 * another tool wrote.
 *
 * <p>Two sets are compared by {@link org.palimpsest.core.comparison.Comparison}, whose rule makes
 * matrices of them. Layers are read when they are asked for, those of two sets at one time by a
 * thread each.
 *
 * <pre>{@code
 * ActivationSet mine =
 *     ActivationSet.of(Provenance.inMemory("mine"), "mine", List.of(Activations.of("enc1", values)));
 * }</pre>
 */
public interface ActivationSet {

  /** What to call it in a table or a picture, such as the name of its file. */
  String name();

  /** Where the activations came from. */
  Provenance provenance();

  /** The layers' paths, in the order in which they ran. */
  List<String> layers();

  /**
   * One layer's activations; may read them from a file.
   *
   * @throws org.palimpsest.core.PalimpsestException if there is no such layer, naming the nearest
   */
  Activations get(String layer);

  /** The fingerprint of the probes, or that it is unknown. */
  Fingerprint probes();

  /**
   * Makes sure that files of which it was read, or is still to be read, are as they were.
   *
   * @throws org.palimpsest.core.PalimpsestException if one changed
   */
  default void requireUnchanged() {}

  /**
   * Only the layers that are selected, in their order; nothing is read or copied.
   *
   * @throws org.palimpsest.core.PalimpsestException if a glob selects no layer, listing the nearest
   *     names
   */
  default ActivationSet select(LayerSelector selector) {
    return ActivationSets.Selected.of(this, selector.select(layers()));
  }

  /**
   * Activations that are in memory.
   *
   * @param layers at least one, all from the same probes, no name twice
   * @throws org.palimpsest.core.PalimpsestException if numbers of samples or fingerprints differ
   */
  static ActivationSet of(Provenance provenance, String name, List<Activations> layers) {
    return ActivationSets.InMemory.of(provenance, name, layers);
  }
}
