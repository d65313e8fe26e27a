package org.palimpsest.reproduction.verdict;

import org.palimpsest.similarity.statistics.Judgement.Verdict;

/**
 * One figure that a claim is judged by.
 *
 * @param what what it is, in words
 * @param estimate the figure
 * @param rule where it lies if the claim is true
 */
public record ClaimFigure(String what, StudentEstimate estimate, Rule rule) {

  /** The verdict on this figure alone, by its 95% interval. */
  public Verdict verdict() {
    if (rule.allowsAllOf(estimate.interval())) {
      return Verdict.HOLDS;
    }
    return rule.allowsNoneOf(estimate.interval()) ? Verdict.DOES_NOT_HOLD : Verdict.CANNOT_BE_TOLD;
  }

  /** Whether the figure speaks against the claim even though it is one of several. */
  boolean contradictsAmong(int figures) {
    return rule.allowsNoneOf(estimate.interval(1 - 0.05 / figures));
  }
}
