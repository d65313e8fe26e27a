package org.palimpsest.core.measure;

/** Whether more means more alike or less alike. */
public enum Direction {
  /** Larger values mean more alike. */
  SIMILARITY,
  /** Larger values mean less alike. */
  DISTANCE
}
