package org.palimpsest.spark;

import java.io.Serializable;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.plugin.Plugins;
import org.palimpsest.internal.file.Sha256;

/**
 * The jars of plug-ins, in a form that Spark sends: they lie under the same paths on all machines.
 *
 * @param jars where they are and what they hold
 * @param identity what tells them from others
 */
record PluginParcel(List<Jar> jars, String identity) implements Serializable {

  /**
   * A jar.
   *
   * @param url where it lies
   * @param sha256 of its bytes
   */
  record Jar(String url, String sha256) implements Serializable {

    static Jar of(URL url) {
      return new Jar(url.toString(), Sha256.of(Path.of(URI.create(url.toString()))));
    }

    /**
     * @throws PalimpsestException if it is not on this machine, or another is
     */
    URL found() {
      Path here = Path.of(URI.create(url));
      if (!Files.isRegularFile(here)) {
        throw new PalimpsestException(
            "The plug-in %s is not on this machine. Copy it to all machines, under the same path."
                .formatted(here));
      }
      if (!Sha256.of(here).equals(sha256)) {
        throw new PalimpsestException(
            "The plug-in %s holds other bytes on this machine than on the driver. Copy the driver's to all machines."
                .formatted(here));
      }
      try {
        return URI.create(url).toURL();
      } catch (MalformedURLException impossible) {
        throw new IllegalStateException("it was one on the driver", impossible);
      }
    }
  }

  /** Those that this process has loaded. */
  static PluginParcel loaded() {
    return new PluginParcel(
        List.copyOf(Plugins.jars().stream().map(Jar::of).toList()), Plugins.identity());
  }

  /**
   * Loads them, unless they are what this process has loaded last.
   *
   * @throws PalimpsestException if one is not on this machine, or another is
   */
  void load() {
    synchronized (PluginParcel.class) {
      if (!areLoaded()) {
        Plugins.load(jars.stream().map(Jar::found).toList(), identity);
      }
    }
  }

  private boolean areLoaded() {
    return Plugins.identity().equals(identity)
        && Plugins.jars().stream()
            .map(URL::toString)
            .toList()
            .equals(jars.stream().map(Jar::url).toList());
  }
}
