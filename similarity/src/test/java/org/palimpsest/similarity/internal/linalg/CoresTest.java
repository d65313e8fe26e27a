package org.palimpsest.similarity.internal.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;

/** Tasks side by side. */
class CoresTest {

  private static final int MANY = 500;

  @Test
  void everyTaskRunsOnceAlsoWithinATask() {
    AtomicIntegerArray runs = new AtomicIntegerArray(MANY);

    Cores.sideBySide(
        MANY / 10,
        outer -> Cores.sideBySide(10, inner -> runs.incrementAndGet(10 * outer + inner)));

    for (int i = 0; i < MANY; i++) {
      assertThat(runs.get(i)).isEqualTo(1);
    }
  }

  @Test
  void theFirstFailureIsThrownAsIfTheTasksRanInOrder() {
    assertThatThrownBy(
            () ->
                Cores.sideBySide(
                    MANY,
                    i -> {
                      if (i >= 3) {
                        throw new PalimpsestException("task " + i);
                      }
                    }))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("task 3");
  }
}
