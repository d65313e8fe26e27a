package org.palimpsest.io.internal.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.graph.GraphReader;
import org.palimpsest.io.internal.graph.OpenGraph;
import org.palimpsest.io.internal.nn.StateDictNetwork;
import org.palimpsest.io.internal.weights.StateDict;
import org.palimpsest.io.network.NetworkOptions;

/**
 * Reads MONAI bundles: folders with {@code configs/inference.json} (or {@code .yaml}, or {@code
 * train} in its place) and {@code models/model.pt}. What the network needs of the configuration is
 * read, references are followed, expressions of Python are refused.
 */
public final class BundleReader implements GraphReader {

  private static final List<String> CONFIGURATIONS =
      List.of(
          "inference.json",
          "inference.yaml",
          "inference.yml",
          "train.json",
          "train.yaml",
          "train.yml");

  @Override
  public String folder() {
    return "a MONAI bundle";
  }

  @Override
  public boolean recognises(Path file, FileKind kind, NetworkOptions options) {
    return kind == FileKind.FOLDER && configuration(file).isPresent();
  }

  static Optional<Path> configuration(Path bundle) {
    return CONFIGURATIONS.stream()
        .map(name -> bundle.resolve("configs").resolve(name))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  @Override
  public OpenGraph open(Path bundle, NetworkOptions options) {
    Path configuration =
        configuration(bundle)
            .orElseThrow(() -> new PalimpsestException(bundle + " is no MONAI bundle."));
    Path weights = bundle.resolve("models").resolve(BundleWeights.USUAL);
    if (!Files.isRegularFile(weights)) {
      throw new PalimpsestException(
          "%s is a MONAI bundle without its weights: there is no %s. Download the bundle with its models."
              .formatted(bundle, weights));
    }
    UnchangedFile stamp = UnchangedFile.since(weights);
    Path described = options.architecture().orElse(configuration);
    List<String> notes = new ArrayList<>();
    notes.add("a MONAI bundle; the network is that of " + described);
    JsonNode network =
        options.architecture().isPresent()
            ? JsonFiles.read(described)
            : described(configuration, notes);
    return StateDictNetwork.open(
        stamp,
        StateDict.open(weights, options.key()).without(options.withoutPrefixes()),
        Architectures.read(network, described.toString()),
        notes);
  }

  /** What is loaded when training begins is no matter where training alone is told. */
  private static JsonNode described(Path configuration, List<String> notes) {
    BundleConfiguration read = BundleConfiguration.read(configuration);
    if (InputFiles.name(configuration).startsWith("inference")) {
      BundleWeights.requireUsual(read);
    }
    JsonNode network = BundleReferences.network(read, notes);
    notes.addAll(BundleEvaluation.notes(read));
    return network;
  }
}
