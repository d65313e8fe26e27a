package org.palimpsest.io;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.palimpsest.io.file.FileKind;
import org.palimpsest.io.graph.GraphOptions;
import org.palimpsest.io.graph.GraphReader;
import org.palimpsest.io.nnunet.NnUnetReader;

/** All kinds of files and folders from which networks are built. The first that fits reads. */
public final class GraphReaders {

  private static final List<GraphReader> ALL = List.of(new NnUnetReader());

  private GraphReaders() {}

  /** The reader of a file or folder, if there is one. */
  public static Optional<GraphReader> of(Path file, GraphOptions options) {
    FileKind kind = FileKind.of(file);
    return ALL.stream().filter(reader -> reader.recognises(file, kind, options)).findFirst();
  }
}
