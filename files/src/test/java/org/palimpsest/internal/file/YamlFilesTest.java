package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;

/** The values are those of {@code yaml.safe_load} of PyYAML 6.0.4 (dates as texts). */
class YamlFilesTest {

  @TempDir private Path folder;

  private JsonNode read(String text) throws IOException {
    return YamlFiles.read(Files.writeString(folder.resolve("x.yaml"), text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1e3 | \"1e3\"",
        "1e-3 | \"1e-3\"",
        "1.0e3 | \"1.0e3\"",
        "1.0e+3 | 1000.0",
        "1.0e-3 | 0.001",
        "1. | 1.0",
        ".5 | 0.5",
        "-.5 | \"-.5\"",
        "+0.5 | 0.5",
        "1_000 | 1000",
        "010 | 8",
        "08 | \"08\"",
        "0x1F | 31",
        "0b11 | 3",
        "1:30 | 90",
        "no | false",
        "On | true",
        "y | \"y\"",
        "~ | null",
        "'1' | \"1\"",
        "2001-01-01 | \"2001-01-01\"",
        "!!float 1 | 1.0",
        "!!str 1 | \"1\""
      })
  void plainValuesAreThoseOfPython(String value, String json) throws IOException {
    assertThat(read("v: " + value + "\n").get("v")).hasToString(json);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{a: 1, a: 2} | duplicate key a, in line 1",
        "!!int 0o7 | called a number is none",
        "!!binary aGk= | binary data",
        "!!set {a} | a set",
        "{[a]: 1} | name of an entry",
        "!!python/object:os.system x | not allowed",
        "*a | undefined alias a, in line 1",
        "&a [*a] | repeats its own list"
      })
  void whatSaysNothingHereIsRefusedInPlainWords(String value, String part) {
    assertThatThrownBy(() -> read("v: " + value + "\n"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("x.yaml is no sound YAML: ", part);
  }
}
