package org.palimpsest.io.internal.plugin;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.internal.plugin.Plugins;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.network.NetworkOptions.RunLimits;
import org.palimpsest.io.plugin.Importer;

/**
 * The importers of the plug-ins that are loaded, guarded: what their code throws or gives in error,
 * such as null or a layer that was not asked for, becomes one clear exception that names the
 * plug-in, and what the receiver of activations throws is passed on as it is.
 */
public final class Importers {

  private Importers() {}

  /**
   * The importer that opens a file, if there is one. What it fails in is a {@link
   * PalimpsestException} that names it.
   *
   * @throws PalimpsestException if a plug-in cannot be used
   */
  public static Optional<Importer> of(Path file) {
    return Plugins.of(Importer.class).stream()
        .<Importer>map(Guarded::new)
        .filter(importer -> importer.reads(file))
        .findFirst();
  }

  private record Guarded(Importer importer) implements Importer {

    private String plugin() {
      return importer.getClass().getName();
    }

    @Override
    public String kind() {
      return Plugins.ask(plugin(), importer::kind);
    }

    @Override
    public boolean reads(Path file) {
      return Plugins.ask(plugin(), () -> importer.reads(file));
    }

    @Override
    public ActivationSource open(Path file, RunLimits limits) {
      return new PluginNetwork(Plugins.ask(plugin(), () -> importer.open(file, limits)), plugin());
    }

    @Override
    public Weights weights(Path file) {
      return Plugins.ask(plugin(), () -> importer.weights(file));
    }
  }

  /** A network that a plug-in opened, whose failures are told as the plug-in's. */
  private record PluginNetwork(ActivationSource network, String plugin)
      implements ActivationSource {

    @Override
    public String name() {
      return Plugins.ask(plugin, network::name);
    }

    @Override
    public Provenance provenance() {
      return Plugins.ask(plugin, network::provenance);
    }

    @Override
    public void run(
        Probes probes,
        LayerSelector layers,
        Progress progress,
        Consumer<ActivationBatch> receiver) {
      Receiver wanted = new Receiver(layers, receiver);
      try {
        Plugins.ask(
            plugin,
            () -> {
              network.run(probes, layers, progress, wanted);
              return true;
            });
      } catch (PalimpsestException told) {
        throw wanted.failure == null ? told : wanted.failure;
      }
    }

    @Override
    public void close() {
      Plugins.ask(
          plugin,
          () -> {
            network.close();
            return true;
          });
    }

    /** Hands on the layers that were asked for; what fails there is not the plug-in's fault. */
    private static final class Receiver implements Consumer<ActivationBatch> {

      private final LayerSelector layers;
      private final Consumer<ActivationBatch> receiver;
      private @Nullable RuntimeException failure;

      Receiver(LayerSelector layers, Consumer<ActivationBatch> receiver) {
        this.layers = layers;
        this.receiver = receiver;
      }

      @Override
      public void accept(ActivationBatch batch) {
        Map<String, INDArray> wanted = new LinkedHashMap<>(batch.layers());
        wanted.keySet().removeIf(layer -> !layers.selects(layer));
        wanted.forEach(
            (layer, tensor) ->
                Objects.requireNonNull(tensor, () -> "of layer '" + layer + "' it gave null"));
        try {
          receiver.accept(new ActivationBatch(batch.firstSample(), wanted));
        } catch (RuntimeException failed) {
          failure = failed;
          throw failed;
        }
      }
    }
  }
}
