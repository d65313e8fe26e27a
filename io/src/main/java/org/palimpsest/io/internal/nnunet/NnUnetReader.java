package org.palimpsest.io.internal.nnunet;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.BoundedJson;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.io.internal.graph.GraphReader;
import org.palimpsest.io.internal.graph.OpenGraph;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.ActivationFunctions;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Normalisation;
import org.palimpsest.io.internal.nn.Scope;
import org.palimpsest.io.internal.nn.StateDictNetwork;
import org.palimpsest.io.internal.nn.TransposedConvolution;
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
    return file.isEmpty() ? own : differing(JsonFiles.read(file.get()), name, own, notes);
  }

  private static JsonNode differing(JsonNode read, String name, JsonNode own, List<String> notes) {
    String configurations = name.equals(PLANS) ? "configurations" : "labels";
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

  private static OpenGraph version1(TorchWeights.Checkpoint read, List<String> notes) {
    Path file = read.watched().file();
    Path beside = beside(file);
    if (!Files.isRegularFile(beside)) {
      throw new PalimpsestException(
          "%s is a checkpoint of nnU-Net v1 and needs %s beside it, which names the trainer and the plans."
              .formatted(file, beside.getFileName()));
    }
    JsonNode settings = PickledSettings.read(beside);
    String trainer = settings.path("name").asText();
    JsonNode stage = settings.path("init").path(5);
    if (!stage.isIntegralNumber()) {
      throw new PalimpsestException(
          "%s does not say to which stage of the plans the network belongs.".formatted(beside));
    }
    UNetV1 network =
        new UNetV1(file.toString(), trainer, settings.path("plans"), stage.longValue());
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
    if (!Files.isRegularFile(file)) {
      return List.of();
    }
    List<Path> beside = new ArrayList<>();
    if (Files.isRegularFile(beside(file))) {
      beside.add(beside(file));
    } else {
      ResultsFolder.around(file)
          .ifPresent(folder -> SHARED.forEach(name -> folder.shared(name).ifPresent(beside::add)));
    }
    return beside;
  }

  /**
   * {@code Generic_UNet} of nnU-Net v1. The plans give its sizes; the trainer's class gives its
   * activation function and normalisation, so that of an unknown trainer these are assumed.
   */
  private static final class UNetV1 implements Layer {

    private static final String KNOWN_TRAINERS =
        "nnUNetTrainer(V2(CascadeFullRes)?(_(noDeepSupervision|ReLU|lReLU|LReLU_slope_2en1|GeLU|Mish|BN|GN"
            + "|NoNormalization|biasInSegOutput|convReLUIN|convlReLUIN|3ConvPerStage|samefilters|allConv3x3"
            + "|insaneDA|DA[0-9]*|fp32|DDP|DP|momentum[0-9]*|Adam|Loss\\w*|[0-9]*epochs|warmup|SGD\\w*))*)?";
    private static final double EPS = 1e-5;

    private final String trainer;
    private final long inputs;
    private final long outputs;
    private final long base;
    private final int depth;
    private final List<List<Long>> kernels;
    private final List<List<Long>> pools;

    /**
     * @param source what to call the file in messages
     * @param trainer the name of the trainer's class
     * @param plans of all stages
     * @param stage which of them
     */
    UNetV1(String source, String trainer, JsonNode plans, long stage) {
      this.trainer = trainer;
      Arguments all = Arguments.of("The plans of " + source, plans);
      Arguments one =
          Arguments.of(
              "Stage %d of the plans of %s".formatted(stage, source),
              all.node("plans_per_stage").path(String.valueOf(stage)));
      int steps = one.node("pool_op_kernel_sizes").size();
      int axes = one.node("pool_op_kernel_sizes").path(0).size();
      if (steps < 1 || steps > 20 || axes < 2 || axes > 3) {
        throw one.wrong("pool_op_kernel_sizes", "1 to 20 lists of 2 or 3 integers");
      }
      if (has("ResencUNet") || has("FRN")) {
        throw new PalimpsestException(
            "%s was trained by %s, whose network is not known here.".formatted(source, trainer));
      }
      long classes = all.integer("num_classes");
      this.inputs = all.integer("num_modalities") + (has("CascadeFullRes") ? classes : 0);
      this.outputs = classes + 1;
      boolean narrow = has("3ConvPerStage") && !has("samefilters");
      this.base = narrow ? 24 : all.integer("base_num_features");
      this.depth = has("3ConvPerStage") ? 3 : depth(all);
      this.pools = one.lists("pool_op_kernel_sizes", steps, axes);
      List<List<Long>> planned = one.lists("conv_kernel_sizes", steps + 1, axes);
      List<Long> threes = Collections.nCopies(axes, 3L);
      this.kernels = has("allConv3x3") ? Collections.nCopies(steps + 1, threes) : planned;
    }

    private static int depth(Arguments plans) {
      long depth = plans.integer("conv_per_stage", 2);
      if (depth < 1 || depth > PlansV2.MOST_DEPTH) {
        throw plans.wrong("conv_per_stage", "1 to " + PlansV2.MOST_DEPTH);
      }
      return (int) depth;
    }

    /** Channels of the images, and of the classes of the stage before in a cascade. */
    long inputs() {
      return inputs;
    }

    int axes() {
      return kernels.get(0).size();
    }

    @Override
    public Value apply(Scope network, Value images) {
      if (!trainer.matches(KNOWN_TRAINERS)) {
        network.graph().note(assumed());
      }
      List<Value> skips = new ArrayList<>();
      Value value = images;
      Scope context = network.child("conv_blocks_context");
      for (int stage = 0; stage < pools.size(); stage++) {
        List<Layer> blocks = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
          long in = i > 0 ? features(stage) : stage == 0 ? inputs : features(stage - 1);
          blocks.add(
              block(in, features(stage), kernels.get(stage), i == 0 ? stride(stage) : unit()));
        }
        value = stack(blocks).apply(context.child(stage), value);
        skips.add(value);
      }
      value = bottom().apply(context.child(pools.size()), value);
      return decode(network, value, skips);
    }

    /** The words of a trainer's name count even where the name as a whole is not known. */
    private String assumed() {
      String slope = has("slope_2en1") ? "0.2" : "0.01";
      String activation = "LeakyReLU of slope " + slope;
      if (has("GeLU")) {
        activation = "GELU";
      } else if (has("Mish")) {
        activation = "Mish";
      } else if (isRectified()) {
        activation = "ReLU";
      }
      return "assumed: %s %s each normalisation, since the trainer %s is not known"
          .formatted(activation, activatesFirst() ? "before" : "after", trainer);
    }

    /** The order is called convReLUIN whichever of the two rectifiers stands in it. */
    private boolean isRectified() {
      return has("ReLU") || has("convReLUIN") && !has("lReLU");
    }

    private boolean activatesFirst() {
      return has("convReLUIN") || has("convlReLUIN");
    }

    private Layer bottom() {
      int last = pools.size();
      List<Layer> blocks = new ArrayList<>();
      for (int i = 0; i < beforeLast(); i++) {
        long in = i == 0 ? features(last - 1) : features(last);
        blocks.add(block(in, features(last), kernels.get(last), i == 0 ? stride(last) : unit()));
      }
      Layer end = block(features(last), features(last), kernels.get(last), unit());
      return Layer.sequence(stack(blocks), stack(List.of(end)));
    }

    /** A decoder's convolutions have the kernel of the stage below. All heads run. */
    private Value decode(Scope network, Value bottom, List<Value> skips) {
      Value value = bottom;
      Value output = bottom;
      for (int step = 0; step < pools.size(); step++) {
        int stage = pools.size() - 1 - step;
        List<Long> pool = pools.get(stage);
        List<Long> kernel = kernels.get(stage + 1);
        long features = features(stage);
        value =
            TransposedConvolution.of(features(stage + 1), features, pool, pool)
                .withBias(false)
                .apply(network.child("tu").child(step), value);
        value = network.call("cat", List.of(value, skips.get(stage)), 1);
        List<Layer> blocks = new ArrayList<>();
        for (int i = 0; i < beforeLast(); i++) {
          blocks.add(block(i == 0 ? 2 * features : features, features, kernel, unit()));
        }
        Layer end = block(features, features, kernel, unit());
        value =
            Layer.sequence(stack(blocks), stack(List.of(end)))
                .apply(network.child("conv_blocks_localization").child(step), value);
        output =
            Convolution.of(kernel.size(), features, outputs, 1)
                .withBias(has("biasInSegOutput"))
                .apply(network.child("seg_outputs").child(step), value);
      }
      return network.tap(output);
    }

    /** Convolutions before a last one that is apart; nnU-Net makes one even where none is asked. */
    private int beforeLast() {
      return Math.max(1, depth - 1);
    }

    private static Layer stack(List<Layer> blocks) {
      return Layer.sequence(Map.of("blocks", Layer.sequence(blocks.toArray(Layer[]::new))));
    }

    private Layer block(long in, long out, List<Long> kernel, List<Long> stride) {
      Layer convolution =
          Convolution.of(in, out, kernel)
              .withStride(stride)
              .withPadding(kernel.stream().map(extent -> extent == 3 ? 1L : 0L).toList());
      return (module, input) -> {
        Value value = convolution.apply(module.child("conv"), input);
        Layer normalisation = normalisation(module, out);
        Scope norm = module.child("instnorm");
        Scope activation = module.child("lrelu");
        if (activatesFirst()) {
          value = normalisation.apply(norm, activation().apply(activation, value));
        } else {
          value = activation().apply(activation, normalisation.apply(norm, value));
        }
        return module.tap(value);
      };
    }

    private Layer normalisation(Scope block, long channels) {
      if (has("NoNormalization")) {
        return Layer.identity();
      }
      if (block.child("instnorm").has("running_mean")) {
        return new Normalisation.Batch(channels, EPS, true);
      }
      return has("GN")
          ? new Normalisation.Group(8, channels, EPS, true)
          : new Normalisation.Instance(channels, EPS, true, false);
    }

    private Layer activation() {
      if (has("GeLU")) {
        return ActivationFunctions.gelu(false);
      } else if (has("Mish")) {
        return ActivationFunctions.mish();
      } else if (isRectified()) {
        return ActivationFunctions.relu();
      }
      return ActivationFunctions.leakyRelu(has("slope_2en1") ? 0.2 : 0.01);
    }

    /** Whether the trainer's name says something; a part of a longer word does not count. */
    private boolean has(String word) {
      return word.equals("CascadeFullRes")
          ? trainer.contains(word)
          : ("_" + trainer + "_").contains("_" + word + "_");
    }

    private long features(int stage) {
      long most = kernels.get(0).size() == 3 ? 320 : 480;
      long features = base;
      for (int i = 0; i < stage; i++) {
        features = Math.min(2 * features, most);
      }
      return features;
    }

    private List<Long> stride(int stage) {
      return stage == 0 ? unit() : pools.get(stage - 1);
    }

    private List<Long> unit() {
      return Collections.nCopies(kernels.get(0).size(), 1L);
    }
  }
}
