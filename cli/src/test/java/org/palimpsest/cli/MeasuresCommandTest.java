package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.palimpsest.similarity.MeasureEntry;
import org.palimpsest.similarity.Measures;

class MeasuresCommandTest {

  @Test
  void everyMeasureIsListed() {
    String table = Outcome.of("measures").isWell().out();
    assertThat(table).startsWith("MEASURE");
    assertThat(Measures.catalogue()).extracting(MeasureEntry::name).allMatch(table::contains);
  }

  @Test
  void jsonTellsAll() {
    JsonNode all = Outcome.of("measures", "--format", "json").isWell().json();
    assertThat(all).hasSameSizeAs(Measures.catalogue());
    assertThat(all.get(0).fieldNames())
        .toIterable()
        .contains("measure", "direction", "low", "high", "symmetric", "ignores", "notices");
  }

  @Test
  void oneMeasureIsToldInFull() {
    assertThat(Outcome.of("measures", "linear_cka").isWell().out())
        .contains("direction", "similarity", "[0, 1]", "Kornblith");
  }

  @Test
  void unknownMeasureIsWrongUse() {
    Outcome.of("measures", "linear_kca").isOneLine(2, "linear_kca", "linear_cka");
  }
}
