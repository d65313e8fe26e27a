package org.palimpsest.io.internal.torchvision;

import java.util.List;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Activations;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Resizing;
import org.palimpsest.io.internal.nn.Scope;

/** {@code fcn_resnet50}, {@code deeplabv3_resnet50} and those of 101 layers. */
final class Segmenter implements Blueprint {

  private static final int STAGES = 4;
  private static final long VOC = 21;
  private static final long PYRAMID = 256;
  private static final List<Long> RATES = List.of(12L, 24L, 36L);

  private final ResNet backbone;
  private final boolean pyramid;
  private final long classes;
  private final boolean auxiliary;
  private final boolean pretrained;

  private Segmenter(ResNet usual, boolean pyramid, Arguments arguments) {
    backbone =
        new ResNet(
            usual.bottleneck(),
            Classifier.dilated(usual.stages(), List.of(false, true, true)),
            usual.groups(),
            usual.width());
    this.pyramid = pyramid;
    classes = arguments.integer("num_classes", VOC);
    auxiliary = arguments.truth("aux_loss", false);
    pretrained = arguments.has("weights") && !arguments.has("aux_loss");
    arguments.withoutEffect("weights_backbone", "pretrained_backbone").requireAllAsked();
  }

  /**
   * @param pyramid whether it is DeepLabV3 and not FCN
   */
  static Blueprint of(ResNet usual, boolean pyramid, Arguments arguments) {
    return new Segmenter(usual, pyramid, arguments);
  }

  @Override
  public long inputs() {
    return 3;
  }

  @Override
  public long inputs(Scope network) {
    return FittedSizes.inputs(network.child("backbone.conv1"));
  }

  @Override
  public int axes() {
    return 2;
  }

  @Override
  public void build(Scope network, Value images) {
    Scope layers = network.child("backbone");
    Scope second = network.child("aux_classifier");
    boolean both = auxiliary || pretrained && second.hasTensors();
    Value value = backbone.stem(layers, images, FittedSizes.notedInputs(layers.child("conv1")));
    Value third = value;
    for (int stage = 1; stage <= STAGES; stage++) {
      value = backbone.stage(layers, value, stage);
      third = stage == STAGES - 1 ? value : third;
    }
    if (!both) {
      layers.tap(value);
    }
    Scope first = network.child("classifier");
    long in = backbone.channels(STAGES);
    Value main = (pyramid ? pyramidHead(first, in) : plainHead(first, in)).apply(first, value);
    network.graph().output("out", Resizing.linearTo(network, main, images, 2, false));
    if (both) {
      Value aside = plainHead(second, backbone.channels(STAGES - 1)).apply(second, third);
      network.graph().output("aux", Resizing.linearTo(network, aside, images, 2, false));
    } else if (second.hasTensors()) {
      second.setAsideAll();
      network.graph().note("not run, as aux_loss is not true: aux_classifier");
    }
  }

  private Layer plainHead(Scope head, long in) {
    long inner = in / 4;
    return Layer.sequence(
        Convolution.of(2, in, inner, 3).withSamePadding().withBias(false),
        ResNet.batchNorm(inner),
        Activations.relu(),
        Layer.identity(),
        Convolution.of(2, inner, FittedSizes.classes(head.child(4), classes), 1));
  }

  private Layer pyramidHead(Scope head, long in) {
    return Layer.sequence(
        new Aspp(in, PYRAMID, RATES, false),
        Convolution.of(2, PYRAMID, PYRAMID, 3).withSamePadding().withBias(false),
        ResNet.batchNorm(PYRAMID),
        Activations.relu(),
        Convolution.of(2, PYRAMID, FittedSizes.classes(head.child(4), classes), 1));
  }
}
