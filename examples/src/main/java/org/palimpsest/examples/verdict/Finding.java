package org.palimpsest.examples.verdict;

import java.util.List;

/**
 * A claim and what was found.
 *
 * @param claim what is claimed
 * @param evidence at least one figure; the claim says something about each of them
 * @param otherwise why it may differ from what the paper saw, should it differ
 */
public record Finding(Claim claim, List<Evidence> evidence, String otherwise) {

  public Finding {
    evidence = List.copyOf(evidence);
  }

  /**
   * Holds if every figure's 95% interval lies where the claim says; does not hold if one lies
   * outside with the level corrected for the number of figures (Bonferroni); else it cannot be
   * told.
   */
  public Verdict verdict() {
    if (evidence.stream().allMatch(one -> one.verdict() == Verdict.HOLDS)) {
      return Verdict.HOLDS;
    }
    return evidence.stream().anyMatch(one -> one.contradictsAmong(evidence.size()))
        ? Verdict.DOES_NOT_HOLD
        : Verdict.CANNOT_BE_TOLD;
  }
}
