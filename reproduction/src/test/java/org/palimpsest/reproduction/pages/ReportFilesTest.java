package org.palimpsest.reproduction.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.report.plot.ProfileChart;
import org.palimpsest.reproduction.verdict.ClaimFinding;
import org.palimpsest.reproduction.verdict.PaperClaim;
import org.palimpsest.reproduction.verdict.Rule;
import org.palimpsest.reproduction.verdict.StudentEstimate;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page, its Markdown, the tables and the lines of text say the same. */
class ReportFilesTest {

  private static final PaperClaim CLAIM =
      new PaperClaim(
          "a < b & \"c\"", "someone | 2020", "a figure is large", new Rule.Above(0.25), "chance");
  private static final ReportTable TABLE =
      ReportTable.of("layers", "Layers, and what they hold", "layer", "value", "networks")
          .with("enc1|2", 0.123456789, 3)
          .with("<b>bold</b>", -0.00001, 12)
          .with("=1+1, \"quoted\"", Double.NaN, 0);

  @TempDir private Path folder;

  private static ExperimentReport report() {
    return ExperimentReport.of("some-experiment", "Title <1> & more", "Networks of width 8.")
        .withFindings(
            List.of(
                ClaimFinding.on(CLAIM)
                    .with("reuse of enc1", new StudentEstimate(0.5, 0.02, 4, 5))
                    .with(
                        "reuse of dec1",
                        new StudentEstimate(-0.5, 0.02, 4, 5),
                        new Rule.Below(0.125))
                    .with("no number", new StudentEstimate(Double.NaN, 1, 1, 2)),
                ClaimFinding.on(CLAIM)))
        .withTable(TABLE)
        .withPicture(
            "profile",
            "A \"caption\" <here>",
            ProfileChart.of(List.of("enc1"), "similarity", Range.UNIT)
                .withSeries("a", List.of(List.of(0.5)))
                .draw(200))
        .withNote("`enc1` is **first**");
  }

  @Test
  void whatIsWrittenIsToldAndNothingElseIsThere() throws IOException {
    List<Path> files = ReportFiles.write(report(), folder);
    try (var entries = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrderElementsOf(entries.toList());
    }
    assertThat(files)
        .extracting(file -> String.valueOf(file.getFileName()))
        .containsExactlyInAnyOrder(
            "profile.png", "profile.svg", "layers.csv", "verdicts.csv", "report.md", "report.html");
  }

  @Test
  void cellsOfThePageAreThoseOfMarkdownAndOfTheTablesRounded() throws Exception {
    ReportFiles.write(report(), folder);
    List<List<List<String>>> onPage = tablesOfHtml();
    List<List<List<String>>> inMarkdown = tablesOfMarkdown();
    assertThat(inMarkdown).isEqualTo(onPage).hasSize(3);

    List<List<String>> csv = csv("layers.csv");
    assertThat(csv.get(0)).containsExactly("layer", "value", "networks");
    assertThat(csv.get(1)).containsExactly("enc1|2", "0.123456789", "3");
    assertThat(csv.get(2)).containsExactly("<b>bold</b>", "-1.0E-5", "12");
    assertThat(csv.get(3)).containsExactly("'=1+1, \"quoted\"", "", "0");
    assertThat(onPage.get(2))
        .containsExactly(
            List.of("layer", "value", "networks"),
            List.of("enc1|2", "0.123", "3"),
            List.of("<b>bold</b>", "0.000", "12"),
            List.of("=1+1, \"quoted\"", "–", "0"));
  }

  /** By hand: t with 4 degrees of freedom at 0.975 is 2.776445, times 0.02 is 0.0555289. */
  @Test
  void verdictsOfThePageAreThoseOfTheTableAndOfTheLines() throws Exception {
    ReportFiles.write(report(), folder);
    List<List<String>> csv = csv("verdicts.csv");
    assertThat(csv.get(0))
        .containsExactly(
            "experiment",
            "claim",
            "measured",
            "value",
            "low",
            "high",
            "networks",
            "holds_if",
            "verdict_on_figure",
            "verdict_on_claim");
    assertThat(csv).hasSize(4);
    assertThat(csv.get(3).subList(2, 10))
        .containsExactly(
            "no number", "", "", "", "2", "above 0.25", "cannot be told", "cannot be told");
    assertThat(Double.parseDouble(csv.get(1).get(4))).isBetween(0.44447, 0.44448);

    List<List<String>> onPage = tablesOfHtml().get(0);
    List<String> lines = ReportFiles.lines(report());
    assertThat(lines).contains("a < b & \"c\": CANNOT BE TOLD");
    for (int row = 1; row < 4; row++) {
      List<String> cells = csv.get(row);
      String interval =
          cells.get(4).isEmpty()
              ? "unknown: " + cells.get(6) + " networks"
              : rounded(cells.get(4)) + " to " + rounded(cells.get(5));
      assertThat(onPage.get(row))
          .containsExactly(
              cells.get(2), rounded(cells.get(3)), interval, cells.get(7), cells.get(8));
      assertThat(lines)
          .contains(
              "  %s: %s [%s]; holds if %s"
                  .formatted(cells.get(2), rounded(cells.get(3)), interval, cells.get(7)));
    }
    assertThat(onPage.get(1)).contains("0.444 to 0.556", "holds");
  }

