package org.palimpsest.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.FileNames;
import org.palimpsest.report.plot.HeatMap;
import org.palimpsest.report.table.TableFormat;

/** A comparison as tables and pictures in a folder. */
final class ComparisonFiles {

  private static final String CSV = "scores.csv";
  private static final String JSON = "scores.json";

  private ComparisonFiles() {}

  /**
   * Makes sure, before long work, that files can be written there; leaves nothing.
   *
   * @throws org.palimpsest.core.PalimpsestException if they cannot
   */
  static void requireWritable(Path folder) {
    AtomicFile.create(folder.resolve(CSV)).close();
  }

  /** The files that a comparison by these measures writes. */
  static List<Path> in(Path folder, List<String> measures) {
    List<Path> files = new ArrayList<>();
    files.add(folder.resolve(CSV));
    files.add(folder.resolve(JSON));
    for (String name : FileNames.distinct(List.copyOf(new LinkedHashSet<>(measures)))) {
      files.add(folder.resolve(name + ".png"));
      files.add(folder.resolve(name + ".svg"));
    }
    return files;
  }

  static void write(
      ComparisonResult result,
      List<TableFormat.Column> figures,
      Fingerprint probes,
      Path folder,
      Progress progress) {
    List<HeatMap> heatMaps = HeatMap.of(result, probes);
    try (StagedFiles files = new StagedFiles(folder);
        Progress.Task task = progress.begin("write", 2L + heatMaps.size())) {
      files.make(CSV, file -> TableFormat.CSV.write(result, figures, file));
      task.advance(1);
      files.make(JSON, file -> TableFormat.JSON.write(result, figures, file));
      task.advance(1);
      List<String> names =
          FileNames.distinct(result.matrices().stream().map(matrix -> matrix.measure()).toList());
      for (int m = 0; m < heatMaps.size(); m++) {
        files.draw(names.get(m), heatMaps.get(m).draw());
        task.advance(1);
      }
      files.move();
    }
  }
}
