package org.palimpsest.internal.file;

import java.io.ObjectInputFilter;

/** Java's own serialisation, for which this program has no use. */
public final class Deserialisation {

  private Deserialisation() {}

  /**
   * Refuses every serialised object in this whole process from now on, whichever library reads it.
   *
   * <p>For programs only: a library would take it from its host. A filter that was given to Java
   * ({@code -Djdk.serialFilter}) stays.
   */
  public static void refuse() {
    if (ObjectInputFilter.Config.getSerialFilter() == null) {
      ObjectInputFilter.Config.setSerialFilter(object -> ObjectInputFilter.Status.REJECTED);
    }
  }
}
