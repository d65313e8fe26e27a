package org.palimpsest.similarity.neighbours;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.similarity.neighbours.Neighbours.NearestFirst;

class NearestFirstTest {

  /**
   * One of these lies at the edge of numbers of 40 binary digits, whichever way they are rounded.
   */
  @ParameterizedTest
  @ValueSource(
      doubles = {0.3, 1 + 0x1p-41, 1 + 0x1p-40 + 0x1p-41, 1.5 + 0x1p-41, 0x1p-30 * (1 + 0x1p-41)})
  void equalDistancesThatRoundingPartedAreInOrderOfTheirIndex(double distance) {
    double below = Math.nextDown(distance);
    double above = Math.nextUp(distance);

    NearestFirst nearest =
        NearestFirst.of(3, new double[] {2 * distance, above, distance, below, Double.NaN, above});

    assertThat(nearest.indices()).containsExactly(1, 2, 3);
    assertThat(nearest.distances()).containsOnly(below);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void distancesThatDifferAreInTheirOrder(int k) {
    NearestFirst nearest = NearestFirst.of(k, new double[] {0.3, 0.1, 0.2 + 1e-9, 0.2});

    assertThat(nearest.indices()).startsWith(1);
    if (k > 1) {
      assertThat(nearest.indices()[1]).isEqualTo(3);
    }
  }
}
