package org.palimpsest.io.internal.graph;

/**
 * A value of a graph: its input, a stored tensor, or what a call gives. Handles come from the
 * {@link GraphBuilder} and are good for its graph alone.
 */
public final class Value implements Argument {

  private final int number;

  Value(int number) {
    this.number = number;
  }

  /** Its place in the order in which the values of the graph came to be. */
  public int number() {
    return number;
  }

  @Override
  public String toString() {
    return "v" + number;
  }
}
