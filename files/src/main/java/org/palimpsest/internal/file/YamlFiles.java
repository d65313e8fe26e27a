package org.palimpsest.internal.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.palimpsest.core.PalimpsestException;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Reads files of settings in YAML 1.1, as Python's yaml does: no object is made of what they name.
 */
public final class YamlFiles {

  private static final int MOST_BYTES = 16 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private YamlFiles() {}

  /**
   * Reads a file as the JSON that says the same.
   *
   * @throws PalimpsestException if there is none, it is too large for settings, or no sound YAML
   */
  public static JsonNode read(Path file) {
    InputFiles.require(file);
    if (InputFiles.size(file) > MOST_BYTES) {
      throw new PalimpsestException(
          "%s has %d bytes, too many for settings in YAML.".formatted(file, InputFiles.size(file)));
    }
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setCodePointLimit(MOST_BYTES);
    try {
      Object read = new Yaml(new SafeConstructor(options)).load(Files.readString(file));
      return JSON.valueToTree(read);
    } catch (YAMLException | IllegalArgumentException failure) {
      String why = String.valueOf(failure.getMessage()).lines().findFirst().orElse("damaged");
      throw new PalimpsestException("%s is no sound YAML: %s.".formatted(file, why), failure);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }
}
