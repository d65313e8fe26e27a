package org.palimpsest.core.activation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.probe.Fingerprint;

record InMemoryActivationSet(
    Provenance provenance, String name, Map<String, Activations> byLayer, Fingerprint probes)
    implements ActivationSet {

  static InMemoryActivationSet of(
      Provenance provenance, String name, List<Activations> activations) {
    if (activations.isEmpty()) {
      throw new PalimpsestException("'" + name + "' holds no layer.");
    }
    Activations first = activations.get(0);
    Map<String, Activations> byLayer = new LinkedHashMap<>();
    for (Activations layer : activations) {
      requireSameProbes(name, first, layer);
      if (byLayer.put(layer.layer(), layer) != null) {
        throw new PalimpsestException("'" + name + "' names layer '" + layer.layer() + "' twice.");
      }
    }
    return new InMemoryActivationSet(provenance, name, byLayer, first.probes());
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
