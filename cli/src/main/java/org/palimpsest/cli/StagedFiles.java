package org.palimpsest.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.report.plot.Figure;

/**
 * Files that belong together: all are made in a temporary folder before the first appears where it
 * belongs. Several threads may make files.
 */
final class StagedFiles implements AutoCloseable {

  private final TemporaryFolder staging = TemporaryFolder.create();
  private final List<Path> staged = Collections.synchronizedList(new ArrayList<>());
  private final Path folder;

  /**
   * @param folder where they belong
   */
  StagedFiles(Path folder) {
    this.folder = folder;
  }

  /** Makes a file; what is wrong with it is told of the place where it belongs. */
  interface Making {
    void write(Path file) throws IOException;
  }

  void make(String name, Making making) {
    Path file = staging.path().resolve(name);
    staged.add(file);
    try {
      making.write(file);
    } catch (IOException failure) {
      throw staging.unwritable(failure);
    } catch (PalimpsestException failure) {
      if (failure.getCause() instanceof IOException disk) {
        throw staging.unwritable(disk);
      }
      String told = String.valueOf(failure.getMessage());
      throw new PalimpsestException(
          told.replace(file.toString(), folder.resolve(name).toString()), failure);
    }
  }

  /** Makes both files of a picture. */
  void draw(String name, Figure figure) {
    make(name + ".png", figure::writePng);
    make(name + ".svg", figure::writeSvg);
  }

  /** Puts all of them where they belong, once all lie whole beside their places, or none. */
  void move() {
    Deque<AtomicFile> beside = new ArrayDeque<>();
    try {
      for (Path file : staged) {
        AtomicFile target = AtomicFile.create(folder.resolve(file.getFileName()));
        beside.push(target);
        target.fill(out -> Files.copy(file, out));
      }
      beside.descendingIterator().forEachRemaining(AtomicFile::commit);
    } finally {
      beside.forEach(AtomicFile::close); // what made the folder at last
    }
  }

  @Override
  public void close() {
    staging.close();
  }
}
