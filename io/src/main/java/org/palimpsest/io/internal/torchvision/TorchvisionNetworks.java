package org.palimpsest.io.internal.torchvision;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.ActivationFunctions;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Linear;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Resizing;
import org.palimpsest.io.internal.nn.Scope;

/** The networks of torchvision that are known, by the names of the functions that make them. */
public final class TorchvisionNetworks {

  private static final String MODELS = "torchvision.models.";
  private static final Set<String> CLASSIFIERS =
      Set.of(MODELS, MODELS + "resnet.", MODELS + "vgg.");
  private static final Set<String> SEGMENTERS =
      Set.of(
          MODELS + "segmentation.",
          MODELS + "segmentation.fcn.",
          MODELS + "segmentation.deeplabv3.");

  private static final long COLOURS = 3;
  private static final int STAGES = 4;
  private static final long IMAGENET = 1000;

  private static final Pattern VGG = Pattern.compile("vgg(11|13|16|19)(_bn)?");
  private static final Pattern SEGMENTER = Pattern.compile("(fcn|deeplabv3)_resnet(50|101)");

  private TorchvisionNetworks() {}

  /**
   * A network.
   *
   * @param target the function with its package
   * @return empty if there is no such network
   * @throws org.palimpsest.core.PalimpsestException if an argument is of the wrong form, or not
   *     known
   */
  public static Optional<Blueprint> of(String target, Arguments arguments) {
    int name = target.lastIndexOf('.') + 1;
    String function = target.substring(name);
    arguments.withoutEffect("weights", "pretrained", "progress");
    if (CLASSIFIERS.contains(target.substring(0, name))) {
      return classifier(function, arguments);
    }
    return SEGMENTERS.contains(target.substring(0, name))
        ? segmenter(function, arguments)
        : Optional.empty();
  }

  /** The name with its package of a function that is known, whatever its letters' case. */
  public static Optional<String> fullName(String name) {
    String function = name.toLowerCase(Locale.ROOT);
    if (SEGMENTER.matcher(function).matches()) {
      return Optional.of(MODELS + "segmentation." + function);
    }
    return VGG.matcher(function).matches() || resNet(function).isPresent()
        ? Optional.of(MODELS + function)
        : Optional.empty();
  }

  private static Optional<Blueprint> classifier(String function, Arguments arguments) {
    if (VGG.matcher(function).matches()) {
      int depth = Integer.parseInt(function.substring(3, 5));
      return Optional.of(Vgg.of(depth, function.endsWith("_bn"), arguments));
    }
    return resNet(function).map(known -> ResNetClassifier.of(known, arguments));
  }

  private static Optional<ResNet> resNet(String function) {
    return switch (function) {
      case "resnet18" -> Optional.of(ResNet.of(18, 1, 64));
      case "resnet34" -> Optional.of(ResNet.of(34, 1, 64));
      case "resnet50" -> Optional.of(ResNet.of(50, 1, 64));
      case "resnet101" -> Optional.of(ResNet.of(101, 1, 64));
      case "resnet152" -> Optional.of(ResNet.of(152, 1, 64));
      case "resnext50_32x4d" -> Optional.of(ResNet.of(50, 32, 4));
      case "resnext101_32x8d" -> Optional.of(ResNet.of(101, 32, 8));
      case "resnext101_64x4d" -> Optional.of(ResNet.of(101, 64, 4));
      case "wide_resnet50_2" -> Optional.of(ResNet.of(50, 1, 128));
      case "wide_resnet101_2" -> Optional.of(ResNet.of(101, 1, 128));
      default -> Optional.empty();
    };
  }

  private static Optional<Blueprint> segmenter(String function, Arguments arguments) {
    if (!SEGMENTER.matcher(function).matches()) {
      return Optional.empty();
    }
    ResNet layers = ResNet.of(function.endsWith("50") ? 50 : 101, 1, 64);
    return Optional.of(Segmenter.of(layers, function.startsWith("deeplabv3"), arguments));
  }

  // Two sizes follow the file: people replace the first convolution, for images of other channels,
  // and the last layer, for other classes, after the network was made.

  /** The channels of the images that the first convolution takes. */
  private static long imageChannels(Scope convolution) {
    List<Long> shape = convolution.shape("weight");
    return shape.size() == 4 ? shape.get(1) : COLOURS;
  }

  /** The same, noted on the result if it is not what torchvision makes. */
  private static long notedChannels(Scope convolution) {
    long inputs = imageChannels(convolution);
    if (inputs != COLOURS) {
      convolution
          .graph()
          .note(
              "%s takes %s channels, as its tensor in the file does, where torchvision makes it for %s"
                  .formatted(convolution.name(), inputs, COLOURS));
    }
    return inputs;
  }

  /** The classes that the last layer gives, noted on the result if they are not as described. */
  private static long classesOf(Scope last, long described) {
    List<Long> shape = last.shape("weight");
    long classes = shape.isEmpty() ? described : shape.get(0);
    if (classes != described) {
      last.graph()
          .note(
              "%s gives %s classes, as its tensor in the file does, where the description says %s"
                  .formatted(last.name(), classes, described));
    }
    return classes;
  }

  /** {@code torchvision.models.ResNet}: {@code resnet}, {@code resnext} and {@code wide_resnet}. */
  private static final class ResNetClassifier implements Blueprint {

    private final ResNet layers;
    private final long classes;

