package org.palimpsest.io.dump;

import java.util.List;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.io.file.LateProvenance;
import org.palimpsest.io.file.UnchangedFile;

/**
 * Layers that are read when they are asked for, of probes that nobody recorded.
 *
 * @param reader reads one of the layers
 * @param watched the files, which must not change between one layer and the next
 */
record LayersOnDisk(
    String name,
    LateProvenance origin,
    List<String> layers,
    Function<String, INDArray> reader,
    Function<String, UnchangedFile> watched)
    implements ActivationSet {

  LayersOnDisk {
    layers = List.copyOf(layers);
  }

  @Override
  public Provenance provenance() {
    return origin.get();
  }

  @Override
  public Activations get(String layer) {
    if (!layers.contains(layer)) {
      throw LayerSelector.unknown(layer, layers);
    }
    Activations activations = Activations.of(layer, reader.apply(layer));
    watched.apply(layer).require();
    return activations;
  }

  @Override
  public Fingerprint probes() {
    return Fingerprint.unknown();
  }
}
