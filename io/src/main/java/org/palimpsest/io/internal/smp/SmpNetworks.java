package org.palimpsest.io.internal.smp;

import java.util.List;
import java.util.Optional;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;

/** The networks of segmentation_models_pytorch that are known, by the names of their classes. */
public final class SmpNetworks {

  private static final List<String> NAMES =
      List.of(
          "Unet",
          "UnetPlusPlus",
          "FPN",
          "Linknet",
          "PSPNet",
          "DeepLabV3",
          "DeepLabV3Plus",
          "MAnet");

  private SmpNetworks() {}

  /**
   * A network.
   *
   * @param className without its package
   * @return empty if there is no such network
   * @throws org.palimpsest.core.PalimpsestException if an argument is missing, of the wrong form,
   *     or not known
   */
  public static Optional<Blueprint> of(String className, Arguments arguments) {
    return switch (className) {
      case "Unet" -> Optional.of(SkipDecoders.Unet.of(arguments));
      case "UnetPlusPlus" -> Optional.of(SkipDecoders.UnetPlusPlus.of(arguments));
      case "FPN" -> Optional.of(PyramidDecoders.Fpn.of(arguments));
      case "Linknet" -> Optional.of(SkipDecoders.Linknet.of(arguments));
      case "PSPNet" -> Optional.of(PyramidDecoders.Psp.of(arguments));
      case "DeepLabV3" -> Optional.of(PyramidDecoders.DeepLab.of(arguments, false));
      case "DeepLabV3Plus" -> Optional.of(PyramidDecoders.DeepLab.of(arguments, true));
      case "MAnet" -> Optional.of(SkipDecoders.Manet.of(arguments));
      default -> Optional.empty();
    };
  }

  /** The name with its package of a class that is known, whatever its letters' case. */
  public static Optional<String> fullName(String name) {
    return NAMES.stream()
        .filter(known -> known.equalsIgnoreCase(name))
        .findFirst()
        .map(known -> "segmentation_models_pytorch." + known);
  }
}
