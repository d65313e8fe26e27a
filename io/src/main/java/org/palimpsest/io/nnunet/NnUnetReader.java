package org.palimpsest.io.nnunet;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.io.binary.ElementType;
import org.palimpsest.io.file.FileKind;
import org.palimpsest.io.file.FileStamp;
import org.palimpsest.io.file.InputFiles;
import org.palimpsest.io.file.JsonFiles;
import org.palimpsest.io.graph.Extent;
import org.palimpsest.io.graph.GraphBuilder;
import org.palimpsest.io.graph.GraphOptions;
import org.palimpsest.io.graph.GraphReader;
import org.palimpsest.io.graph.NetworkGraph;
import org.palimpsest.io.graph.OpenGraph;
import org.palimpsest.io.graph.StoredTensor;
import org.palimpsest.io.graph.TensorStock;
import org.palimpsest.io.graph.Value;
import org.palimpsest.io.nn.Layer;
import org.palimpsest.io.nn.Normalisation;
import org.palimpsest.io.nn.Scope;
import org.palimpsest.io.pickle.Global;
import org.palimpsest.io.pickle.ObjectFactory;
import org.palimpsest.io.pickle.PickledJson;
import org.palimpsest.io.pickle.PyDict;
import org.palimpsest.io.pickle.PyNone;
import org.palimpsest.io.pickle.Unpickler;
import org.palimpsest.io.pytorch.TorchSave;

/** Reads checkpoints of nnU-Net v2 and v1, alone or in their results folder. */
public final class NnUnetReader implements GraphReader {

  private static final String BESIDE = ".pkl";

  @Override
  public String description() {
    return "a network that nnU-Net trained";
  }

  @Override
  public boolean recognises(Path file, FileKind kind, GraphOptions options) {
    if (options.architecture().isPresent()) {
      return false;
    }
    if (kind == FileKind.FOLDER) {
      return ResultsFolder.in(file).isPresent();
    }
    if (!TorchSave.isOne(kind)) {
      return false;
    }
    if (Files.isRegularFile(beside(file))) {
      return true;
    }
    try (TorchSave saved = TorchSave.open(file)) {
      return isVersion2(saved);
    }
  }

  private static boolean isVersion2(TorchSave saved) {
    return saved.entry("network_weights") instanceof PyDict
        && saved.entry("init_args") instanceof PyDict;
  }

  private static Path beside(Path file) {
    return file.resolveSibling(InputFiles.name(file) + BESIDE);
  }

  @Override
  public OpenGraph open(Path file, GraphOptions options) {
    if (!Files.isDirectory(file)) {
      return openFile(file, Optional.empty(), List.of());
    }
    ResultsFolder folder =
        ResultsFolder.in(file)
            .orElseThrow(() -> new PalimpsestException(file + " holds no results of nnU-Net."));
    ResultsFolder.Checkpoint chosen = folder.choose(options);
    String note =
        "the %s checkpoint of fold %s in %s".formatted(chosen.kind().label(), chosen.fold(), file);
    return openFile(chosen.file(), Optional.of(folder), List.of(note));
  }

  private static OpenGraph openFile(Path file, Optional<ResultsFolder> folder, List<String> notes) {
    FileStamp stamp = FileStamp.of(file);
    TorchSave saved = TorchSave.open(file);
    try {
      NetworkGraph graph =
          isVersion2(saved) ? version2(file, saved, folder, notes) : version1(file, saved, notes);
      return new OpenGraph(
          graph,
          () -> {
            saved.close();
            stamp.requireUnchanged();
          });
    } catch (PalimpsestException failure) {
      saved.close();
      throw failure;
    }
  }

