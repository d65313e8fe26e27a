package org.palimpsest.core;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/**
 * The version of this library, which every measurement carries: tables name it, and journals of
 * studies take no measurement that another version made.
 *
 * <p>It comes from Maven, by way of a file among the classes, so that a jar tells its version
 * whatever it is called.
 */
public final class Version {

  private static final String CURRENT = load();

  private Version() {}

  /**
   * Such as {@code 0.1.0}, or {@code 0.1.0-SNAPSHOT} of a build between releases; {@code unknown}
   * if the build did not tell.
   */
  public static String current() {
    return CURRENT;
  }

  private static String load() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
      properties.load(Objects.requireNonNull(in, "version.properties"));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return properties.getProperty("version", "unknown");
  }
}
