package org.palimpsest.io.npy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.io.file.AtomicFile;

/** Numbered temporary files in a folder of their own, deleted at the latest when Java ends. */
final class SpoolFolder {

  private final Path folder;
  private final List<Path> files = new ArrayList<>();

  private SpoolFolder(Path folder) {
    this.folder = folder;
  }

  static SpoolFolder beside(Path file) {
    Path folder = file.resolveSibling(file.getFileName() + ".layers");
    try {
      Files.createDirectory(folder);
    } catch (IOException failure) {
      throw AtomicFile.unwritable(folder, failure);
    }
    folder.toFile().deleteOnExit();
    return new SpoolFolder(folder);
  }

  /** A name for a new file, which has nothing of the layer's own name in it. */
  Path newFile() {
    Path file = folder.resolve(files.size() + ".npy");
    file.toFile().deleteOnExit();
    files.add(file);
    return file;
  }

  void delete() {
    try {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException failure) {
      throw AtomicFile.unwritable(folder, failure);
    }
  }
}
