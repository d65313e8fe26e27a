package org.palimpsest.core.activation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.internal.tensor.SteadyShapes;
import org.palimpsest.core.probe.Probes;

/** Joins batches into whole tensors. */
final class BatchCollector implements Consumer<ActivationBatch> {

  private final Probes probes;
  private final Map<String, List<INDArray>> parts = new LinkedHashMap<>();
  private final SteadyShapes shapes = new SteadyShapes();
  private long seen;

  BatchCollector(Probes probes) {
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
    return ActivationSet.of(provenance, name, layers);
  }

  private Activations join(String layer, List<INDArray> tensors) {
    INDArray whole =
        tensors.size() == 1 ? tensors.get(0) : Nd4j.concat(0, tensors.toArray(new INDArray[0]));
    tensors.clear();
    if (whole.size(0) != probes.count() || seen != probes.count()) {
      throw new PalimpsestException(
          "Layer '%s' gave %d rows for %d probes: its first dimension is not the samples'. Leave it out."
              .formatted(layer, whole.size(0), probes.count()));
    }
    return new Activations(layer, whole, probes.fingerprint());
  }
}
