package org.palimpsest.core.activation;

import java.util.List;
import java.util.Set;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.probe.Fingerprint;

final class SelectedActivationSet implements ActivationSet {

  private final ActivationSet all;
  private final List<String> layers;
  private final Set<String> known;

  SelectedActivationSet(ActivationSet all, List<String> layers) {
    this.all = all;
    this.layers = List.copyOf(layers);
    this.known = Set.copyOf(layers);
  }

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
}
