package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;

/** Scores of a run by step: what is written is read, and nothing else is. */
class ScoreLogTest {

  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("log.json"), text);
  }

  @Test
  void whatWasWrittenIsReadToTheBit() throws IOException {
    Map<Long, Double> scores = new LinkedHashMap<>();
    scores.put(400L, 0.1 + 0.2);
    scores.put(0L, -0.0);
    scores.put(Long.MAX_VALUE, Double.MIN_VALUE);

    assertThat(ScoreLog.read(file(ScoreLog.write(scores)))).isEqualTo(scores);
    assertThat(ScoreLog.read(file(ScoreLog.write(Map.of())))).isEmpty();
    assertThat(ScoreLog.read(folder.resolve("none.json"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void aScoreThatIsNotFiniteIsNotWritten(double score) {
    assertThatThrownBy(() -> ScoreLog.write(Map.of(3L, score)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("step 3", String.valueOf(score));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[{}]",
        "[1]",
        "[{\"step\": 1.5, \"dsc\": 0.5}]",
        "[{\"step\": \"1\", \"dsc\": 0.5}]",
        "[{\"step\": 1, \"dsc\": NaN}]",
        "[{\"step\": 1, \"dsc\": 1e400}]",
        "[{\"step\": 1, \"dsc\": \"0.5\"}]",
        "[{\"step\": 99999999999999999999, \"dsc\": 0.5}]",
        "[{\"step\": 1, \"dsc\": 0.5}, null]",
        "[{\"step\": 1, \"dsc\": 0.5}",
        "[{\"step\": 1, \"dsc\": 0.5}] []",
        ""
      })
  void whatIsOfAnotherFormIsRefusedWithTheFile(String text) throws IOException {
    Path file = file(text);

    assertThatThrownBy(() -> ScoreLog.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("log.json");
  }

  @Test
  void aStepThatStandsTwiceIsRefused() throws IOException {
    Path file = file("[{\"step\": 7, \"dsc\": 0.5}, {\"step\": 7, \"dsc\": 0.5}]");

    assertThatThrownBy(() -> ScoreLog.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage(file + " has two scores of step 7.");
  }
}
