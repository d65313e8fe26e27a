package org.palimpsest.examples.verdict;

/** What the data say about a claim. */
public enum Verdict {
  /** The whole interval lies where the claim says. */
  HOLDS("holds"),
  /** The whole interval lies where the claim says it does not. */
  DOES_NOT_HOLD("does not hold"),
  /** The interval reaches to both sides, or there are too few networks for one. */
  CANNOT_BE_TOLD("cannot be told");

  private final String words;

  Verdict(String words) {
    this.words = words;
  }

  /** For sentences and tables. */
  public String words() {
    return words;
  }
}
