package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;

/** Where unrelated layers score highly, the score says so; where they do not, it says nothing. */
class FewSamplesTest {

  private static final Pattern CHANCE = Pattern.compile("about ([0-9.]+[0-9])");

  private static Representation gaussian(String name, long seed, int n, int p) {
    Random random = new Random(seed);
    double[][] rows = new double[n][p];
    for (double[] row : rows) {
      for (int f = 0; f < p; f++) {
        row[f] = random.nextGaussian();
      }
    }
    return Representation.of(name, Nd4j.createFromArray(rows));
  }

  private static Score unrelated(String measure, int n, int p) {
    return Measures.parse(measure).compare(gaussian("a", 1, n, p), gaussian("b", 2, n, p));
  }

  private static double chance(Score score) {
    Matcher found = CHANCE.matcher(score.diagnostics().warnings().get(0));
    assertThat(found.find()).as("%s", score).isTrue();
    return Double.parseDouble(found.group(1));
  }

  /** Of 2000 features and 8 samples chance gives a cosine of 0.999, and the fit 0.997. */
  @ParameterizedTest
  @ValueSource(strings = {"procrustes_angular", "aligned_cosine"})
  void whereAlmostNothingIsLeftAboveAFitNoShareOfItIsTold(String measure) {
    assertThat(unrelated(measure, 8, 2000).diagnostics().warnings())
        .singleElement()
        .asString()
        .contains("says little")
        .doesNotContain("less what chance gives");
    assertThat(unrelated(measure, 60, 60).diagnostics().warnings())
        .singleElement()
        .asString()
        .contains("less what chance gives");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "linear_cka",
        "rbf_cka",
        "rbf_cka:0.2",
        "distance_correlation",
        "procrustes_normalized",
        "procrustes_angular",
        "procrustes_size_and_shape",
        "aligned_cosine",
        "shape:0",
        "shape:0.5",
        "shape:1",
        "linear_regression_x_from_y",
        "linear_regression_y_from_x",
        "gulp",
        "cca_mean",
        "cca_mean_squared",
        "pwcca",
        "hard_correlation_match",
        "soft_correlation_match",
        "mutual_knn:5",
        "jaccard:5",
        "uniformity_difference",
        "rsa:euclidean:cosine",
        "rsa:correlation:cosine",
        "rank_similarity:5"
      })
  void eightSamplesOfManyFeaturesAreWarnedOfOnce(String measure) {
    assertThat(unrelated(measure, 8, 300).diagnostics().warnings()).hasSize(1);
  }

  @Test
  void ofFeaturesThatAreNeverNegativeAllCosinesAreAlike() {
    Representation a = positive("a", 1);
    Representation b = positive("b", 2);

    Score score = Measures.parse("second_order_cosine:3").compare(a, b);

    assertThat(chance(score)).isCloseTo(score.value(), within(0.05));
  }

  @Test
  void nobodyIsToldToShowAsManyProbesAsAreShown() {
    Score score = unrelated("rbf_cka", 40, 9);

    assertThat(score.diagnostics().warnings())
        .singleElement()
        .asString()
        .contains("says little")
        .endsWith("Take debiased_linear_cka, or look at the permutation baseline.");
    assertThat(unrelated("linear_cka", 8, 300).diagnostics().warnings().get(0))
        .containsPattern("or show about [0-9]+ probes");
  }

  @Test
  void aValueThatStaysHighWithoutChanceIsNotSaidToSayLittle() {
    Representation a = gaussian("a", 1, 40, 9);

    for (String measure : new String[] {"rbf_cka", "distance_correlation"}) {
      assertThat(Measures.parse(measure).compare(a, a).diagnostics().warnings()).isEmpty();
      assertThat(unrelated(measure, 40, 9).diagnostics().warnings()).hasSize(1);
    }
  }

  private static Representation positive(String name, long seed) {
    INDArray normal = gaussian(name, seed, 8, 300).matrix();
    return Representation.of(name, normal.mul(normal));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"linear_regression_x_from_y", "cca_mean", "linear_cka", "procrustes_angular"})
  void fiftySamplesOfFortyFiveFeaturesAreWarnedOf(String measure) {
    assertThat(unrelated(measure, 50, 45).diagnostics().warnings()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "linear_cka",
        "debiased_linear_cka",
        "rbf_cka",
        "distance_correlation",
        "procrustes_angular",
        "aligned_cosine",
        "shape:0.5",
        "linear_regression_x_from_y",
        "gulp",
        "cca_mean",
        "svcca",
        "pwcca",
        "hard_correlation_match",
        "soft_correlation_match",
        "mutual_knn",
        "jaccard"
      })
  void manySamplesOfFewFeaturesAreNot(String measure) {
    assertThat(unrelated(measure, 400, 4).diagnostics().warnings()).isEmpty();
  }

  @Test
  void debiasedAlignmentNeedsNoWarning() {
    assertThat(unrelated("debiased_linear_cka", 8, 300).diagnostics().warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear_cka", "rbf_cka", "distance_correlation"})
  void chanceIsTheMeanOverAllOrdersOfTheSamples(String name) {
    Measure<?> measure = Measures.parse(name);
    Representation a = gaussian("a", 3, 5, 6);
    Representation b = gaussian("b", 4, 5, 7);
    List<int[]> orders = orders(5);
    double sum = 0;
    for (int[] order : orders) {
      INDArray rows = Nd4j.create(b.matrix().dataType(), b.matrix().shape());
      for (int i = 0; i < order.length; i++) {
        rows.putRow(i, b.matrix().getRow(order[i]));
      }
      double value = measure.compare(a, Representation.of("b", rows)).value();
      sum += name.equals("distance_correlation") ? value * value : value;
    }
    double mean = sum / orders.size();

    double expected = name.equals("distance_correlation") ? Math.sqrt(mean) : mean;
    assertThat(chance(measure.compare(a, b))).isCloseTo(expected, within(6e-4));
  }

  private static List<int[]> orders(int n) {
    if (n == 1) {
      return List.of(new int[] {0});
    }
    List<int[]> all = new ArrayList<>();
    for (int[] shorter : orders(n - 1)) {
      for (int place = 0; place < n; place++) {
        int[] order = new int[n];
        for (int i = 0, from = 0; i < n; i++) {
          order[i] = i == place ? n - 1 : shorter[from++];
        }
        all.add(order);
      }
    }
    return all;
  }

  @Test
  void chanceOfGaussianFeaturesIsAsTheFormulaSays() {
    double expected = 1 / ((1 + 20.0 / 100));

    assertThat(chance(unrelated("linear_cka", 20, 100))).isCloseTo(expected, within(0.03));
  }

  @ParameterizedTest
  @ValueSource(strings = {"procrustes_angular", "aligned_cosine", "soft_correlation_match"})
  void chanceOfOthersIsAboutWhatUnrelatedLayersGive(String measure) {
    Score score = unrelated(measure, 30, 40);
    double value = measure.equals("procrustes_angular") ? Math.cos(score.value()) : score.value();

    assertThat(chance(score)).isCloseTo(value, within(0.12));
  }

  @Test
  void alignmentOfFewDimensionsIsNotWarnedOfForItsManyFeatures() {
    Representation narrow = gaussian("narrow", 5, 60, 2);
    INDArray wide = narrow.matrix().mmul(gaussian("map", 6, 2, 500).matrix());

    Score score = Measures.parse("linear_cka").compare(Representation.of("wide", wide), narrow);

    assertThat(score.diagnostics().warnings()).isEmpty();
  }
}
