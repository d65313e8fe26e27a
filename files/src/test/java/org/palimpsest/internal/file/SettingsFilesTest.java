package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;

/** Settings in YAML and JSON, sound and otherwise. */
class SettingsFilesTest {

  @TempDir private Path folder;

  private JsonNode yaml(String text) throws IOException {
    return YamlFiles.read(Files.writeString(folder.resolve("settings.yaml"), text));
  }

  private JsonNode json(String text) throws IOException {
    return JsonFiles.read(Files.writeString(folder.resolve("settings.json"), text));
  }

  /** What {@code yaml.safe_load} of PyYAML 6 gives, by {@code json.dumps}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[1, -2, 0x1F, 010, 0b11, 1_000, 1:30] | [1,-2,31,8,3,1000,90]",
        "[1.5, .5, 1., 1.0e+3]                 | [1.5,0.5,1.0,1000.0]",
        "[yes, No, on, true, y, ~, null]       | [true,false,true,true,\"y\",null,null]",
        "['1', 08, 0o10, a b]                  | [\"1\",\"08\",\"0o10\",\"a b\"]",
        "{a: {b: [1, {c: d}]}}                 | {\"a\":{\"b\":[1,{\"c\":\"d\"}]}}",
        "{<<: {a: 1, b: 1}, b: 2}              | {\"a\":1,\"b\":2}",
        "!!omap [ {x: 1} ]                     | {\"x\":1}",
        "12345678901234567890                  | 12345678901234567890",
      })
  void yamlIsReadAsPythonDoes(String text, String expected) throws IOException {
    assertThat(yaml(text)).hasToString(expected);
  }

  /** PyYAML gives dates here, which JSON lacks. */
  @Test
  void timesInYamlStayTexts() throws IOException {
    assertThat(yaml("{date: 2020-01-31, time: 2020-01-31 10:20:30}"))
        .hasToString("{\"date\":\"2020-01-31\",\"time\":\"2020-01-31 10:20:30\"}");
  }

  @Test
  void whatAnAliasRepeatsIsThereTwice() throws IOException {
    JsonNode read = yaml("a: &it [1, 2]\nb: *it");
    assertThat(read.get("b")).isSameAs(read.get("a"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{a: 1, a: 2}                      | found duplicate key a, in line 1",
        "a: [1, 2                          | in line 1",
        "{x: !!python/object:os.system {}} | Global tag is not allowed",
        "&a [ *a ]                         | an alias repeats its own list",
        "&a {b: *a}                        | an alias repeats its own list",
        "&a [ !!pairs [ {x: *a} ] ]        | it holds pairs (!!pairs)",
        "&a !!set {? *a}                   | Recursive key",
        "&a [ !!set {? [*a]} ]             | ",
        "*nothing                          | undefined alias nothing, in line 1",
      })
  void unsoundYamlIsRefusedWithItsPlace(String text, String told) {
    assertThatThrownBy(() -> yaml(text))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("settings.yaml", told == null ? "" : told)
        .hasMessageNotContaining("..");
  }

  @Test
  void severalDocumentsAndNestingWithoutEndAreRefused() {
    assertThatThrownBy(() -> yaml("- 1\n---\n- 2"))
        .hasMessageContaining("is no sound YAML: found another document, in line 2.");
    assertThatThrownBy(() -> yaml("[".repeat(10_000) + "]".repeat(10_000)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("settings.yaml");
  }

  @Test
  void textsThatAreNotInUtf8AreSaidToBeSo() throws IOException {
    byte[] latin = "{\n\"name\": \"caf\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
    Path file = Files.write(folder.resolve("latin"), latin);
    assertThatThrownBy(() -> JsonFiles.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage(file + " is not sound JSON: it is not in UTF-8, in line 2.");
    assertThatThrownBy(() -> YamlFiles.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage(file + " is no text in UTF-8.");
  }

  @Test
  void jsonHoldsWhatPythonWrites() throws IOException {
    JsonNode read = json("[NaN, Infinity, -Infinity, 1e999, 1.5]");
    assertThat(read.get(0).doubleValue()).isNaN();
    assertThat(read.get(1).doubleValue()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(read.get(2).doubleValue()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(read.get(3).doubleValue()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThatThrownBy(() -> json("  "))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("is empty where JSON is needed");
    assertThatThrownBy(() -> json("[" + "1".repeat(500) + "]"))
        .hasMessageContaining("longer texts or numbers, than is read");
  }

  @Test
  void filesThatAreTooLargeForSettingsAreNotRead() throws IOException {
    Path file = folder.resolve("large");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength((64L << 20) + 1);
    }
    assertThatThrownBy(() -> JsonFiles.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("67108865 bytes, too many for settings in JSON");
    assertThatThrownBy(() -> YamlFiles.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("67108865 bytes, too many for settings in YAML");
  }

  @Test
  void strictJsonTakesFiniteNumbersAndNothingTwice() throws IOException {
    JsonNode sound = StrictJson.mapper().readTree("[1, 2.5, \"3\", 1e999]");
    assertThat(StrictJson.number(sound.get(0))).isEqualTo(1);
    assertThat(StrictJson.number(sound.get(1))).isEqualTo(2.5);
    for (int wrong : new int[] {2, 3}) {
      assertThatThrownBy(() -> StrictJson.number(sound.get(wrong)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("finite number");
    }
    for (String unsound : new String[] {"{\"a\":1,\"a\":1}", "1 2"}) {
      assertThatThrownBy(() -> StrictJson.mapper().readTree(unsound))
          .isInstanceOf(JsonProcessingException.class);
    }
  }
}
