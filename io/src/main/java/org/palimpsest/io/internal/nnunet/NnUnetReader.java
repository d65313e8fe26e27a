package org.palimpsest.io.internal.nnunet;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.internal.file.BoundedJson;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.io.internal.graph.GraphReader;
import org.palimpsest.io.internal.graph.OpenGraph;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Normalisation;
import org.palimpsest.io.internal.nn.StateDictNetwork;
import org.palimpsest.io.internal.pytorch.PickledSettings;
import org.palimpsest.io.internal.pytorch.TorchWeights;
import org.palimpsest.io.internal.weights.StateDict;
import org.palimpsest.io.network.NetworkOptions;

/** Reads checkpoints of nnU-Net v2 and v1, alone or in their results folder. */
public final class NnUnetReader implements GraphReader {

  /** What is noted of networks all of whose channels were normalised so. */
  public static final String TRAINED_ON_Z_SCORES =
      "trained on images to which ZScoreNormalization was applied";

  private static final String BESIDE = ".pkl";
  private static final String FIRST_LAYERS_OF_VERSION_1 = "conv_blocks_context.";
  private static final String PLANS = "plans.json";
  private static final String DATASET = "dataset.json";

  /** What all folds have in common, beside them. */
  private static final List<String> SHARED = List.of(PLANS, DATASET);

  /** Trainers of nnU-Net v2 whose network differs from the plans' in what tensors show alone. */
  private static final String KNOWN_TRAINERS =
      "nnUNetTrainer(_\\d+epochs?|BN|NoDeepSupervision|Adam|VanillaAdam|NoMirroring|DA5|NoDA)?";

  @Override
  public String folder() {
    return "a network that nnU-Net trained";
  }

  @Override
  public boolean recognises(Path file, FileKind kind, NetworkOptions options) {
    return recognise(file, kind, options).isPresent();
  }

  /** Whether a checkpoint is nnU-Net's shows in its pickle, from which it is then opened. */
  @Override
  public Optional<Recognised> recognise(Path file, FileKind kind, NetworkOptions options) {
    if (options.architecture().isPresent()) {
      return Optional.empty();
    }
    return switch (kind) {
      case FOLDER -> ResultsFolder.in(file).map(folder -> () -> openFolder(file, folder, options));
      case TORCH_CHECKPOINT, TORCH_LEGACY -> recognise(file);
      default -> Optional.empty();
    };
  }

  private static Optional<Recognised> recognise(Path file) {
    TorchWeights.Checkpoint read = TorchWeights.open(file);
    JsonNode settings = read.settings();
    return isVersion2(settings) || Files.isRegularFile(beside(file))
        ? Optional.of(() -> open(read, settings, ResultsFolder.around(file), List.of()))
        : Optional.empty();
  }

  private static boolean isVersion2(JsonNode settings) {
    return settings.path("init_args").path("plans").isObject()
        && settings.path("trainer_name").isTextual();
  }

  static Path beside(Path file) {
    return file.resolveSibling(InputFiles.name(file) + BESIDE);
  }

  @Override
  public OpenGraph open(Path file, NetworkOptions options) {
    return recognise(file, FileKind.of(file), options)
        .orElseThrow(() -> new PalimpsestException(file + " holds no results of nnU-Net."))
        .open();
  }

  private static OpenGraph openFolder(Path file, ResultsFolder folder, NetworkOptions options) {
    ResultsFolder.Checkpoint chosen = folder.choose(options);
    String note =
        "the %s checkpoint of fold %s in %s".formatted(chosen.kind().label(), chosen.fold(), file);
    TorchWeights.Checkpoint read = TorchWeights.open(chosen.file());
    return open(read, read.settings(), Optional.of(folder), List.of(note));
  }

  private static OpenGraph open(
      TorchWeights.Checkpoint read,
      JsonNode settings,
      Optional<ResultsFolder> folder,
      List<String> notes) {
    return isVersion2(settings) ? version2(read, settings, folder, notes) : version1(read, notes);
  }

  private static OpenGraph version2(
      TorchWeights.Checkpoint read,
      JsonNode settings,
      Optional<ResultsFolder> folder,
      List<String> notes) {
    JsonNode arguments = settings.path("init_args");
    String configuration = arguments.path("configuration").asText();
    String trainer = settings.path("trainer_name").textValue();
    List<String> all = new ArrayList<>(notes);
    all.add("nnU-Net v2, configuration %s, trained by %s".formatted(configuration, trainer));
    PlansV2 plans =
        new PlansV2(
            read.watched().file().toString(),
            shared(folder, PLANS, arguments.path("plans"), all),
            shared(folder, DATASET, arguments.path("dataset_json"), all));
    if (plans.normaliseByZScores(configuration)) {
      all.add(TRAINED_ON_Z_SCORES);
    }
    UNetPlan plan = plans.plan(configuration);
    StateDict dict = StateDict.of(read, Optional.of("network_weights"));
    if (plan.normalisesEachImage()
        && dict.weights().tensors().stream()
            .anyMatch(t -> t.name().endsWith(".norm.running_var"))) {
      plan = plan.withNormalisation(channels -> new Normalisation.Batch(channels, 1e-5, true));
      all.add("batch normalisation, as the tensors show, in the place of what the plans name");
    }
    if (!trainer.matches(KNOWN_TRAINERS)) {
      all.add(
          "assumed: the activation and whatever else no tensor shows are those of the plans, since the trainer %s is not known"
              .formatted(trainer));
    }
    return StateDictNetwork.open(read.watched(), dict, plan.network(), all);
  }

