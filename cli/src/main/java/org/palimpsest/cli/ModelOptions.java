package org.palimpsest.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.Input;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.MemoryBound;
import org.palimpsest.io.network.NetworkOptions.RunLimits;
import org.palimpsest.io.study.CheckpointFiles;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How models are run. */
final class ModelOptions {

  static final String MAX_MEMORY = "--max-memory";
  static final String IN_PROCESS = "--in-process";

  private static final String NONE = ".";

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
      names = IN_PROCESS,
      description =
          "Run TorchScript and ONNX models in this process, not in one of their own: a second"
              + " faster, but a model that makes its runtime crash takes the whole command with"
              + " it.")
  private boolean inProcess;

  @Option(
      names = "--architecture",
      paramLabel = "FILE.json",
      description = {
        "The network of a state dict, as an object whose _target_ names its class and whose other"
            + " entries are the arguments of its constructor:"
            + " {\"_target_\": \"UNet\", \"spatial_dims\": 2, ...}; or the steps of your own"
            + " network (docs/architectures). Of weights of Keras, the JSON of model.to_json()."
            + " Once for all models, or once for each in their order, '.' for one that needs none."
      })
  private List<Path> architectures = List.of();

  @Option(
      names = "--key",
      paramLabel = "ENTRY[.ENTRY]",
      description =
          "The entry of a checkpoint that holds the weights, where it holds several networks, or"
              + " what the names of the weights begin with: model, ema_model. Once for all models,"
              + " or once for each.")
  private List<String> keys = List.of();

  @Option(
      names = "--without-prefix",
      paramLabel = "PREFIX",
      description =
          "Take this off the names of weights where all of a checkpoint begin so, such as"
              + " 'student.'. Several by giving the option again, the outer one first. 'module.'"
              + " and '_orig_mod.' are taken off anyway, and what all names share as far as the"
              + " network then fits.")
  private List<String> prefixes = List.of();

  @Option(
      names = "--fold",
      paramLabel = "N|all",
      description =
          "Which fold of a results folder of nnU-Net. Once for all models, or once for each."
              + " (default: the lowest one that has a final checkpoint, else the best, else the"
              + " latest)")
  private List<String> folds = List.of();

  @Option(
      names = "--checkpoint",
      paramLabel = "final|best|latest",
      description = "Which checkpoint of a fold of nnU-Net. Once for all models, or once for each.")
  private List<String> checkpoints = List.of();

  /**
   * What the user says of a model beside its name.
   *
   * @param place which of the command's models it is, from 0
   */
  NetworkOptions said(int place) {
    return new NetworkOptions(
        at(place, architectures),
        at(place, keys),
        at(place, folds),
        at(place, checkpoints),
        prefixes);
  }

  /**
   * What the user says of all models of a command.
   *
   * @throws ParameterException if it says one thing of one model and another of the next
   */
  NetworkOptions saidOfAll(CommandSpec command) {
    if (Stream.of(architectures, keys, folds, checkpoints).anyMatch(given -> given.size() > 1)) {
      throw new ParameterException(
          command.commandLine(),
          "--architecture, --key, --fold and --checkpoint are said once for all checkpoints of a"
              + " study.");
    }
    return said(0);
  }

  /** What is said of the one at a place: once for all, or once for each; nothing by a dot. */
  static <T> Optional<T> at(int place, List<T> given) {
    return given.isEmpty()
        ? Optional.empty()
        : Optional.of(given.get(Math.min(place, given.size() - 1)))
            .filter(said -> !said.toString().equals(NONE));
  }

  /** Whether memory is to be kept to a bound. */
  boolean limitMemory() {
    return mostMemory != null;
  }

  /** Whether models run in this process. */
  boolean runsInProcess() {
    return inProcess;
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
        ? CheckpointFiles.opening((file, said) -> Inputs.open(file, limits(), said))
        : CheckpointFiles.opening((file, said) -> Inputs.openIsolated(file, limits(), said));
  }

  /** Opens a command's one model. */
  Input open(Path file) {
    requireUse(List.of(file));
    return opened(file);
  }

  /** Opens what is both of a command's models, or activations. */
  Input openForBoth(Path file) {
    requireUse(List.of(file, file));
    return opened(file);
  }

  private Input opened(Path file) {
    return inProcess
        ? Inputs.open(file, limits(), taken(0, file))
        : Inputs.openIsolated(file, limits(), taken(0, file));
  }

  /**
   * Opens a command's two models, or activations. Where memory is bounded, each keeps to its own.
   */
  List<Input> openBoth(Path first, Path second) {
    requireUse(List.of(first, second));
    return inProcess
        ? Inputs.openBoth(first, taken(0, first), second, taken(1, second), limits())
        : Inputs.openBothIsolated(first, taken(0, first), second, taken(1, second), limits());
  }

  /** Of what is said of all models, that which this one takes. */
  private NetworkOptions taken(int place, Path file) {
    return said(place).only(Inputs.taken(file, said(place)).asNetwork());
  }

  private void requireUse(List<Path> models) {
    new OptionUse()
        .with(NetworkOptions.Option.ARCHITECTURE, architectures)
        .with(NetworkOptions.Option.KEY, keys)
        .with(NetworkOptions.Option.FOLD, folds)
        .with(NetworkOptions.Option.CHECKPOINT, checkpoints)
        .requireOfNetworks(models, IntStream.range(0, models.size()).mapToObj(this::said).toList());
    for (int place = 0; place < models.size(); place++) {
      Inputs.requireNoOtherDescription(models.get(place), said(place));
    }
  }
}