  private static NetworkGraph version2(
      Path file, TorchSave saved, Optional<ResultsFolder> folder, List<String> notes) {
    JsonNode arguments = PickledJson.of(saved.entry("init_args"), file.toString());
    String configuration = arguments.path("configuration").asText();
    String trainer = String.valueOf(saved.entry("trainer_name"));
    List<String> all = new ArrayList<>(notes);
    all.add("configuration %s, trained by %s".formatted(configuration, trainer));
    UNetPlan plan =
        new PlansV2(
                file.toString(),
                shared(folder, "plans.json", arguments.path("plans"), all),
                shared(folder, "dataset.json", arguments.path("dataset_json"), all))
            .plan(configuration);
    Map<String, StoredTensor> tensors = saved.tensors(saved.entry("network_weights"));
    if (plan.normalisesEachImage()
        && tensors.keySet().stream().anyMatch(name -> name.endsWith(".norm.running_var"))) {
      plan = plan.withNormalisation(NnUnetReader::batch);
      all.add("batch normalisation, as the tensors show, in the place of what the plans name");
    }
    return graph(file, saved, tensors, new UNetBuilder(plan), plan.inputs(), plan.axes(), all);
  }

  /** nnU-Net's own predictor takes the settings from the folder and not from the checkpoint. */
  private static JsonNode shared(
      Optional<ResultsFolder> folder, String name, JsonNode own, List<String> notes) {
    Optional<Path> file = folder.flatMap(place -> place.shared(name));
    if (file.isEmpty()) {
      return own;
    }
    JsonNode read = JsonFiles.read(file.get());
    if (!read.equals(own)) {
      notes.add(
          "%s beside the folds differs from what the checkpoint holds, and is used"
              .formatted(name));
    }
    return read;
  }

  private static Normalisation batch(long channels) {
    return new Normalisation.Batch(channels, 1e-5, true);
  }

  private static NetworkGraph version1(Path file, TorchSave saved, List<String> notes) {
    Path settings = beside(file);
    if (!Files.isRegularFile(settings)) {
      throw new PalimpsestException(
          "%s is a checkpoint of nnU-Net v1 and needs %s beside it, which names the trainer and the plans."
              .formatted(file, settings.getFileName()));
    }
    JsonNode read = pickled(settings);
    String trainer = read.path("name").asText();
    JsonNode plans = read.path("plans");
    UNetV1 network =
        new UNetV1(file.toString(), trainer, plans, read.path("init").path(5).asLong());
    List<String> all = new ArrayList<>(notes);
    all.add("nnU-Net v1, trained by " + trainer);
    Map<String, StoredTensor> tensors = saved.tensors(saved.entry("state_dict"));
    return graph(file, saved, tensors, network, network.inputs(), network.axes(), all);
  }

  private static JsonNode pickled(Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return PickledJson.of(
          Unpickler.read(in, NoObjects.INSTANCE, file.toString()), file.toString());
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static NetworkGraph graph(
      Path file,
      TorchSave saved,
      Map<String, StoredTensor> tensors,
      Layer network,
      long inputs,
      int axes,
      List<String> notes) {
    TensorStock stock = TensorStock.of(file.toString(), tensors);
    GraphBuilder graph = NetworkGraph.builder(InputFiles.name(file));
    List<Extent> extents = new ArrayList<>(List.of(Extent.any(), Extent.of(inputs)));
    extents.addAll(Collections.nCopies(axes, Extent.any()));
    Value images = graph.input(ElementType.FLOAT32, extents);
    String prefix =
        tensors.keySet().stream().allMatch(n -> n.startsWith("module.")) ? "module." : "";
    graph.output(network.apply(Scope.root(graph, stock, prefix), images));
    stock.requireAllTaken("");
    Provenance of = saved.provenance();
    return graph.build(new Provenance(of.origin(), of.sha256(), notes));
  }

  /** For pickles of settings, where objects are of no interest. */
  private enum NoObjects implements ObjectFactory {
    INSTANCE;

    @Override
    public Optional<Object> make(Global callee, List<Object> arguments) {
      return Optional.empty();
    }

    @Override
    public Object load(Object persistentId) {
      return PyNone.NONE;
    }
  }
}