  /** nnU-Net's own predictor takes the settings from the folder and not from the checkpoint. */
  private static JsonNode shared(
      Optional<ResultsFolder> folder, String name, JsonNode own, List<String> notes) {
    Optional<Path> file = folder.flatMap(place -> place.shared(name));
    return file.isEmpty() ? own : differing(file.get(), name, own, notes);
  }

  private static JsonNode differing(Path file, String name, JsonNode own, List<String> notes) {
    JsonNode read = JsonFiles.read(file);
    String configurations = name.equals(PLANS) ? "configurations" : "labels";
    if (!read.path(configurations).isObject()) {
      throw new PalimpsestException(
          "%s, which nnU-Net reads beside the folds, has no '%s'. Put back what nnU-Net wrote there, or take it away: the checkpoint holds its own."
              .formatted(file, configurations));
    }
    if (!written(read.path(configurations)).equals(written(own.path(configurations)))) {
      notes.add(
          "%s beside the folds differs from what the checkpoint holds, and is used"
              .formatted(name));
    }
    return read;
  }

  /** Numbers of a pickle and of a file have other types for the same values. */
  private static JsonNode written(JsonNode node) {
    return BoundedJson.read(node.toString().getBytes(StandardCharsets.UTF_8), "settings");
  }

  /** Whether tensors of these names are of a network of nnU-Net v1. */
  public static boolean areOfVersion1(Stream<String> tensors) {
    return tensors.anyMatch(name -> name.startsWith(FIRST_LAYERS_OF_VERSION_1));
  }

  /** What to say of a checkpoint of nnU-Net v1 that lies alone, without its settings. */
  public static Optional<PalimpsestException> missingSettings(Path file, FileKind kind) {
    boolean mayBe = kind == FileKind.TORCH_CHECKPOINT || kind == FileKind.TORCH_LEGACY;
    if (!mayBe || Files.isRegularFile(beside(file))) {
      return Optional.empty();
    }
    try {
      Weights weights = TorchWeights.read(file);
      return areOfVersion1(weights.tensors().stream().map(WeightTensor::name))
          ? Optional.of(needsSettings(file))
          : Optional.empty();
    } catch (PalimpsestException holdsNoWeights) {
      return Optional.empty();
    }
  }

  private static PalimpsestException needsSettings(Path file) {
    return new PalimpsestException(
        "%s is a checkpoint of nnU-Net v1 and needs %s beside it, which names the trainer and the plans."
            .formatted(file, beside(file).getFileName()));
  }

  private static OpenGraph version1(TorchWeights.Checkpoint read, List<String> notes) {
    Path file = read.watched().file();
    Path beside = beside(file);
    if (!Files.isRegularFile(beside)) {
      throw needsSettings(file);
    }
    JsonNode settings = PickledSettings.read(beside);
    String trainer = settings.path("name").asText();
    JsonNode stage = settings.path("init").path(5);
    if (!stage.isIntegralNumber()) {
      throw new PalimpsestException(
          "%s does not say to which stage of the plans the network belongs.".formatted(beside));
    }
    GenericUNet network =
        new GenericUNet(file.toString(), trainer, settings.path("plans"), stage.longValue());
    List<String> all = new ArrayList<>(notes);
    all.add("nnU-Net v1, trained by " + trainer);
    return StateDictNetwork.open(
        read.watched(),
        StateDict.of(read, Optional.of("state_dict")),
        Blueprint.of(network.inputs(), network.axes(), network),
        all);
  }

  @Override
  public List<Path> filesBeside(Path file, NetworkOptions options) {
    if (Files.isRegularFile(file)) {
      return filesBeside(file, ResultsFolder.around(file));
    }
    Optional<ResultsFolder> folder = ResultsFolder.in(file);
    return folder.isPresent()
        ? filesBeside(folder.get().choose(options).file(), folder)
        : List.of();
  }

  private static List<Path> filesBeside(Path checkpoint, Optional<ResultsFolder> folder) {
    return Files.isRegularFile(beside(checkpoint))
        ? List.of(beside(checkpoint))
        : SHARED.stream().flatMap(name -> folder.flatMap(f -> f.shared(name)).stream()).toList();
  }
}
