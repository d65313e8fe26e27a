package org.palimpsest.report.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Interval.Ends;
import org.palimpsest.core.measure.MeasureProperties.Range;

class ProfileChartTest {

  private static final List<String> GROUPS =
      List.of("before/after fine-tuning", "transfer/transfer", "random/random", "transfer/random");

  @TempDir Path folder;

  private static List<List<Double>> values(int layers, double level, int members) {
    Random random = new Random(7);
    return IntStream.range(0, layers)
        .mapToObj(
            layer ->
                IntStream.range(0, members)
                    .mapToObj(
                        m -> level * Math.exp(-0.8 * layer / layers) + 0.04 * random.nextGaussian())
                    .toList())
        .toList();
  }

  private static ProfileChart chart(int layers) {
    List<String> names =
        layers == 8
            ? List.of("enc1 enc2 enc3 up2 dec2 up1 dec1 out".split(" "))
            : IntStream.range(0, layers).mapToObj(i -> "decoder.block" + i + ".conv.0").toList();
    ProfileChart chart =
        ProfileChart.of(names, "linear_cka (higher is more alike)", Range.UNIT)
            .withTitle("How much of the start shows through, layer by layer")
            .withDetail("8 probes 3fa9c0d1e2b4")
            .withDetail("positions as samples")
            .withDetail("line: mean, band: least to greatest, dot: one pair of networks");
    for (int g = 0; g < GROUPS.size(); g++) {
      chart = chart.withSeries(GROUPS.get(g), values(layers, 0.95 - 0.2 * g, 3));
    }
    return chart;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 30, 100})
  void anyNumberOfLayersIsDrawn(int layers) throws IOException {
    Path png = folder.resolve("profile.png");
    Figure figure = chart(layers).draw();
    figure.writePng(png);
    assertThat(figure.width()).isBetween(540, 1400);
    keep(png, "profile_" + layers);
  }

  @Test
  void everythingThatAReaderNeedsIsWritten() throws IOException {
    Path svg = folder.resolve("profile.svg");
    chart(8).draw().writeSvg(svg);
    assertThat(Files.readString(svg))
        .contains(GROUPS)
        .contains("How much of the start shows through")
        .contains("linear_cka (higher is more alike)")
        .contains("8 probes 3fa9c0d1e2b4")
        .contains(">enc1<", ">out<");
  }

  @Test
  void scoresOfNetworksStandBesideTheProfile() throws IOException {
    Figure dice =
        ProfileChart.of(List.of("transfer", "random"), "Dice on held-out images", Range.UNIT)
            .withTitle("Dice")
            .withDetail("dot: one network, line: mean")
            .withSeries("transfer", List.of(List.of(0.81, 0.79, 0.80), List.of()))
            .withSeries("random", List.of(List.of(), List.of(0.74, 0.77, 0.70)))
            .withoutLegend()
            .draw(240);
    Figure profile = chart(8).draw();
    Figure both = profile.beside(dice);
    assertThat(both.width()).isEqualTo(profile.width() + 240);
    Path png = folder.resolve("both.png");
    both.writePng(png);
    both.writeSvg(folder.resolve("both.svg"));
    keep(png, "profile_dice");
  }

  @Test
  void aSeriesOfAnotherNumberOfLayersIsRefused() {
    assertThatThrownBy(() -> chart(3).withSeries("x", values(4, 1, 1)))
        .hasMessageContaining("given for 4 layers, but there are 3.");
  }

  private static void keep(Path file, String name) throws IOException {
    String kept = System.getProperty("palimpsest.pictures");
    if (kept != null) {
      Files.copy(
          file, Path.of(kept, name + ".png"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Test
  void endsOfIntervalsAreUnderThePointerLayerByLayer() {
    List<List<ProfileChart.Dot>> dots =
        List.of(
            List.of(
                new ProfileChart.Dot(0.4, Optional.of(new Ends(0.1, 0.7, false))),
                new ProfileChart.Dot(0.2, Optional.of(new Ends(0, 0.6, true)))),
            List.of(new ProfileChart.Dot(0.3, Optional.empty())));
    Drawn drawn =
        Drawn.of(
            ProfileChart.of(List.of("enc1", "enc2"), "cka", Range.UNIT)
                .withDots("random", dots)
                .draw(),
            folder,
            "intervals");

    assertThat(drawn.hovers())
        .containsExactly(
            "enc1: random 0.40, interval 0.10 to 0.70; random 0.20, interval 0.00 to 0.60");
    assertThat(drawn.texts()).anyMatch(text -> text.contains("hold the value of unrelated layers"));
  }

  @Test
  void whatHasNoPlaceInAChartIsRefused() {
    assertThatThrownBy(() -> ProfileChart.of(List.of(), "cka", Range.UNIT))
        .isInstanceOf(PalimpsestException.class);
    ProfileChart chart = ProfileChart.of(List.of("enc1"), "cka", Range.UNIT);
    assertThatThrownBy(() -> chart.withSeries("random", List.of(List.of(0.5, Double.NaN))))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> new ProfileChart.Span(0.5, Double.NaN, 1))
        .isInstanceOf(PalimpsestException.class);
    assertThatThrownBy(() -> chart.withSeries("random", List.of()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("0 layers");
    assertThatThrownBy(() -> chart.draw(0))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("100 points");
    assertThatThrownBy(() -> new Ends(2, 1, false))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("2.0 and 1.0");
    assertThatThrownBy(() -> new Ends(Double.NaN, 1, false))
        .isInstanceOf(PalimpsestException.class);
  }

  @Test
  void theNarrowestChartIsDrawn() {
    Drawn.of(
        ProfileChart.of(List.of("enc1", "enc2"), "cka", Range.UNIT)
            .withSeries("random", List.of(List.of(0.5), List.of(Double.POSITIVE_INFINITY)))
            .draw(100),
        folder,
        "narrow");
  }
}
