package org.palimpsest.core.activation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.probe.Fingerprint;

/**
 * The activations of several layers of one network to the same probes, in memory or in a file that
 * another tool wrote.
 *
 * <p>Two sets are compared by {@link org.palimpsest.core.comparison.Comparison}, whose rule makes
 * matrices of them. Layers are read when they are asked for.
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
   * Only the layers that are selected, in their order; nothing is read or copied.
   *
   * @throws PalimpsestException if a glob selects no layer, listing the nearest names
   */
  default ActivationSet select(LayerSelector selector) {
    return selected(this, selector.select(layers()));
  }

  /**
   * Activations that are in memory.
   *
   * @param layers at least one, all from the same probes, no name twice
   * @throws org.palimpsest.core.PalimpsestException if numbers of samples or fingerprints differ
   */
  static ActivationSet of(Provenance provenance, String name, List<Activations> layers) {
    if (layers.isEmpty()) {
      throw new PalimpsestException("'" + name + "' holds no layer.");
    }
    Map<String, Activations> byLayer = new LinkedHashMap<>();
    for (Activations layer : layers) {
      requireSameProbes(name, layers.get(0), layer);
      if (byLayer.put(layer.layer(), layer) != null) {
        throw new PalimpsestException("'" + name + "' names layer '" + layer.layer() + "' twice.");
      }
    }
    return inMemory(provenance, name, byLayer, layers.get(0).probes());
  }

  private static void requireSameProbes(String name, Activations first, Activations other) {
    if (first.samples() != other.samples() || !first.probes().equals(other.probes())) {
      throw new PalimpsestException(
          "In '%s', layer '%s' has %d samples of probes %s but layer '%s' has %d of probes %s."
              .formatted(
                  name,
                  first.layer(),
                  first.samples(),
                  first.probes(),
                  other.layer(),
                  other.samples(),
                  other.probes()));
    }
  }

  private static ActivationSet inMemory(
      Provenance provenance, String name, Map<String, Activations> byLayer, Fingerprint probes) {
    record InMemory(
        Provenance provenance, String name, Map<String, Activations> byLayer, Fingerprint probes)
        implements ActivationSet {
      @Override
      public List<String> layers() {
        return List.copyOf(byLayer.keySet());
      }

      @Override
      public Activations get(String layer) {
        Activations found = byLayer.get(layer);
        if (found == null) {
          throw LayerSelector.unknown(layer, layers());
        }
        return found;
      }
    }
    return new InMemory(provenance, name, byLayer, probes);
  }

  private static ActivationSet selected(ActivationSet all, List<String> layers) {
    Set<String> known = Set.copyOf(layers);
    return new ActivationSet() {
      @Override
      public List<String> layers() {
        return layers;
      }

      @Override
      public String name() {
        return all.name();
      }

      @Override
      public Provenance provenance() {
        return all.provenance();
      }

      @Override
      public Activations get(String layer) {
        if (!known.contains(layer)) {
          throw LayerSelector.unknown(layer, layers);
        }
        return all.get(layer);
      }

      @Override
      public Fingerprint probes() {
        return all.probes();
      }
    };
  }
}
