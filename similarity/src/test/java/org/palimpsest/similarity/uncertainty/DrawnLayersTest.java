package org.palimpsest.similarity.uncertainty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.similarity.Data;
import org.palimpsest.similarity.Measures;

/** What is drawn from a prepared layer is what the drawn rows would have been prepared to. */
class DrawnLayersTest {

  private static final int ROWS = 40;

  private static Stream<String> linearMeasures() {
    return Stream.of(
        "linear_cka",
        "debiased_linear_cka",
        "cca_mean",
        "svcca:0.9",
        "pwcca",
        "pwcca:y",
        "procrustes_normalized",
        "procrustes_size_and_shape",
        "shape:0.3",
        "linear_regression_x_from_y",
        "gulp");
  }

  private static Stream<String> centredMeasures() {
    return Stream.concat(linearMeasures(), Stream.of("aligned_cosine", "eigenspace_overlap"));
  }

  private static <P extends Prepared> double drawn(
      Measure<P> measure, double[][] x, int[] rowsX, double[][] y, int[] rowsY) {
    PermutationBaseline.Draws<P> ofX =
        PermutationBaseline.Draws.of(measure, Data.representation("x", x));
    PermutationBaseline.Draws<P> ofY =
        PermutationBaseline.Draws.of(measure, Data.representation("y", y));
    return measure.compare(ofX.withRows(rowsX), ofY.withRows(rowsY)).value();
  }

  private static double anew(Measure<?> measure, double[][] x, double[][] y) {
    return measure.compare(Data.representation("x", x), Data.representation("y", y)).value();
  }

  private static List<double[][]> pair(int widthX, int widthY) {
    double[][] x = Data.layer(ROWS, widthX, 1);
    return List.of(x, Data.relative(x, widthY, 2));
  }

  @ParameterizedTest
  @MethodSource("centredMeasures")
  void reorderedRowsGiveWhatPreparingThemWould(String name) {
    for (List<double[][]> pair : List.of(pair(6, 4), pair(60, 50), pair(6, 50))) {
      double[][] x = pair.get(0);
      double[][] y = pair.get(1);
      int[] order = Data.shuffled(ROWS, 3);
      int[] same = IntStream.range(0, ROWS).toArray();
      Measure<?> measure = Measures.parse(name);

      assertThat(drawn(measure, x, same, y, order))
          .isCloseTo(anew(measure, x, Data.reorder(y, order)), within(1e-9));
    }
  }
}
