package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.similarity.statistics.Verdict;

/** What a finding says, for people. */
final class Sentences {

  private static final int MOST = 3;

  private Sentences() {}

  /** The figure that decides, in one sentence with a blank before it; empty if there is none. */
  static String headline(Finding finding) {
    List<Evidence> deciding = finding.deciding();
    if (!finding.missing().isEmpty()) {
      return " " + firstSentence(finding.missing().get(0));
    }
    if (deciding.stream().noneMatch(Evidence::isBoundedSomewhere)) {
      return " " + String.join(" ", finding.judgement().reasons());
    }
    List<String> parts = new ArrayList<>();
    for (Evidence one : telling(finding, deciding)) {
      parts.add("%s %s, asked for: %s".formatted(one.what(), one.inWords(), one.asked()));
    }
    return " " + Finding.capital(String.join("; ", parts)) + ".";
  }

  private static String firstSentence(String text) {
    int end = text.indexOf(". ");
    return end < 0 ? text : text.substring(0, end + 1);
  }

  /** Those figures that speak as the verdict does come first. */
  private static List<Evidence> telling(Finding finding, List<Evidence> deciding) {
    Verdict verdict = finding.verdict();
    List<Evidence> telling = deciding.stream().filter(e -> e.verdict() == verdict).toList();
    List<Evidence> chosen = telling.isEmpty() ? deciding : telling;
    return chosen.subList(0, Math.min(verdict == Verdict.HOLDS ? 1 : MOST - 1, chosen.size()));
  }

  /** What the verdict is, alone and together with the others. */
  static String verdict(Assessment assessment, int index) {
    Finding finding = assessment.findings().get(index);
    Verdict alone = finding.verdict();
    Verdict together = assessment.together().get(index);
    if (!finding.missing().isEmpty()) {
      return "Cannot be told: runs are missing.";
    }
    if (alone == Verdict.CANNOT_BE_TOLD) {
      return "Cannot be told.";
    }
    String sentence = alone == Verdict.HOLDS ? "The claim holds" : "The claim does not hold";
    return alone == together
        ? sentence + ", also if it is judged together with the other claims."
        : sentence
            + " if it is the only one that is asked. Together with the others (Holm's correction)"
            + " it cannot be told.";
  }
}
