package org.palimpsest.report.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.io.study.EvolutionTables;
import org.palimpsest.report.Results;
import org.palimpsest.report.page.MadeUpStudies;
import org.palimpsest.report.page.StudyReport;
import org.palimpsest.report.plot.HeatMap;
import org.palimpsest.report.table.TableFormat;
import org.w3c.dom.Document;

/**
 * Hostile names through everything that shows names: tables, CSV, pages, pictures. {@code
 * -Dfuzz.mutants} and {@code -Dfuzz.seed} make a campaign of it.
 */
class HostileNamesTest {

  private static final Pattern HIDDEN =
      Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}&&[^\\n]]");
  private static final Pattern FORMULA = Pattern.compile("(?m)(^|,)\"?[=+@-](?![0-9.eE+-]*(,|$))");
  private static final int NAMES = 8;

  @TempDir private Path folder;

  static LongStream seeds() {
    long first = Long.getLong("fuzz.seed", 1);
    return LongStream.range(first, first + Integer.getInteger("fuzz.mutants", 24) / NAMES);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void tablesShowThemInTheirLines(long seed) {
    List<String> names = new HostileNames(seed).next(NAMES);
    ComparisonResult result =
        Results.result(
            names, List.of(Results.matrix("linear_cka", Results.SIMILARITY, names, false)));

    String text = TableFormat.TABLE.format(result);
    assertThat(text).doesNotContainPattern(HIDDEN);
    assertThat(text.lines().takeWhile(line -> !line.isEmpty())).hasSize(1 + NAMES * NAMES);
    assertSafeCsv(TableFormat.CSV.format(result), NAMES * NAMES);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void studiesShowThemAndWriteNothingElsewhere(long seed) throws IOException {
    HostileNames names = new HostileNames(seed);
    EvolutionTable table = MadeUpStudies.of(names.next(NAMES), names.next(2));
    Path target = folder.resolve("a/b/c/study");

    EvolutionTables.write(table, target);
    StudyReport.of(table, MadeUpStudies.facts(names.next())).write(target);

    assertSafeCsv(Files.readString(target.resolve("evolution.csv")), table.rows().size());
    assertThat(EvolutionTables.read(target).rows()).isEqualTo(table.rows());
    assertThat(Files.readString(target.resolve(StudyReport.PAGE))).doesNotContainPattern(HIDDEN);
    assertThat(files(folder)).allMatch(file -> file.startsWith(target));
    for (Path file : files(target)) {
      if (file.toString().endsWith(".svg")) {
        assertHarmless(file);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void heatMapsShowThem(long seed) {
    List<String> names = new HostileNames(seed).next(NAMES);
    Path svg = folder.resolve("map.svg");

    HeatMap.of(
            Results.matrix("linear_cka", Results.SIMILARITY, names, false),
            names.get(0),
            names.get(1))
        .withDetail(names.get(2))
        .draw()
        .writeSvg(svg);

    assertHarmless(svg);
  }

  private static void assertSafeCsv(String csv, int records) {
    assertThat(csv).doesNotContainPattern(HIDDEN).doesNotContainPattern(FORMULA);
    assertThat(csv.lines()).hasSize(1 + records);
  }

  private static void assertHarmless(Path svg) {
    try {
      Document document =
          DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
      assertThat(document.getElementsByTagName("script").getLength()).isZero();
      assertThat(Files.readString(svg))
          .doesNotContainPattern(HIDDEN)
          .doesNotContain("<img", "onload=\"", "onerror=\"");
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (Exception notWellFormed) {
      throw new AssertionError(svg + " is not well-formed", notWellFormed);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }
}
