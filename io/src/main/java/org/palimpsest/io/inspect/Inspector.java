package org.palimpsest.io.inspect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.dl4j.Dl4jNetwork;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.image.Preprocessing;
import org.palimpsest.io.inspect.Inspection.Part;
import org.palimpsest.io.inspect.Inspection.Use;
import org.palimpsest.io.internal.architecture.ArchitectureGuess;
import org.palimpsest.io.internal.dump.Hdf5Listing;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.internal.frontend.GraphOutline;
import org.palimpsest.io.internal.graph.GraphReader;
import org.palimpsest.io.internal.keras.KerasReader;
import org.palimpsest.io.internal.nnunet.NnUnetReader;
import org.palimpsest.io.internal.nnunet.NnUnetRuns;
import org.palimpsest.io.internal.onnx.OnnxOutline;
import org.palimpsest.io.internal.plugin.Importers;
import org.palimpsest.io.internal.pytorch.ModuleTree;
import org.palimpsest.io.internal.pytorch.PickledSettings;
import org.palimpsest.io.internal.pytorch.SavedModule;
import org.palimpsest.io.internal.torchscript.TorchScriptOutline;
import org.palimpsest.io.internal.weights.WeightFiles;
import org.palimpsest.io.network.LayerOutline;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.npy.NpzActivations;
import org.palimpsest.io.plugin.Importer;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.weights.StateDictNames;

/** Looks into files; runs nothing from them. */
final class Inspector {

  private static final String AS_MODEL = "as a model, or for its weights";
  private static final int MOST_FILES = 1000;
  private static final String PLANS_OF_NNUNET_1 = "plans_per_stage";

  private final Path file;
  private final NetworkOptions said;
  private Inspection found;

  private Inspector(Path file, NetworkOptions said, Inspection found) {
    this.file = file;
    this.said = said;
    this.found = found;
  }

  /**
   * Looks into a file.
   *
   * @param said which of the weights in it are meant
   * @throws PalimpsestException if there are none such
   */
  static Inspection inspect(Path file, NetworkOptions said) {
    Optional<Importer> importer = Importers.of(file);
    if (importer.isPresent()) {
      return Inspection.of(importer.get().kind(), "as a model, opened by a plug-in")
          .offering(Use.CAPTURE, Use.COMPARE_NETWORKS);
    }
    FileKind kind = FileKind.of(file);
    Inspector inspector = new Inspector(file, said, Inspection.of(kind));
    if (said.equals(NetworkOptions.none())) {
      inspector.attempt(() -> inspector.lookInto(kind));
    } else {
      Weights weights =
          StateDictNames.without(
              said.withoutPrefixes(),
              said.key().isPresent()
                  ? Inputs.weights(file, said.key().get())
                  : WeightFiles.read(file));
      StateDictNames.requireUse(said.withoutPrefixes(), List.of(weights.provenance()));
      inspector.tell(weights);
      inspector.found = inspector.found.offering(Use.WEIGHTS, Use.COMPARE_WEIGHTS);
    }
    return inspector.found;
  }

  /** What cannot be told is a note; what could be told before stays. */
  private boolean attempt(Runnable look) {
    try {
      look.run();
      return true;
    } catch (PalimpsestException damaged) {
      found = found.noting(List.of(String.valueOf(damaged.getMessage())));
      return false;
    }
  }

  private void lookInto(FileKind kind) {
    Optional<FrontEnds.Found> network = FrontEnds.of(file, NetworkOptions.none());
    if (network.isPresent()) {
      network(network.get(), kind);
      return;
    }
    switch (kind) {
      case TORCHSCRIPT -> torchScript();
      case TORCH_MODULE -> module();
      case TORCH_CHECKPOINT, TORCH_LEGACY -> {
        found = found.writtenBy("PyTorch");
        weights();
        describeUnknown();
      }
      case PICKLE -> attempt(this::pickle);
      case SAFETENSORS -> safetensors();
      case NPZ -> npz();
      case NPY -> {
        found = found.with("arrays", List.of(part("", NpyFile.header(file))));
        found = found.offering(Use.PROBES, Use.COMPARE_ACTIVATIONS);
      }
      case HDF5 -> hdf5();
      case DL4J -> network(Dl4jNetwork.open(file), "Deeplearning4j");
      case ONNX -> onnx();
      case FOLDER -> found = folder(file, found);
      case TEXT -> found = JsonText.describe(file, found);
      default -> image(kind);
    }
  }

