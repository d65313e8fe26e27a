package org.palimpsest.cli;

import java.nio.file.Path;
import java.util.List;

/**
 * A command that writes files. Before it runs it is asked for them, so that an output which the
 * command also reads, or would write twice, is refused at once and not after hours of work.
 */
public interface WritesFiles {

  /**
   * What it writes, as far as that is known before it runs: files, or the folder in which they will
   * lie. Asked after the options are parsed.
   */
  List<Path> outputs();
}
