package org.palimpsest.io.internal.torchvision;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;

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
    return resNet(function).map(known -> Classifier.of(known, arguments));
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
}
