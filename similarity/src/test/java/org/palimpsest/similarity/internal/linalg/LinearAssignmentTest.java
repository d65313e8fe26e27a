package org.palimpsest.similarity.internal.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;

class LinearAssignmentTest {

  @Property(tries = 400)
  void isAsCheapAsTheBestOfAllAssignments(
      @ForAll @IntRange(min = 1, max = 7) int rows,
      @ForAll @IntRange(min = 1, max = 7) int columns,
      @ForAll @IntRange(min = 0, max = 3) int kind,
      @ForAll long seed) {
    double[] costs = costs(rows * columns, kind, seed);
    LinearAssignment assignment = LinearAssignment.minimise(rows, columns, costs);

    assertThat(assignment.total()).isCloseTo(leastOf(rows, columns, costs), within(1e-9));
    assertIsOneToOne(assignment, rows, columns);
  }

  @Property(tries = 200)
  void maximisesByTheSameMeans(
      @ForAll @IntRange(min = 1, max = 6) int rows,
      @ForAll @IntRange(min = 1, max = 6) int columns,
      @ForAll long seed) {
    double[] gains = costs(rows * columns, 0, seed);
    double[] negative = Arrays.stream(gains).map(g -> -g).toArray();

    assertThat(LinearAssignment.maximise(rows, columns, gains).total())
        .isCloseTo(-leastOf(rows, columns, negative), within(1e-9));
  }

  /** A dual solution proves optimality where no enumeration can. */
  @Property(tries = 30)
  void isNoWorseThanAnySwapOfTwoOrMoveToAFreeColumn(
      @ForAll @IntRange(min = 20, max = 90) int rows,
      @ForAll @IntRange(min = 20, max = 90) int columns,
      @ForAll long seed) {
    double[] costs = costs(rows * columns, (int) Math.floorMod(seed, 4L), seed);
    LinearAssignment assignment = LinearAssignment.minimise(rows, columns, costs);

    assertIsOneToOne(assignment, rows, columns);
    assertThat(hasImprovingCycle(assignment, rows, columns, costs)).isFalse();
  }

  @Test
  void findsAHiddenPermutationOfManyFilters() {
    int n = 200;
    SplittableRandom random = new SplittableRandom(7);
    double[] gains = new double[n * n];
    Arrays.setAll(gains, k -> random.nextDouble());
    for (int i = 0; i < n; i++) {
      gains[i * n + (i * 37 + 11) % n] += 1;
    }
    LinearAssignment assignment = LinearAssignment.maximise(n, n, gains);

    for (int i = 0; i < n; i++) {
      assertThat(assignment.columnOf(i)).isEqualTo((i * 37 + 11) % n);
    }
  }

  @Test
  void refusesWhatIsNotFinite() {
    assertThatThrownBy(() -> LinearAssignment.minimise(2, 2, new double[] {1, 2, Double.NaN, 0}))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("row 1 and column 0 is NaN");
  }

  @Test
  void refusesAWrongNumberOfValues() {
    assertThatThrownBy(() -> LinearAssignment.minimise(2, 3, new double[5]))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("needs 6 values, not 5");
  }

  /** Real numbers, many ties, one constant, or one huge entry among small ones. */
  private static double[] costs(int count, int kind, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] costs = new double[count];
    for (int k = 0; k < count; k++) {
      costs[k] =
          switch (kind) {
            case 0 -> random.nextGaussian();
            case 1 -> random.nextInt(3);
            case 2 -> 5;
            default -> random.nextInt(10) == 0 ? 1e6 : random.nextDouble();
          };
    }
    return costs;
  }

  private static void assertIsOneToOne(LinearAssignment assignment, int rows, int columns) {
    Set<Integer> used = new HashSet<>();
    for (int i = 0; i < rows; i++) {
      int column = assignment.columnOf(i);
      if (column != LinearAssignment.NONE) {
        assertThat(used.add(column)).isTrue();
        assertThat(assignment.rowOf(column)).isEqualTo(i);
      }
    }
    assertThat(used).hasSize(Math.min(rows, columns)).hasSize(assignment.pairs());
    for (int j = 0; j < columns; j++) {
      assertThat(assignment.rowOf(j) != LinearAssignment.NONE).isEqualTo(used.contains(j));
    }
  }

  private static double leastOf(int rows, int columns, double[] costs) {
    return rows <= columns
        ? least(rows, columns, costs, 0, 0)
        : least(columns, rows, transposed(rows, columns, costs), 0, 0);
  }

  private static double least(int rows, int columns, double[] costs, int row, int taken) {
    if (row == rows) {
      return 0;
    }
    double least = Double.POSITIVE_INFINITY;
    for (int j = 0; j < columns; j++) {
      if ((taken & 1 << j) == 0) {
        double rest = least(rows, columns, costs, row + 1, taken | 1 << j);
        least = Math.min(least, costs[row * columns + j] + rest);
      }
    }
    return least;
  }

  private static double[] transposed(int rows, int columns, double[] costs) {
    double[] turned = new double[costs.length];
    for (int k = 0; k < costs.length; k++) {
      turned[k % columns * rows + k / columns] = costs[k];
    }
    return turned;
  }

  /** Bellman-Ford over "this row takes that row's column": a negative cycle is an improvement. */
  private static boolean hasImprovingCycle(
      LinearAssignment assignment, int rows, int columns, double[] costs) {
    int size = Math.max(rows, columns);
    double[] padded = new double[size * size];
    int[] columnOf = new int[size];
    Arrays.fill(columnOf, -1);
    boolean[] taken = new boolean[size];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(costs, i * columns, padded, i * size, columns);
      if (assignment.columnOf(i) >= 0) {
        columnOf[i] = assignment.columnOf(i);
        taken[columnOf[i]] = true;
      }
    }
    for (int i = 0, j = 0; i < size; i++) {
      if (columnOf[i] < 0) {
        while (taken[j]) {
          j++;
        }
        columnOf[i] = j;
        taken[j] = true;
      }
    }
    double[] distance = new double[size];
    boolean changed = true;
    for (int round = 0; round <= size && changed; round++) {
      changed = false;
      for (int i = 0; i < size; i++) {
        for (int k = 0; k < size; k++) {
          double step = padded[i * size + columnOf[k]] - padded[i * size + columnOf[i]];
          if (distance[i] + step < distance[k] - 1e-9) {
            distance[k] = distance[i] + step;
            changed = true;
          }
        }
      }
    }
    return changed;
  }
}
