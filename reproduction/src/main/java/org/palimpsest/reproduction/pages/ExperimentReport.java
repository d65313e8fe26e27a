package org.palimpsest.reproduction.pages;

import java.util.List;
import java.util.stream.Stream;
import org.palimpsest.report.plot.Figure;
import org.palimpsest.reproduction.verdict.ClaimFinding;

/**
 * What came of one experiment.
 *
 * @param name of its folder and files, such as {@code seed-variability}
 * @param title for people
 * @param setup which networks and images, in a few sentences
 * @param findings the claims and what became of them
 * @param tables figures
 * @param pictures the same for the eye
 * @param notes what a reader should know beside
 */
public record ExperimentReport(
    String name,
    String title,
    String setup,
    List<ClaimFinding> findings,
    List<ReportTable> tables,
    List<ReportPicture> pictures,
    List<String> notes) {

  public ExperimentReport {
    findings = List.copyOf(findings);
    tables = List.copyOf(tables);
    pictures = List.copyOf(pictures);
    notes = List.copyOf(notes);
  }

  /** Without findings, tables, pictures and notes yet. */
  public static ExperimentReport of(String name, String title, String setup) {
    return new ExperimentReport(name, title, setup, List.of(), List.of(), List.of(), List.of());
  }

  public ExperimentReport withFindings(List<ClaimFinding> found) {
    return new ExperimentReport(name, title, setup, found, tables, pictures, notes);
  }

  /** With one more table. */
  public ExperimentReport withTable(ReportTable table) {
    return new ExperimentReport(
        name, title, setup, findings, append(tables, table), pictures, notes);
  }

  /** With one more picture. */
  public ExperimentReport withPicture(String file, String caption, Figure figure) {
    ReportPicture picture = new ReportPicture(file, caption, figure);
    return new ExperimentReport(
        name, title, setup, findings, tables, append(pictures, picture), notes);
  }

  /** With one more note. */
  public ExperimentReport withNote(String note) {
    return new ExperimentReport(
        name, title, setup, findings, tables, pictures, append(notes, note));
  }

  private static <T> List<T> append(List<T> list, T last) {
    return Stream.concat(list.stream(), Stream.of(last)).toList();
  }
}
