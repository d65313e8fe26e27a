package org.palimpsest.io.internal.graph;

/**
 * How large one dimension of an input may be.
 *
 * @param least at least 0
 * @param most {@link Long#MAX_VALUE} if there is no bound
 * @param step it is a multiple of this, at least 1
 */
public record Extent(long least, long most, long step) {

  public Extent(long least, long most) {
    this(least, most, 1);
  }

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
    return size >= least && size <= most && size % step == 0;
  }

  @Override
  public String toString() {
    if (isFixed()) {
      return String.valueOf(least);
    }
    String all =
        most == Long.MAX_VALUE
            ? (least > step ? least + " or more" : "any")
            : least + " to " + most;
    return step == 1 ? all : "multiples of " + step + (all.equals("any") ? "" : ": " + all);
  }
}
