package org.palimpsest.core.representation;

import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.Activations;
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

  @Override
  public void onEach(
      String layer, Collection<Grid> grids, BiConsumer<? super Grid, ? super Representation> use) {
    Activations read = activations.get(layer);
    grids.forEach(grid -> use.accept(grid, featureMaps.represent(read, grid)));
  }
}
