package org.palimpsest.io.internal.monai;

import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;

/** The networks of MONAI that are known, by the names of their classes. */
public final class Networks {

  private Networks() {}

  /**
   * A network.
   *
   * @param className without its package; MONAI's own spellings are known
   * @return empty if there is no such network
   * @throws PalimpsestException if an argument is missing, of the wrong form, or not known
   */
  public static Optional<Blueprint> of(String className, Arguments arguments) {
    return switch (className) {
      case "UNet", "Unet" -> Optional.of(UNet.of(arguments));
      case "BasicUNet", "BasicUnet", "Basicunet", "basicunet" ->
          Optional.of(BasicUNet.of(arguments));
      case "DynUNet", "DynUnet", "Dynunet" -> Optional.of(DynUNet.of(arguments));
      case "SegResNet" -> Optional.of(SegResNet.of(arguments));
      case "AttentionUnet" -> Optional.of(AttentionUnet.of(arguments));
      default -> Optional.empty();
    };
  }

  static int axes(Arguments arguments, String name) {
    long axes = arguments.integer(name);
    if (axes != 2 && axes != 3) {
      throw arguments.wrong(name, "2 or 3");
    }
    return (int) axes;
  }
}
