package org.palimpsest.io.internal.pytorch;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.pickle.Unpickler;

/** Settings in a pickle that Python itself wrote, without PyTorch. */
public final class PickledSettings {

  private PickledSettings() {}

  /**
   * Reads texts, numbers, truth values, lists and dictionaries, NumPy's scalars and its arrays of
   * one axis; what is anything else is left out.
   *
   * @throws org.palimpsest.core.PalimpsestException if it is damaged, or names what could do harm
   */
  public static JsonNode read(Path file) {
    InputFiles.require(file);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return PlainData.of(Unpickler.read(in, new NumpyObjects(), file.toString()));
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }
}
