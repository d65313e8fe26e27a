package org.palimpsest.core.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.comparison.ComparisonResult.PairScore;
import org.palimpsest.core.comparison.ComparisonResult.ScoreWarnings;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;

class ScoreWarningsTest {

  private static PairScore row(String layer, String measure, String warning) {
    Diagnostics diagnostics = Diagnostics.of(6).withWarning(warning);
    Score score = new Score(1, Direction.SIMILARITY, Range.UNIT, diagnostics);
    return new PairScore(layer, layer, measure, "flatten", score);
  }

  @Test
  void warningsThatDifferInNumbersAndLayersAreOneKind() {
    List<PairScore> rows =
        List.of(
            row("a", "cca_mean", "Layer 'a' has 6 samples for 9 features."),
            row("b", "cca_mean", "Layer 'b' has 7 samples for 10.5 features."),
            row("b", "cca_mean", "Something else."),
            row("b", "pwcca", "Something else."));
    assertThat(ScoreWarnings.of(rows))
        .containsExactly(
            "cca_mean of a and a: Layer 'a' has 6 samples for 9 features. (and 1 more pair)",
            "cca_mean of b and b: Something else.",
            "pwcca of b and b: Something else.");
  }

  @Test
  void twoWarningsOfOnePairAreNotTwoPairs() {
    Diagnostics diagnostics =
        Diagnostics.of(6)
            .withWarning("Layer 'a' has 6 samples for 9 features.")
            .withWarning("Layer 'b' has 6 samples for 12 features.");
    Score score = new Score(1, Direction.SIMILARITY, Range.UNIT, diagnostics);
    PairScore row = new PairScore("a", "b", "cca_mean", "flatten", score);
    assertThat(ScoreWarnings.of(List.of(row)))
        .containsExactly(
            "cca_mean of a and b: Layer 'a' has 6 samples for 9 features."
                + " Layer 'b' has 6 samples for 12 features.");
    assertThat(ScoreWarnings.of(List.of(row, row)).get(0)).endsWith("(and 1 more pair)");
  }
}
