package org.palimpsest.reproduction.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.reproduction.pages.ReportPicture;

/** Everything that is kept of a result: pictures, tables, provenance. */
public final class ReuseReport {

  private static final String NAME = "feature-reuse";

  private ReuseReport() {}

  /**
   * Writes all files into a folder, which is made if it is missing.
   *
   * @return the files
   */
  public static List<Path> write(ReuseResult result, Path folder) {
    List<Path> files = new ArrayList<>();
    for (Measure<?> measure : result.measures()) {
      String name = fileName(result, measure);
      Path png = folder.resolve(name + ".png");
      Path svg = folder.resolve(name + ".svg");
      ReusePicture.of(result, measure).writePng(png);
      ReusePicture.of(result, measure).writeSvg(svg);
      files.addAll(List.of(png, svg));
    }
    Path similarities = folder.resolve(NAME + ".csv");
    ReuseFiles.writeSimilarities(result, similarities);
    Path dice = folder.resolve("dice.csv");
    ReuseFiles.writeDice(result, dice);
    Path provenance = folder.resolve("provenance.json");
    ReuseFiles.writeProvenance(result, provenance);
    files.addAll(List.of(similarities, dice, provenance));
    return files;
  }

  /** Its pictures for a report, one per measure. */
  public static List<ReportPicture> pictures(ReuseResult result) {
    return result.measures().stream()
        .map(
            measure ->
                new ReportPicture(
                    fileName(result, measure),
                    "Similarity before and after training, and between networks; Dice.",
                    ReusePicture.of(result, measure)))
        .toList();
  }

  private static String fileName(ReuseResult result, Measure<?> measure) {
    return result.measures().size() == 1 ? NAME : NAME + "-" + plain(measure.name());
  }

  /** A measure's name without what a file's name cannot hold everywhere. */
  private static String plain(String measure) {
    return measure.replaceAll("[^A-Za-z0-9._-]", "_");
  }
}
