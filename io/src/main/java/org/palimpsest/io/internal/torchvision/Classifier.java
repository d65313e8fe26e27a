package org.palimpsest.io.internal.torchvision;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Linear;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Scope;

/** {@code torchvision.models.ResNet}: {@code resnet}, {@code resnext} and {@code wide_resnet}. */
final class Classifier implements Blueprint {

  private static final int STAGES = 4;
  private static final long IMAGENET = 1000;

  private final ResNet layers;
  private final long classes;

  private Classifier(ResNet layers, long classes) {
    this.layers = layers;
    this.classes = classes;
  }

  /**
   * @param usual the network as its function makes it without arguments
   */
  static Blueprint of(ResNet usual, Arguments arguments) {
    long groups = agreed(arguments, "groups", usual.groups(), 1);
    long width = agreed(arguments, "width_per_group", usual.width(), ResNet.STEM);
    if (groups < 1 || width < 1) {
      throw arguments.wrong(groups < 1 ? "groups" : "width_per_group", "1 or more");
    }
    if (!usual.bottleneck() && (groups != 1 || width != ResNet.STEM)) {
      throw arguments.wrong(
          groups == 1 ? "width_per_group" : "groups", "the default, as its blocks know no groups,");
    }
    List<ResNet.Stage> stages = stages(usual, arguments);
    if (arguments.has("norm_layer")) {
      throw arguments.wrong("norm_layer", "null");
    }
    long classes = arguments.integer("num_classes", IMAGENET);
    arguments.withoutEffect("norm_layer", "zero_init_residual").requireAllAsked();
    return new Classifier(new ResNet(usual.bottleneck(), stages, groups, width), classes);
  }

  /**
   * What the function itself says must be said again if it is said at all, as torchvision has it.
   */
  private static long agreed(Arguments arguments, String name, long usual, long plain) {
    long given = arguments.integer(name, usual);
    if (given != usual && usual != plain) {
      throw arguments.wrong(name, String.valueOf(usual));
    }
    return given;
  }

  private static List<ResNet.Stage> stages(ResNet usual, Arguments arguments) {
    JsonNode given = arguments.node("replace_stride_with_dilation");
    if (given.isNull()) {
      return usual.stages();
    }
    List<Boolean> dilated = new ArrayList<>();
    given.forEach(item -> dilated.add(item.asBoolean()));
    boolean sound = given.isArray() && given.size() == STAGES - 1;
    for (JsonNode item : given) {
      sound &= item.isBoolean();
    }
    if (!sound) {
      throw arguments.wrong("replace_stride_with_dilation", "a list of three truth values");
    }
    if (!usual.bottleneck() && dilated.contains(true)) {
      throw arguments.wrong(
          "replace_stride_with_dilation", "null, as its blocks know no dilation,");
    }
    return dilated(usual.stages(), dilated);
  }

  /** The first block of a stage without stride keeps the dilation of the stage before. */
  static List<ResNet.Stage> dilated(List<ResNet.Stage> usual, List<Boolean> dilated) {
    List<ResNet.Stage> stages = new ArrayList<>(List.of(usual.get(0)));
    long dilation = 1;
    for (int i = 1; i < usual.size(); i++) {
      ResNet.Stage stage = usual.get(i);
      long before = dilation;
      boolean replaced = dilated.get(i - 1);
      dilation = replaced ? dilation * stage.stride() : dilation;
      long stride = replaced ? 1 : stage.stride();
      stages.add(new ResNet.Stage(stage.blocks(), stride, before, dilation));
    }
    return stages;
  }

  @Override
  public long inputs() {
    return 3;
  }

  @Override
  public long inputs(Scope network) {
    return FittedSizes.inputs(network.child("conv1"));
  }

  @Override
  public int axes() {
    return 2;
  }

  @Override
  public void build(Scope network, Value images) {
    long inputs = FittedSizes.notedInputs(network.child("conv1"));
    Value value = layers.stem(network, images, inputs);
    for (int stage = 1; stage <= STAGES; stage++) {
      value = layers.stage(network, value, stage);
    }
    value = Pooling.averageTo(List.of(1L, 1L)).apply(network.child("avgpool"), value);
    Value flat = network.call("flatten", value, 1, -1);
    Scope last = network.child("fc");
    long given = FittedSizes.classes(last, classes);
    network.graph().output(new Linear(layers.channels(STAGES), given, true).apply(last, flat));
  }
}
