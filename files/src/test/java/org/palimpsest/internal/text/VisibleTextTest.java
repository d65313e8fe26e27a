package org.palimpsest.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class VisibleTextTest {

  static List<List<String>> hidden() {
    return List.of(
        List.of("\u001b[31mred", "\\u001b[31mred"),
        List.of("a\rb\nc\td", "a\\u000db\\u000ac\\u0009d"),
        List.of("\u009b31m\u007f", "\\u009b31m\\u007f"),
        List.of("\u202egnp.exe", "\\u202egnp.exe"),
        List.of("\u2028\u2029", "\\u2028\\u2029"),
        List.of("\ud83d and \udc00", "\\ud83d and \\udc00"),
        List.of("\udb40\udc41", "\\udb40\\udc41"));
  }

  @ParameterizedTest
  @MethodSource("hidden")
  void showsWhatWouldSteerOrHide(List<String> pair) {
    assertThat(VisibleText.of(pair.get(0))).isEqualTo(pair.get(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "enc1.conv", "Schicht α", "層", "\ud83d\ude00", "a\\u001b", "<b>"})
  void leavesWhatIsVisible(String text) {
    assertThat(VisibleText.of(text)).isSameAs(text);
  }

  @Test
  void keepsLinesAndTabsWhereAsked() {
    assertThat(VisibleText.ofLines("a\n\tb\r\u001b")).isEqualTo("a\n\tb\\u000d\\u001b");
  }

  @Property
  void whatIsShownIsOneVisibleLineAndStaysAsItIs(@ForAll String text) {
    String shown = VisibleText.of(text);
    assertThat(shown).doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");
    assertThat(VisibleText.of(shown)).isSameAs(shown);
  }
}
