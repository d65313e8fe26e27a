package org.palimpsest.report.page;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.MeasureFacts;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.report.plot.Figure;

/**
 * What a study found out, for people: one page, {@code report.html}, that holds all it needs and
 * asks no network for anything; and a folder {@code pictures} with each view and measure as PNG and
 * SVG.
 *
 * <p>Equal tables and facts give equal files. Immutable: each {@code with…} gives a changed copy.
 */
public final class StudyReport {

  /** What the page is called. */
  public static final String PAGE = "report.html";

  private static final String PICTURES = "pictures";
  private static final List<Path> NONE = List.of();

  private final EvolutionTable table;
  private final StudyFacts facts;
  private final List<ReportPicture> pictures;
  private final StudyIndex index;

  private StudyReport(
      EvolutionTable table, StudyFacts facts, List<ReportPicture> pictures, StudyIndex index) {
    this.table = table;
    this.facts = facts;
    this.pictures = List.copyOf(pictures);
    this.index = index;
  }

  /** A report of all that the table holds. */
  public static StudyReport of(EvolutionTable table, StudyFacts facts) {
    return new StudyReport(table, facts, List.of(), new StudyIndex(table));
  }

  /** Adds a picture to the section on weights and filters. */
  public StudyReport withPicture(ReportPicture picture) {
    List<ReportPicture> more = new ArrayList<>(pictures);
    more.add(picture);
    return new StudyReport(table, facts, more, index);
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
    files.addAll(writePictures(folder.resolve(PICTURES)));
    return files;
  }

  /** If one fails, no other is begun, and those under way have ended when the failure is told. */
  private List<Path> writePictures(Path folder) {
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    List<List<Path>> written =
        planned().parallelStream()
            .map(picture -> failure.get() == null ? write(picture, folder, failure) : NONE)
            .toList();
    Throwable first = failure.get();
    if (first instanceof Error error) {
      throw error;
    }
    if (first instanceof RuntimeException exception) {
      throw exception;
    }
    return written.stream().flatMap(List::stream).toList();
  }

  private static List<Path> write(
      Planned picture, Path folder, AtomicReference<@Nullable Throwable> failure) {
    try {
      Figure figure = picture.figure().get();
      Path png = folder.resolve(picture.name() + ".png");
      Path svg = folder.resolve(picture.name() + ".svg");
      figure.writePng(png);
      figure.writeSvg(svg);
      return List.of(png, svg);
    } catch (RuntimeException | Error fatal) {
      failure.compareAndSet(null, fatal);
      return NONE;
    }
  }

  private List<Planned> planned() {
    PictureTexts texts = new PictureTexts(table, facts, index);
    CurvePictures curves = new CurvePictures(table, index, texts);
    MapPictures maps = new MapPictures(index, texts);
    GroupPictures groups = new GroupPictures(index, texts);
    List<Planned> planned = new ArrayList<>(curves.scores());
    for (String measure : index.measures()) {
      MeasureFacts known = index.measure(measure);
      planned.addAll(curves.of(known));
      planned.addAll(maps.of(known));
      planned.addAll(groups.of(known));
    }
    for (ReportPicture picture : pictures) {
      planned.add(new Planned(Planned.fileName(picture.name()), picture::figure));
    }
    return Planned.withNamesOfTheirOwn(planned);
  }

  /** Writes the page alone, which takes a second; {@link #write} draws every picture too. */
  public Path writePage(Path folder) {
    Path page = folder.resolve(PAGE);
    AtomicFile.write(page, new ReportPage(table, facts, index, pictures).html());
    return page;
  }
}
