package org.palimpsest.report.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Where numbers stand in pictures and which colours they have: taken from the pixels, and held
 * against the published colours of viridis and the rule of three.
 */
class PlacesInPicturesTest {

  /** Matplotlib's viridis at 0, 0.1, … 1. */
  private static final int[] VIRIDIS = {
    0x440154, 0x482475, 0x414487, 0x355f8d, 0x2a788e, 0x21918c, 0x22a884, 0x44bf70, 0x7ad151,
    0xbddf26, 0xfde725
  };

  private static final int COLUMNS = 11;
  private static final int MANY = 26; // so many that no number is printed in a cell

  @TempDir private Path folder;

  /** Row i, column j holds a value of its own; its interval lies far from unrelated layers. */
  private static SimilarityMatrix matrix(
      MeasureProperties properties, DoubleFunction<Double> value) {
    List<String> rows = IntStream.range(0, MANY).mapToObj(i -> "r" + i).toList();
    List<String> columns = IntStream.range(0, COLUMNS).mapToObj(j -> "c" + j).toList();
    List<List<Optional<Score>>> scores = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      int row = i;
      scores.add(
          IntStream.range(0, COLUMNS)
              .mapToObj(j -> (j + row) % COLUMNS / 10.0)
              .map(share -> Optional.of(score(value.apply(share), properties)))
              .toList());
    }
    return new SimilarityMatrix("measure", properties, rows, columns, scores);
  }

  private static Score score(double value, MeasureProperties properties) {
    return Score.of(value, properties, Diagnostics.of(100))
        .withInterval(
            new Interval.Known(
                value,
                OptionalDouble.empty(),
                value - 1e-3,
                value + 1e-3,
                0.95,
                Interval.Method.JACKKNIFE_ARTANH,
                8,
                OptionalDouble.of(-99)));
  }

  /** What lies under the pointer, by its words. */
  private static Element under(Drawn drawn, String words) {
    NodeList titles = drawn.svg().getElementsByTagName("title");
    for (int i = 0; i < titles.getLength(); i++) {
      if (titles.item(i).getTextContent().strip().startsWith(words)) {
        return (Element) titles.item(i).getParentNode();
      }
    }
    throw new AssertionError("nothing is called " + words);
  }

  private static double number(Element rectangle, String name) {
    return Double.parseDouble(rectangle.getAttribute(name));
  }

  /**
   * Near a corner, beside the dot that may stand in the middle; pictures have two pixels a point.
   */
  private static int colourOf(Drawn drawn, int row, int column) {
    Element cell = under(drawn, "r%d and c%d:".formatted(row, column));
    double x = number(cell, "x") + 0.2 * number(cell, "width");
    double y = number(cell, "y") + 0.2 * number(cell, "height");
    return drawn.png().getRGB((int) (2 * x), (int) (2 * y)) & 0xffffff;
  }

  private static void assertNear(int colour, int wanted, String what) {
    for (int shift = 0; shift <= 16; shift += 8) {
      assertThat(colour >> shift & 0xff)
          .as("%s: #%06x is like #%06x", what, colour, wanted)
          .isCloseTo(wanted >> shift & 0xff, within(8));
    }
  }

  @ParameterizedTest
  @CsvSource({"SIMILARITY, 1", "DISTANCE, 1", "SIMILARITY, 250", "DISTANCE, 250"})
  void cellsHaveTheColoursOfViridisInTheirRowAndColumn(Direction direction, double end) {
    MeasureProperties properties =
        MeasureProperties.of(direction, "").range(new Range(0, end)).build();
    Drawn drawn =
        Drawn.of(
            HeatMap.of(matrix(properties, share -> share * end), "a", "b").draw(), folder, "heat");

    for (int row : new int[] {0, 1, 12, MANY - 1}) {
      for (int column = 0; column < COLUMNS; column++) {
        int share = (column + row) % COLUMNS;
        int wanted = VIRIDIS[direction == Direction.SIMILARITY ? share : 10 - share];
        assertNear(
            colourOf(drawn, row, column), wanted, "row %s, column %s".formatted(row, column));
      }
    }
  }

  /** Rows go down and columns to the right, all cells of one size; places have one decimal. */
  @Test
  void cellsStandInTheOrderOfLayers() {
    Drawn drawn =
        Drawn.of(
            HeatMap.of(matrix(properties(Range.UNIT), share -> share), "a", "b").draw(),
            folder,
            "cells");
    Element first = under(drawn, "r0 and c0:");
    double width = number(first, "width");
    double height = number(first, "height");
    for (int row : new int[] {0, 7, MANY - 1}) {
      for (int column : new int[] {0, 3, COLUMNS - 1}) {
        Element cell = under(drawn, "r%d and c%d:".formatted(row, column));
        assertThat(number(cell, "x")).isCloseTo(number(first, "x") + column * width, within(1.5));
        assertThat(number(cell, "y")).isCloseTo(number(first, "y") + row * height, within(1.5));
      }
    }
  }

  @Test
  void whereValuesMayBeNegativeWhiteIsZeroAndBothEndsAreAsDark() {
    MeasureProperties properties = properties(new Range(-1, 1));
    Drawn drawn =
        Drawn.of(
            HeatMap.of(matrix(properties, share -> 2 * share - 1), "a", "b").draw(),
            folder,
            "signs");

    assertNear(colourOf(drawn, 0, 5), 0xffffff, "zero");
    int least = colourOf(drawn, 0, 0);
    int greatest = colourOf(drawn, 0, 10);
    assertThat(least & 0xff).as("blue below").isGreaterThan(least >> 16 & 0xff);
    assertThat(greatest >> 16 & 0xff).as("red above").isGreaterThan(greatest & 0xff);
  }

  private static MeasureProperties properties(Range range) {
    return MeasureProperties.of(Direction.SIMILARITY, "").range(range).build();
  }

  private BufferedImage curve(double value, Range range) {
    List<TrainingCurves.Point> points =
        DoubleStream.of(0, 100, 200, 300, 400)
            .mapToObj(step -> TrainingCurves.Point.of((long) step, value))
            .toList();
    TrainingCurves curves =
        TrainingCurves.of("cka", range)
            .withPane("", List.of(new TrainingCurves.Curve("random", points)));
    return Drawn.of(curves.draw(), folder, "curve" + value).png();
  }

  private BufferedImage profile(double value, Range range) {
    ProfileChart chart =
        ProfileChart.of(List.of("a", "b", "c"), "cka", range)
            .withSeries("random", layer -> List.of(value));
    return Drawn.of(chart.draw(), folder, "profile" + value).png();
  }

  /** The middle of the pixels of a column that are otherwise than where nothing is drawn there. */
  private static double height(BufferedImage drawn, BufferedImage other, double elsewhere) {
    int column = drawn.getWidth() * 2 / 5;
    double sum = 0;
    int count = 0;
    for (int y = 0; y < drawn.getHeight(); y++) {
      if (Math.abs(y - elsewhere) > 12 && drawn.getRGB(column, y) != other.getRGB(column, y)) {
        sum += y;
        count++;
      }
    }
    assertThat(count).as("pixels of a line").isBetween(1, 60);
    return sum / count;
  }

  /** Ends of the axis do not hang on the values, since the range has ends. */
  private static void assertInProportion(DoubleFunction<BufferedImage> picture, double end) {
    BufferedImage top = picture.apply(0.95 * end);
    BufferedImage bottom = picture.apply(0.05 * end);
    double high = height(top, bottom, Double.NEGATIVE_INFINITY);
    double low = height(bottom, top, Double.NEGATIVE_INFINITY);
    assertThat(high).isEqualTo(low); // both lines are in both differences
    double above = highest(top, bottom);
    double below = 2 * high - above;
    for (double share : new double[] {0.2, 0.35, 0.5, 0.8}) {
      double wanted = below + (share - 0.05) / 0.9 * (above - below);
      assertThat(height(picture.apply(share * end), top, above))
          .as("height of %s", share)
          .isCloseTo(wanted, within(2.0));
    }
  }

  /** The middle of the upper of two lines. */
  private static double highest(BufferedImage drawn, BufferedImage other) {
    int column = drawn.getWidth() * 2 / 5;
    int first = 0;
    while (drawn.getRGB(column, first) == other.getRGB(column, first)) {
      first++;
    }
    int last = first;
    while (drawn.getRGB(column, last) != other.getRGB(column, last)) {
      last++;
    }
    return (first + last - 1) / 2.0;
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 40})
  void curvesStandAtTheHeightOfTheirValues(double end) {
    assertInProportion(value -> curve(value, new Range(0, end)), end);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 40})
  void profilesStandAtTheHeightOfTheirValues(double end) {
    assertInProportion(value -> profile(value, new Range(0, end)), end);
  }

  /** Ticks of the bar of colours say which colour a value has. */
  @Test
  void theBarOfColoursHasTicksOfTheRange() {
    Drawn drawn =
        Drawn.of(
            HeatMap.of(matrix(properties(new Range(0, 250)), share -> 250 * share), "a", "b")
                .draw(),
            folder,
            "bar");
    List<Double> ticks =
        drawn.texts().stream()
            .filter(text -> text.matches("[0-9.]+"))
            .map(Double::valueOf)
            .sorted()
            .toList();
    assertThat(ticks).hasSizeGreaterThanOrEqualTo(3).allMatch(tick -> tick >= 0 && tick <= 250);
    double step = ticks.get(1) - ticks.get(0);
    for (int i = 1; i < ticks.size(); i++) {
      assertThat(ticks.get(i) - ticks.get(i - 1))
          .as(String.format(Locale.ROOT, "step to %s", ticks.get(i)))
          .isCloseTo(step, within(1e-9));
    }
  }
}
