package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.List;

/** What all forms of the page say. */
final class Texts {

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

  private Texts() {}

  static String varies(Finding finding) {
    return "In the intervals is what varies between networks of a group: %s."
        .formatted(String.join("; ", finding.varies()));
  }

  static String fixed(Finding finding) {
    return "Not in the intervals, since it is the same for all: %s."
        .formatted(String.join("; ", finding.fixed()));
  }

  static Grid evidence(Finding finding) {
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
    return new Grid(
        "Figures with their 95 % intervals",
        List.of("figure", "value", "asked for", "alone", "role", "networks in the smaller group"),
        rows);
  }
}