  private void network(FrontEnds.Found network, FileKind kind) {
    GraphReader reader = network.reader();
    Optional<Weights> alone = reader.weightsAlone(file, kind, said);
    if (kind == FileKind.FOLDER) {
      found = Inspection.of(reader.folder(), AS_MODEL);
    } else if (reader instanceof KerasReader) {
      found =
          alone.isPresent()
              ? Inspection.of(
                  "weights of Keras, without their network",
                  "for its weights; as a model with --architecture FILE.json, what"
                      + " model.to_json() says")
              : Inspection.of("a file of Keras", AS_MODEL);
    } else if (kind == FileKind.TORCH_CHECKPOINT || kind == FileKind.TORCH_LEGACY) {
      found = found.renamed(found.is(), AS_MODEL);
    }
    found = found.writtenBy(reader.tool());
    if (alone.isPresent()) {
      List<String> notes = alone.get().provenance().notes();
      found = found.with("tensors", parts(alone.get())).noting(notes);
      found = found.offering(Use.WEIGHTS, Use.CAPTURE_DESCRIBED);
    } else {
      network.tell(this::built);
    }
  }

  private void torchScript() {
    TorchScriptOutline outline = TorchScriptOutline.read(file);
    found = found.writtenBy(outline.writer()).with(outline.layers()).noting(outline.notes());
    if (outline.runnable()) {
      found = found.offering(Use.CAPTURE, Use.COMPARE_NETWORKS);
    }
    weights();
  }

  /** A network that is built from what its file tells. */
  private void built(GraphOutline outline, Supplier<Weights> weights) {
    found = found.with(outline.layers()).noting(outline.notes());
    found = found.offering(Use.CAPTURE, Use.COMPARE_NETWORKS);
    attempt(() -> found = found.with("tensors", parts(weights.get())));
    found = found.offering(Use.WEIGHTS, Use.COMPARE_WEIGHTS);
    if (Files.isDirectory(file) && NnUnetRuns.areIn(file)) {
      attempt(() -> found = withFolds(file, found));
    }
  }

  /** A state dict whose network is not told by the file. */
  private void describeUnknown() {
    if (NnUnetReader.areOfVersion1(found.parts().stream().map(Part::name))) {
      String beside = InputFiles.name(file) + ".pkl";
      found =
          found.renamed(
              "a checkpoint of nnU-Net v1 without %s, which it keeps beside it".formatted(beside),
              "for its weights; as a model where %s lies beside it".formatted(beside));
    } else {
      found = found.offering(Use.DRAFT_ARCHITECTURE);
    }
  }

  /** The pickles of nnU-Net v1 are the only ones that are of use. */
  private void pickle() {
    JsonNode settings = PickledSettings.read(file);
    if (settings.has(PLANS_OF_NNUNET_1)) {
      found =
          found
              .renamed("the plans of nnU-Net v1", "to prepare probes (patches --plan)")
              .offering(Use.PREPARE_BY_PLAN);
    } else if (settings.path("plans").has(PLANS_OF_NNUNET_1)) {
      found =
          found
              .renamed(
                  "what nnU-Net v1 keeps beside a checkpoint",
                  "beside it, which is given as the model (%s); to prepare probes (patches --plan)"
                      .formatted(InputFiles.name(file).replaceFirst("\\.pkl$", "")))
              .offering(Use.PREPARE_BY_PLAN);
    }
  }

  private void module() {
    found = found.writtenBy("PyTorch").with(modules(ModuleTree.ofPickled(file)));
    weights();
  }

  /** Both weights and activations are kept so; names tell which. */
  private void safetensors() {
    weights();
    if (found.parts().stream().anyMatch(part -> part.name().endsWith(".weight"))) {
      found = found.renamed("a safetensors file of weights", FileKind.TORCH_CHECKPOINT.use());
    } else {
      found = found.offering(Use.COMPARE_ACTIVATIONS);
    }
    found = found.offering(Use.DRAFT_ARCHITECTURE);
  }

  private static List<LayerOutline> modules(List<SavedModule> modules) {
    return modules.stream().map(SavedModule::outline).toList();
  }

  private void weights() {
    attempt(
        () -> {
          tell(Inputs.weights(file, said));
          found = found.offering(Use.WEIGHTS, Use.COMPARE_WEIGHTS);
        });
  }

  private void tell(Weights weights) {
    found = found.with("tensors", parts(weights)).noting(weights.provenance().notes());
    guess(weights);
    List<String> alike = StateDictNames.alike(weights);
    if (!alike.isEmpty()) {
      found =
          found.noting(
              List.of(
                  "several networks of the same names and shapes lie in it, below %s: --key %s takes one of them"
                      .formatted(String.join(" and ", alike), String.join(" or --key ", alike))));
    }
  }

  /** The description of a network that the names of the weights look like. */
  private void guess(Weights weights) {
    ArchitectureGuess.of(weights)
        .ifPresent(
            guess ->
                found =
                    found.noting(
                        List.of(
                            "looks like %s, a guess from names and shapes (strides and activations are not told by them); to begin with, --architecture with: %s"
                                .formatted(guess.path("_target_").asText(), guess))));
  }

