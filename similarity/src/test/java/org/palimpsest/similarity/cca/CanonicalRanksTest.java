package org.palimpsest.similarity.cca;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
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

  private static List<String> warnings(int samples, int widthA, int widthB) {
    return Cca.mean()
        .compare(layer(samples, widthA, 1), layer(samples, widthB, 2))
        .diagnostics()
        .warnings();
  }

  private static Representation layer(int samples, int width, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] rows = new double[samples][width];
    for (double[] row : rows) {
      for (int j = 0; j < width; j++) {
        row[j] = random.nextGaussian();
      }
    }
    return Representation.of("layer", Nd4j.createFromArray(rows));
  }
}
