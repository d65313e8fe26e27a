package org.palimpsest.io.dl4j;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.internal.file.ZipContents;

/** Opens what DL4J's {@code ModelSerializer} wrote: its configuration and its parameters. */
final class SavedNetwork {

  private static final String CONFIGURATION = "configuration.json";
  private static final String COEFFICIENTS = "coefficients.bin";
  private static final long MOST_CONFIGURATION = 64L << 20;

  private SavedNetwork() {}

  static Dl4jNetwork open(Path file) {
    InputFiles.require(file);
    UnchangedFile watched = UnchangedFile.since(file);
    try {
      Walk walk = restore(file);
      Provenance provenance = new Provenance(file.toString(), watched.sha256(), List.of());
      return Dl4jNetwork.of(InputFiles.nameWithout(".zip", file), provenance, walk);
    } catch (PalimpsestException clear) {
      throw clear;
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError failure) {
      throw notRestored(file, failure);
    }
  }

  private static Walk restore(Path file) throws IOException {
    try (ZipContents zip = ZipContents.open(file)) {
      byte[] json = zip.readWhole(entry(file, zip, CONFIGURATION), MOST_CONFIGURATION);
      NetworkConfiguration configuration = NetworkConfiguration.read(file, json);
      ZipEntry coefficients = entry(file, zip, COEFFICIENTS);
      return built(file, configuration, SavedCoefficients.read(file, zip, coefficients));
    }
  }

  private static ZipEntry entry(Path file, ZipContents zip, String name) {
    Optional<ZipEntry> found =
        zip.entries().stream().filter(entry -> entry.getName().equals(name)).findFirst();
    return found.orElseThrow(
        () ->
            new PalimpsestException(
                "%s is no saved DL4J network: it holds no %s. ModelSerializer.writeModel writes one."
                    .formatted(file, name)));
  }

  /** DL4J's own reader of such files is not used: it deserialises an object that lies in them. */
  private static Walk built(Path file, NetworkConfiguration configuration, INDArray coefficients)
      throws IOException {
    if (!configuration.isGraph()) {
      MultiLayerNetwork network =
          new MultiLayerNetwork(configured(file, configuration, MultiLayerConfiguration.class));
      network.init(coefficients, false);
      return new SequenceWalk(network);
    }
    ComputationGraph graph =
        new ComputationGraph(configured(file, configuration, ComputationGraphConfiguration.class));
    graph.init(coefficients, false);
    GraphWalk walk = new GraphWalk(graph);
    walk.requireOneInput(file.toString());
    return walk;
  }

  private static <T> T configured(Path file, NetworkConfiguration configuration, Class<T> type)
      throws IOException {
    try {
      return configuration.as(type);
    } catch (JsonProcessingException failure) {
      throw notRestored(file, failure);
    }
  }

  private static PalimpsestException notRestored(Path file, Throwable failure) {
    return new PalimpsestException(
        "%s cannot be restored by DL4J 1.0.0-M2.1: %s".formatted(file, firstLine(failure)),
        failure);
  }

  private static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse(failure.toString());
  }
}
