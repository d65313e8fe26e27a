package org.palimpsest.io.internal.keras;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.io.internal.graph.Argument;

/** What convolutions and pooling share: channels come second for PyTorch, and images are padded. */
final class Spatial {

  /**
   * Zeros on both sides of an axis.
   *
   * @param before at its beginning
   */
  private record Sides(Argument before, Argument after) {}

  /**
   * A window that is moved over an image.
   *
   * @param same whether padding makes the result as large as the image (by the strides)
   * @param theano whether it pads as Theano does
   */
  record Window(
      List<Long> size, List<Long> strides, List<Long> dilation, boolean same, boolean theano) {

    long reach(int axis) {
      return (size.get(axis) - 1) * dilation.get(axis) + 1;
    }
  }

  private Spatial() {}

  /** With channels second. */
  static Tensor channelsSecond(Ops ops, Tensor x, boolean channelsLast) {
    return channelsLast ? ops.moved(x, x.rank() - 1, 1) : x;
  }

  /** As Keras has it, from channels second. */
  static Tensor asKeras(Ops ops, Tensor x, boolean channelsLast) {
    return channelsLast ? ops.moved(x, 1, x.rank() - 1) : x;
  }

  /** An image with as much around it as its window needs. */
  static Tensor padded(Ops ops, Tensor x, Window window, double value) {
    if (!window.same()) {
      return x;
    }
    List<Sides> sides = new ArrayList<>();
    for (int i = 0; i < window.size().size(); i++) {
      sides.add(same(ops, x, i, window));
    }
    return padded(ops, x, sides, value);
  }

  private static Sides same(Ops ops, Tensor x, int axis, Window window) {
    long reach = window.reach(axis);
    if (window.theano()) {
      long before = reach / 2;
      return new Sides(Ops.number(before), Ops.number(reach % 2 == 0 ? before - 1 : before));
    }
    long stride = window.strides().get(axis);
    Argument total;
    if (stride == 1) {
      total = Ops.number(reach - 1);
    } else {
      Argument size = ops.size(x, axis + 2);
      Argument steps = ops.over(ops.plus(size, Ops.number(stride - 1)), stride);
      Argument needed = ops.plus(ops.times(steps, stride), Ops.number(reach - stride));
      total = ops.atLeastZero(ops.minus(needed, size));
    }
    Argument before = ops.over(total, 2);
    return new Sides(before, ops.minus(total, before));
  }

  /** An image with numbers around it, or fewer of its own where they are negative. */
  static Tensor padded(Ops ops, Tensor x, long[][] sides, double value) {
    List<Sides> all = new ArrayList<>();
    for (long[] side : sides) {
      all.add(new Sides(Ops.number(side[0]), Ops.number(side[1])));
    }
    return padded(ops, x, all, value);
  }

  private static Tensor padded(Ops ops, Tensor x, List<Sides> sides, double value) {
    boolean none =
        sides.stream().allMatch(s -> Ops.known(s.before()) == 0 && Ops.known(s.after()) == 0);
    if (none) {
      return x;
    }
    List<Argument> list = new ArrayList<>();
    List<Long> shape = new ArrayList<>(x.shape());
    for (int i = sides.size() - 1; i >= 0; i--) {
      Sides side = sides.get(i);
      list.add(side.before());
      list.add(side.after());
      boolean known =
          x.isKnown(i + 2)
              && side.before() instanceof Argument.Int
              && side.after() instanceof Argument.Int;
      shape.set(
          i + 2,
          known
              ? x.extent(i + 2) + Ops.known(side.before()) + Ops.known(side.after())
              : Tensor.UNKNOWN);
    }
    return Tensor.of(ops.call("constant_pad_nd", x.value(), Ops.list(list), value), shape);
  }

  /** The shape after a window has passed over a padded image. */
  static List<Long> passed(Tensor padded, Window window, long channels) {
    List<Long> shape = new ArrayList<>(List.of(padded.extent(0), channels));
    IntStream.range(0, window.size().size())
        .forEach(
            i -> {
              long size = padded.extent(i + 2);
              long steps = size - window.reach(i);
              shape.add(
                  size == Tensor.UNKNOWN
                      ? Tensor.UNKNOWN
                      : Math.floorDiv(steps, window.strides().get(i)) + 1);
            });
    return shape;
  }
}
