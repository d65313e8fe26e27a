package org.palimpsest.core.representation;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.Activations;

/**
 * The positions of a feature map.
 *
 * <p>Two layers whose grids differ are compared on a {@linkplain #commonWith common} one, to which
 * both are reduced by averages of areas; an area that cuts a position counts the share of it. No
 * layer is ever brought to a finer grid than its own. Equal extents make equal grids.
 *
 * @param extents their number along each spatial axis: {@code (h, w)} or {@code (d, h, w)}; empty
 *     for a layer without space
 */
public record Grid(List<Integer> extents) {

  private static final Grid POINT = new Grid(List.of());

  public Grid {
    extents = List.copyOf(extents);
  }

  /** The grid of a layer without space: a single position. */
  public static Grid point() {
    return POINT;
  }

  /**
   * A grid of these extents, none for a single point.
   *
   * @param extents along each spatial axis, in the order of the tensor's axes; each at least 1
   */
  public static Grid of(Integer... extents) {
    return new Grid(Arrays.asList(extents));
  }

  /**
   * The grid on which a layer's activations lie: all axes after samples and channels.
   *
   * @throws PalimpsestException if the rank is not 2, 4 or 5
   */
  public static Grid of(Activations activations) {
    return of(activations.layer(), activations.values().shape());
  }

  /**
   * As {@link #of(Activations)}, of activations of which only the shape is known.
   *
   * @param layer the layer's path, for the message
   * @param shape {@code (n, p)}, {@code (n, c, h, w)} or {@code (n, c, d, h, w)}
   * @throws PalimpsestException if the rank is not 2, 4 or 5
   */
  public static Grid of(String layer, long... shape) {
    if (shape.length != 2 && shape.length != 4 && shape.length != 5) {
      throw new PalimpsestException(
          "Layer '%s' has the shape %s; positions are known for (n, p), (n, c, h, w) and (n, c, d, h, w). Only the feature map 'flatten' takes it."
              .formatted(layer, Arrays.toString(shape)));
    }
    return new Grid(
        Arrays.stream(shape).skip(2).mapToObj(Math::toIntExact).collect(Collectors.toList()));
  }

  /**
   * The number of positions, 1 for a layer without space: so many rows does a probe give where
   * positions are samples.
   *
   * @throws ArithmeticException if they are more than an int holds
   */
  public int positions() {
    return extents.stream().reduce(1, Math::multiplyExact);
  }

  /**
   * The finest grid to which both can be reduced: the smaller extent along each axis. With a layer
   * that has no space, a single position.
   *
   * <p>A grid of 64 × 64 and one of 32 × 48 have 32 × 48 in common; two equal ones have themselves.
   * The order of the two does not matter.
   *
   * @param other the grid of the other layer
   * @throws PalimpsestException if one is an image's and the other a volume's
   */
  public Grid commonWith(Grid other) {
    if (extents.isEmpty() || other.extents.isEmpty()) {
      return POINT;
    }
    if (extents.size() != other.extents.size()) {
      throw new PalimpsestException(
          "The grids %s and %s have no common one; use the feature map 'pool'."
              .formatted(this, other));
    }
    return new Grid(
        IntStream.range(0, extents.size())
            .mapToObj(axis -> Math.min(extents.get(axis), other.extents.get(axis)))
            .toList());
  }

  @Override
  public String toString() {
    return extents.isEmpty()
        ? "1"
        : extents.stream().map(String::valueOf).collect(Collectors.joining("x"));
  }
}
