package org.palimpsest.report.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.report.Results;

/** Numbers in pictures of a distance are those of the data, in whatever unit these are. */
class PicturesOfUnitsTest {

  private static final List<String> LAYERS = List.of("a", "b");
  private static final double[][] VALUES = {{0.4, 1.2}, {2.5, 3.7}};
  private static final String NUMBER = "(-?[0-9.]+(?:e[+-][0-9]+)?)";
  private static final Pattern WITH_INTERVAL =
      Pattern.compile("(.) and (.): " + NUMBER + ", interval " + NUMBER + " to " + NUMBER);

  @TempDir private Path folder;

  private static Optional<Score> score(double value, double unit) {
    return Optional.of(
        Score.of(value * unit, Results.DISTANCE, Diagnostics.of(64))
            .withInterval(
                new Interval.Known(
                    value * unit,
                    OptionalDouble.empty(),
                    (value - 0.05) * unit,
                    (value + 0.07) * unit,
                    0.95,
                    Interval.Method.JACKKNIFE_ARTANH,
                    12,
                    OptionalDouble.empty())));
  }

  private static SimilarityMatrix matrix(double unit) {
    List<List<Optional<Score>>> scores = new ArrayList<>();
    for (double[] row : VALUES) {
      scores.add(List.of(score(row[0], unit), score(row[1], unit)));
    }
    return new SimilarityMatrix("distance", Results.DISTANCE, LAYERS, LAYERS, scores);
  }

  private static List<Double> numbers(List<String> texts) {
    return texts.stream().filter(text -> text.matches(NUMBER)).map(Double::parseDouble).toList();
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-200, 1e-12, 1e-5, 1e-2, 1, 10})
  void eachCellOfAHeatMapShowsItsValue(double unit) {
    Drawn drawn = Drawn.of(HeatMap.of(matrix(unit), "A", "B").draw(), folder, "map");
    List<Double> shown = numbers(drawn.texts());

    for (double[] row : VALUES) {
      for (double value : row) {
        assertThat(shown)
            .as("%s times %s in %s", value, unit, drawn.texts())
            .anyMatch(number -> Math.abs(number / unit - value) <= 0.05 * value);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-12, 1e-5, 1e-2, 1, 10})
  void eachCellOfAPaneShowsItsValue(double unit) {
    double[][] values = new double[2][2];
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 2; j++) {
        values[i][j] = VALUES[i][j] * unit;
      }
    }
    HeatPanes.Edge edge = new HeatPanes.Edge("layer", LAYERS);
    Drawn drawn =
        Drawn.of(
            HeatPanes.of("distance", Range.NON_NEGATIVE, edge, edge).withPane("", values).draw(),
            folder,
            "panes");
    List<Double> shown = numbers(drawn.texts());

    for (double[] row : VALUES) {
      for (double value : row) {
        assertThat(shown)
            .as("%s times %s in %s", value, unit, drawn.texts())
            .anyMatch(number -> Math.abs(number / unit - value) <= 0.05 * value);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-200, 1e-12, 1e-5, 1e-2, 1, 1e3, 1e9, 1e200})
  void theEndsUnderThePointerAreToldApart(double unit) {
    Drawn drawn = Drawn.of(HeatMap.of(matrix(unit), "A", "B").draw(), folder, "map");

    assertThat(drawn.hovers()).hasSize(4);
    for (String hover : drawn.hovers()) {
      Matcher told = WITH_INTERVAL.matcher(hover);
      assertThat(told.matches()).as(hover).isTrue();
      assertThat(hover.length()).isLessThan(100);
      double value = VALUES[LAYERS.indexOf(told.group(1))][LAYERS.indexOf(told.group(2))];

      assertThat(Double.parseDouble(told.group(3)) / unit).isCloseTo(value, within(0.01));
      assertThat(Double.parseDouble(told.group(4)) / unit).isCloseTo(value - 0.05, within(0.01));
      assertThat(Double.parseDouble(told.group(5)) / unit).isCloseTo(value + 0.07, within(0.01));
    }
  }

  /** What is small beside the range of its measure stays in decimals. */
  @Test
  void smallValuesOfABoundedMeasureKeepTheirDecimals() {
    List<List<Optional<Score>>> scores =
        List.of(
            List.of(Optional.of(Score.of(0.004, Results.SIMILARITY, Diagnostics.of(64)))),
            List.of(Optional.of(Score.of(0.02, Results.SIMILARITY, Diagnostics.of(64)))));
    SimilarityMatrix matrix =
        new SimilarityMatrix("cka", Results.SIMILARITY, LAYERS, List.of("a"), scores);

    assertThat(Drawn.of(HeatMap.of(matrix, "A", "B").draw(), folder, "cka").texts())
        .contains("0.00", "0.02");
  }
}
