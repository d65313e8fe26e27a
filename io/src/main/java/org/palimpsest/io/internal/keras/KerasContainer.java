package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import io.jhdf.HdfFile;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.BoundedJson;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.internal.file.ZipContents;

/** What holds a network of Keras: an archive, a folder, or one HDF5 file. */
final class KerasContainer implements AutoCloseable {

  private static final String METADATA = "metadata.json";
  private static final String CONFIGURATION = "config.json";
  private static final String WEIGHTS = "model.weights.h5";
  private static final long MOST_JSON = 256L << 20;

  static final List<String> ENTRIES = List.of(METADATA, CONFIGURATION, WEIGHTS);

  private final List<UnchangedFile> files;
  private final Hdf5Tree weights;
  private final Optional<JsonNode> configuration;
  private final Optional<String> version;
  private final @Nullable TemporaryFolder unpacked;

  private KerasContainer(
      List<UnchangedFile> files,
      Hdf5Tree weights,
      Optional<JsonNode> configuration,
      Optional<String> version,
      @Nullable TemporaryFolder unpacked) {
    this.files = files;
    this.weights = weights;
    this.configuration = configuration;
    this.version = version;
    this.unpacked = unpacked;
  }

  static boolean isFolder(Path folder) {
    return ENTRIES.stream().allMatch(name -> Files.isRegularFile(folder.resolve(name)));
  }

  /** Whether there are groups {@code layers/…/vars} as Keras 3 has them. */
  static boolean looksLayered(HdfFile hdf) {
    Node layers = hdf.getChildren().get("layers");
    Node older = hdf.getChildren().get("_layer_checkpoint_dependencies");
    return layers instanceof Group group && holdsLayers(group)
        || older instanceof Group inner && holdsLayers(inner);
  }

  private static boolean holdsLayers(Group group) {
    return group.getChildren().values().stream()
        .allMatch(
            child ->
                child instanceof Group layer
                    && layer.getChildren().values().stream().allMatch(Group.class::isInstance));
  }

  /**
   * Opens a file or folder.
   *
   * @throws PalimpsestException if it is damaged
   */
  static KerasContainer open(Path file) {
    try {
      if (Files.isDirectory(file)) {
        return ofFolder(file);
      }
      return FileKind.of(file) == FileKind.KERAS_ARCHIVE ? ofArchive(file) : ofHdf5(file);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static KerasContainer ofFolder(Path folder) {
    List<UnchangedFile> files =
        Stream.of(WEIGHTS, CONFIGURATION, METADATA)
            .map(name -> UnchangedFile.since(folder.resolve(name)))
            .toList();
    JsonNode metadata = JsonFiles.read(folder.resolve(METADATA));
    JsonNode configuration = JsonFiles.read(folder.resolve(CONFIGURATION));
    Hdf5Tree tree = Hdf5Tree.open(folder.resolve(WEIGHTS), folder.resolve(WEIGHTS).toString());
    return new KerasContainer(files, tree, Optional.of(configuration), version(metadata), null);
  }

  private static Optional<String> version(JsonNode metadata) {
    return Optional.of(metadata.path("keras_version").asText("")).filter(v -> !v.isEmpty());
  }

  private static KerasContainer ofHdf5(Path file) {
    List<UnchangedFile> files = List.of(UnchangedFile.since(file));
    Hdf5Tree tree = Hdf5Tree.open(file, file.toString());
    try {
      Optional<JsonNode> configuration =
          tree.text("", "model_config")
              .map(
                  json ->
                      BoundedJson.read(
                          json.getBytes(StandardCharsets.UTF_8), "The model_config of " + file));
      return new KerasContainer(files, tree, configuration, tree.text("", "keras_version"), null);
    } catch (RuntimeException failure) {
      tree.close();
      throw failure;
    }
  }

  /** What is in the archive is taken out into a private folder once, its checksums checked. */
  private static KerasContainer ofArchive(Path file) throws IOException {
    List<UnchangedFile> files = List.of(UnchangedFile.since(file));
    TemporaryFolder folder = TemporaryFolder.create();
    try (ZipContents zip = ZipContents.open(file)) {
      JsonNode metadata = json(zip, METADATA, file);
      JsonNode configuration = json(zip, CONFIGURATION, file);
      Path weights = folder.path().resolve(WEIGHTS);
      unpack(zip, entry(zip, WEIGHTS, file), weights);
      Hdf5Tree tree = Hdf5Tree.open(weights, "%s in %s".formatted(WEIGHTS, file));
      return new KerasContainer(files, tree, Optional.of(configuration), version(metadata), folder);
    } catch (RuntimeException | IOException failure) {
      folder.close();
      throw failure;
    }
  }

  private static ZipEntry entry(ZipContents zip, String name, Path file) {
    List<ZipEntry> found =
        zip.entries().stream().filter(entry -> entry.getName().equals(name)).toList();
    if (found.size() != 1) {
      throw new PalimpsestException(
          "%s has %s entries %s, where one is expected.".formatted(file, found.size(), name));
    }
    return found.get(0);
  }

  private static JsonNode json(ZipContents zip, String name, Path file) throws IOException {
    byte[] bytes = zip.readWhole(entry(zip, name, file), MOST_JSON);
    return BoundedJson.read(bytes, "%s in %s".formatted(name, file));
  }

  private static void unpack(ZipContents zip, ZipEntry entry, Path target) throws IOException {
    CRC32 sum = new CRC32();
    try (InputStream in = new CheckedInputStream(zip.read(entry), sum)) {
      if (Files.copy(in, target) != entry.getSize() || sum.getValue() != entry.getCrc()) {
        throw zip.damaged(entry, "its size or checksum is wrong");
      }
    } catch (java.util.zip.ZipException | java.io.EOFException damage) {
      throw zip.damaged(entry, damage);
    }
  }

  Hdf5Tree weights() {
    return weights;
  }

  /** The architecture, if it is there. */
  Optional<JsonNode> configuration() {
    return configuration;
  }

  /** Which Keras wrote it, if it says so where the architecture is. */
  Optional<String> version() {
    return version;
  }

  /** The hash of the file, or of the weights of a folder. */
  String sha256() {
    return files.get(0).sha256();
  }

  /** Makes sure that nothing changed since it was opened. */
  void require() {
    files.forEach(UnchangedFile::require);
  }

  @Override
  public void close() {
    weights.close();
    if (unpacked != null) {
      unpacked.close();
    }
  }
}
