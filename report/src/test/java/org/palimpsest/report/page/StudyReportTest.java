package org.palimpsest.report.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.internal.text.VisibleText;
import org.palimpsest.report.plot.FilterMosaic;

class StudyReportTest {

  private static final Pattern SCRIPT = Pattern.compile("<script>(.*?)</script>", Pattern.DOTALL);
  private static final Pattern DATA =
      Pattern.compile(
          "<script type=\"application/json\" id=\"study\">(.*?)</script>", Pattern.DOTALL);
  private static final List<String> HOSTILE =
      List.of(
          "</script><script>alert(1)</script>",
          "<img src=x onerror=alert(2)>",
          "a\"b'c&amp;\u2028\\u003c{{data}}$1",
          "<!--<script>",
          "x".repeat(300));

  @TempDir private Path folder;

  private String page(EvolutionTable table) throws IOException {
    return page(StudyReport.of(table, MadeUpStudy.FACTS));
  }

  private String page(StudyReport report) throws IOException {
    return Files.readString(report.writePage(folder));
  }

  private static JsonNode data(String page) throws IOException {
    Matcher data = DATA.matcher(page);
    assertThat(data.find()).isTrue();
    return new ObjectMapper().readTree(data.group(1));
  }

  private static List<String> scripts(String page) {
    return SCRIPT.matcher(page).results().map(found -> found.group(1)).toList();
  }

  private static String withoutScripts(String page) {
    return SCRIPT.matcher(DATA.matcher(page).replaceAll("")).replaceAll("");
  }

  @Test
  void thePageTellsWhatWasComparedOnWhatAndHow() throws IOException {
    String page =
        page(
            StudyReport.of(
                MadeUpStudy.of(List.of("enc", "dec"), 3, 0, 50, 400),
                MadeUpStudy.FACTS
                    .withVersion("PyTorch", "2.7.1")
                    .withNote("palimpsest track runs")
                    .withFailure("runs/old holds no checkpoint")));
    assertThat(withoutScripts(page))
        .contains("Made-up study", "8 made-up probes", "3fa9c0d1e2b4", "positions as samples")
        .contains("linear_cka", "higher is more alike", "[0, 1]", "relative_change")
        .contains("PyTorch", "2.7.1", "0.1.0-test", "palimpsest track runs")
        .contains("random/seed1, random/seed2", "transfer/seed0")
        .contains("runs/old holds no checkpoint", "layer &#39;dead&#39; has no variance")
        .contains("view to_end, layer enc of random/seed0 at step 0 against layer enc");
  }

  @Test
  void withoutAnyScriptTheMainFiguresAreThere() throws IOException {
    String html = withoutScripts(page(MadeUpStudy.of(List.of("enc", "dec"), 3, 0, 50, 400)));
    assertThat(html)
        .contains("<noscript>")
        .contains("The end of training against the start of its own run: linear_cka")
        .contains("The end of training against the end of the source network: relative_change")
        .contains("0.550 … 0.700", ">-0.210<", ">0.100<", ">20<");
  }

  /** Of 5000 divisions one is as large. */
  @Test
  void aSmallProbabilityIsNotCalledNone() throws IOException {
    EvolutionTable made = MadeUpStudy.of(List.of("enc", "dec"), 2, 0, 50);
    List<EvolutionTable.Row> rows =
        made.rows().stream()
            .map(
                row ->
                    row.measure().endsWith(" p_value")
                        ? row.withMeasurement(
                            Measurement.of(row.layerA().equals("enc") ? 0.0002 : 0.0006, 5000))
                        : row)
            .toList();
    String page =
        page(
            new EvolutionTable(
                rows,
                made.checkpoints(),
                made.notes(),
                made.probes(),
                made.samples(),
                made.version()));
    assertThat(withoutScripts(page))
        .contains("<td class=\"number\">&lt;0.001</td><td class=\"number\">5000</td>")
        .contains("<td class=\"number\">0.001</td><td class=\"number\">5000</td>")
        .doesNotContain("<td class=\"number\">0.000</td><td class=\"number\">5000</td>");
  }

