package org.palimpsest.similarity.internal.intervals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.similarity.Data;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Centring;
import org.palimpsest.similarity.internal.linalg.RankTolerance;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/** What the closed forms say of all images but one is what these images say by themselves. */
class LeaveOneOutTest {

  private static final Offset<Double> ROUNDING = within(1e-9);

  private static double[][] without(double[][] values, int image, int positions) {
    int[] kept =
        IntStream.range(0, values.length).filter(row -> row / positions != image).toArray();
    return Data.reorder(values, kept);
  }

  private static double[][] x(int rows) {
    return Data.layer(rows, 5, 1);
  }

  private static double[][] y(int rows) {
    return Data.relative(x(rows), 4, 7);
  }

  private static CentredLayer centred(double[][] values, int positions) {
    return Centring.ofFeatures().prepare(Data.images(values, positions));
  }

  private static void holds(Function<double[][], ImageSide> side, int images, int positions) {
    double[][] x = x(images * positions);
    double[][] y = y(images * positions);
    JackknifeValues all = ImageSide.alignment(side.apply(x), side.apply(y));
    assertThat(all.without()).hasSize(images);
    for (int i = 0; i < images; i++) {
      double anew =
          ImageSide.alignment(
                  side.apply(without(x, i, positions)), side.apply(without(y, i, positions)))
              .value();
      assertThat(all.without()[i]).isCloseTo(anew, ROUNDING);
    }
  }

  @ParameterizedTest
  @CsvSource({"9, 1", "7, 3"})
  void alignmentsOfKernels(int images, int positions) {
    holds(values -> kernel(values, positions), images, positions);
  }

  private static KernelByImages kernel(double[][] values, int positions) {
    double[][] gram = Data.times(values, transposed(values));
    return KernelByImages.of(
        Data.images(values, positions).info(),
        (row, count, target) -> System.arraycopy(gram[row], row + 1, target, 0, count));
  }

  /** The criterion is linear in each of both kernels. */
  @ParameterizedTest
  @CsvSource({"9, 1", "7, 3"})
  void gradientsGiveTheCriterion(int images, int positions) {
    KernelByImages a = kernel(x(images * positions), positions);
    KernelByImages b = kernel(y(images * positions), positions);
    double whole = a.with(b).whole();

    assertThat(Arrays.stream(b.sumsWithout(a.gradient())).average().orElseThrow())
        .isCloseTo(whole, within(1e-9 * Math.abs(whole)));
  }

  @ParameterizedTest
  @CsvSource({"9, 1", "7, 3"})
  void alignmentsByMoments(int images, int positions) {
    holds(values -> LinearByImages.of(centred(values, positions)), images, positions);
  }

  @ParameterizedTest
  @CsvSource({
    "9, 1, 5, 4",
    "7, 3, 5, 4",
    "7, 3, 20, 16",
    "7, 3, 20, 4",
    "7, 3, 3, 14",
    "5, 4, 1000, 900",
    "8, 2, 1, 1"
  })
  void momentsAndKernelsTellTheSame(int images, int positions, int ofX, int ofY) {
    double[][] values = Data.layer(images * positions, ofX, 1);
    CentredLayer x = centred(values, positions);
    CentredLayer y = centred(Data.relative(values, ofY, 7), positions);
    JackknifeValues byKernels =
        ImageSide.alignment(KernelByImages.ofGram(x), KernelByImages.ofGram(y));
    JackknifeValues byMoments = ImageSide.alignment(LinearByImages.of(x), LinearByImages.of(y));

    assertThat(byMoments.value()).isCloseTo(byKernels.value(), ROUNDING);
    assertThat(byMoments.without()).containsExactly(byKernels.without(), ROUNDING);
  }

