package org.palimpsest.report.plot;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.report.Results;

class HeatMapTest {

  private static final Fingerprint PROBES = new Fingerprint("3fa9c0d1e2b4".repeat(5) + "abcd");

  private static final Pattern CELL =
      Pattern.compile(
          "<rect fill=\"none\" height=\"[0-9.]+\" pointer-events=\"all\" stroke=\"none\""
              + " width=\"([0-9.]+)\" x=\"([0-9.]+)\" y=\"([0-9.]+)\"");

  @TempDir Path folder;

  private static List<String> layers(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                (i < count / 2 ? "encoder" : "decoder")
                    + ".block%d.conv.%d".formatted(i / 2, i % 2))
        .toList();
  }

  private static HeatMap heatMap(int layers, MeasureProperties properties, boolean matchedOnly) {
    List<String> names =
        layers == 8 ? List.of("enc1 enc2 enc3 up2 dec2 up1 dec1 out".split(" ")) : layers(layers);
    SimilarityMatrix matrix = Results.matrix("linear_cka", properties, names, matchedOnly);
    ComparisonResult result = Results.result(names, List.of(matrix));
    return HeatMap.of(result, PROBES).get(0);
  }

  @Test
  void networksOfOneNameAreToldApartHoweverLongTheirPaths() throws IOException {
    List<String> names = layers(3);
    SimilarityMatrix matrix = Results.matrix("linear_cka", Results.SIMILARITY, names, false);
    String place = "/data/%s/" + "long".repeat(40) + "/net.pt";
    Path file = folder.resolve("names.svg");
    HeatMap.of(matrix, place.formatted("seed0"), place.formatted("seed1")).draw().writeSvg(file);
    assertThat(Files.readString(file)).contains("seed0/…/net.pt", "seed1/…/net.pt");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 30, 100, 101})
  void anyNumberOfLayersIsDrawnWithRoomForEveryName(int layers) throws IOException {
    Figure figure = heatMap(layers, Results.SIMILARITY, false).draw();
    Path png = folder.resolve("map.png");
    figure.writePng(png);
    BufferedImage image = ImageIO.read(png.toFile());
    assertThat(image.getWidth()).isEqualTo(2 * figure.width());
    assertThat(figure.height()).isBetween(150 + 11 * layers, 700 + 11 * layers);
    keep(png, "heat_" + layers);
  }

  @Test
  void thePictureTellsWhatWasComparedOnWhatAndHow() throws IOException {
    Path svg = folder.resolve("map.svg");
    heatMap(8, Results.SIMILARITY, false).draw().writeSvg(svg);
    assertThat(Files.readString(svg))
        .contains("Similarity of layers: linear_cka")
        .contains("step_0000.pt")
        .contains("step_0400.pt")
        .contains("131,072 samples")
        .contains("positions 64x64")
        .contains("probes 3fa9c0d1e2b4")
        .contains("range [0, 1]")
        .contains("higher is more alike")
        .contains(">0.95<");
  }

  /** Where a cell shows its number the dot is in its corner. */
  @Test
  void dotsOfCellsWithoutNumbersAreInTheirMiddle() throws IOException {
    SimilarityMatrix bare = Results.matrix("cka", Results.SIMILARITY, layers(30), false);
    SimilarityMatrix matrix =
        new SimilarityMatrix(
            "cka",
            Results.SIMILARITY,
            bare.rowLayers(),
            bare.columnLayers(),
            bare.scores().stream()
                .map(row -> row.stream().map(score -> score.map(HeatMapTest::undecided)).toList())
                .toList());
    Figure figure = HeatMap.of(matrix, "a", "b").draw();
    Path svg = folder.resolve("map.svg");
    Path png = folder.resolve("map.png");
    figure.writeSvg(svg);
    figure.writePng(png);

    Matcher cell = CELL.matcher(Files.readString(svg));
    assertThat(cell.find()).isTrue();
    BufferedImage image = ImageIO.read(png.toFile());
    IntBinaryOperator colour =
        (across, down) ->
            image.getRGB(
                (int) (2 * Double.parseDouble(cell.group(2)) + across),
                (int) (2 * Double.parseDouble(cell.group(3)) + down));
    int size = (int) (2 * Double.parseDouble(cell.group(1)));
    int ground = colour.applyAsInt(4, 4);
    assertThat(colour.applyAsInt(size / 2, size / 2)).isNotEqualTo(ground);
    assertThat(colour.applyAsInt((int) (0.86 * size), (int) (0.84 * size))).isEqualTo(ground);
  }

  private static Score undecided(Score score) {
    return score.withInterval(
        new Interval.Known(
            score.value(),
            OptionalDouble.empty(),
            -0.5,
            1,
            0.95,
            Interval.Method.JACKKNIFE_ARTANH,
            8,
            OptionalDouble.of(0)));
  }

  @Test
  void missingPairsAreGreyAndExplained() throws IOException {
    Path svg = folder.resolve("map.svg");
    Figure figure = heatMap(8, Results.SIMILARITY, true).draw();
    figure.writeSvg(svg);
    assertThat(Files.readString(svg)).contains("grey: not compared");
    Path png = folder.resolve("map.png");
    figure.writePng(png);
    keep(png, "heat_matched");
  }

  @Test
  void distancesAreBrightWhereTheyAreSmall() throws IOException {
    Path svg = folder.resolve("map.svg");
    Figure figure = heatMap(3, Results.DISTANCE, false).draw();
    figure.writeSvg(svg);
    assertThat(Files.readString(svg)).contains("lower is more alike");
    Path png = folder.resolve("map.png");
    figure.writePng(png);
    keep(png, "heat_distance");
  }

  @Test
  void layersThatMeetOnDifferentGridsAreExplained() throws IOException {
    Path svg = folder.resolve("map.svg");
    List<String> names = List.of("conv", "deep");
    SimilarityMatrix matrix = Results.matrix("linear_cka", Results.SIMILARITY, names, false);
    ComparisonResult result =
        new ComparisonResult(
            Provenance.inMemory("a"),
            Provenance.inMemory("b"),
            List.of(matrix),
            List.of(
                List.of("positions 64x64", "positions 32x32"),
                List.of("positions 32x32", "positions 32x32")));
    HeatMap.of(result, PROBES).get(0).draw().writeSvg(svg);
    String text = Files.readString(svg).replaceAll("<[^>]*>|\\s+", " ").replaceAll(" +", " ");
    assertThat(text).contains("of each pair of layers on the coarser of its two", "64x64 or 32x32");
  }

  private static void keep(Path file, String name) throws IOException {
    String kept = System.getProperty("palimpsest.pictures");
    if (kept != null) {
      Files.copy(
          file, Path.of(kept, name + ".png"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Test
  void veryManyCellsAreOneImageOfTheSameColours() throws IOException {
    Figure figure = heatMap(101, Results.SIMILARITY, true).draw();
    Path svg = folder.resolve("map.svg");
    figure.writeSvg(svg);
    assertThat(svg).content().containsOnlyOnce("<image").hasSizeLessThan(500_000);

    BufferedImage image = ImageIO.read(new ByteArrayInputStream(figure.png()));
    Rectangle plot = bounds(image, HouseStyle.MISSING.getRGB());
    for (int i = 0; i < 101; i += 10) {
      int x = (int) (plot.x + (i + 0.5) * plot.width / 101);
      int y = (int) (plot.y + (i + 0.5) * plot.height / 101);
      int beside = (int) (plot.x + (100.5 - i) * plot.width / 101);
      assertThat(image.getRGB(x, y)).isNotEqualTo(HouseStyle.MISSING.getRGB());
      if (i != 50) {
        assertThat(image.getRGB(beside, y)).isEqualTo(HouseStyle.MISSING.getRGB());
      }
    }
  }

  /** Of the rows and columns of which most are of this colour; texts have a few such pixels. */
  private static Rectangle bounds(BufferedImage image, int colour) {
    int[] columns =
        IntStream.range(0, image.getWidth())
            .filter(x -> isMostly(y -> image.getRGB(x, y), image.getHeight(), colour))
            .toArray();
    int[] rows =
        IntStream.range(0, image.getHeight())
            .filter(y -> isMostly(x -> image.getRGB(x, y), image.getWidth(), colour))
            .toArray();
    return new Rectangle(columns[0], rows[0], columns.length, rows.length);
  }

  private static boolean isMostly(IntUnaryOperator pixels, int count, int colour) {
    return IntStream.range(0, count).map(pixels).filter(c -> c == colour).count() > count / 2;
  }
}
