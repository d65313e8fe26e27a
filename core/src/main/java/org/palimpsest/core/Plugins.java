package org.palimpsest.core;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Measures and importers that lie in jars of their own, outside the class path.
 *
 * <p>A jar of the folder names what it provides in {@code META-INF/services}, as {@link
 * ServiceLoader} wants it; what it needs beside this library lies in other jars of the same folder.
 * Only these jars are searched: code that has a measure on its class path constructs it. Their code
 * runs with all rights of this process.
 */
public final class Plugins {

  private static volatile Plugins loaded = none();

  private final List<Path> jars;
  private final ClassLoader classes;
  private final Map<Class<?>, List<?>> found;

  private Plugins(List<Path> jars, ClassLoader classes, Map<Class<?>, List<?>> found) {
    this.jars = jars;
    this.classes = classes;
    this.found = found;
  }

  /**
   * Makes the jars of a folder known to this process, in the place of those of any other folder.
   *
   * @throws PalimpsestException if there is no such folder, it cannot be read, or it holds no jar
   */
  public static void load(Path folder) {
    List<Path> jars = jarsIn(folder);
    if (jars.isEmpty()) {
      throw new PalimpsestException(
          folder + " holds no .jar file. Name the folder that the jars of plug-ins lie in.");
    }
    URL[] places = jars.stream().map(Plugins::url).toArray(URL[]::new);
    loaded = new Plugins(jars, new OwnServices(places), new ConcurrentHashMap<>());
  }

  /** Forgets the plug-ins that were loaded. */
  public static void unload() {
    loaded = none();
  }

  private static Plugins none() {
    return new Plugins(List.of(), Plugins.class.getClassLoader(), Map.of());
  }

  private static List<Path> jarsIn(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new PalimpsestException(folder + " is no folder of plug-ins.");
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
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

  /**
   * What the jars provide of a service, in the order of their names; none if none were loaded.
   *
   * @throws PalimpsestException if a provider cannot be made, naming it
   */
  public static <T> List<T> of(Class<T> service) {
    Plugins now = loaded;
    if (now.jars.isEmpty()) {
      return List.of();
    }
    return now.found.computeIfAbsent(service, now::find).stream().map(service::cast).toList();
  }

  private List<?> find(Class<?> service) {
    try {
      return ServiceLoader.load(service, classes).stream()
          .map(ServiceLoader.Provider::get)
          .toList();
    } catch (ServiceConfigurationError | LinkageError failure) {
      throw new PalimpsestException(
          "A plug-in among %s cannot be used: %s".formatted(jars, failure.getMessage()), failure);
    }
  }

  /** Looks for services in its own jars alone, for classes in those of the program first. */
  private static final class OwnServices extends URLClassLoader {

    OwnServices(URL[] jars) {
      super("plug-ins", jars, Plugins.class.getClassLoader());
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      return findResources(name);
    }
  }
}
