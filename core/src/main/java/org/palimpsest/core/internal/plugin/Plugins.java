package org.palimpsest.core.internal.plugin;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.palimpsest.core.PalimpsestException;

/**
 * Measures and importers that lie in jars of their own, outside the class path.
 *
 * <p>A jar names what it provides in {@code META-INF/services}, as {@link ServiceLoader} wants it;
 * what it needs beside this library lies in other jars that are loaded with it. Only these jars are
 * searched: code that has a measure on its class path constructs it. Their code runs with all
 * rights of this process.
 */
public final class Plugins {

  private static volatile Plugins loaded = none();

  private final List<URL> jars;
  private final String identity;
  private final ClassLoader classes;
  private final Map<Class<?>, List<?>> found;

  private Plugins(
      List<URL> jars, String identity, ClassLoader classes, Map<Class<?>, List<?>> found) {
    this.jars = jars;
    this.identity = identity;
    this.classes = classes;
    this.found = found;
  }

  /**
   * Makes jars known to this process, in the place of those that were loaded before. Nothing of
   * them is read or run before something asks for a service.
   *
   * @param jars with all that they need beside this library and what it brings
   * @param identity tells these jars from all others, such as a hash of their content: a study
   *     takes no numbers from its journal that were found with other plug-ins
   */
  public static void load(List<URL> jars, String identity) {
    loaded =
        new Plugins(
            List.copyOf(jars),
            identity,
            new OwnServices(jars.toArray(URL[]::new)),
            new ConcurrentHashMap<>());
  }

  /** Forgets the jars that were loaded; what was made of them before goes on working. */
  public static void unload() {
    loaded = none();
  }

  /** The jars that were loaded last, such as another process has to load for the same work. */
  public static List<URL> jars() {
    return loaded.jars;
  }

  private static Plugins none() {
    return new Plugins(List.of(), "", Plugins.class.getClassLoader(), Map.of());
  }

  /** What was said to tell the loaded jars from others; empty if none are loaded. */
  public static String identity() {
    return loaded.identity;
  }

  /**
   * What the jars provide of a service, in the order in which they were given; none if none were
   * loaded.
   *
   * @throws PalimpsestException if a provider cannot be made, naming it
   * @param service the interface that the jars name in {@code META-INF/services}
   * @return the same objects each time, each made once
   */
  public static <T> List<T> of(Class<T> service) {
    Plugins now = loaded;
    if (now.jars.isEmpty()) {
      return List.of();
    }
    return now.found.computeIfAbsent(service, now::find).stream().map(service::cast).toList();
  }

  /**
   * Asks code of a plug-in for something.
   *
   * @param plugin the name of its class
   * @throws PalimpsestException if it fails or gives null, naming the plug-in; failures that tell
   *     what to do, and cancellation, pass as they are
   */
  public static <T> T ask(String plugin, Supplier<T> asked) {
    try {
      return Objects.requireNonNull(asked.get(), "it gave null");
    } catch (PalimpsestException | CancellationException clear) {
      throw clear;
    } catch (RuntimeException | LinkageError | StackOverflowError failure) {
      throw new PalimpsestException(
          "The plug-in %s failed: %s".formatted(plugin, failure), failure);
    }
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
