package org.palimpsest.internal.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.palimpsest.core.PalimpsestException;

/** Reads files of settings in JSON. */
public final class JsonFiles {

  private static final long MOST_BYTES = 64L << 20;

  private JsonFiles() {}

  /**
   * Reads a file.
   *
   * @throws PalimpsestException if there is none, it is too large for settings, or no sound JSON
   */
  public static JsonNode read(Path file) {
    InputFiles.require(file);
    if (InputFiles.size(file) > MOST_BYTES) {
      throw new PalimpsestException(
          "%s has %s bytes, too many for settings in JSON.".formatted(file, InputFiles.size(file)));
    }
    try {
      return BoundedJson.read(Files.readAllBytes(file), file.toString());
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }
}
