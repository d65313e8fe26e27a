package org.palimpsest.similarity.filters;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.similarity.weights.NetworkChange;
import org.palimpsest.similarity.weights.TestNetworks;
import org.palimpsest.similarity.weights.WeightChange;
import org.palimpsest.similarity.weights.WeightStatistic;

/** Runs the code of docs/weights.md and holds it to being that code. */
class WeightsGuideTest {

  private static final Path GUIDE = Path.of("..", "docs", "weights.md");
  private static final Path THIS =
      Path.of("src/test/java/org/palimpsest/similarity/filters/WeightsGuideTest.java");

  private static Weights network(long seed) {
    double[] values = Seeds.gaussians(Seeds.random(seed), 8 * 2 * 9);
    return TestNetworks.network(
        "network" + seed,
        TestNetworks.tensor(
            "enc1.conv1.weight", LayerKind.CONVOLUTION, TestNetworks.array(values, 8, 2, 3, 3)));
  }

  @Test
  void theGuidesCodeRuns() {
    Weights start = network(1);
    Weights trained = network(2);
    Weights other = network(3);
    // guide
    NetworkChange change = WeightChange.withDefaults().between(start, trained);
    NetworkChange.Layer conv = change.layer("enc1.conv1");
    System.out.println(
        conv.relativeChange().getAsDouble()
            + " of the norm, cosine "
            + conv.meanCosine().getAsDouble());
    change.unmatched().forEach(System.out::println);

    NetworkFilterComparison.Layer near =
        FilterDistance.by(FilterDistance.Proximity.COSINE)
            .compare(trained, other)
            .layer("enc1.conv1");
    System.out.println(
        near.meanMatched() + ", by chance " + near.chance().orElseThrow().matching().mean());

    FilterRandomness randomness =
        FilterRandomness.withDefaults().drawnFrom(Initialisation.pytorchDefault());
    for (WeightStatistic row : randomness.test(trained).rows()) {
      System.out.println(
          row.layer()
              + " "
              + row.statistic()
              + " "
              + row.value()
              + " p = "
              + row.correctedP().getAsDouble());
    }
    // end of guide
    assertThat(change.unmatched()).isEmpty();
  }

  @Test
  void theGuideShowsTheCodeThatRuns() throws IOException {
    String guide = between(Files.readString(GUIDE), "```java", "```");
    String run = between(Files.readString(THIS), "// guide\n", "// end of guide\n");

    assertThat(tokens(guide)).isNotEmpty().isEqualTo(tokens(run));
  }

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin) + begin.length();
    return text.substring(from, text.indexOf(end, from));
  }

  /** Without white space, in which Markdown and Java differ. */
  private static List<String> tokens(String code) {
    return code.replaceAll("\\s+", "").lines().toList();
  }
}
