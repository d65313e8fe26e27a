package org.palimpsest.similarity.cca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.representation.Representation;

/** How many components are kept, and what is said when they leave the data nothing to say. */
class CanonicalRanksTest {

  @Test
  void aFractionThatIsJustReachedKeepsNoMore() {
    double[] squares = {9, 2, 1};

    assertThat(Cca.Truncation.ofVariance(0.75).keep(squares)).isEqualTo(1);
    assertThat(Cca.Truncation.ofVariance(0.76).keep(squares)).isEqualTo(2);
    assertThat(Cca.Truncation.ofVariance(1).keep(squares)).isEqualTo(3);
    assertThat(Cca.Truncation.ofSingularValues(0.5).keep(new double[] {4, 1, 1})).isEqualTo(1);
    assertThat(Cca.Truncation.ofSingularValues(0.51).keep(new double[] {4, 1, 1})).isEqualTo(2);
    assertThat(Cca.Truncation.ofVariance(1e-9).keep(squares)).isEqualTo(1);
  }

  @Test
  void asManyComponentsAsSamplesTellNothing() {
    assertThat(warnings(8, 20, 3))
        .singleElement()
        .asString()
        .contains("the same for any two layers");
    assertThat(warnings(8, 7, 3))
        .singleElement()
        .asString()
        .contains("the same for any two layers");
  }

  @Test
  void nearlyAsManyTellLess() {
    assertThat(warnings(8, 4, 5)).singleElement().asString().contains("2 of the 4");
    assertThat(warnings(8, 6, 1)).singleElement().asString().contains("come to about 0.93");
    assertThat(warnings(400, 4, 5)).isEmpty();
  }

  @Test
  void ranksAreThoseOfTheComponents() {
    Diagnostics diagnostics = Cca.mean().compare(layer(40, 4, 1), layer(40, 5, 2)).diagnostics();

    assertThat(diagnostics.rankA()).isEqualTo(4);
    assertThat(diagnostics.rankB()).isEqualTo(5);
  }

  /** Five features that both layers have: rounding decides which variates come out. */
  @Test
  void equalCorrelationsLeaveTheWeightsOpenWhichIsTold() {
    double[][] first = rows(200, 9, 1);
    double[][] second = rows(200, 11, 2);
    double[][] reversed = new double[200][9];
    for (int i = 0; i < 200; i++) {
      for (int j = 0; j < 9; j++) {
        reversed[i][j] = first[i][8 - j];
        if (j < 5) {
          second[i][j] = first[i][j] * (j + 1);
        }
      }
    }
    Score one = Cca.pwcca().compare(layer(first), layer(second));
    Score other = Cca.pwcca().compare(layer(reversed), layer(second));

    Matcher told =
        Pattern.compile(".*5 of the 9 canonical correlations.* from (\\S+) to (\\S+)\\. .*")
            .matcher(String.join(" ", one.diagnostics().warnings()));
    assertThat(told.matches()).isTrue();
    double least = Double.parseDouble(told.group(1));
    double most = Double.parseDouble(told.group(2));
    assertThat(one.value()).isBetween(least, most);
    assertThat(other.value()).isBetween(least, most).isNotCloseTo(one.value(), within(1e-4));
    assertThat(most - least).isLessThan(0.2);
  }

  @Test
  void nothingIsOpenWhereCorrelationsDifferOrAllAreEqual() {
    Representation layer = layer(400, 4, 1);
    assertThat(Cca.pwcca().compare(layer, layer).diagnostics().warnings()).isEmpty();
    assertThat(Cca.pwcca().compare(layer, layer(400, 5, 2)).diagnostics().warnings())
        .noneMatch(warning -> warning.contains("are equal"));
  }

  private static List<String> warnings(int samples, int widthA, int widthB) {
    return Cca.mean()
        .compare(layer(samples, widthA, 1), layer(samples, widthB, 2))
        .diagnostics()
        .warnings();
  }

  private static Representation layer(int samples, int width, long seed) {
    return layer(rows(samples, width, seed));
  }

  private static Representation layer(double[][] rows) {
    return Representation.of("layer", Nd4j.createFromArray(rows));
  }

  private static double[][] rows(int samples, int width, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] rows = new double[samples][width];
    for (double[] row : rows) {
      for (int j = 0; j < width; j++) {
        row[j] = random.nextGaussian();
      }
    }
    return rows;
  }
}
