package org.palimpsest.io.internal.dump;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.internal.file.LateProvenance;
import org.palimpsest.internal.file.UnchangedFile;

/** Layers that are read when they are asked for, of probes that nobody recorded. */
public final class LayersOnDisk implements ActivationSet {

  private final String name;
  private final LateProvenance origin;
  private final List<String> layers;
  private final Set<String> known;
  private final Function<String, INDArray> reader;
  private final Function<String, UnchangedFile> watched;

  /**
   * @param reader reads one of the layers
   * @param watched the files, which must not change between one layer and the next
   */
  public LayersOnDisk(
      String name,
      LateProvenance origin,
      List<String> layers,
      Function<String, INDArray> reader,
      Function<String, UnchangedFile> watched) {
    this.name = name;
    this.origin = origin;
    this.layers = List.copyOf(layers);
    this.known = Set.copyOf(layers);
    this.reader = reader;
    this.watched = watched;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<String> layers() {
    return layers;
  }

  @Override
  public Provenance provenance() {
    return origin.get();
  }

  @Override
  public void requireUnchanged() {
    layers().forEach(layer -> watched.apply(layer).require());
  }

  @Override
  public Activations get(String layer) {
    if (!known.contains(layer)) {
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
