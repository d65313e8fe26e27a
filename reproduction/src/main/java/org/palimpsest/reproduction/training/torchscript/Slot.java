package org.palimpsest.reproduction.training.torchscript;

import java.util.List;

/**
 * A tensor that a module holds: what it is for and its shape, not its values.
 *
 * @param role what it is for
 * @param shape its extents
 * @param fanIn how many inputs one output sums over; 1 where that has no meaning
 */
public record Slot(Role role, List<Integer> shape, int fanIn) {

  /** What a tensor is for. */
  public enum Role {
    /** The kernel of a convolution. */
    KERNEL(true),
    /** Added to each channel. */
    BIAS(true),
    /** Multiplies each normalised channel. */
    SCALE(true),
    /** Added to each normalised channel. */
    SHIFT(true),
    /** A running mean. */
    MEAN(false),
    /** A running variance. */
    VARIANCE(false);

    private final boolean trained;

    Role(boolean trained) {
      this.trained = trained;
    }

    /** Whether it is a parameter, changed by gradients, rather than a statistic of the data. */
    public boolean trained() {
      return trained;
    }
  }

  public Slot {
    shape = List.copyOf(shape);
  }

  /** How many values it has. */
  public int size() {
    return shape.stream().reduce(1, Math::multiplyExact);
  }
}