  private static List<Part> parts(Weights weights) {
    return weights.tensors().stream()
        .map(t -> new Part(t.name(), Arrays.toString(t.values().shape()), t.dtype()))
        .toList();
  }

  private void npz() {
    NpzActivations arrays = NpzActivations.open(file);
    List<Part> parts =
        arrays.headers().entrySet().stream()
            .map(array -> part(array.getKey(), array.getValue()))
            .toList();
    boolean captured = arrays.probes().isKnown();
    List<String> notes = new ArrayList<>(arrays.provenance().notes());
    if (captured) {
      notes.add(0, "captured from " + arrays.provenance().origin());
      notes.add("fingerprint of the probes: " + arrays.probes().value());
    }
    found = found.with(captured ? "layers" : "arrays", parts).noting(notes);
    found = found.writtenBy(captured ? "Palimpsest" : "").offering(Use.COMPARE_ACTIVATIONS);
  }

  private void hdf5() {
    Hdf5Listing listing = Hdf5Listing.read(file);
    List<Hdf5Listing.StoredArray> arrays = listing.arrays();
    found = Inspection.of("an HDF5 file of arrays", "as activations");
    found = found.with("arrays", arrays.stream().map(Inspector::part).toList());
    found = found.noting(listing.notes()).offering(Use.COMPARE_ACTIVATIONS);
  }

  private void network(Dl4jNetwork network, String tool) {
    found = found.writtenBy(tool).with(network.layers()).noting(network.provenance().notes());
    found = found.with("tensors", parts(network.weights()));
    found = found.offering(Use.CAPTURE, Use.COMPARE_NETWORKS);
    found = found.offering(Use.WEIGHTS, Use.COMPARE_WEIGHTS);
  }

  private void onnx() {
    OnnxOutline outline = OnnxOutline.read(file);
    found = found.writtenBy(outline.producer()).with(outline.layers());
    found = found.noting(List.of("its inputs: " + String.join(", ", outline.inputs())));
    if (outline.inputs().size() == 1) {
      found = found.offering(Use.CAPTURE, Use.COMPARE_NETWORKS);
    }
    weights();
  }

  private void image(FileKind kind) {
    if (kind.isImage()) {
      Probes probes = Inputs.probes(file, Preprocessing.none());
      String shape = Arrays.toString(probes.shape());
      found = found.with("arrays", List.of(new Part("", shape, "float32")));
      found = kind == FileKind.NIFTI ? found.offering(Use.PATCHES) : found;
      found = found.offering(Use.PROBES);
    }
  }

  private static List<Part> unread(List<String> names) {
    return names.stream().map(name -> new Part(name, "", "")).toList();
  }

  private static Part part(Hdf5Listing.StoredArray array) {
    return new Part(array.name(), array.shape().toString(), array.type());
  }

  private static Part part(String name, NpyFile.Header header) {
    return new Part(name, header.shape().toString(), header.typeName());
  }

  private static Inspection folder(Path folder, Inspection found) {
    Map<FileKind, Integer> kinds = kinds(folder);
    if (kinds.containsKey(FileKind.FOLDER) && NnUnetRuns.areIn(folder)) {
      return withFolds(folder, found);
    }
    List<String> notes = new ArrayList<>();
    kinds.forEach(
        (kind, count) -> notes.add("%s: %s %s".formatted(kind.description(), count, files(count))));
    Inspection told = found.noting(notes);
    if (kinds.containsKey(FileKind.FOLDER)) {
      Optional<Inspection> runs = runs(folder, told);
      if (runs.isPresent()) {
        return runs.get();
      }
    }
    if (kinds.containsKey(FileKind.NPY)) {
      told =
          told.with("arrays", unread(Dumps.open(folder).layers()))
              .offering(Use.COMPARE_ACTIVATIONS);
    }
    if (kinds.getOrDefault(FileKind.TORCHSCRIPT, 0) > 1) {
      told = told.noting(List.of("checkpoints of one run? 'track' takes the folder above it"));
    }
    if (kinds.containsKey(FileKind.NIFTI)) {
      told = told.offering(Use.PATCHES);
    }
    if (kinds.keySet().stream().anyMatch(FileKind::isImage)) {
      told = told.offering(Use.PROBES);
    }
    return told;
  }

