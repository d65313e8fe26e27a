package org.palimpsest.io.internal.pytorch;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.pickle.Global;
import org.palimpsest.io.internal.pickle.ObjectFactory;
import org.palimpsest.io.internal.pickle.PyNone;
import org.palimpsest.io.internal.pickle.Unpickler;

/** Settings in a pickle that Python itself wrote, without PyTorch. */
public final class PickledSettings {

  private PickledSettings() {}

  /**
   * Reads texts, numbers, truth values, lists and dictionaries; what is anything else, such as an
   * array, is left out.
   *
   * @throws org.palimpsest.core.PalimpsestException if it is damaged, or names what could do harm
   */
  public static JsonNode read(Path file) {
    InputFiles.require(file);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return PlainData.of(Unpickler.read(in, new NoObjects(), file.toString()));
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static final class NoObjects implements ObjectFactory {
    @Override
    public Optional<Object> make(Global callee, List<Object> arguments) {
      return Optional.empty();
    }

    @Override
    public Object load(Object persistentId) {
      return PyNone.NONE;
    }
  }
}
