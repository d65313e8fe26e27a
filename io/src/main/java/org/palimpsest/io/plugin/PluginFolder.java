package org.palimpsest.io.plugin;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.plugin.Plugins;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.Sha256;

/**
 * A folder of jars with measures and importers of one's own, such as {@code --plugins} names. Jars
 * that they need lie beside them. Loading runs no code yet; what is asked of a measure or an
 * importer later runs with all rights of this process, so that a folder is to be trusted as the
 * program itself is.
 *
 * @see Importer
 */
public final class PluginFolder {

  private PluginFolder() {}

  private static final String SERVICES = "META-INF/services/org.palimpsest.";

  /**
   * Makes the jars of a folder known to this process, in the order of their names, in the place of
   * those that were loaded before.
   *
   * @throws PalimpsestException if there is no such folder, it or a jar in it cannot be read, or no
   *     jar provides anything
   */
  public static void load(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new PalimpsestException(folder + " is no folder of plug-ins.");
    }
    List<URL> places = new ArrayList<>();
    StringBuilder identity = new StringBuilder();
    boolean anyProvides = false;
    for (Path jar : jarsIn(folder)) {
      anyProvides |= provides(jar);
      identity.append(Sha256.of(jar));
      places.add(url(jar));
    }
    if (!anyProvides) {
      throw new PalimpsestException(
          "No .jar file in %s provides a measure or an importer (%s…)."
              .formatted(folder, SERVICES));
    }
    Plugins.load(places, Sha256.of(identity.toString().getBytes(StandardCharsets.UTF_8)));
  }

  private static List<Path> jarsIn(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException failure) {
      throw new PalimpsestException(
          "The folder of plug-ins %s cannot be read: %s"
              .formatted(folder, InputFiles.reason(failure)),
          failure);
    }
  }

  private static boolean provides(Path jar) {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      return zip.stream().anyMatch(entry -> entry.getName().startsWith(SERVICES));
    } catch (IOException damaged) {
      throw new PalimpsestException(
          "%s is no jar that can be read: %s".formatted(jar, damaged.getMessage()), damaged);
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
