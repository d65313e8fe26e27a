package org.palimpsest.io.internal.capture;

import org.palimpsest.core.PalimpsestException;

/**
 * A library that only some importers need.
 *
 * @param name what to call it
 * @param className one of its classes
 * @param artifact what to add to the class path
 */
public record OptionalLibrary(String name, String className, String artifact) {

  /**
   * Makes sure that it is there.
   *
   * @param purpose what needs it, the beginning of a sentence
   * @throws PalimpsestException if it is not, naming the artifact to add
   */
  public void require(String purpose) {
    try {
      Class.forName(className, false, OptionalLibrary.class.getClassLoader());
    } catch (ClassNotFoundException missing) {
      throw new PalimpsestException(
          "%s needs %s, which is not on the class path. Add %s.".formatted(purpose, name, artifact),
          missing);
    }
  }
}
