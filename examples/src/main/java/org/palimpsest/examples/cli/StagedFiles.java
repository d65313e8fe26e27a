package org.palimpsest.examples.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.io.file.AtomicFile;
import org.palimpsest.io.file.TemporaryFolder;

/**
 * Files that belong together: all are made in a temporary folder before the first appears where it
 * belongs.
 */
final class StagedFiles implements AutoCloseable {

  private final TemporaryFolder staging = TemporaryFolder.create();
  private final List<Path> staged = new ArrayList<>();

  /** Where to make the file of this name. */
  Path stage(String name) {
    Path file = staging.path().resolve(name);
    staged.add(file);
    return file;
  }

  /** Puts all of them into a folder, each whole. */
  void moveTo(Path folder) {
    for (Path file : staged) {
      AtomicFile.write(folder.resolve(file.getFileName()), out -> Files.copy(file, out));
    }
  }

  @Override
  public void close() {
    staging.close();
  }
}
