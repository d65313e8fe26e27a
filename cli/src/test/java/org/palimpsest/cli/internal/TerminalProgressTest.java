package org.palimpsest.cli.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalProgressTest {

  private static final long SECOND = 1_000_000_000;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0   | 3  | 30   | 0 of 3 after 30 s",
        "1 | 100 | 11 | 100  | 1 of 11 after 100 s, about 16 min left",
        "1 | 100 | 11 | 400  | 1 of 11 after 400 s, about 11 min left",
        "1 | 100 | 11 | 1050 | 1 of 11 after 1050 s",
        "2 | 60  | 3  | 120  | 2 of 3 after 120 s",
        "2 | 60  | 3  | 900  | 2 of 3 after 900 s",
        "9 | 90  | 99 | 90   | 9 of 99 after 90 s, about 15 min left",
      })
  void whatIsLeftIsToldWhileItCanBeKnown(
      long done, long at, long steps, long now, String expected) {
    TerminalProgress.Pace pace = new TerminalProgress.Pace(done, at * SECOND);
    assertThat(pace.line(steps, 0, now * SECOND)).isEqualTo(expected);
  }

  @Test
  void barsNeedFortyColumns() {
    assertThat(TerminalProgress.hasRoom("24 80\n")).isTrue();
    assertThat(TerminalProgress.hasRoom("24 40\n")).isTrue();
    assertThat(TerminalProgress.hasRoom("3 4\n")).isFalse();
    assertThat(TerminalProgress.hasRoom("0 0\n")).isTrue();
    assertThat(TerminalProgress.hasRoom("")).isTrue();
  }
}
