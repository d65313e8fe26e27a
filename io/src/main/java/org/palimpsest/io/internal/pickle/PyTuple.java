package org.palimpsest.io.internal.pickle;

import java.util.List;

/**
 * A Python tuple. May contain itself, so it is never hashed, compared or printed.
 *
 * @param items what it holds
 */
public record PyTuple(List<Object> items) {

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  @Override
  public String toString() {
    return "tuple of " + items.size();
  }
}
