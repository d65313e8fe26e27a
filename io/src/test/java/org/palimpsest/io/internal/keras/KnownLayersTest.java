package org.palimpsest.io.internal.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.core.PalimpsestException;

class KnownLayersTest {

  private static final Path GUIDE = Path.of("..", "docs", "importers.md");

  static Stream<Row> rows() {
    return KnownLayers.families().values().stream().flatMap(List::stream);
  }

  private static String words(List<String> words) {
    return words.isEmpty() ? "–" : "`" + String.join("`, `", words) + "`";
  }

  /** The table as docs/importers.md prints it. */
  static String table() {
    StringBuilder text = new StringBuilder();
    text.append("| layer | what is called, and what changed | read | without effect |\n");
    text.append("| --- | --- | --- | --- |\n");
    for (Map.Entry<String, List<Row>> family : KnownLayers.families().entrySet()) {
      text.append("| **%s** | | | |\n".formatted(family.getKey()));
      for (Row row : family.getValue()) {
        text.append(
            "| %s | %s | %s | %s |\n"
                .formatted(
                    words(row.classes()), row.meaning(), words(row.reads()), words(row.ignores())));
      }
    }
    text.append("\nActivations by name: ")
        .append(words(KerasActivations.FUNCTIONS))
        .append(".\n\n");
    text.append("Operators: ")
        .append(words(List.copyOf(new TreeSet<>(Operators.names()))))
        .append(".\n");
    return text.toString();
  }

  @Test
  void theGuidePrintsTheTable() throws IOException {
    assertThat(Files.readString(GUIDE)).contains(table());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void noRowTakesASettingThatItDoesNotKnow(Row row) {
    ObjectNode given = JsonNodeFactory.instance.objectNode().put("of_tomorrow", 1);

    assertThatThrownBy(() -> row.settings("layer 'x'", given))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("layer 'x'", "of_tomorrow");
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyLayerMayTellWhichRandomNumbersItDraws(Row row) {
    ObjectNode given = JsonNodeFactory.instance.objectNode().putNull("rng_type");

    assertThat(row.settings("layer 'x'", given).owner()).isEqualTo("layer 'x'");
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyRowTellsWhatItCallsAndReadsNothingThatItIgnores(Row row) {
    assertThat(row.meaning()).isNotEmpty();
    assertThat(Collections.disjoint(row.reads(), row.ignores())).isTrue();
  }

  @Test
  void everyFunctionThatTheGuideListsIsKnown() {
    assertThat(KerasActivations.FUNCTIONS).doesNotContain("threshold").doesNotHaveDuplicates();
  }
}
