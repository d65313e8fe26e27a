package org.palimpsest.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTextTest {

  @ParameterizedTest
  @ValueSource(strings = {"=1+1", "+1+1", "-2+3", "@SUM(1)", "-", "=", "-0.5 ", "+x", "＝1"})
  void whatASpreadsheetTakesForAFormulaGetsAnApostrophe(String cell) {
    assertThat(CsvText.cell(cell)).isEqualTo("'" + cell);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-0.5", "+3", "-1.0E-5", "-1e+300", "-.5", "0.25", "a=b", "conv-1", ""})
  void numbersAndOtherTextsStay(String cell) {
    assertThat(CsvText.cell(cell)).isEqualTo(cell);
  }

  @ParameterizedTest
  @CsvSource({"'\t=1+1', \\u0009=1+1", "'\r=1', \\u000d=1", "'\u001b[2J', \\u001b[2J"})
  void controlCharactersAreShown(String cell, String shown) {
    assertThat(CsvText.cell(cell)).isEqualTo(shown);
  }

  @Test
  void aRecordIsALine() {
    assertThat(CsvText.of(List.of("layer", "value"), List.of(List.of("a\nb,\"c\"", "-0.5"))))
        .isEqualTo("layer,value\n\"a\\u000ab,\"\"c\"\"\",-0.5\n");
  }
}
