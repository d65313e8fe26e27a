package org.palimpsest.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AlignedColumnsTest {

  @Test
  void textsBeginAndNumbersEndUnderOneAnother() {
    assertThat(
            new AlignedColumns(1, 1)
                .lines(List.of(List.of("layer", "value", "view"), List.of("a", "0.5", "pooled"))))
        .containsExactly("layer  value  view", "a        0.5  pooled");
  }

  @Test
  void aNameWithALineBreakStaysInItsLine() {
    assertThat(new AlignedColumns(1, 1).lines(List.of(List.of("a\nb", "1"), List.of("c", "2"))))
        .containsExactly("a\\u000ab  1", "c         2");
  }

  @Test
  void aVeryLongNameDoesNotPadTheOthers() {
    String name = "x".repeat(100_000);
    assertThat(new AlignedColumns(1, 1).lines(List.of(List.of(name, "1"), List.of("c", "2"))))
        .containsExactly(name + "  1", "c  2");
  }
}
