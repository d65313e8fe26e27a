package org.palimpsest.reproduction.verdict;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/**
 * A claim and what was found.
 *
 * @param claim what is claimed
 * @param evidence figures; the claim says something about each of them
 */
public record ClaimFinding(PaperClaim claim, List<ClaimFigure> evidence) {

  public ClaimFinding {
    evidence = List.copyOf(evidence);
  }

  /** A claim without a figure yet. */
  public static ClaimFinding on(PaperClaim claim) {
    return new ClaimFinding(claim, List.of());
  }

  /** With one more figure, judged by the claim's own rule. */
  public ClaimFinding with(String what, StudentEstimate estimate) {
    return with(what, estimate, claim.rule());
  }

  /** With one more figure that is judged by another rule. */
  public ClaimFinding with(String what, StudentEstimate estimate, Rule rule) {
    List<ClaimFigure> more = new ArrayList<>(evidence);
    more.add(new ClaimFigure(what, estimate, rule));
    return new ClaimFinding(claim, more);
  }

  /**
   * Holds if every figure's 95% interval lies where the claim says; does not hold if one lies
   * outside with the level corrected for the number of figures (Bonferroni); else, and without any
   * figure, it cannot be told.
   */
  public Verdict verdict() {
    if (evidence.isEmpty()) {
      return Verdict.CANNOT_BE_TOLD;
    }
    if (evidence.stream().allMatch(one -> one.verdict() == Verdict.HOLDS)) {
      return Verdict.HOLDS;
    }
    return evidence.stream().anyMatch(one -> one.contradictsAmong(evidence.size()))
        ? Verdict.DOES_NOT_HOLD
        : Verdict.CANNOT_BE_TOLD;
  }
}
