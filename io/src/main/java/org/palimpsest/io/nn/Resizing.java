package org.palimpsest.io.nn;

import java.util.Collections;
import java.util.List;

/** {@code torch.nn.Upsample} by a factor. */
public final class Resizing {

  private static final List<String> LINEAR =
      List.of("upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d");

  private Resizing() {}

  /**
   * Linear, bilinear or trilinear interpolation.
   *
   * @param corners whether the outermost points of both images coincide
   */
  public static Layer linear(int axes, double factor, boolean corners) {
    return (module, input) ->
        module.tap(module.call(LINEAR.get(axes - 1), input, null, corners, factors(axes, factor)));
  }

  /** The nearest point. */
  public static Layer nearest(int axes, double factor) {
    return (module, input) ->
        module.tap(
            module.call("upsample_nearest" + axes + "d", input, null, factors(axes, factor)));
  }

  private static List<Double> factors(int axes, double factor) {
    return Collections.nCopies(axes, factor);
  }
}
