package org.palimpsest.io.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import org.deeplearning4j.util.ModelSerializer;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.io.file.InputFiles;
import org.palimpsest.io.file.UnchangedFile;
import org.palimpsest.io.file.ZipContents;

/** Opens what DL4J's {@code ModelSerializer} wrote, after a look at all that DL4J will read. */
final class SavedNetwork {

  private static final String CONFIGURATION = "configuration.json";
  private static final String COEFFICIENTS = "coefficients.bin";
  private static final long MOST_CONFIGURATION = 64L << 20;

  private SavedNetwork() {}

  static Dl4jNetwork open(Path file) {
    InputFiles.require(file);
    UnchangedFile watched = UnchangedFile.since(file);
    try {
      boolean graph = isGraph(file);
      Walk walk = restore(file.toFile(), graph);
      Provenance provenance = new Provenance(file.toString(), watched.sha256(), List.of());
      return Dl4jNetwork.of(InputFiles.nameWithout(".zip", file), provenance, walk);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static boolean isGraph(Path file) throws IOException {
    try (ZipContents zip = ZipContents.open(file)) {
      byte[] json = zip.readWhole(entry(file, zip, CONFIGURATION), MOST_CONFIGURATION);
      JsonNode configuration = NetworkConfiguration.read(file, json);
      SavedCoefficients.check(file, zip, entry(file, zip, COEFFICIENTS));
      return NetworkConfiguration.isGraph(file, configuration);
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

  private static Walk restore(File file, boolean graph) throws IOException {
    try {
      if (!graph) {
        return new SequenceWalk(ModelSerializer.restoreMultiLayerNetwork(file, false));
      }
      GraphWalk walk = new GraphWalk(ModelSerializer.restoreComputationGraph(file, false));
      walk.requireOneInput(file.toString());
      return walk;
    } catch (PalimpsestException clear) {
      throw clear;
    } catch (RuntimeException failure) {
      throw new PalimpsestException(
          "%s cannot be restored by DL4J 1.0.0-M2.1: %s".formatted(file, firstLine(failure)),
          failure);
    }
  }

  private static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse(failure.toString());
  }
}
