package org.palimpsest.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.report.plot.Figure;
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
    for (String measure : new LinkedHashSet<>(measures)) {
      files.add(folder.resolve(fileName(measure) + ".png"));
      files.add(folder.resolve(fileName(measure) + ".svg"));
    }
    return files;
  }

  static void write(
      ComparisonResult result,
      List<TableFormat.Column> figures,
      Fingerprint probes,
      Path folder,
      Progress progress)
      throws IOException {
    List<HeatMap> heatMaps = HeatMap.of(result, probes);
    try (StagedFiles files = new StagedFiles(folder);
        Progress.Task task = progress.begin("write", 2L + heatMaps.size())) {
      files.make(CSV, file -> TableFormat.CSV.write(result, figures, file));
      task.advance(1);
      files.make(JSON, file -> TableFormat.JSON.write(result, figures, file));
      task.advance(1);
      for (int m = 0; m < heatMaps.size(); m++) {
        Figure figure = heatMaps.get(m).draw();
        String name = fileName(result.matrices().get(m).measure());
        files.make(name + ".png", figure::writePng);
        files.make(name + ".svg", figure::writeSvg);
        task.advance(1);
      }
      files.move();
    }
  }

  /** Of the measure's name, what any file system takes. */
  private static String fileName(String measure) {
    return measure.replaceAll("[^A-Za-z0-9._=-]", "-");
  }

  /**
   * Files that belong together: all are made in a temporary folder before the first appears where
   * it belongs.
   */
  static final class StagedFiles implements AutoCloseable {

    private final TemporaryFolder staging = TemporaryFolder.create();
    private final List<Path> staged = new ArrayList<>();

    private final Path folder;

    /**
     * @param folder where they belong
     */
    StagedFiles(Path folder) {
      this.folder = folder;
    }

    /** Makes a file; what goes wrong is told of the place where it belongs. */
    interface Making {
      void write(Path file) throws IOException;
    }

    void make(String name, Making making) throws IOException {
      Path file = staging.path().resolve(name);
      staged.add(file);
      try {
        making.write(file);
      } catch (PalimpsestException failure) {
        String told = String.valueOf(failure.getMessage());
        throw new PalimpsestException(
            told.replace(file.toString(), folder.resolve(name).toString()), failure);
      }
    }

    /** Puts all of them where they belong, each whole. */
    void move() {
      for (Path file : staged) {
        AtomicFile.write(folder.resolve(file.getFileName()), out -> Files.copy(file, out));
      }
    }

    @Override
    public void close() {
      staging.close();
    }
  }
}
