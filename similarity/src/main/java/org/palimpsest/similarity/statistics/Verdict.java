package org.palimpsest.similarity.statistics;

/**
 * What data say about a claim. Both decided verdicts are wrong with at most half of the level each;
 * where an interval reaches to both sides of a threshold neither is given, however near the point
 * lies to one.
 *
 * @see Judgement
 */
public enum Verdict {
  /** The interval lies wholly where the claim says. */
  HOLDS("holds"),
  /** The interval lies wholly where the claim says it does not. */
  DOES_NOT_HOLD("does not hold"),
  /** The interval reaches to both sides, or there is none. */
  CANNOT_BE_TOLD("cannot be told");

  private final String words;

  Verdict(String words) {
    this.words = words;
  }

  /**
   * For sentences and tables: {@code holds}, {@code does not hold} or {@code cannot be told}. Files
   * and pages have these words; they do not change.
   */
  public String words() {
    return words;
  }
}
