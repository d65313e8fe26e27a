package org.palimpsest.core;

import java.util.List;

/**
 * Where activations or weights came from, so that a figure can be traced back to its files.
 *
 * @param origin the file, or a name for what was never a file
 * @param sha256 the hash of the file's content in hexadecimal, or empty if there is no file
 * @param notes what the importer did that a reader should know, such as a switch to evaluation mode
 */
public record Provenance(String origin, String sha256, List<String> notes) {

  public Provenance {
    notes = List.copyOf(notes);
  }

  /** The provenance of something that lives in memory alone. */
  public static Provenance inMemory(String name) {
    return new Provenance(name, "", List.of());
  }
}
