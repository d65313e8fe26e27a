package org.palimpsest.io.smp;

import java.util.Optional;
import org.palimpsest.io.nn.Arguments;
import org.palimpsest.io.nn.Blueprint;

/** The networks of segmentation_models_pytorch that are known, by the names of their classes. */
public final class SmpNetworks {

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
}
