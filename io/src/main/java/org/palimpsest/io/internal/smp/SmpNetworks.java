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
      case "Unet" -> Optional.of(UnetDecoder.of(arguments));
      case "UnetPlusPlus" -> Optional.of(UnetPlusPlusDecoder.of(arguments));
      case "FPN" -> Optional.of(FpnDecoder.of(arguments));
      case "Linknet" -> Optional.of(LinknetDecoder.of(arguments));
      case "PSPNet" -> Optional.of(PspDecoder.of(arguments));
      case "DeepLabV3" -> Optional.of(DeepLabDecoder.of(arguments, false));
      case "DeepLabV3Plus" -> Optional.of(DeepLabDecoder.of(arguments, true));
      case "MAnet" -> Optional.of(ManetDecoder.of(arguments));
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
