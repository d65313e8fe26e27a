package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MannersTest {

  @Test
  void noCommandIsWrongUse() {
    Outcome.of().isOneLine(2, "See 'palimpsest --help'");
  }

  @Test
  void unknownCommandIsWrongUse() {
    Outcome.of("compair").isOneLine(2, "compair");
  }

  @Test
  void unknownOptionIsWrongUse() {
    Outcome.of("measures", "--speed").isOneLine(2, "--speed", "palimpsest measures --help");
  }

  @ParameterizedTest
  @CsvSource({
    "comprae a b, compare",
    "weight a, weights",
    "compare a b --probs p.npy, --probes",
    "inspect a --fromat=json, --format",
    "compare a b --output-dir out, --output"
  })
  void aSlipIsToldWhatItIsNearestTo(String typed, String meant) {
    Outcome.of((Object[]) typed.split(" ")).isOneLine(2, "Did you mean '" + meant + "'");
  }

  @Test
  void whatIsNearNothingIsNoSlip() {
    assertThat(Outcome.of("measures", "--speed").err()).doesNotContain("Did you mean");
    assertThat(Outcome.of("xyzzy").err()).doesNotContain("Did you mean");
  }

  @Test
  void unknownFormatIsWrongUseAndListsThem() {
    Outcome.of("compare", "a.npy", "b.npy", "--format", "xml")
        .isOneLine(2, "xml", "table", "csv", "json");
  }

  @Test
  void unknownFeatureMapIsWrongUseAndListsThem() {
    Outcome.of("compare", "a.npy", "b.npy", "--feature-map", "max")
        .isOneLine(2, "max", "positions", "pool", "flatten");
  }

  @Test
  void drawingPositionsWherePositionsAreNoSamplesIsWrongUse() {
    Outcome.of("compare", "a.npy", "b.npy", "--feature-map", "pool", "--positions", "9")
        .isOneLine(2, "--positions");
    Outcome.of("compare", "a.npy", "b.npy", "--positions", "0").isOneLine(2, "--positions", "0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"capture", "compare", "measures", "weights", "inspect"})
  void helpOfEachCommandHasAnExample(String command) {
    Outcome help = Outcome.of(command, "--help").isWell();
    assertThat(help.out())
        .contains(
            "Usage: palimpsest " + command, "Exit codes:", "java -jar palimpsest.jar " + command);
  }

  @Test
  void helpListsTheCommands() {
    assertThat(Outcome.of("--help").isWell().out()).contains("capture", "compare", "measures");
  }

  @Test
  void versionIsPrinted() {
    assertThat(Outcome.of("--version").isWell().out()).startsWith("palimpsest ");
  }

  @Test
  void debugShowsTheTraceAfterTheLine() {
    Outcome outcome = Outcome.of("compare", "no.npy", "no.npy", "--debug");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err().lines().findFirst()).contains("palimpsest: no.npy does not exist.");
    assertThat(outcome.err()).contains("\tat org.palimpsest");
  }
}
