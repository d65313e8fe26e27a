package org.palimpsest.reproduction;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.palimpsest.claims.Assessment;
import org.palimpsest.claims.Evidence;
import org.palimpsest.claims.Finding;
import org.palimpsest.similarity.statistics.Verdict;

/** What came of the claims, in plain words at the top, a table below, and links to every figure. */
final class ReproductionPage {

  /**
   * Runs that were judged together.
   *
   * @param name of the folder of the assessment beside the page
   * @param title what they are
   * @param assessment what came of it
   */
  record Judged(String name, String title, Assessment assessment) {}

  private final ReproductionPlan plan;
  private final List<Judged> judged;
  private final List<String> facts;
  private final List<String> lines = new ArrayList<>();

  ReproductionPage(ReproductionPlan plan, List<Judged> judged, List<String> facts) {
    this.plan = plan;
    this.judged = List.copyOf(judged);
    this.facts = List.copyOf(facts);
  }

  String text() {
    lines.add("# The paper's claims, tried");
    if (judged.isEmpty()) {
      paragraph("No network is trained yet.");
      return String.join("\n", lines) + "\n";
    }
    paragraph(
        "Small networks learned to find thin vessels in noisy synthetic images, some from random"
            + " weights, some from a network that had learned another task before. What Karimi,"
            + " Warfield and Gholipour say of such transfer, and what came of it here:");
    lines.add("");
    Judged first = judged.get(0);
    IntStream.range(0, first.assessment().findings().size()).forEach(i -> plain(first, i));
    paragraph(
        "*Holds* and *does not hold* are said where the 95 % interval lies wholly on one side of a"
            + " threshold that was fixed before, corrected for judging ten claims at once; all"
            + " else cannot be told. These are small networks on synthetic images: what does not"
            + " hold here may hold for larger ones. What each figure is and what its interval covers"
            + " is told in [claims](../claims.md), which networks were trained and why in [the"
            + " plan](plan.md), written before they were.");
    table();
    lines.add("");
    lines.add("## How it was made");
    lines.add("");
    facts.forEach(fact -> lines.add("- " + fact));
    networks();
    return String.join("\n", lines) + "\n";
  }

  private void paragraph(String text) {
    lines.add("");
    lines.add(text);
  }

  private void plain(Judged of, int index) {
    Finding finding = of.assessment().findings().get(index);
    String verdict =
        switch (of.assessment().together().get(index)) {
          case HOLDS -> "**Holds.**";
          case DOES_NOT_HOLD -> "**Does not hold.**";
          case CANNOT_BE_TOLD ->
              finding.verdict() == Verdict.CANNOT_BE_TOLD
                  ? "**Cannot be told.**"
                  : "**Cannot be told** with certainty beside the other claims; alone it %s."
                      .formatted(finding.verdict().words());
        };
    lines.add(
        "- %s %s: %s%s"
            .formatted(
                finding.claim().number(), finding.claim().statement(), verdict, figure(finding)));
  }

  /** The figure that decides, in words that need no statistics. */
  private static String figure(Finding finding) {
    Optional<Evidence> shown =
        finding.deciding().stream()
            .filter(one -> one.verdict() == finding.verdict())
            .findFirst()
            .or(() -> finding.deciding().stream().findFirst());
    OptionalDouble value = shown.map(Evidence::value).orElse(OptionalDouble.empty());
    if (shown.isEmpty() || value.isEmpty()) {
      return finding.wouldTell().stream().findFirst().map(reason -> " " + reason).orElse("");
    }
    return " " + plain(finding.claim().key(), shown.get());
  }

  private static String plain(String claim, Evidence one) {
    return switch (claim) {
      case "faster" ->
          sentence(
              one,
              "Transferred networks reach the same quality in %s of the steps",
              doublings -> Math.pow(2, -doublings));
      case "hard-and-few" ->
          sentence(one, "On the hard task with few images they gain %s more Dice than elsewhere");
      case "filters-look-random" ->
          sentence(
              one,
              "A trained filter is more regular than a fresh random one in a share of %s of pairs"
                  + " (0.5 would be chance)");
      case "frozen" ->
          sentence(
              one,
              "With an encoder of random, untrained filters a network comes %s of the way from one"
                  + " without an encoder to one that is trained as a whole");
      case "other-representations" ->
          sentence(
              one,
              "Of the difference between a transferred and a random network a share of %s is"
                  + " between the kinds, the rest is among networks of one kind");
      case "vary-as-much" ->
          sentence(
              one, "Transferred networks differ among themselves %s times as much as random ones");
      default -> sentence(one, capital(one) + ": %s");
    };
  }

  private static String capital(Evidence one) {
    String what = one.what().replace("%", "%%");
    return Character.toUpperCase(what.charAt(0)) + what.substring(1);
  }

  private static String sentence(Evidence evidence, String words) {
    return sentence(evidence, words, value -> value);
  }

  private static String sentence(Evidence evidence, String words, DoubleUnaryOperator shown) {
    double a = shown.applyAsDouble(evidence.interval().low());
    double b = shown.applyAsDouble(evidence.interval().high());
    String interval =
        Double.isFinite(a) && Double.isFinite(b)
            ? " (%s to %s)".formatted(number(Math.min(a, b)), number(Math.max(a, b)))
            : "";
    return words.formatted(
            number(shown.applyAsDouble(evidence.value().orElse(Double.NaN))) + interval)
        + ".";
  }

  private static String number(double value) {
    double rounded = Math.round(100 * value) / 100.0 + 0.0;
    return Math.abs(value) >= 10
        ? String.valueOf(Math.round(value))
        : String.format(Locale.ROOT, "%.2f", rounded).replace('-', '−');
  }

  private void table() {
    lines.add("");
    lines.add("## By networks");
    lines.add("");
    StringBuilder header = new StringBuilder("| claim |");
    StringBuilder rule = new StringBuilder("| --- |");
    for (Judged one : judged) {
      header.append(" [%s](%s/assess.md) |".formatted(one.title(), one.name()));
      rule.append(" --- |");
    }
    lines.add(header.toString());
    lines.add(rule.toString());
    List<Finding> claims = judged.get(0).assessment().findings();
    for (int i = 0; i < claims.size(); i++) {
      StringBuilder row =
          new StringBuilder(
              "| %s %s |"
                  .formatted(claims.get(i).claim().number(), claims.get(i).claim().statement()));
      for (Judged one : judged) {
        row.append(" %s |".formatted(cell(one.assessment(), i)));
      }
      lines.add(row.toString());
    }
  }

  private static String cell(Assessment assessment, int index) {
    Finding finding = assessment.findings().get(index);
    Verdict together = assessment.together().get(index);
    if (!finding.missing().isEmpty()) {
      return "not looked at";
    }
    return together == finding.verdict()
        ? together.words()
        : "%s (alone: %s)".formatted(together.words(), finding.verdict().words());
  }

  private void networks() {
    for (Series series : plan.series()) {
      lines.add(
          "- %s: %d networks, %d steps of %d images, Adam at %s with %s decay, Dice on %d held-out images, %d probes."
              .formatted(
                  series.title(),
                  series.networks(),
                  series.plan().steps(),
                  series.plan().batchSize(),
                  series.plan().learningRate(),
                  series.plan().decay().name().toLowerCase(Locale.ROOT),
                  series.heldOut(),
                  series.probes()));
    }
  }
}
