package org.palimpsest.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.io.file.AtomicFile;

/**
 * Files that belong together: all are made in a temporary folder before the first appears where it
 * belongs.
 */
final class StagedFiles implements AutoCloseable {

  private final Path staging;
  private final List<Path> staged = new ArrayList<>();

  StagedFiles() throws IOException {
    this.staging = Files.createTempDirectory("palimpsest");
  }

  /** Where to make the file of this name. */
  Path stage(String name) {
    Path file = staging.resolve(name);
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
  public void close() throws IOException {
    for (Path file : staged) {
      Files.deleteIfExists(file);
    }
    Files.delete(staging);
  }
}
