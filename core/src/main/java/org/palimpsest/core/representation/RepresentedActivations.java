package org.palimpsest.core.representation;

import java.util.List;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.probe.Fingerprint;

record RepresentedActivations(ActivationSet activations, FeatureMaps featureMaps)
    implements LayerMatrices {

  @Override
  public String name() {
    return activations.name();
  }

  @Override
  public Provenance provenance() {
    return activations.provenance();
  }

  @Override
  public Fingerprint probes() {
    return activations.probes();
  }

  @Override
  public long samples() {
    return activations.get(layers().get(0)).samples();
  }

  @Override
  public List<String> layers() {
    return activations.layers();
  }

  @Override
  public long[] shape(String layer) {
    return activations.get(layer).values().shape();
  }

  @Override
  public Representation get(String layer, Grid grid) {
    return featureMaps.represent(activations.get(layer), grid);
  }
}
