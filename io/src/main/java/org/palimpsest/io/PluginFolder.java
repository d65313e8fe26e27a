package org.palimpsest.io;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Plugins;

/** A folder of jars with measures and importers of one's own. */
public final class PluginFolder {

  private PluginFolder() {}

  /**
   * Makes the jars of a folder known to this process, in the order of their names, in the place of
   * those that were loaded before.
   *
   * @throws PalimpsestException if there is no such folder, it cannot be read, or it holds no jar
   * @see Plugins
   */
  public static void load(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new PalimpsestException(folder + " is no folder of plug-ins.");
    }
    List<URL> jars = jarsIn(folder);
    if (jars.isEmpty()) {
      throw new PalimpsestException(
          folder + " holds no .jar file. Name the folder that the jars of plug-ins lie in.");
    }
    Plugins.load(jars);
  }

  private static List<URL> jarsIn(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".jar"))
          .sorted()
          .map(PluginFolder::url)
          .toList();
    } catch (IOException failure) {
      throw new PalimpsestException(
          "The folder of plug-ins %s cannot be read: %s".formatted(folder, failure.getMessage()),
          failure);
    }
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException impossible) {
      throw new IllegalStateException("a file has a URL", impossible);
    }
  }
}