  private static String rounded(String exact) {
    return exact.isEmpty() ? "–" : ReportTable.rounded(Double.parseDouble(exact));
  }

  @Test
  void textsOfUsersStayTexts() throws Exception {
    ReportFiles.write(report(), folder);
    Document page = page();
    assertThat(texts(page.getElementsByTagName("h1"))).containsExactly("Title <1> & more");
    assertThat(texts(page.getElementsByTagName("strong")))
        .contains("a < b & \"c\"", "cannot be told", "first");
    assertThat(texts(page.getElementsByTagName("code"))).containsExactly("enc1");
    assertThat(page.getElementsByTagName("b").getLength()).isZero();
    Element picture = (Element) page.getElementsByTagName("img").item(0);
    assertThat(picture.getAttribute("src")).isEqualTo("profile.png");
    assertThat(picture.getAttribute("alt")).isEqualTo("A \"caption\" <here>");
    assertThat(Files.readString(folder.resolve("report.md")))
        .contains(
            "# Title <1> & more", "![A \"caption\" <here>](profile.png)", "- `enc1` is **first**");
  }

  /** What does not hold, or cannot be told, has a guess at why; what holds has none. */
  @Test
  void onlyWhatDoesNotHoldIsExplained() {
    ExperimentReport holds =
        ExperimentReport.of("one", "One", "It.")
            .withFindings(
                List.of(ClaimFinding.on(CLAIM).with("it", new StudentEstimate(9, 0.1, 4, 5))));
    ReportFiles.write(holds, folder.resolve("one"));
    ReportFiles.write(report(), folder.resolve("two"));
    assertThat(folder.resolve("one/report.md")).content().doesNotContain("guess");
    assertThat(folder.resolve("two/report.md")).content().contains("nothing here tests: chance");
  }

  @Test
  void withoutFindingsThereAreNoVerdicts() {
    ReportFiles.write(ExperimentReport.of("one", "One", "It."), folder);
    assertThat(folder.resolve("verdicts.csv")).doesNotExist();
    assertThat(folder.resolve("report.html")).exists();
  }

  @Test
  void aTableHasAsManyCellsInEachRowAsColumns() {
    assertThatThrownBy(() -> TABLE.with("enc2", 1.0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 cells under 3 columns")
        .hasMessageContaining("enc2");
    ReportTable byRow =
        ReportTable.byRow("t", "", "layer", List.of("a", "b"))
            .withColumn("twice", key -> key + key)
            .withColumn("number", key -> key.equals("a") ? 0.5 : Double.POSITIVE_INFINITY);
    assertThat(byRow.rounded())
        .containsExactly(List.of("a", "aa", "0.500"), List.of("b", "bb", "–"));
    assertThat(byRow.exact()).containsExactly(List.of("a", "aa", "0.5"), List.of("b", "bb", ""));
  }

  private Document page() throws Exception {
    String page = Files.readString(folder.resolve("report.html"));
    String body = page.substring(page.indexOf("<body>"), page.indexOf("</body>") + 7);
    String closed = body.replaceAll("<img ([^>]*)>", "<img $1/>");
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(closed)));
  }

  private List<List<List<String>>> tablesOfHtml() throws Exception {
    List<List<List<String>>> tables = new ArrayList<>();
    NodeList found = page().getElementsByTagName("table");
    for (int t = 0; t < found.getLength(); t++) {
      List<List<String>> rows = new ArrayList<>();
      NodeList ofTable = ((Element) found.item(t)).getElementsByTagName("tr");
      for (int r = 0; r < ofTable.getLength(); r++) {
        rows.add(texts(ofTable.item(r).getChildNodes()));
      }
      tables.add(rows);
    }
    return tables;
  }

  private static List<String> texts(NodeList nodes) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      texts.add(nodes.item(i).getTextContent());
    }
    return texts;
  }

  private List<List<List<String>>> tablesOfMarkdown() throws IOException {
    List<List<List<String>>> tables = new ArrayList<>();
    Optional<List<List<String>>> open = Optional.empty();
    for (String line : Files.readAllLines(folder.resolve("report.md"))) {
      if (!line.startsWith("| ")) {
        open = Optional.empty();
      } else if (!line.startsWith("| ---")) {
        if (open.isEmpty()) {
          open = Optional.of(new ArrayList<>());
          tables.add(open.get());
        }
        String inner = line.substring(2, line.length() - 2);
        open.get()
            .add(List.of(inner.split(" \\| ")).stream().map(c -> c.replace("\\|", "|")).toList());
      }
    }
    return tables;
  }

  /** One record a line; cells with commas or quotes in quotes. */
  private List<List<String>> csv(String name) throws IOException {
    List<List<String>> records = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(name))) {
      List<String> cells = new ArrayList<>();
      StringBuilder cell = new StringBuilder();
      boolean quoted = false;
      for (char c : (line + ",").toCharArray()) {
        if (c == ',' && !quoted) {
          String text = cell.toString();
          cells.add(
              text.startsWith("\"")
                  ? text.substring(1, text.length() - 1).replace("\"\"", "\"")
                  : text);
          cell.setLength(0);
        } else {
          quoted ^= c == '"';
          cell.append(c);
        }
      }
      records.add(cells);
    }
    return records;
  }
}
