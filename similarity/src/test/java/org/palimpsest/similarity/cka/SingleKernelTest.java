package org.palimpsest.similarity.cka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.Data;
import org.palimpsest.similarity.cka.CentredKernel.RbfCka;

/** Kernels of so many samples that they are kept in float32, against those in float64. */
class SingleKernelTest {

  private static final int SAMPLES = 800;
  private static final double[][] X = Data.layer(SAMPLES, 9, 1);
  private static final double[][] Y = Data.relative(X, 7, 2);
  private static final Representation SINGLE_X = Data.single("x", X);
  private static final Representation SINGLE_Y = Data.single("y", Y);

  private static CentredKernel prepared(RbfCka measure, Representation representation) {
    return (CentredKernel) measure.preparation().prepare(representation);
  }

  /** Of the widest kernel all values are within a few millionths of one. */
  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.5, 5, 1000})
  void anyBandwidthAgreesWithFloat64(double fraction) {
    RbfCka measure = new RbfCka(fraction);
    Score precise = measure.compare(Data.representation("x", X), Data.representation("y", Y));

    assertThat(measure.compare(SINGLE_X, SINGLE_Y).value())
        .isCloseTo(precise.value(), within(2e-6));
  }

  @Test
  void theyTakeHalfTheMemory() {
    RbfCka measure = RbfCka.withDefaults();

    assertThat(2 * prepared(measure, SINGLE_X).bytes())
        .isEqualTo(prepared(measure, Data.representation("x", X)).bytes());
  }

  @Test
  void drawsAgreeWithThoseFromFloat64() {
    RbfCka measure = RbfCka.withDefaults();
    int[] order = Data.shuffled(SAMPLES, 3);
    CentredKernel y = prepared(measure, SINGLE_Y);
    CentredKernel preciseY = prepared(measure, Data.representation("y", Y));

    assertThat(measure.compare(prepared(measure, SINGLE_X).withRows(order), y).value())
        .isCloseTo(
            measure
                .compare(prepared(measure, Data.representation("x", X)).withRows(order), preciseY)
                .value(),
            within(2e-6));
  }

  @Test
  void aHeatMapHoldsKernelsOfBothTypes() {
    RbfCka measure = RbfCka.withDefaults();
    List<Prepared> kernels =
        List.of(
            prepared(measure, SINGLE_X),
            prepared(measure, Data.representation("y", Y)),
            prepared(measure, SINGLE_Y));
    List<List<Score>> map = measure.compareAll(kernels, kernels);

    for (int i = 0; i < kernels.size(); i++) {
      for (int j = 0; j < kernels.size(); j++) {
        assertThat(map.get(i).get(j).value())
            .isCloseTo(measure.compare(kernels.get(i), kernels.get(j)).value(), within(2e-6));
      }
    }
    assertThat(map.get(1).get(2).value()).isCloseTo(1, within(2e-6));
  }
}
