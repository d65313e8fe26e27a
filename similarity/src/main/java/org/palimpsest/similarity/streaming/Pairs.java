package org.palimpsest.similarity.streaming;

/** Which layers of two sets are compared. */
public enum Pairs {
  /** Each of A with each of B. */
  ALL,
  /** The first of A with the first of B, and so on. */
  MATCHED;

  boolean include(int a, int b) {
    return this == ALL || a == b;
  }
}
