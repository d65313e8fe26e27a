package org.palimpsest.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.weights.StateDictNames;
import picocli.CommandLine.Option;

/** Which entry of a checkpoint holds the weights, and what is taken off their names. */
final class WeightOptions {

  @Option(
      names = "--key",
      paramLabel = "ENTRY[.ENTRY]",
      description =
          "Of a training checkpoint, the entry that holds the weights, such as 'ema_state_dict', or"
              + " one within another, 'ema.params', or what the names begin with, 'ema_model'. Of two"
              + " files once for both, or twice in their order, '.' for a file that needs none. (default: state_dict, model and the like)")
  private final List<String> keys = new ArrayList<>();

  @Option(
      names = "--without-prefix",
      paramLabel = "PREFIX",
      description =
          "Take this off the names of a file of which all begin so, such as 'student.'. Several"
              + " by giving the option again, the outer one first. 'module.' and '_orig_mod.' are"
              + " taken off anyway. (default: nothing else)")
  private final List<String> prefixes = new ArrayList<>();

  @Option(
      names = "--architecture",
      paramLabel = "FILE.json",
      description =
          "Of a file that holds weights of Keras without their network, the JSON of"
              + " model.to_json(); of a state dict, the description that 'capture' takes. Of two"
              + " files once for both, or twice in their order, '.' for a file that needs none.")
  private final List<Path> architectures = new ArrayList<>();

  /** Reads the weights of one file. */
  Weights read(Path file) {
    return read(List.of(file)).get(0);
  }

  /**
   * Reads the weights of several files.
   *
   * @throws PalimpsestException if there are as many keys or architectures as neither one nor
   *     files, they say nothing of these, or no name begins with a prefix
   */
  List<Weights> read(List<Path> files) {
    List<NetworkOptions> said = IntStream.range(0, files.size()).mapToObj(this::said).toList();
    new OptionUse()
        .with(NetworkOptions.Option.ARCHITECTURE, architectures)
        .with(NetworkOptions.Option.KEY, keys)
        .requireOfWeights(files, said);
    List<Weights> all = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      Path file = files.get(i);
      all.add(read(file, said.get(i).only(Inputs.taken(file, said.get(i)).asWeights())));
    }
    prefixes.forEach(prefix -> takeOff(prefix, all));
    return all;
  }

  private NetworkOptions said(int place) {
    NetworkOptions none = NetworkOptions.none();
    NetworkOptions described =
        ModelOptions.at(place, architectures).map(none::withArchitecture).orElse(none);
    return ModelOptions.at(place, keys).map(described::withKey).orElse(described);
  }

  private static Weights read(Path file, NetworkOptions said) {
    if (said.architecture().isEmpty()) {
      return said.key().isEmpty() ? Inputs.weights(file) : Inputs.weights(file, said.key().get());
    }
    Inputs.requireNoOtherDescription(file, said);
    return Inputs.weights(file, said);
  }

  private static void takeOff(String prefix, List<Weights> all) {
    boolean applies = all.stream().anyMatch(weights -> beginsWith(prefix, weights));
    if (!applies && !StateDictNames.isWrapper(prefix)) {
      Weights first = all.get(0);
      throw new PalimpsestException(
          "--without-prefix %s: not all names of %s begin so; the first is '%s'."
              .formatted(prefix, first.name(), first.tensors().get(0).name()));
    }
    all.replaceAll(
        weights -> beginsWith(prefix, weights) ? weights.withoutPrefix(prefix) : weights);
  }

  private static boolean beginsWith(String prefix, Weights weights) {
    return weights.tensors().stream().allMatch(tensor -> tensor.name().startsWith(prefix));
  }
}
