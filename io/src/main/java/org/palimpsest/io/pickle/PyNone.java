package org.palimpsest.io.pickle;

/** Python's {@code None}. */
public enum PyNone {
  NONE
}
