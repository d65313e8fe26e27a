package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import io.jhdf.HdfFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.io.internal.graph.GraphBuilder;
import org.palimpsest.io.internal.graph.GraphReader;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.OpenGraph;
import org.palimpsest.io.internal.hdf5.Hdf5File;
import org.palimpsest.io.network.NetworkOptions;

/**
 * Networks that Keras 1, 2 and 3 saved, told by their content: archives ({@code .keras}) and
 * folders of the same files, HDF5 files with their architecture, and weights alone whose
 * architecture the user gives as the JSON of {@code model.to_json()}.
 */
public final class KerasReader implements GraphReader {

  private static final String WEIGHTS_GROUP = "model_weights";

  @Override
  public String tool() {
    return "Keras";
  }

  @Override
  public boolean recognises(Path file, FileKind kind, NetworkOptions options) {
    return switch (kind) {
      case KERAS_ARCHIVE -> true;
      case HDF5 -> isKeras(file);
      case FOLDER -> KerasContainer.isFolder(file) || SavedModels.isOne(file);
      default -> SavedModels.isPartOfCheckpoint(file, kind);
    };
  }

  /** Whether an HDF5 file has the mark of one of the layouts of Keras. */
  private static boolean isKeras(Path file) {
    try (HdfFile hdf = Hdf5File.open(file)) {
      boolean legacy =
          hdf.getAttribute("layer_names") != null || hdf.getAttribute("layer_names0") != null;
      Map<String, io.jhdf.api.Node> children = hdf.getChildren();
      return legacy || children.containsKey(WEIGHTS_GROUP) || KerasContainer.looksLayered(hdf);
    } catch (PalimpsestException clear) {
      throw clear;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError damaged) {
      return false;
    }
  }

  @Override
  public List<Path> filesBeside(Path file, NetworkOptions options) {
    List<Path> beside = new ArrayList<>(options.architecture().stream().toList());
    if (Files.isDirectory(file) && KerasContainer.isFolder(file)) {
      KerasContainer.ENTRIES.forEach(name -> beside.add(file.resolve(name)));
    }
    return beside;
  }

  @Override
  public OpenGraph open(Path file, NetworkOptions options) {
    SavedModels.refuse(file);
    KerasContainer container = KerasContainer.open(file);
    try {
      NetworkGraph graph = new Reading(file, container, options).graph();
      container.require();
      return new OpenGraph(
          graph,
          () -> {
            container.close();
            container.require();
          });
    } catch (RuntimeException failure) {
      container.close();
      throw failure;
    }
  }

  @Override
  public boolean lacksNetwork(Path file, FileKind kind) {
    if (kind != FileKind.HDF5) {
      return false;
    }
    try (KerasContainer container = KerasContainer.open(file)) {
      return container.configuration().isEmpty();
    }
  }

  @Override
  public Optional<Weights> weightsAlone(Path file, FileKind kind, NetworkOptions options) {
    if (kind != FileKind.HDF5 || options.architecture().isPresent()) {
      return Optional.empty();
    }
    try (KerasContainer container = KerasContainer.open(file)) {
      if (container.configuration().isPresent()) {
        return Optional.empty();
      }
      Weights weights = WeightFile.listed(container, file);
      container.require();
      return Optional.of(weights);
    }
  }

  private record Reading(Path file, KerasContainer container, NetworkOptions options) {

    NetworkGraph graph() {
      Hdf5Tree tree = container.weights();
      boolean within = tree.hasGroup(WEIGHTS_GROUP) && !WeightFile.isLegacy(tree, "");
      String root = within ? WEIGHTS_GROUP : "";
      JsonNode configuration = configuration();
      String source = options.architecture().map(Path::toString).orElse(file.toString());
      String version = version(configuration, root);
      Dialect dialect = dialect(configuration, root, version);
      Architecture network = Configuration.read(configuration, source, dialect.major() == 1);
      KnownLayers table = new KnownLayers(file.toString(), dialect);
      Map<KerasLayer, Bound> arrays = WeightFile.bind(tree, root, network, table);
      GraphBuilder graph = NetworkGraph.builder(InputFiles.name(file));
      NetworkWriter.write(file.toString(), network, table, arrays, graph);
      notes(dialect, graph);
      List<String> origin = List.of(dialect.describe() + ", by the table of its layers");
      return graph.build(new Provenance(file.toString(), container.sha256(), origin));
    }

    private void notes(Dialect dialect, GraphBuilder graph) {
      options.architecture().ifPresent(json -> graph.note("the architecture is that of " + json));
      if (dialect.channelsFirst()) {
        graph.note("channels come first in Keras too, so arrays are given as Keras has them");
      }
      if (dialect.turnsKernels()) {
        graph.note(
            dialect.backend().isEmpty()
                ? "kernels taken for Theano's, which are turned (names of arrays do not end with :0)"
                : "Keras ran on Theano, so kernels are turned");
      } else if (dialect.major() == 1) {
        graph.note(
            "kernels taken for TensorFlow's, which are not turned (names of arrays end with :0)");
      }
      if (dialect.version().matches("2\\.[0-3].*") && dialect.version().contains("tf")) {
        graph.note("interpolation taken for that of TensorFlow 2, from the centres of pixels");
      }
    }

