package org.palimpsest.report.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Font;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Interval.Ends;
import org.palimpsest.core.measure.MeasureProperties.Range;

class HeatPanesTest {

  @TempDir private Path folder;

  private static List<String> layers(int count) {
    return IntStream.range(0, count).mapToObj(i -> "decoder.block" + i + ".conv.0").toList();
  }

  private static double[][] values(int layers, double level) {
    double[][] values = new double[layers][layers];
    for (int i = 0; i < layers; i++) {
      for (int j = 0; j < layers; j++) {
        values[i][j] = level * Math.exp(-Math.abs(i - j) * 4.0 / layers);
      }
    }
    return values;
  }

  private static HeatPanes panes(int layers, int panes, Range range) {
    HeatPanes.Edge rows = new HeatPanes.Edge("layer at that step", layers(layers));
    HeatPanes.Edge columns = new HeatPanes.Edge("layer at the end", layers(layers));
    HeatPanes all =
        HeatPanes.of("linear_cka (higher is more alike)", range, rows, columns)
            .withTitle("Each checkpoint against the last of its run")
            .withDetail("8 probes 3fa9c0d1e2b4");
    for (int p = 0; p < panes; p++) {
      all = all.withPane("step " + 25 * p, values(layers, (p + 1.0) / panes));
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,1", "5,6", "8,40", "41,6", "100,8"})
  void anyNumberOfLayersAndPanesFitsAPage(int layers, int panes) {
    Figure figure = panes(layers, panes, Range.UNIT).draw();
    Drawn.of(figure, folder, "panes_%d_%d".formatted(layers, panes));
    assertThat(figure.width()).isBetween(400, 2200);
    assertThat(figure.height()).isBetween(150, 2200);
  }

  @Test
  void namesThatAreTooLongCanStillBeToldApart() {
    List<String> names =
        List.of(
            "encoder.stages.0.0.convs.0.all_modules.1",
            "encoder.stages.1.0.convs.0.all_modules.1",
            "encoder.stages.1.0.convs.1.all_modules.1",
            "decoder.stages.1.0.convs.1.all_modules.1",
            "x");
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 11);
    for (double width : new double[] {60, 90, 140}) {
      List<String> shown = HouseStyle.abridged(names, font, width);
      assertThat(shown).doesNotHaveDuplicates();
      assertThat(shown.get(4)).isEqualTo("x");
      assertThat(shown).allMatch(name -> HouseStyle.width(name, font) <= width);
    }
  }

  @Test
  void aReaderLearnsWhatIsShown() {
    Drawn drawn =
        Drawn.of(
            panes(3, 4, Range.UNIT).withBands(List.of("random", "transfer")).draw(),
            folder,
            "panes");
    assertThat(drawn.texts())
        .contains(
            "Each checkpoint against the last of its run", "linear_cka (higher is more alike)")
        .contains("layer at that step", "layer at the end", "random", "transfer", "step 75")
        .anyMatch(text -> text.contains("colours span the measure's range [0, 1]"))
        .contains("1.00");
  }

  @Test
  void namesAreThinnedUntilTheyFit() {
    Drawn drawn = Drawn.of(panes(100, 1, Range.UNIT).draw(), folder, "thin");
    long names = drawn.texts().stream().filter(text -> text.endsWith(".conv.0")).count();
    assertThat(names).isBetween(10L, 60L);
  }

  @Test
  void whatIsMissingIsGreyAndExplained() {
    double[][] holes = {{1, Double.NaN}, {Double.NaN, 1}};
    HeatPanes.Edge edge = new HeatPanes.Edge("layer", layers(2));
    Drawn drawn =
        Drawn.of(
            HeatPanes.of("distance", Range.NON_NEGATIVE, edge, edge)
                .withBrightLow()
                .withPane("", holes)
                .draw(),
            folder,
            "holes");
    assertThat(drawn.texts()).anyMatch(text -> text.contains("grey: not compared"));
  }

  @Test
  void panesThatDoNotFillTheirBandsAreRefused() {
    assertThatThrownBy(() -> panes(3, 5, Range.UNIT).withBands(List.of("a", "b")).draw())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("5 panes do not fill 2 equal rows");
    assertThatThrownBy(() -> panes(3, 0, Range.UNIT).draw())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("0 panes");
  }

  @Test
  void aMatrixOfAnotherSizeIsRefused() {
    HeatPanes panes = panes(3, 1, Range.UNIT);
    assertThatThrownBy(() -> panes.withPane("x", values(4, 1)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage(
            "The pane 'x' has 4 rows, but the edge 'layer at that step' has 3 names. Give it one for each.");
    assertThatThrownBy(() -> panes.withPane("x", new double[0][]))
        .hasMessageContaining("has 0 rows");
    assertThatThrownBy(() -> panes.withPane("x", new double[][] {{1, 2}, {1, 2}, {1, 2}}))
        .hasMessageContaining("has 2 columns");
  }

  @Test
  void whatTheCallerChangesLaterIsNotDrawn() {
    double[][] values = {{1}};
    HeatPanes.Edge edge = new HeatPanes.Edge("layer", List.of("a"));
    HeatPanes panes = HeatPanes.of("cka", Range.UNIT, edge, edge).withPane("", values);
    values[0][0] = 0.5;
    assertThat(Drawn.of(panes.draw(), folder, "own").texts()).contains("1.00");
  }

  @Test
  void intervalsAreUnderThePointerAndUndecidedCellsMarked() {
    HeatPanes.Edge edge = new HeatPanes.Edge("layer", List.of("a", "b"));
    HeatPanes panes = HeatPanes.of("cka", Range.UNIT, edge, edge);
    double[][] values = {{1, 0.2}, {Double.NaN, 0.5}};
    Drawn plain = Drawn.of(panes.withPane("step 0", values).draw(), folder, "plain");
    Drawn marked =
        Drawn.of(
            panes.withPane("step 0", values, (i, j) -> intervalAt(i, j)).draw(), folder, "marked");

    assertThat(plain.hovers()).isEmpty();
    assertThat(plain.texts()).noneMatch(text -> text.contains("dot:"));
    assertThat(marked.hovers())
        .containsExactly(
            "step 0, a and a: 1.00, interval 1.00 to 1.00",
            "step 0, a and b: 0.20, interval -0.10 to 0.50");
    assertThat(marked.texts())
        .anyMatch(text -> text.contains("hold the value of unrelated layers"));
    assertThat(marked.svg().getElementsByTagName("circle").getLength()).isEqualTo(1);
  }

  private static Optional<Ends> intervalAt(int row, int column) {
    return row > 0
        ? Optional.empty()
        : Optional.of(column == 0 ? new Ends(1, 1, false) : new Ends(-0.1, 0.5, true));
  }

  @Test
  void anEdgeWithoutNamesIsRefused() {
    assertThatThrownBy(() -> new HeatPanes.Edge("layer", List.of()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'layer'");
  }
}
