package org.palimpsest.core.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;

/** Globs against a matcher that tries everything a wildcard may stand for. */
class LayerGlobsTest {

  /** By the definition alone: tries each length of each wildcard. */
  private static boolean matches(String glob, String path) {
    if (glob.isEmpty()) {
      return path.isEmpty();
    }
    if (glob.startsWith("**")) {
      for (int length = 0; length <= path.length(); length++) {
        if (matches(glob.substring(2), path.substring(length))) {
          return true;
        }
      }
      return false;
    }
    if (glob.charAt(0) == '*') {
      for (int length = 0; length <= path.length(); length++) {
        if (isWithinAnElement(path.substring(0, length))
            && matches(glob.substring(1), path.substring(length))) {
          return true;
        }
      }
      return false;
    }
    boolean isOne =
        !path.isEmpty()
            && (glob.charAt(0) == '?'
                ? isWithinAnElement(path.substring(0, 1))
                : glob.charAt(0) == path.charAt(0));
    return isOne && matches(glob.substring(1), path.substring(1));
  }

  private static boolean isWithinAnElement(String text) {
    return text.indexOf('.') < 0 && text.indexOf('/') < 0;
  }

  @Property(tries = 2000)
  void aGlobChoosesWhatItsWildcardsCanStandFor(
      @ForAll @StringLength(max = 6) @Chars({'a', 'b', '.', '/', '*', '?', '[', '\\', '$'})
          String glob,
      @ForAll @StringLength(max = 7) @Chars({'a', 'b', '.', '/', '[', '\\', '$'}) String path) {
    assertThat(LayerSelector.of(glob).selects(path)).isEqualTo(matches(glob, path));
  }

  /** Parts of the name itself are replaced by wildcards, so that most globs choose it. */
  @Property(tries = 1000)
  void aGlobMadeOfANameChoosesIt(
      @ForAll @StringLength(min = 1, max = 12) @Chars({'a', 'b', '.', '/'}) String path,
      @ForAll @Size(12) List<@CharRange(from = '0', to = '3') Character> kinds) {
    StringBuilder glob = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      boolean isSeparator = !isWithinAnElement(path.substring(i, i + 1));
      switch (kinds.get(i)) {
        case '0' -> glob.append("**");
        case '1' -> glob.append(isSeparator ? path.substring(i, i + 1) : "?");
        case '2' -> glob.append(isSeparator ? path.substring(i, i + 1) : "*");
        default -> glob.append(path.charAt(i));
      }
    }
    assertThat(LayerSelector.of(glob.toString()).selects(path)).as("%s of %s", glob, path).isTrue();
  }

  @Property(tries = 300)
  void severalGlobsChooseWhatAnyOfThemDoesInTheOrderOfTheLayers(
      @ForAll @Size(min = 1, max = 3)
          List<@StringLength(min = 1, max = 3) @Chars({'a', 'b', '*', '?'}) String> globs,
      @ForAll @Size(min = 1, max = 6)
          List<@StringLength(min = 1, max = 4) @Chars({'a', 'b', '.'}) String> layers) {
    List<String> chosen = new ArrayList<>();
    for (String layer : layers) {
      if (globs.stream().anyMatch(glob -> matches(glob, layer))) {
        chosen.add(layer);
      }
    }
    boolean noneInVain =
        globs.stream().allMatch(glob -> layers.stream().anyMatch(layer -> matches(glob, layer)));
    LayerSelector selector = LayerSelector.of(globs);

    if (noneInVain) {
      assertThat(selector.select(layers)).isEqualTo(chosen);
    } else {
      assertThatThrownBy(() -> selector.select(layers))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageStartingWith("No layer matches '");
    }
  }

  /** What stands in other tools for alternatives, ranges and classes stands for itself. */
  @ParameterizedTest
  @ValueSource(
      strings = {"lstm[0]", "a{1,2}", "a+b", "(a|b)", "a^$", "\\d", "\\Qa\\E", "😀.conv", "a\nb"})
  void namesOfAnyCharactersChooseThemselvesAlone(String name) {
    LayerSelector selector = LayerSelector.of(name);

    assertThat(selector.selects(name)).isTrue();
    assertThat(selector.isNamed(name)).isTrue();
    for (String other : Arrays.asList("", "lstm0", "a1", "aab", "a", "0", name + name)) {
      assertThat(selector.selects(other)).as(other).isFalse();
    }
  }

  /** A character beyond 16 bits is one character. */
  @ParameterizedTest
  @ValueSource(strings = {"?", "*", "**"})
  void oneWildcardStandsForOneEmoji(String glob) {
    assertThat(LayerSelector.of(glob).selects("😀")).isTrue();
    assertThat(LayerSelector.of("a" + glob + "b").selects("a😀b")).isTrue();
    assertThat(LayerSelector.of("a??b").selects("a😀b")).isFalse();
  }
}
