package org.palimpsest.claims;

/** Two runs, whichever is the first. */
record RunPair(String first, String second) {

  static RunPair of(String one, String other) {
    return one.compareTo(other) <= 0 ? new RunPair(one, other) : new RunPair(other, one);
  }
}
