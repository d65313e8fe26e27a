package org.palimpsest.spark;

import java.io.Serializable;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Plugins;

/**
 * The jars of plug-ins, in a form that Spark sends: they lie under the same paths on all machines.
 *
 * @param jars their URLs
 * @param identity what tells them from others
 */
record PluginParcel(List<String> jars, String identity) implements Serializable {

  /** Those that this process has loaded. */
  static PluginParcel loaded() {
    return new PluginParcel(
        List.copyOf(Plugins.jars().stream().map(URL::toString).toList()), Plugins.identity());
  }

  /**
   * Loads them, unless they are what this process has loaded last.
   *
   * @throws PalimpsestException if one is not on this machine
   */
  void load() {
    synchronized (PluginParcel.class) {
      if (!loaded().equals(this)) {
        Plugins.load(found(), identity);
      }
    }
  }

  private List<URL> found() {
    List<URL> found = new ArrayList<>();
    for (String jar : jars) {
      URI place = URI.create(jar);
      if (!Files.isRegularFile(Path.of(place))) {
        throw new PalimpsestException(
            "The plug-in %s is not on this machine. Copy it to all machines, under the same path."
                .formatted(Path.of(place)));
      }
      try {
        found.add(place.toURL());
      } catch (MalformedURLException impossible) {
        throw new IllegalStateException("it was one on the driver", impossible);
      }
    }
    return found;
  }
}
