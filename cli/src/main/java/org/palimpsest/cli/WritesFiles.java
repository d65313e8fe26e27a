package org.palimpsest.cli;

import java.nio.file.Path;
import java.util.List;

/** A command that writes files. */
public interface WritesFiles {

  /** What it writes, as far as that is known before it runs. */
  List<Path> outputs();
}
