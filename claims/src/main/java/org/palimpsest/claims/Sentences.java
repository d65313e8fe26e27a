package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/** What an assessment and its findings say, for people, in all forms of the page. */
final class Sentences {

  static final String INTRODUCTION =
      "Each line below is a claim about transfer learning in medical image segmentation ("
          + Claim.SOURCE
          + "), and what the training runs at hand say of it.";

  static final String HOW_TO_READ =
      "A figure is followed by its 95 % interval in brackets: where it might lie if other networks"
          + " were trained in the same way. \"Holds\" and \"does not hold\" are said only where the"
          + " interval lies wholly on one side of the threshold that is asked for. \"Cannot be told\""
          + " is no verdict: the runs are compatible with both. Of ten claims judged at once one"
          + " would now and then be told wrongly by chance; the verdicts above are therefore"
          + " corrected for the number of claims (Holm), of which those whose runs are missing do"
          + " not count. The sections below give the verdict alone as well. Whoever thinks another"
          + " threshold right reads the verdict for it from the interval. In the pictures the bar is"
          + " the interval, the dot the figure and the dashed line the threshold; the claim holds in"
          + " the shaded region.";

  static final String WORDS =
      "Words: a network from random weights (a random one) was trained on the task alone, a"
          + " transferred one started from the weights of its source, a network that had learned"
          + " another task. Dice: the overlap of predicted and true regions, from 0 (none) to 1"
          + " (complete). Linear CKA: how alike two networks respond inside to the same images (the"
          + " probes), from 0 (nothing in common) to 1 (the same). Block: a group of layers, from"
          + " input to output. Gain: what transferred networks have more.";

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
      if (one.isBoundedSomewhere()) {
        parts.add("%s, asked for %s".formatted(one.told(), one.asked()));
      }
    }
    List<String> lines = new ArrayList<>();
    if (!parts.isEmpty()) {
      lines.add(Finding.capital(String.join("; ", parts)) + ".");
    }
    if (finding.verdict() == Verdict.CANNOT_BE_TOLD) {
      lines.addAll(finding.judgement().reasons());
    }
    if (deciding.size() > parts.size()) {
      lines.add(counted(deciding));
    }
    lines.addAll(finding.readings());
    return " " + String.join(" ", lines);
  }

  /** Of how many figures which verdict would be given, if each were the only one. */
  private static String counted(List<Evidence> deciding) {
    List<String> counts = new ArrayList<>();
    for (Verdict verdict : Verdict.values()) {
      long count = deciding.stream().filter(one -> one.verdict() == verdict).count();
      if (count > 0) {
        counts.add("%s %s".formatted(count, verdict.words().replace("holds", "as claimed")));
      }
    }
    return "Figures that decide: %s, each by itself.".formatted(String.join(", ", counts));
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

  /** That a claim is told alone and not beside the others, and what would help. */
  static String undoneByOthers(Finding finding, double corrected) {
    Evidence weakest =
        finding.telling().stream()
            .max(Comparator.comparingDouble(one -> one.judgement().p()))
            .orElseThrow();
    return "Beside the other claims more certainty is asked for: corrected for their number p is %s, where at most %s is allowed. More %s in each group would give it, above all of: %s, asked for %s."
        .formatted(
            Numbers.of(corrected),
            Numbers.threshold(Judgement.LEVEL),
            weakest.units(),
            weakest.told(),
            weakest.asked());
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
              "%s %s".formatted(one.networks(), one.units())));
    }
    return new Finding.Table(
        "Figures with their 95 % intervals, each by itself (not corrected for how many there are)",
        List.of("figure", "value", "asked for", "verdict by itself", "role", "smallest group"),
        rows);
  }
}
