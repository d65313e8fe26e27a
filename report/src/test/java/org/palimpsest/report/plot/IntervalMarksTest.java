package org.palimpsest.report.plot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.report.Results;

class IntervalMarksTest {

  private static final Interval REFUSED = new Interval.Refused(0.5, 12, "Too few images.");

  @TempDir private Path folder;

  private static Interval known(double low) {
    return known(low, OptionalDouble.empty());
  }

  private static Interval known(double low, OptionalDouble corrected) {
    return new Interval.Known(
        0.5, corrected, low, 0.9, 0.95, Interval.Method.JACKKNIFE_ARTANH, 12, OptionalDouble.of(0));
  }

  private static SimilarityMatrix matrix(Interval first, Interval second) {
    return new SimilarityMatrix(
        "linear_cka",
        Results.SIMILARITY,
        List.of("a"),
        List.of("a", "b"),
        List.of(List.of(score(first), score(second))),
        List.of(List.of("", "")));
  }

  private static Optional<Score> score(Interval interval) {
    return Optional.of(
        Score.of(0.5, Results.SIMILARITY, Diagnostics.of(3072)).withInterval(interval));
  }

  @Test
  void cellsWithoutAnIntervalAreCrossedOutWhereOthersHaveOne() {
    HeatMap.IntervalMarks marks = new HeatMap.IntervalMarks(matrix(known(0.2), REFUSED));
    assertThat(marks.legend()).containsExactly("cross: no interval");
    assertThat(marks.units()).contains("95% intervals over 12 images");
    Drawn drawn =
        Drawn.of(HeatMap.of(matrix(known(0.2), REFUSED), "A", "B").draw(), folder, "crossed");
    Drawn plain =
        Drawn.of(HeatMap.of(matrix(known(0.2), known(0.2)), "A", "B").draw(), folder, "plain");
    assertThat(drawn.texts()).anyMatch(text -> text.contains("cross: no interval"));
    assertThat(plain.texts()).noneMatch(text -> text.contains("cross"));
  }

  @Test
  void whereNoneHasOneItIsSaidOnce() {
    HeatMap.IntervalMarks marks = new HeatMap.IntervalMarks(matrix(REFUSED, REFUSED));
    assertThat(marks.legend()).containsExactly("no cell has an interval");
  }

  @Test
  void dotsAreOfIntervalsThatHoldTheValueOfUnrelatedLayers() {
    assertThat(new HeatMap.IntervalMarks(matrix(known(-0.1), known(0.2))).legend())
        .containsExactly("dot: the interval holds the value of unrelated layers");
    assertThat(new HeatMap.IntervalMarks(matrix(known(0.1), known(0.2))).legend()).isEmpty();
  }

  /** The printed value of a biased measure often lies above its interval. */
  @Test
  void dotsOfBiasedMeasuresAreOfCorrectedScores() {
    assertThat(
            new HeatMap.IntervalMarks(matrix(known(-0.1, OptionalDouble.of(0.1)), REFUSED))
                .legend())
        .contains("dot: the interval (of the corrected score) holds the value of unrelated layers");
  }
}