    private JsonNode configuration() {
      if (options.architecture().isPresent()) {
        return JsonFiles.read(options.architecture().get());
      }
      return container
          .configuration()
          .orElseThrow(
              () ->
                  new PalimpsestException(
                      file
                          + " holds weights of Keras without their network. Give the JSON of"
                          + " model.to_json() with --architecture FILE.json, or save the whole"
                          + " network with model.save."));
    }

    private String version(JsonNode configuration, String root) {
      Optional<String> told =
          container.version().or(() -> container.weights().text(root, "keras_version"));
      String version = told.orElse(configuration.path("keras_version").asText(""));
      if (version.isEmpty() && configuration.findValue("keras_history") != null) {
        return "3";
      }
      if (version.isEmpty() && container.weights().hasGroup("layers")) {
        boolean three = configuration.findValue("batch_shape") != null;
        return three ? "3" : "2.15";
      }
      if (!version.matches("[123](\\..*)?")) {
        throw new PalimpsestException(
            "%s was written by Keras '%s', where 1, 2 or 3 is known.".formatted(file, version));
      }
      return version;
    }

    /**
     * Keras 1 does not tell what it ran on; TensorFlow ends the names of its arrays with ":0".
     * Where there are no arrays, and nothing pads, it makes no difference but for a note: then it
     * is taken for what it had as the order of axes by itself.
     */
    private static boolean isOfTheano(Hdf5Tree tree, List<String> orders) {
      return tree.arrays().isEmpty()
          ? orders.contains("th")
          : tree.arrays().keySet().stream().noneMatch(path -> path.endsWith(":0"));
    }

    private Dialect dialect(JsonNode configuration, String root, String version) {
      Hdf5Tree tree = container.weights();
      String backend =
          tree.text("", "backend")
              .or(() -> tree.text(root, "backend"))
              .orElse(configuration.path("backend").asText(""));
      List<String> formats = configuration.findValuesAsText("data_format");
      List<String> orders = configuration.findValuesAsText("dim_ordering");
      boolean first = formats.contains("channels_first") || orders.contains("th");
      boolean untold = version.startsWith("1") && tree.arrays().isEmpty();
      if (untold && configuration.findValuesAsText("border_mode").contains("same")) {
        throw new PalimpsestException(
            file
                + " pads ('border_mode' is same) and holds no arrays, by whose names Keras 1 tells"
                + " TensorFlow from Theano, which pad otherwise. Add a layer that keeps arrays, and"
                + " save it again.");
      }
      boolean turned =
          version.startsWith("1") ? isOfTheano(tree, orders) : backend.equals("theano");
      if (backend.equals("cntk")) {
        throw new PalimpsestException(
            "%s was written by Keras on CNTK, which is not known here.".formatted(file));
      }
      return new Dialect(version, backend, turned, first);
    }
  }

  /** TensorFlow's own formats, which Keras 2 wrote where no ending said otherwise. */
  private static final class SavedModels {

    private SavedModels() {}

    /** Whether a folder is a SavedModel of TensorFlow or holds checkpoints of it. */
    static boolean isOne(Path folder) {
      return Files.isRegularFile(folder.resolve("saved_model.pb")) || holdsCheckpoint(folder);
    }

    private static boolean holdsCheckpoint(Path folder) {
      try (Stream<Path> files = Files.list(folder)) {
        return files.limit(10_000).anyMatch(SavedModels::isNamedAsCheckpoint);
      } catch (IOException unreadable) {
        throw InputFiles.unreadable(folder, unreadable);
      }
    }

    private static boolean isNamedAsCheckpoint(Path file) {
      String name = InputFiles.name(file).toLowerCase(Locale.ROOT);
      return name.endsWith(".index") && Files.exists(file.resolveSibling(dataOf(file)))
          || name.matches(".*\\.data-\\d{5}-of-\\d{5}");
    }

    private static String dataOf(Path index) {
      String name = InputFiles.name(index);
      return name.substring(0, name.length() - ".index".length()) + ".data-00000-of-00001";
    }

    /** Whether a file is a part of a checkpoint, which goes by its name. */
    static boolean isPartOfCheckpoint(Path file, FileKind kind) {
      boolean unknown = kind == FileKind.UNKNOWN || kind == FileKind.TEXT;
      boolean list = InputFiles.name(file).equals("checkpoint") && kind == FileKind.TEXT;
      return unknown && (isNamedAsCheckpoint(file) || list && Files.exists(file));
    }

    static void refuse(Path file) {
      if (Files.isDirectory(file) && Files.isRegularFile(file.resolve("saved_model.pb"))) {
        throw new PalimpsestException(
            file
                + " is a SavedModel of TensorFlow, which holds its graph and no layers. Load it in"
                + " Keras and save it with model.save(\"network.keras\") or model.save(\"network.h5\").");
      }
      if (Files.isDirectory(file) && !KerasContainer.isFolder(file)
          || Files.isRegularFile(file)
              && (isNamedAsCheckpoint(file) || InputFiles.name(file).equals("checkpoint"))) {
        throw new PalimpsestException(
            file
                + " is a checkpoint of TensorFlow, which is not read. Load it in Keras with"
                + " model.load_weights and save the network with model.save(\"network.keras\") or"
                + " model.save(\"network.h5\").");
      }
    }
  }
}
