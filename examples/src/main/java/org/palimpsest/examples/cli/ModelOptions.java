package org.palimpsest.examples.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.Input;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.capture.MemoryBound;
import org.palimpsest.io.capture.RunLimits;
import org.palimpsest.io.study.CheckpointFiles;
import picocli.CommandLine.Option;

/** How models are run. */
final class ModelOptions {

  static final String MAX_MEMORY = "--max-memory";

  @Option(
      names = MAX_MEMORY,
      paramLabel = "SIZE",
      description = {
        "The most memory to hold while models run, such as 800M or 2G: Java and the native"
            + " runtimes together. Models are shown as few probes at once as it takes, and what"
            + " they answer waits on the disk. (default: as much as there is)"
      })
  private @Nullable MemorySize mostMemory;

  @Option(
      names = "--in-process",
      description =
          "Run TorchScript and ONNX models in this process, not in one of their own: a second"
              + " faster, but a model that makes its runtime crash takes the whole command with"
              + " it.")
  private boolean inProcess;

  /** Whether memory is to be kept to a bound. */
  boolean limitMemory() {
    return mostMemory != null;
  }

  /** How many probes at once, in how much memory. */
  RunLimits limits() {
    RunLimits usual = RunLimits.withDefaults();
    return mostMemory == null ? usual : usual.withMemory(new MemoryBound(mostMemory.bytes()));
  }

  /** The bound on memory, if there is one. */
  Optional<MemorySize> mostMemory() {
    return Optional.ofNullable(mostMemory);
  }

  /**
   * How checkpoints are opened: in a process of their own, unless memory is bounded, of which two
   * processes need more than one.
   */
  CheckpointFiles checkpoints() {
    return inProcess || limitMemory()
        ? CheckpointFiles.opening(file -> Inputs.open(file, limits()))
        : CheckpointFiles.opening(file -> Inputs.openIsolated(file, limits()));
  }

  /** Opens a model, or activations. */
  Input open(Path file) {
    return inProcess ? Inputs.open(file, limits()) : Inputs.openIsolated(file, limits());
  }
}