  @Test
  void theStatisticIsWhatItsDefinitionSays() {
    double[][] x = x(10);
    double[][] y = y(10);
    double[][] k = Data.times(x, transposed(x));
    double[][] l = Data.times(y, transposed(y));
    double expected = byDefinition(k, l) / Math.sqrt(byDefinition(k, k) * byDefinition(l, l));

    assertThat(
            ImageSide.alignment(LinearByImages.of(centred(x, 2)), LinearByImages.of(centred(y, 2)))
                .value())
        .isCloseTo(expected, ROUNDING);
  }

  /** Over five images of two rows. */
  private static double byDefinition(double[][] k, double[][] l) {
    double first = 0;
    double second = 0;
    double third = 0;
    int n = k.length / 2;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        first += i == j ? 0 : mean((a, b) -> k[a][b] * l[a][b], i, j) / (n * (n - 1));
        for (int h = 0; h < n; h++) {
          if (i != j && i != h && j != h) {
            int ofK = j;
            int ofL = h;
            second +=
                (toImage(k, 2 * i, ofK) * toImage(l, 2 * i, ofL)
                        + toImage(k, 2 * i + 1, ofK) * toImage(l, 2 * i + 1, ofL))
                    / 2
                    / (n * (n - 1) * (n - 2));
            for (int g = 0; g < n; g++) {
              third +=
                  g == i || g == j || g == h
                      ? 0
                      : mean((a, b) -> k[a][b], i, j)
                          * mean((a, b) -> l[a][b], h, g)
                          / (n * (n - 1) * (n - 2) * (n - 3));
            }
          }
        }
      }
    }
    return first - 2 * second + third;
  }

  private interface OfRows {
    double of(int a, int b);
  }

  private static double mean(OfRows values, int i, int j) {
    double sum = 0;
    for (int a = 2 * i; a < 2 * i + 2; a++) {
      for (int b = 2 * j; b < 2 * j + 2; b++) {
        sum += values.of(a, b) / 4;
      }
    }
    return sum;
  }

  private static double toImage(double[][] k, int row, int image) {
    return (k[row][2 * image] + k[row][2 * image + 1]) / 2;
  }

  private static double[][] transposed(double[][] values) {
    double[][] transposed = new double[values[0].length][values.length];
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < values[0].length; j++) {
        transposed[j][i] = values[i][j];
      }
    }
    return transposed;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void functionsOfSecondMoments(int positions) {
    for (String name :
        new String[] {
          "linear_regression_x_from_y", "linear_regression_y_from_x", "cca_mean_squared", "gulp"
        }) {
      functionOfSecondMoments(Measures.parse(name), positions);
    }
  }

  @SuppressWarnings("unchecked") // these measures prepare centred layers
  private static void functionOfSecondMoments(Measure<?> measure, int positions) {
    int images = 20;
    double[][] x = x(images * positions);
    double[][] y = y(images * positions);
    MomentJackknife<CentredLayer> estimator =
        (MomentJackknife<CentredLayer>)
            ((HasInterval<?>) DelegatingMeasure.of(measure)).intervalEstimator();
    JackknifeValues all =
        estimator.raw(estimator.side(centred(x, positions)), estimator.side(centred(y, positions)));
    assertThat(all.value()).isCloseTo(anew(measure, x, y), ROUNDING);
    for (int i = 0; i < images; i++) {
      assertThat(all.without()[i])
          .isCloseTo(anew(measure, without(x, i, positions), without(y, i, positions)), ROUNDING);
    }
  }

  private static <P extends Prepared> double anew(Measure<P> measure, double[][] x, double[][] y) {
    return measure.compare(Data.representation("x", x), Data.representation("y", y)).value();
  }

  @Test
  void componentsSpanTheLayer() {
    CentredLayer layer = centred(x(12), 1);
    CentredRows scores = CentredRows.ofComponents(layer, RankTolerance.automatic());

    assertThat(scores.rows().squaredNorm()).isCloseTo(layer.squaredNorm(), ROUNDING);
    assertThat(IntStream.range(0, 12).mapToDouble(i -> scores.shares()[i]).sum())
        .isCloseTo(1, ROUNDING);
  }
}
