package org.palimpsest.report.plot;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.measure.MeasureProperties.Range;

class ColourMapTest {

  private static double lightness(ColourMap map, double value) {
    return ColourMap.lightness(map.getPaint(value));
  }

  @Test
  void sequentialColoursRiseInLightness() {
    ColourMap map = ColourMap.sequential(0, 1, false);
    assertThat(IntStream.rangeClosed(0, 100).mapToObj(i -> lightness(map, i / 100.0)))
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  void distancesAreBrightWhereTheyAreSmall() {
    ColourMap map = ColourMap.of(Range.NON_NEGATIVE, true, 0.2, 3);
    assertThat(map.high()).isEqualTo(3);
    assertThat(lightness(map, 0)).isGreaterThan(lightness(map, 3));
  }

  @Test
  void signedValuesAreWhiteAtZeroAndFallAwayFromItBothWays() {
    ColourMap map = ColourMap.of(new Range(-1, 1), false, 0.1, 0.9);
    assertThat(map.getPaint(0)).isEqualTo(Color.WHITE);
    for (int sign : new int[] {-1, 1}) {
      assertThat(IntStream.rangeClosed(0, 50).mapToObj(i -> -lightness(map, sign * i / 50.0)))
          .isSorted();
    }
    assertThat(map.getPaint(1)).isNotEqualTo(map.getPaint(-1));
  }

  @Test
  void valuesBeyondTheEndsTakeTheEndsColours() {
    ColourMap map = ColourMap.sequential(0, 1, false);
    assertThat(map.getPaint(7)).isEqualTo(map.getPaint(1));
    assertThat(map.getPaint(-7)).isEqualTo(map.getPaint(0));
  }

  @Test
  void equalValuesStillHaveAColour() {
    assertThat(ColourMap.of(Range.NON_NEGATIVE, false, 0, 0).getPaint(0)).isNotNull();
  }
}