    private ResNetClassifier(ResNet layers, long classes) {
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
            groups == 1 ? "width_per_group" : "groups",
            "the default, as its blocks know no groups,");
      }
      List<ResNet.Stage> stages = stages(usual, arguments);
      if (arguments.has("norm_layer")) {
        throw arguments.wrong("norm_layer", "null");
      }
      long classes = arguments.integer("num_classes", IMAGENET);
      arguments.withoutEffect("norm_layer", "zero_init_residual").requireAllAsked();
      return new ResNetClassifier(new ResNet(usual.bottleneck(), stages, groups, width), classes);
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
      return usual.dilated(dilated).stages();
    }

    @Override
    public long inputs() {
      return COLOURS;
    }

    @Override
    public long inputs(Scope network) {
      return imageChannels(network.child("conv1"));
    }

    @Override
    public int axes() {
      return 2;
    }

    @Override
    public void build(Scope network, Value images) {
      long inputs = notedChannels(network.child("conv1"));
      Value value = layers.stem(network, images, inputs);
      for (int stage = 1; stage <= STAGES; stage++) {
        value = layers.stage(network, value, stage);
      }
      value = Pooling.averageTo(List.of(1L, 1L)).apply(network.child("avgpool"), value);
      Value flat = network.call("flatten", value, 1, -1);
      Scope last = network.child("fc");
      long given = classesOf(last, classes);
      network.graph().output(new Linear(layers.channels(STAGES), given, true).apply(last, flat));
    }
  }

  /** {@code torchvision.models.VGG} of 11 to 19 layers, with batch normalisation or without. */
  private static final class Vgg implements Blueprint {

    private static final List<Long> WIDTHS = List.of(64L, 128L, 256L, 512L, 512L);
    private static final long POOLED = 7;
    private static final long HIDDEN = 4096;

    private final List<Integer> convolutions;
    private final boolean normalised;
    private final long classes;

    private Vgg(List<Integer> convolutions, boolean normalised, long classes) {
      this.convolutions = convolutions;
      this.normalised = normalised;
      this.classes = classes;
    }

    /**
     * @param depth 11, 13, 16 or 19
     */
    static Blueprint of(int depth, boolean normalised, Arguments arguments) {
      List<Integer> convolutions =
          switch (depth) {
            case 11 -> List.of(1, 1, 2, 2, 2);
            case 13 -> List.of(2, 2, 2, 2, 2);
            case 16 -> List.of(2, 2, 3, 3, 3);
            case 19 -> List.of(2, 2, 4, 4, 4);
            default -> throw new IllegalArgumentException("no depth of a VGG: " + depth);
          };
      long classes = arguments.integer("num_classes", IMAGENET);
      arguments.withoutEffect("init_weights", "dropout").requireAllAsked();
      return new Vgg(convolutions, normalised, classes);
    }

    @Override
    public long inputs() {
      return COLOURS;
    }

    @Override
    public long inputs(Scope network) {
      return imageChannels(network.child("features.0"));
    }

    @Override
    public int axes() {
      return 2;
    }

    @Override
    public void build(Scope network, Value images) {
      long inputs = notedChannels(network.child("features.0"));
      Value value = features(inputs).apply(network.child("features"), images);
      List<Long> pooled = List.of(POOLED, POOLED);
      value = Pooling.averageTo(pooled).apply(network.child("avgpool"), value);
      Value flat = network.call("flatten", value, 1, -1);
      long given = classesOf(network.child("classifier.6"), classes);
      Layer classifier =
          Layer.sequence(
              new Linear(WIDTHS.get(WIDTHS.size() - 1) * POOLED * POOLED, HIDDEN, true),
              ActivationFunctions.relu(),
              Layer.identity(),
              new Linear(HIDDEN, HIDDEN, true),
              ActivationFunctions.relu(),
              Layer.identity(),
              new Linear(HIDDEN, given, true));
      network.graph().output(classifier.apply(network.child("classifier"), flat));
    }

    private Layer features(long inputs) {
      List<Layer> layers = new ArrayList<>();
      long in = inputs;
      for (int level = 0; level < WIDTHS.size(); level++) {
        for (int i = 0; i < convolutions.get(level); i++) {
          long out = WIDTHS.get(level);
          layers.add(Convolution.of(2, in, out, 3).withSamePadding());
          if (normalised) {
            layers.add(ResNet.batchNorm(out));
          }
          layers.add(ActivationFunctions.relu());
          in = out;
        }
        layers.add(Pooling.max(List.of(2L, 2L)));
      }
      return Layer.sequence(layers.toArray(Layer[]::new));
    }
  }

  /** {@code fcn_resnet50}, {@code deeplabv3_resnet50} and those of 101 layers. */
  private static final class Segmenter implements Blueprint {

    private static final long VOC = 21;
    private static final long PYRAMID = 256;
    private static final List<Long> RATES = List.of(12L, 24L, 36L);

    private final ResNet backbone;
    private final boolean pyramid;
    private final long classes;
    private final boolean auxiliary;
    private final boolean pretrained;

    private Segmenter(ResNet usual, boolean pyramid, Arguments arguments) {
      backbone = usual.dilated(List.of(false, true, true));
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
      return COLOURS;
    }

    @Override
    public long inputs(Scope network) {
      return imageChannels(network.child("backbone.conv1"));
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
      Value value = backbone.stem(layers, images, notedChannels(layers.child("conv1")));
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
          ActivationFunctions.relu(),
          Layer.identity(),
          Convolution.of(2, inner, classesOf(head.child(4), classes), 1));
    }

    private Layer pyramidHead(Scope head, long in) {
      return Layer.sequence(
          new Aspp(in, PYRAMID, RATES, false),
          Convolution.of(2, PYRAMID, PYRAMID, 3).withSamePadding().withBias(false),
          ResNet.batchNorm(PYRAMID),
          ActivationFunctions.relu(),
          Convolution.of(2, PYRAMID, classesOf(head.child(4), classes), 1));
    }
  }
}
