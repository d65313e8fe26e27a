package org.palimpsest.similarity.uncertainty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.Data;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.linalg.CentredLayer;
import org.palimpsest.similarity.linalg.LinearMeasure;
import org.palimpsest.similarity.streaming.ProbeMoments;

/** What is drawn from a prepared layer is what the drawn rows would have been prepared to. */
class DrawnLayersTest {

  private static final int ROWS = 40;
  private static final int ROWS_PER_PROBE = 8;

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
    Draws<P> ofX = Draws.of(measure, Data.representation("x", x));
    Draws<P> ofY = Draws.of(measure, Data.representation("y", y));
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

  @ParameterizedTest
  @MethodSource("centredMeasures")
  void repeatedRowsCountAsOftenAsTheyWereDrawn(String name) {
    if (name.startsWith("debiased")) {
      return; // leaves out the similarity of a sample with its copies
    }
    double[][] x = pair(6, 4).get(0);
    double[][] y = pair(6, 4).get(1);
    SplittableRandom random = new SplittableRandom(4);
    int[] rows = IntStream.range(0, ROWS).map(i -> random.nextInt(ROWS)).toArray();
    Measure<?> measure = Measures.parse(name);

    assertThat(drawn(measure, x, rows, y, rows))
        .isCloseTo(anew(measure, Data.reorder(x, rows), Data.reorder(y, rows)), within(1e-9));
  }

  @ParameterizedTest
  @MethodSource("linearMeasures")
  void momentsOfProbesGiveWhatTheirRowsGive(String name) {
    double[][] x = pair(6, 4).get(0);
    double[][] y = pair(6, 4).get(1);
    LinearMeasure measure = (LinearMeasure) Measures.parse(name);
    ProbeMoments moments = ProbeMoments.of(positions("x", x), positions("y", y));
    ProbeDraws draws = ProbeDraws.of(positions("x", x).info(), 5);
    int[] probes = {0, 2, 2, 4, 2};
    int[] rows = draws.rows(probes);
    CentredLayer preparedX = measure.preparation().prepare(positions("x", x));
    CentredLayer preparedY = measure.preparation().prepare(positions("y", y));

    assertThat(rows).startsWith(0, 1, 2).hasSize(ROWS).endsWith(22, 23);
    assertThat(measure.compare(moments.weighted(draws.counts(probes))).value())
        .isCloseTo(
            measure.compare(preparedX.withRows(rows), preparedY.withRows(rows)).value(),
            within(1e-9));
  }

  private static Representation positions(String layer, double[][] values) {
    Representation plain = Data.representation(layer, values);
    RepresentationInfo info = plain.info();
    return new Representation(
        new RepresentationInfo(
            layer, info.samples(), info.features(), ROWS_PER_PROBE, info.probes(), "positions 2x4"),
        plain.matrix());
  }

  @ParameterizedTest
  @MethodSource("centredMeasures")
  void copiesOfAllSamplesTellNoMoreThanTheSamples(String name) {
    double[][] x = pair(6, 4).get(0);
    double[][] y = pair(6, 4).get(1);
    int[] firstHalfTwice = IntStream.range(0, ROWS).map(i -> i / 2).toArray();
    double[][] halfX = Arrays.copyOf(x, ROWS / 2);
    double[][] halfY = Arrays.copyOf(y, ROWS / 2);
    Measure<?> measure = Measures.parse(name);
    double expected = anew(measure, halfX, halfY);

    if (name.equals("debiased_linear_cka")) {
      assertThat(drawn(measure, x, firstHalfTwice, y, firstHalfTwice))
          .isCloseTo(expected, within(0.05));
    } else if (!name.startsWith("procrustes_size") && !name.startsWith("shape")) {
      assertThat(drawn(measure, x, firstHalfTwice, y, firstHalfTwice))
          .isCloseTo(expected, within(1e-9));
    }
  }
}
