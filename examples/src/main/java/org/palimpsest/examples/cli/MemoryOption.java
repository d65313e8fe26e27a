package org.palimpsest.examples.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much memory the process may take. */
final class MemoryOption {

  static final String NAME = "--max-memory";

  @Option(
      names = NAME,
      paramLabel = "SIZE",
      description =
          "The most memory that the whole process may take, such as 512m or 4g; at least 512m. What"
              + " does not fit is put into the output folder meanwhile. (default: what Java and the"
              + " libraries take)")
  private @Nullable MemorySize most;

  /** The part of it that prepared layers may take. */
  long forLayers() {
    return most == null ? MemoryShares.UNBOUNDED_LAYERS : MemoryShares.of(most).layers();
  }
}
