package org.palimpsest.io.internal.nn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;

/** {@code torch.nn.Upsample} by a factor, and interpolation to a size. */
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

  /** Linear interpolation of a batch of images to the size of another, which no module does. */
  public static Value linearTo(Scope module, Value input, Value like, int axes, boolean corners) {
    return module.call(LINEAR.get(axes - 1), input, size(module, like, axes), corners, null);
  }

  /** The extents of a batch of images along its last axes. */
  public static Argument size(Scope module, Value images, int axes) {
    List<Argument> extents = new ArrayList<>();
    for (int axis = 2; axis < axes + 2; axis++) {
      extents.add(module.call("size", images, axis));
    }
    return new Argument.Items(Argument.Element.INT, extents);
  }

  private static List<Double> factors(int axes, double factor) {
    return Collections.nCopies(axes, factor);
  }
}
