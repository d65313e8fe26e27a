package org.palimpsest.io.internal.nnunet;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.ActivationFunctions;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Normalisation;
import org.palimpsest.io.internal.nn.Scope;
import org.palimpsest.io.internal.nn.TransposedConvolution;

/**
 * {@code Generic_UNet}, the network of nnU-Net v1. The plans give its sizes; the trainer's class
 * gives its activation function and normalisation, so that of an unknown trainer these are assumed.
 */
final class GenericUNet implements Layer {

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
  GenericUNet(String source, String trainer, JsonNode plans, long stage) {
    this.trainer = trainer;
    Arguments all = Arguments.of("The plans of " + source, plans);
    Arguments one =
        Arguments.of(
            "Stage %s of the plans of %s".formatted(stage, source),
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
        blocks.add(block(in, features(stage), kernels.get(stage), i == 0 ? stride(stage) : unit()));
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
