package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;

class JsonDamageTest {

  private static final String SOUND =
      "{'a': [1, 2.5e-3, {'b': \"it's é\"}],\n 'c': {'d': [true, null]}}".replace('\'', '"');

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"a\": [1, 2     | it ends too early, in line 1",
        "{\"a\":           | it ends too early, in line 1",
        "\"begun           | it ends too early, in line 1",
        "{\"a\":1,\"a\":2} | it says 'a' twice, in line 1",
        "[1] 2             | something follows its end, in line 1",
        "[1,]              | it breaks the rules of JSON in line 1, column 4",
        "{a: 1}            | it breaks the rules of JSON in line 1, column 2",
        "[01]              | it breaks the rules of JSON in line 1, column 3",
      })
  void damageIsToldInPlainWords(String json, String told) {
    assertThatThrownBy(() -> read(json.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("x.json is not sound JSON: " + told + ".");
  }

  private static void read(byte[] json) {
    BoundedJson.read(json, "x.json");
  }

  @Test
  void nestingWithoutBoundIsToldInPlainWords() {
    assertThatThrownBy(() -> read("[".repeat(300).getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("it is nested deeper");
  }

  /** Cut at each place, and with each byte replaced by others. */
  @Test
  void noDamageIsToldInTheWordsOfTheParser() {
    byte[] sound = SOUND.getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < sound.length; at++) {
      requirePlainWords(Arrays.copyOf(sound, at));
      for (char other : "{}[],:\"x1.-\\\n\u0000\u00ff".toCharArray()) {
        byte[] damaged = sound.clone();
        damaged[at] = (byte) other;
        requirePlainWords(damaged);
      }
    }
  }

  private static void requirePlainWords(byte[] json) {
    try {
      read(json);
    } catch (PalimpsestException refusal) {
      assertThat(refusal.getMessage())
          .startsWith("x.json is ")
          .doesNotContainPattern("xpect|token|code \\d|Source|field|jackson|null|CTRL");
    }
  }
}
