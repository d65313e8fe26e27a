package org.palimpsest.io.internal.graph;

/**
 * How large one dimension of an input may be.
 *
 * @param least at least 0
 * @param most {@link Long#MAX_VALUE} if there is no bound
 */
public record Extent(long least, long most) {

  public static Extent of(long size) {
    return new Extent(size, size);
  }

  public static Extent any() {
    return new Extent(1, Long.MAX_VALUE);
  }

  public boolean isFixed() {
    return least == most;
  }

  public boolean allows(long size) {
    return size >= least && size <= most;
  }

  @Override
  public String toString() {
    if (isFixed()) {
      return String.valueOf(least);
    }
    return most == Long.MAX_VALUE
        ? (least > 1 ? least + " or more" : "any")
        : least + " to " + most;
  }
}