  @Test
  void thePageAsksNoNetworkForAnything() throws IOException {
    String page = page(MadeUpStudy.of(List.of("enc", "dec"), 2, 0, 50));
    assertThat(withoutScripts(page))
        .doesNotContainPattern("(?i)(src|href|action|srcset|poster)\\s*=\\s*\"(?!data:|#)")
        .doesNotContainPattern("(?i)url\\(|@import|https?://")
        .contains("default-src 'none'");
    assertThat(scripts(page).get(1))
        .doesNotContainPattern("fetch\\(|XMLHttpRequest|import\\(|https?://|eval\\(|innerHTML");
  }

  @Test
  void onlyThePagesOwnScriptsMayRun() throws Exception {
    String page = page(MadeUpStudy.of(HOSTILE, 2, 0, 50));
    List<String> scripts = scripts(page);
    assertThat(scripts).hasSize(2);
    for (String script : scripts) {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      assertThat(page).contains("'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
    }
  }

  @Test
  void namesOfLayersStayText() throws IOException {
    String page = page(MadeUpStudy.of(HOSTILE, 2, 0, 50));
    assertThat(Pattern.compile("<script").matcher(withoutScripts(page)).results()).isEmpty();
    assertThat(withoutScripts(page)).doesNotContain("<img", "onerror=\"");
    assertThat(DATA.matcher(page).results().count()).isEqualTo(1);
    List<String> layers = new ArrayList<>();
    data(page).get("measures").get(0).get("layers").forEach(layer -> layers.add(layer.asText()));
    assertThat(layers).isEqualTo(HOSTILE.stream().map(VisibleText::of).toList());
  }

  @Test
  void theDataHoldsTheFiguresOfTheTable() throws IOException {
    EvolutionTable table = MadeUpStudy.of(List.of("enc", "dec"), 2, 0, 50, 400);
    JsonNode cka = data(page(table)).get("measures").get(0);
    double expected =
        table.rows(Study.View.TO_START).stream()
            .filter(r -> r.runA().equals("random/seed1") && r.layerA().equals("dec"))
            .filter(r -> r.measure().equals("linear_cka") && r.stepA().getAsLong() == 400)
            .findFirst()
            .orElseThrow()
            .measurement()
            .value();
    JsonNode run = cka.get("curves").get("to_start").get(1);
    assertThat(run.get("steps").toString()).isEqualTo("[0,50,400]");
    assertThat(run.get("values").get(2).get(1).asDouble())
        .isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-4 * expected));
  }

  @Test
  void endsOfIntervalsOverProbesAreBesideTheValues() throws IOException {
    EvolutionTable plain = MadeUpStudy.of(List.of("enc", "dec"), 2, 0, 50);
    assertThat(page(plain)).doesNotContain("\"lows\":");
    JsonNode run =
        data(page(MadeUpStudies.withIntervals(plain)))
            .get("measures")
            .get(0)
            .get("curves")
            .get("to_start")
            .get(0);

    assertThat(
            run.get("values").get(1).get(0).asDouble() - run.get("lows").get(1).get(0).asDouble())
        .isCloseTo(0.125, within(1e-4));
    assertThat(run.get("highs").get(1)).hasSize(2);
    assertThat(run.get("undecided").get(0).toString()).isEqualTo("[0,0]");
  }

  @Test
  void heatMapsHoldTheEndsOfIntervalsAndWhichCellsAreUndecided() throws IOException {
    EvolutionTable plain = MadeUpStudy.of(List.of("enc", "dec"), 2, 0, 50);
    JsonNode maps = data(page(MadeUpStudies.withIntervals(plain))).get("measures").get(0);

    for (String name : List.of("layerMaps", "stepMaps")) {
      JsonNode map = maps.get(name);
      JsonNode run = map.get("runs").get(0);
      assertThat(map.get("ends").get("low").asDouble())
          .isCloseTo(map.get("low").asDouble() - 0.125, within(1e-9));
      assertThat(run.get("lows").asText()).hasSameSizeAs(run.get("data").asText());
      assertThat(run.get("highs").asText()).hasSameSizeAs(run.get("data").asText());
      assertThat(run.get("undecided").asText()).matches("[01]{8}");
    }
    assertThat(page(plain)).doesNotContain("\"undecided\":", "\"ends\":");
  }

  @Test
  void levelUnitsAndEndsOfIntervalsCanBeReadWithoutAnyScript() throws IOException {
    EvolutionTable plain = MadeUpStudy.of(List.of("enc", "dec"), 2, 0, 50);
    assertThat(withoutScripts(page(plain)))
        .doesNotContain(">Intervals<", ": intervals of the runs")
        .contains("random: mean (range of runs)", "95% interval of the mean, over runs");

    assertThat(withoutScripts(page(MadeUpStudies.withIntervals(plain))))
        .contains(">Intervals<", "95%, over 8 probes", "random: intervals of the runs");
  }

  @Test
  void sectionsWithNothingToShowAreLeftOut() throws IOException {
    EvolutionTable whole = MadeUpStudy.of(List.of("enc", "dec"), 2, 0, 50);
    String all = withoutScripts(page(whole));
    String few =
        withoutScripts(page(MadeUpStudies.ofView(whole, Study.View.TO_START, "linear_cka")));

    for (String section : List.of("curves", "layers", "steps", "groups", "weights")) {
      assertThat(all).contains("<section id=\"" + section + "\"", "href=\"#" + section + "\"");
    }
    for (String section : List.of("layers", "steps", "groups", "weights")) {
      assertThat(few).doesNotContain("<section id=\"" + section, "href=\"#" + section);
    }
    assertThat(few).contains("<section id=\"curves\"", "<section id=\"provenance\"");
  }

  @Test
  void matricesAreTwoBytesAFigure() throws IOException {
    EvolutionTable table = MadeUpStudy.of(List.of("enc", "dec"), 1, 0, 50);
    JsonNode maps = data(page(table)).get("measures").get(0).get("layerMaps");
    byte[] bytes = Base64.getDecoder().decode(maps.get("runs").get(1).get("data").asText());
    assertThat(bytes).hasSize(2 * 2 * 2 * 2);
    double low = maps.get("low").asDouble();
    double high = maps.get("high").asDouble();
    int code = (bytes[10] & 0xff) | (bytes[11] & 0xff) << 8;
    double expected =
        table.rows(Study.View.LAYERS).stream()
            .filter(r -> r.runA().equals("transfer/seed0") && r.stepA().getAsLong() == 50)
            .filter(r -> r.layerA().equals("enc") && r.layerB().equals("dec"))
            .findFirst()
            .orElseThrow()
            .measurement()
            .value();
    assertThat(low + code * (high - low) / 65534)
        .isCloseTo(expected, org.assertj.core.data.Offset.offset((high - low) / 65534));
  }

  @Test
  void thePageHoldsAllLayersOfTheEndsOfRuns() throws IOException {
    EvolutionTable table = MadeUpStudy.of(List.of("enc", "dec"), 2, 0, 50);
    JsonNode maps = data(page(table)).get("measures").get(0).get("networkMaps");
    assertThat(maps.get("pairs").findValuesAsText("name"))
        .containsExactly(
            "random / random (1 pair)",
            "random / transfer (mean of 2 pairs)",
            "random/seed0 at step 50 / random/seed1 at step 50",
            "random/seed0 at step 50 / transfer/seed0 at step 50",
            "random/seed0 at step 50 / transfer/seed1 at step 50");
    byte[] one = Base64.getDecoder().decode(maps.get("pairs").get(1).get("data").asText());
    assertThat(one).hasSize(2 * 2 * 2);
  }

  @ParameterizedTest
  @CsvSource({"2,1,1", "41,6,6", "100,2,6", "8,1,40"})
  void aPageOfAnyStudyStaysSmall(int layers, int seeds, int steps) throws IOException {
    long[] all = new long[steps];
    for (int i = 0; i < steps; i++) {
      all[i] = 50L * i;
    }
    EvolutionTable table = MadeUpStudy.of(MadeUpStudy.layerNames(layers), seeds, all);
    String page = page(table);
    assertThat(page.length()).isLessThan(4_000_000);
    assertThat(data(page).get("runs")).hasSize(2 * seeds);
  }

  @Test
  void brokenCheckpointsAreShownWithTheirProblem() throws IOException {
    EvolutionTable sound = MadeUpStudy.of(List.of("enc"), 1, 0, 50);
    List<CheckpointRecord> records = new ArrayList<>(sound.checkpoints());
    records.add(
        new CheckpointRecord(
            records.get(0).run(),
            new Checkpoint(99, "random/seed0/step_99.pt", OptionalDouble.empty()),
            "",
            Optional.of("The file ends <early>.")));
    EvolutionTable broken =
        new EvolutionTable(
            sound.rows(), records, List.of(), sound.probes(), sound.samples(), sound.version());
    assertThat(withoutScripts(page(broken)))
        .contains("step_99.pt", "The file ends &lt;early&gt;.", "5, 1 of them without figures");
    assertThat(withoutScripts(page(sound))).contains("Every checkpoint could be used.");
  }

  @Test
  void everyViewAndMeasureHasItsPicture() throws Exception {
    double[][][][] filters = FilterMosaic.kernels(new double[] {1, -1, 0.5, 0}, 1, 1, 2, 2);
    StudyReport report =
        StudyReport.of(
                MadeUpStudy.of(List.of("enc", "</script>\0\u0007", "dec"), 2, 0, 50, 400),
                MadeUpStudy.FACTS)
            .withPicture(
                new StudyReport.Picture(
                    "filters of enc/1",
                    "Filters <before> and after",
                    FilterMosaic.of("Filters").withFilters("before", filters).draw()));
    List<Path> files = report.write(folder);

    assertThat(files).allMatch(Files::isRegularFile);
    assertThat(files.get(0)).isEqualTo(folder.resolve("report.html"));
    assertThat(files.stream().map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".png")))
        .containsExactlyInAnyOrder(
            "scores.png",
            "curves_to_start_linear_cka.png",
            "curves_to_end_linear_cka.png",
            "curves_to_source_linear_cka.png",
            "curves_to_next_linear_cka.png",
            "profile_to_start_linear_cka.png",
            "profile_to_source_linear_cka.png",
            "layers_random_and_1_linear_cka.png",
            "steps_random_linear_cka.png",
            "steps_transfer_linear_cka.png",
            "finals_linear_cka.png",
            "final_layers_linear_cka.png",
            "groups_linear_cka.png",
            "groups_difference_linear_cka.png",
            "curves_to_start_relative_change.png",
            "curves_to_end_relative_change.png",
            "curves_to_source_relative_change.png",
            "curves_to_next_relative_change.png",
            "profile_to_start_relative_change.png",
            "profile_to_source_relative_change.png",
            "filters-of-enc-1.png");
    for (Path file : files.subList(1, files.size())) {
      if (file.toString().endsWith(".svg")) {
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
      } else {
        assertThat(isBlank(ImageIO.read(file.toFile()))).as(file.toString()).isFalse();
      }
    }
    assertThat(withoutScripts(Files.readString(files.get(0))))
        .contains("alt=\"Filters &lt;before&gt; and after\"", "src=\"data:image/png;base64,");
  }

  private static boolean isBlank(BufferedImage image) {
    int first = image.getRGB(0, 0);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        if (image.getRGB(x, y) != first) {
          return false;
        }
      }
    }
    return true;
  }

  @Test
  void equalTablesGiveEqualFiles() throws IOException {
    EvolutionTable table = MadeUpStudy.of(List.of("enc"), 2, 0, 50);
    List<Path> first = StudyReport.of(table, MadeUpStudy.FACTS).write(folder.resolve("a"));
    List<Path> second = StudyReport.of(table, MadeUpStudy.FACTS).write(folder.resolve("b"));
    assertThat(second).hasSameSizeAs(first);
    for (int i = 0; i < first.size(); i++) {
      assertThat(second.get(i)).hasSameBinaryContentAs(first.get(i));
    }
  }

  @Test
  void aPictureThatCannotBeWrittenEndsTheOthersAndLeavesNoHalfOnes() throws IOException {
    Path pictures = folder.resolve("pictures");
    Files.createDirectories(pictures.resolve("curves_to_end_linear_cka.png"));
    StudyReport report =
        StudyReport.of(MadeUpStudy.of(List.of("enc"), 2, 0, 50), MadeUpStudy.FACTS);

    assertThatThrownBy(() -> report.write(folder))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("curves_to_end_linear_cka.png is a folder");
    List<String> left = names(pictures);
    assertThat(left).noneMatch(name -> name.endsWith(".tmp"));
    assertThat(names(pictures)).isEqualTo(left);
  }

  @Test
  void picturesOfAFormerReportAreRemovedAndNobodyElses() throws IOException {
    EvolutionTable wide = MadeUpStudy.of(List.of("enc", "dec"), 3, 0, 50, 400);
    EvolutionTable narrow =
        new EvolutionTable(
            wide.rows(Study.View.TO_START),
            wide.checkpoints(),
            wide.notes(),
            wide.probes(),
            wide.samples(),
            wide.version());
    Path pictures = folder.resolve("pictures");
    StudyReport.of(wide, MadeUpStudy.FACTS).write(folder);
    Path own = Files.writeString(pictures.resolve("curves_to_end_mine.png"), "mine");
    Path above = Files.writeString(folder.resolve("above.png"), "mine");
    Path edited = Files.writeString(pictures.resolve("curves_to_end_linear_cka.png"), "mine");
    String hash = "a2ea5f9c7ffa24a7c5c9d9a5dab6ecdf5f3e2a4b3c1d0e9f8a7b6c5d4e3f2a1b";
    Files.writeString(
        pictures.resolve(".study"),
        hash + " ../above.png\n" + hash + " .hidden\n" + hash + " curves_to_end_mine.png\n\nx\n",
        StandardOpenOption.APPEND);
    Path hidden = Files.writeString(pictures.resolve(".hidden"), "mine");

    StudyReport.of(narrow, MadeUpStudy.FACTS).write(folder);

    Path fresh = folder.resolve("fresh");
    StudyReport.of(narrow, MadeUpStudy.FACTS).write(fresh);
    List<String> left = new ArrayList<>(names(pictures));
    for (Path file : List.of(own, hidden, edited)) {
      assertThat(left.remove(file.getFileName().toString())).isTrue();
    }
    assertThat(left).containsExactlyElementsOf(names(fresh.resolve("pictures")));
    assertThat(List.of(own, above, hidden, edited))
        .allSatisfy(file -> assertThat(file).hasContent("mine"));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void namesThatFilesCannotHaveGiveEachPictureAFileOfItsOwn() throws IOException {
    List<String> groups = List.of("a/b" + "x".repeat(300), "a:b" + "x".repeat(300));
    EvolutionTable table = MadeUpStudy.of(List.of("enc"), groups, 1, 0, 50);

    List<Path> files = StudyReport.of(table, MadeUpStudy.FACTS).write(folder);

    assertThat(files).doesNotHaveDuplicates().allMatch(Files::isRegularFile);
  }

  @Test
  void aStudyOfOneCheckpointHasAReport() throws IOException {
    List<Path> files =
        StudyReport.of(MadeUpStudy.of(List.of("enc"), 1, 0), MadeUpStudy.FACTS).write(folder);
    assertThat(files).allMatch(Files::isRegularFile).hasSizeGreaterThan(10);
  }

  @Test
  void aMeasureOfWhichNothingIsKnownIsDrawnOnTheRangeOfItsValues() throws IOException {
    EvolutionTable table =
        MadeUpStudies.ofUnknownMeasures(MadeUpStudy.of(List.of("enc"), 1, 0, 50));
    StudyReport report = StudyReport.of(table, StudyReport.Facts.of("Unknown", ""));
    assertThat(withoutScripts(page(report))).contains("not known", "fingerprint 3fa9c0d1e2b4");
    assertThat(report.write(folder)).allMatch(Files::isRegularFile);
  }

  @Test
  void runsOfASingleCheckpointAreNotHeldAgainstThemselvesAndTheirEndsAreShown() throws IOException {
    EvolutionTable single = MadeUpStudy.of(MadeUpStudy.layerNames(3), 2, 40);

    JsonNode measures = data(page(single)).path("measures");

    assertThat(measures).isNotEmpty();
    measures.forEach(
        measure -> {
          assertThat(measure.path("curves").has("to_start")).isFalse();
          assertThat(measure.path("curves").has("to_end")).isFalse();
          assertThat(measure.has("layerMaps")).isFalse();
        });
    assertThat(StudyReport.of(single, MadeUpStudy.FACTS).write(folder))
        .noneMatch(file -> String.valueOf(file.getFileName()).startsWith("curves_to_start"));
  }

  @Test
  void stepsMayBeCalledEpochs() throws IOException {
    EvolutionTable table = MadeUpStudy.of(MadeUpStudy.layerNames(3), 2, 0, 40);

    JsonNode usual = data(page(table));
    JsonNode epochs = data(page(StudyReport.of(table, MadeUpStudy.FACTS.withStepName("epoch"))));

    assertThat(usual.path("stepAxis").asText()).isEqualTo("training step");
    assertThat(epochs.path("stepAxis").asText()).isEqualTo("epoch");
    assertThat(epochs.path("step").asText()).isEqualTo("epoch");
  }
}
