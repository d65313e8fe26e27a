package org.palimpsest.io.internal.pickle;

/** Python's {@code None}. */
public enum PyNone {
  NONE
}
