package org.palimpsest.io.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.io.file.AtomicFile;

/**
 * What a study found out, for people: a folder of pictures and one page, {@code report.html}, that
 * holds all it needs and asks no network for anything.
 *
 * <p>Equal tables and facts give equal files. Immutable: each {@code with…} gives a changed copy.
 */
public final class StudyReport {

  /** What the page is called. */
  public static final String PAGE = "report.html";

  private final EvolutionTable table;
  private final StudyFacts facts;
  private final List<ReportPicture> pictures;

  private StudyReport(EvolutionTable table, StudyFacts facts, List<ReportPicture> pictures) {
    this.table = table;
    this.facts = facts;
    this.pictures = List.copyOf(pictures);
  }

  /** A report of all that the table holds. */
  public static StudyReport of(EvolutionTable table, StudyFacts facts) {
    return new StudyReport(table, facts, List.of());
  }

  /** Adds a picture to the section on weights and filters. */
  public StudyReport withPicture(ReportPicture picture) {
    List<ReportPicture> more = new ArrayList<>(pictures);
    more.add(picture);
    return new StudyReport(table, facts, more);
  }

  /**
   * Writes the page and the pictures, each whole or not at all; what was there under the same names
   * is replaced.
   *
   * @param folder made if it is not there
   * @return the files, the page first
   * @throws org.palimpsest.core.PalimpsestException if one cannot be written
   */
  public List<Path> write(Path folder) {
    List<Path> files = new ArrayList<>();
    files.add(writePage(folder));
    for (ReportPicture picture : pictures) {
      Path png = folder.resolve(picture.name() + ".png");
      Path svg = folder.resolve(picture.name() + ".svg");
      picture.figure().writePng(png);
      picture.figure().writeSvg(svg);
      files.add(png);
      files.add(svg);
    }
    return files;
  }

  /** Writes the page alone, which takes a second; {@link #write} draws every picture too. */
  public Path writePage(Path folder) {
    Path page = folder.resolve(PAGE);
    AtomicFile.write(page, new ReportPage(table, facts).html());
    return page;
  }
}
