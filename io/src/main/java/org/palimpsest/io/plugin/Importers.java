package org.palimpsest.io.plugin;

import java.nio.file.Path;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Plugins;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.network.RunLimits;

/** The importers of the plug-ins that are loaded. */
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
}
