package org.palimpsest.core.activation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.internal.tensor.SteadyShapes;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;

/** The sets of activations that need no file. */
final class ActivationSets {

  private ActivationSets() {}

  /** Activations that are in memory. */
  record InMemory(
      Provenance provenance, String name, Map<String, Activations> byLayer, Fingerprint probes)
      implements ActivationSet {

    /** As {@link ActivationSet#of} says. */
    static InMemory of(Provenance provenance, String name, List<Activations> layers) {
      if (layers.isEmpty()) {
        throw new PalimpsestException("'" + name + "' holds no layer.");
      }
      Map<String, Activations> byLayer = new LinkedHashMap<>();
      for (Activations layer : layers) {
        requireSameProbes(name, layers.get(0), layer);
        if (byLayer.put(layer.layer(), layer) != null) {
          throw new PalimpsestException(
              "'" + name + "' names layer '" + layer.layer() + "' twice.");
        }
      }
      return new InMemory(provenance, name, byLayer, layers.get(0).probes());
    }

    private static void requireSameProbes(String name, Activations first, Activations other) {
      if (first.samples() != other.samples() || !first.probes().equals(other.probes())) {
        throw new PalimpsestException(
            "In '%s', layer '%s' has %s samples of probes %s but layer '%s' has %s of probes %s."
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

  /** Some layers of a set. */
  record Selected(ActivationSet all, List<String> layers, Set<String> known)
      implements ActivationSet {

    @Override
    public void requireUnchanged() {
      all.requireUnchanged();
    }

    static Selected of(ActivationSet all, List<String> layers) {
      return new Selected(all, layers, Set.copyOf(layers));
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

  /** Joins batches into whole tensors. */
  static final class Collector implements Consumer<ActivationBatch> {

    private final Probes probes;
    private final Map<String, List<INDArray>> parts = new LinkedHashMap<>();
    private final SteadyShapes shapes = new SteadyShapes();
    private long seen;

    Collector(Probes probes) {
      this.probes = probes;
    }

    @Override
    public void accept(ActivationBatch batch) {
      long size = batch.layers().values().stream().findFirst().map(t -> t.size(0)).orElse(0L);
      batch.layers().forEach((layer, tensor) -> add(layer, tensor, batch.firstSample()));
      seen = batch.firstSample() + size;
    }

    private void add(String layer, INDArray tensor, long firstSample) {
      shapes.require(layer, tensor.shape(), firstSample);
      parts.computeIfAbsent(layer, l -> new ArrayList<>()).add(tensor);
    }

    ActivationSet collect(Provenance provenance, String name) {
      List<Activations> layers = new ArrayList<>();
      parts.forEach((layer, tensors) -> layers.add(join(layer, tensors)));
      return InMemory.of(provenance, name, layers);
    }

    private Activations join(String layer, List<INDArray> tensors) {
      INDArray whole =
          tensors.size() == 1 ? tensors.get(0) : Nd4j.concat(0, tensors.toArray(new INDArray[0]));
      tensors.clear();
      if (whole.size(0) != probes.count() || seen != probes.count()) {
        throw new PalimpsestException(
            "Layer '%s' gave %s rows for %s probes: its first dimension is not the samples'. Leave it out."
                .formatted(layer, whole.size(0), probes.count()));
      }
      return new Activations(layer, whole, probes.fingerprint());
    }
  }
}
