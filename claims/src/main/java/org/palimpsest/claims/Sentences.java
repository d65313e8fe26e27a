package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.similarity.statistics.Verdict;

/** What an assessment and its findings say, for people, in all forms of the page. */
final class Sentences {

  static final String INTRODUCTION =
      "Each line below is a claim about transfer learning in medical image segmentation ("
          + Claim.SOURCE
          + "), and what the training runs at hand say of it.";

  static final String HOW_TO_READ =
      "\"Holds\" and \"does not hold\" are said only where the 95 % interval of the figure lies"
          + " wholly on one side of its threshold. \"Cannot be told\" is no verdict: the runs are"
          + " compatible with both. If ten claims are judged at once, one false verdict somewhere"
          + " would be no surprise; the verdicts above are therefore corrected for the number of"
          + " claims (Holm), of which those whose runs are missing do not count. The verdicts of single claims below give both. Whoever thinks another"
          + " threshold right reads the verdict for it from the interval.";

  private static final int MOST = 2;

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
    for (Evidence one : shown(finding)) {
      parts.add("%s %s, asked for: %s".formatted(one.what(), one.inWords(), one.asked()));
    }
    String rest =
        parts.size() < deciding.size()
            ? " (%d of %d figures that decide)".formatted(parts.size(), deciding.size())
            : "";
    return " " + Finding.capital(String.join("; ", parts)) + rest + ".";
  }

  private static String firstSentence(String text) {
    int end = text.indexOf(". ");
    return end < 0 ? text : text.substring(0, end + 1);
  }

  private static List<Evidence> shown(Finding finding) {
    List<Evidence> telling = finding.telling();
    int most = finding.verdict() == Verdict.HOLDS ? 1 : MOST;
    return telling.subList(0, Math.min(most, telling.size()));
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

  static String varies(Finding finding) {
    return "In the intervals is what varies between networks of a group: %s."
        .formatted(String.join("; ", finding.varies()));
  }

  static String fixed(Finding finding) {
    return "Not in the intervals, since it is the same for all: %s."
        .formatted(String.join("; ", finding.fixed()));
  }

  static Finding.Table evidence(Finding finding) {
    List<List<String>> rows = new ArrayList<>();
    for (Evidence one : finding.evidence()) {
      rows.add(
          List.of(
              one.what(),
              one.inWords(),
              one.asked(),
              one.verdict().words(),
              one.decides() ? "decides" : "beside",
              String.valueOf(one.networks())));
    }
    return new Finding.Table(
        "Figures with their 95 % intervals",
        List.of("figure", "value", "asked for", "alone", "role", "networks in the smaller group"),
        rows);
  }
}
