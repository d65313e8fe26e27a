package org.palimpsest.core.activation;

import java.util.List;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.probe.Fingerprint;

record SelectedActivationSet(ActivationSet all, List<String> layers) implements ActivationSet {

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
    if (!layers.contains(layer)) {
      throw LayerSelector.unknown(layer, layers);
    }
    return all.get(layer);
  }

  @Override
  public Fingerprint probes() {
    return all.probes();
  }
}
