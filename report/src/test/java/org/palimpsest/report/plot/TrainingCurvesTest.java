package org.palimpsest.report.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Interval.Ends;
import org.palimpsest.core.measure.MeasureProperties.Range;

class TrainingCurvesTest {

  private static final List<Long> DOUBLING = List.of(0L, 25L, 50L, 100L, 200L, 400L);

  @TempDir private Path folder;

  private static TrainingCurves curves(int panes, List<Long> steps) {
    TrainingCurves curves =
        TrainingCurves.of("linear_cka (higher is more alike)", Range.UNIT)
            .withTitle("How alike is each checkpoint to the start of its run?")
            .withDetail("8 probes 3fa9c0d1e2b4")
            .withDetail("line: mean, band: least to greatest");
    for (int p = 0; p < panes; p++) {
      List<TrainingCurves.Curve> groups =
          List.of(curve("random", 0.2, steps), curve("transfer", 0.05, steps));
      curves = curves.withPane(panes == 1 ? "" : "encoder.block" + p, groups);
    }
    return curves;
  }

  private static TrainingCurves.Curve curve(String name, double rate, List<Long> steps) {
    List<TrainingCurves.Point> points = new ArrayList<>();
    for (long step : steps) {
      double value = Math.exp(-rate * Math.log1p(step));
      points.add(new TrainingCurves.Point(step, value, value - 0.02, value));
    }
    return new TrainingCurves.Curve(name, points);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,6", "2,40", "8,6", "41,6", "48,40"})
  void anyNumberOfPanesAndStepsFitsAPage(int panes, int steps) {
    List<Long> even = LongStream.range(0, steps).mapToObj(i -> i * 2500).toList();
    Figure figure = curves(panes, even).draw();
    Drawn.of(figure, folder, "curves_%d_%d".formatted(panes, steps));
    assertThat(figure.width()).isBetween(400, 1700);
    assertThat(figure.height()).isBetween(250, 1700);
  }

  @Test
  void aReaderLearnsWhatIsShown() {
    Drawn drawn = Drawn.of(curves(8, DOUBLING).draw(), folder, "curves");
    assertThat(drawn.texts())
        .contains("How alike is each checkpoint to the start of its run?", "random", "transfer")
        .contains("linear_cka (higher is more alike)", "training step (logarithmic)")
        .contains("0", "25", "400", "encoder.block7")
        .anyMatch(text -> text.contains("line: mean, band: least to greatest"));
  }

  @Test
  void stepZeroStandsBeforeTheOthersOnALogarithmicAxis() {
    TreeSet<Long> all = new TreeSet<>(DOUBLING);
    List<Double> positions = StepScale.LOGARITHMIC.positions(DOUBLING, all);
    assertThat(positions).isSorted().doesNotHaveDuplicates();
    assertThat(positions.get(0)).isZero();
    assertThat(positions.get(5)).isEqualTo(1);
    assertThat(positions.get(3) - positions.get(2))
        .isCloseTo(positions.get(2) - positions.get(1), offset(1e-12));
    assertThat(StepScale.LOGARITHMIC.positions(List.of(0L), new TreeSet<>(List.of(0L))))
        .containsExactly(0.5);
  }

  @Test
  void theScaleFollowsTheSteps() {
    assertThat(StepScale.fitting(DOUBLING)).isEqualTo(StepScale.LOGARITHMIC);
    assertThat(StepScale.fitting(LongStream.range(0, 40).mapToObj(i -> i * 2500).toList()))
        .isEqualTo(StepScale.LINEAR);
    assertThat(StepScale.fitting(List.of(0L, 800L))).isEqualTo(StepScale.LINEAR);
  }

  @Test
  void numbersOfStepsNeverOverlap() {
    TreeSet<Long> all = new TreeSet<>(LongStream.range(0, 400).mapToObj(i -> i * 2500).toList());
    StepScale.Axis axis = new StepScale.Axis("step", all, StepScale.LINEAR);
    List<Long> labelled = axis.labelled(TypeScale.plain(11), 200);
    assertThat(labelled).hasSizeBetween(2, 8).contains(0L, 997_500L);
  }

  @Test
  void nothingIsNotDrawn() {
    TrainingCurves empty = TrainingCurves.of("cka", Range.UNIT).withPane("", List.of());
    assertThatThrownBy(empty::draw)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("no values to draw");
  }

  @Test
  void endsOfIntervalsAreUnderThePointerStepByStep() {
    TrainingCurves.Curve random =
        new TrainingCurves.Curve(
            "random",
            List.of(
                TrainingCurves.Point.of(0, 1),
                TrainingCurves.Point.of(25, 0.4).withInterval(new Ends(0.1, 0.7, false)),
                TrainingCurves.Point.of(50, 0.2).withInterval(new Ends(0, 0.6, true))));
    TrainingCurves.Curve transfer =
        new TrainingCurves.Curve(
            "transfer",
            List.of(TrainingCurves.Point.of(25, 0.3).withInterval(new Ends(0.2, 0.4, false))));
    Drawn drawn =
        Drawn.of(
            TrainingCurves.of("cka", Range.UNIT).withPane("enc1", List.of(random, transfer)).draw(),
            folder,
            "intervals");

    assertThat(drawn.hovers())
        .containsExactly(
            "enc1, 25: random 0.40, interval 0.10 to 0.70; transfer 0.30, interval 0.20 to 0.40",
            "enc1, 50: random 0.20, interval 0.00 to 0.60");
    assertThat(drawn.texts()).anyMatch(text -> text.contains("hold the value of unrelated layers"));
    assertThat(Drawn.of(curves(2, DOUBLING).draw(), folder, "plain").hovers()).isEmpty();
  }

  @Test
  void aMeanIsUndecidedOnlyWhereEachOfItsValuesIs() {
    Ends undecided = new Ends(-0.1, 0.3, true);
    Ends decided = new Ends(0.1, 0.5, false);
    assertThat(Ends.spanning(List.of(undecided, decided))).contains(new Ends(-0.1, 0.5, false));
    assertThat(Ends.spanning(List.of(undecided, undecided))).contains(undecided);
    assertThat(Ends.spanning(List.of())).isEmpty();
  }

  /** The mean of no values was drawn as 0. */
  @Test
  void aStepWithoutValuesOrWithNoNumberIsRefused() {
    assertThatThrownBy(() -> TrainingCurves.Point.of(50, List.of()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("step 50");
    assertThatThrownBy(() -> TrainingCurves.Point.of(50, List.of(0.5, Double.NaN)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("step 50")
        .hasMessageContaining("NaN");
  }

  @Test
  void stepsInAnotherOrderAreRefused() {
    assertThatThrownBy(
            () ->
                new TrainingCurves.Curve(
                    "random",
                    List.of(TrainingCurves.Point.of(400, 1), TrainingCurves.Point.of(50, 1))))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage(
            "The points of the line 'random' go from step 400 back to step 50. Sort them by step.");
  }
}