  /** Of results of nnU-Net also which checkpoints there are, since they are a study. */
  private static Inspection withFolds(Path folder, Inspection found) {
    RunsFolder folds = RunsFolder.open(folder);
    List<String> notes = new ArrayList<>();
    for (TrainingRun run : folds.runs()) {
      notes.add("%s: checkpoints of the epochs %s".formatted(run.name(), run.steps()));
    }
    notes.addAll(folds.notes());
    notes.addAll(folds.unread());
    int runs = folds.runs().size();
    return found
        .renamed(
            "results of nnU-Net: %s %s".formatted(runs, runs == 1 ? "fold" : "folds"),
            found.layers().isEmpty()
                ? "as a study; each folder in it, or a fold's, as a network"
                : "as a network (the checkpoint that the notes name), or as a study of its folds")
        .noting(notes)
        .offering(Use.PREPARE_BY_PLAN, Use.TRACK_WITH_PROBES);
  }

  private static String files(int count) {
    return count == 1 ? "file" : "files";
  }

  private static Optional<Inspection> runs(Path folder, Inspection told) {
    try {
      RunsFolder found = RunsFolder.open(folder);
      int runs = found.runs().size() + (found.source().isPresent() ? 1 : 0);
      Inspection counted = told.noting(List.of("training runs in it: " + runs));
      return Optional.of(
          counted.offering(found.probes().isPresent() ? Use.TRACK : Use.TRACK_WITH_PROBES));
    } catch (PalimpsestException noRuns) {
      return Optional.empty();
    }
  }

  private static Map<FileKind, Integer> kinds(Path folder) {
    Map<FileKind, Integer> kinds = new EnumMap<>(FileKind.class);
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(file -> Files.isReadable(file))
          .filter(file -> Files.isDirectory(file) || Files.isRegularFile(file))
          .sorted()
          .limit(MOST_FILES)
          .forEach(file -> kinds.merge(FileKind.of(file), 1, Integer::sum));
      return kinds;
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** Tells what a text holds, if it is JSON. */
  private static final class JsonText {

    private static final long LONGEST = 16L << 20;
    private static final int MOST_NAMES = 8;

    private static final String IS = "a text in JSON";

    /** What a text is for, told by the names in it. */
    private enum Role {
      NETWORK(
          "to describe a network whose weights lie in another file (--architecture)",
          json ->
              json.has("_target_")
                  || json.has("blocks") && json.has("steps")
                  || json.has("class_name") && json.has("config")),
      TRANSFORMS(
          "to prepare probes (patches --transforms)",
          json -> json.isArray() && json.path(0).has("_target_"),
          Use.PREPARE_BY_TRANSFORMS),
      BUNDLE(
          "in a folder of a MONAI bundle, which is given as a whole",
          json -> json.has("network_def") || json.has("network")),
      PLAN(
          "to prepare probes (patches --plan, with its dataset.json beside it)",
          json -> json.has("configurations") || json.has("plans_per_stage"),
          Use.PREPARE_BY_PLAN),
      DATASET(
          "beside the plans.json of nnU-Net (patches --plan), whose channels it names",
          json -> json.has("labels") && (json.has("channel_names") || json.has("modality"))),
      STUDY("to name the training runs of a study (track, assess)", json -> json.has("runs")),
      RUN(
          "beside a run's checkpoints (track, assess)",
          json -> json.has("start") || json.has("source") || json.has("seed")),
      TABLE(
          "as the table of a study (report, for its folder)",
          json -> json.has("figures") && json.has("checkpoints"));

      private final String use;
      private final Predicate<JsonNode> mark;
      private final Use[] next;

      Role(String use, Predicate<JsonNode> mark, Use... next) {
        this.use = use;
        this.mark = mark;
        this.next = next;
      }
    }

    private JsonText() {}

    /** Says more of a text if it is JSON. */
    static Inspection describe(Path file, Inspection found) {
      try {
        if (Files.size(file) > LONGEST) {
          return found;
        }
        JsonNode json = new ObjectMapper().readTree(Files.readAllBytes(file));
        return json == null || !json.isContainerNode() ? found : described(json, found);
      } catch (JsonProcessingException noJson) {
        return found;
      } catch (IOException unreadable) {
        throw new PalimpsestException(
            file + " cannot be read: " + unreadable.getMessage(), unreadable);
      }
    }

    private static Inspection described(JsonNode json, Inspection found) {
      List<String> contents = List.of(contents(json));
      return Arrays.stream(Role.values())
          .filter(role -> role.mark.test(json))
          .findFirst()
          .map(role -> found.renamed(IS, role.use).noting(contents).offering(role.next))
          .orElseGet(() -> found.renamed(IS, "for nothing here").noting(contents));
    }

    private static String contents(JsonNode json) {
      if (json.isObject()) {
        return "an object with " + names(json);
      }
      return json.isEmpty()
          ? "a list of 0"
          : "a list of %s, the first with %s".formatted(json.size(), names(json.get(0)));
    }

    private static String names(JsonNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String first = String.join(", ", names.subList(0, Math.min(MOST_NAMES, names.size())));
      return names.size() > MOST_NAMES ? first + " and more" : first;
    }
  }
}
