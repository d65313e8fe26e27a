package org.palimpsest.reproduction;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.palimpsest.claims.Assessment;
import org.palimpsest.claims.Evidence;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.claims.FilterGrid;
import org.palimpsest.claims.FilterGrid.NetworkPart;
import org.palimpsest.claims.Finding;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

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

  private static final Set<Quantity> AFTER_LONGER =
      EnumSet.of(Quantity.KERNEL_SMOOTHNESS_AFTER_LONGER, Quantity.KERNEL_ONE_SIGN_AFTER_LONGER);

  private static final Set<String> ALL_FIGURES =
      Set.of("only-hard-and-few", "filters-change", "filters-look-random", "hard-and-few");

  private final ReproductionPlan plan;
  private final List<Judged> judged;
  private final Optional<FilterGrid> grid;
  private final List<String> facts;
  private final List<String> lines = new ArrayList<>();

  ReproductionPage(
      ReproductionPlan plan, List<Judged> judged, Optional<FilterGrid> grid, List<String> facts) {
    this.plan = plan;
    this.judged = List.copyOf(judged);
    this.grid = grid;
    this.facts = List.copyOf(facts);
  }

  String text() {
    lines.add("# The paper's claims, tried");
    if (judged.isEmpty()) {
      paragraph("No network is trained yet.");
      return String.join("\n", lines) + "\n";
    }
    paragraph(
        "Small networks learned to mark thin vessels in noisy synthetic images (real ones where a"
            + " column says so), some from random weights"
            + " (*random* ones), some from the weights of a *source*, a network that had learned"
            + " another task before (*transferred* ones). Ten things that Karimi, Warfield and"
            + " Gholipour say of such transfer, and what came of them here. Dice is the overlap of"
            + " what is marked and what is true, from 0 (none) to 1 (complete). In brackets stands"
            + " the 95 % interval: where a figure might lie had other networks been trained in the"
            + " same way, from other random weights and on other training images.");
    lines.add("");
    Judged first = judged.get(0);
    IntStream.range(0, first.assessment().findings().size()).forEach(i -> plain(first, i));
    explanations();
    table();
    grid.ifPresent(this::filters);
    lines.add("");
    lines.add("## How it was made");
    lines.add("");
    facts.forEach(fact -> lines.add("- " + fact));
    networks();
    return String.join("\n", lines) + "\n";
  }

  private void explanations() {
    paragraph(
        "*Holds* and *does not hold* are said where the 95 % interval lies wholly on one side of a"
            + " threshold that was fixed before, corrected for judging so many claims at once (Holm);"
            + " all else cannot be told. Claims 1 and 2 look at transfer from one source: another"
            + " source may give other figures, and so may other held-out images, which were the"
            + " same for all. These are small networks on small images: what does"
            + " not hold here may hold for larger ones, and the other way round. What each figure is and what its"
            + " interval covers is told in [claims](../claims.md) and on the pages of the table"
            + " below; which networks were trained and why in [the plan](plan.md), written before"
            + " they were, which also tells at its end what was done in another way and what was"
            + " not tried.");
    paragraph(
        "Words: the *encoder* is the half of a network that takes an image apart, the *decoder* the"
            + " half that draws the marking; enc1, dec1 and so on are their *blocks*, groups of"
            + " layers. A *filter* (or *kernel*) is the small pattern of weights that a layer looks"
            + " for. A network is *frozen* where its weights stay as they were at the start. The"
            + " *floor* are networks whose encoder hands on the image alone: what they reach takes no"
            + " encoder. *Linear CKA* tells how alike two networks respond inside to the same images,"
            + " from 0 (nothing in common) to 1 (the same). *Reuse* is how much more alike to what"
            + " was there before training transferred networks are than random ones.");
  }

  private void paragraph(String text) {
    lines.add("");
    lines.add(text);
  }

  private void plain(Judged of, int index) {
    Finding finding = of.assessment().findings().get(index);
    String verdict =
        switch (of.assessment().together().get(index)) {
          case HOLDS ->
              finding.readings().isEmpty() ? "**Holds.**" : "**Holds, with a reservation.**";
          case DOES_NOT_HOLD ->
              finding.readings().isEmpty()
                  ? "**Does not hold.**"
                  : "**Does not hold, with a reservation.**";
          case CANNOT_BE_TOLD ->
              finding.verdict() == Verdict.CANNOT_BE_TOLD
                  ? "**Cannot be told.**"
                  : "**Cannot be told** beside the other claims; alone it %s."
                      .formatted(finding.verdict().words());
        };
    lines.add(
        "- %s %s: %s%s"
            .formatted(
                finding.claim().number(), finding.claim().statement(), verdict, figures(finding)));
    if (finding.missing().isEmpty()) {
      beneath("What would tell", of.assessment().wouldTell(index));
      beneath("Also known", finding.readings());
    }
  }

  private void beneath(String what, List<String> sentences) {
    if (!sentences.isEmpty()) {
      lines.add("  - %s: %s".formatted(what, String.join(" ", sentences)));
    }
  }

  /** The figures that decide, in words that need no statistics. */
  private static String figures(Finding finding) {
    if (!finding.missing().isEmpty()) {
      return " " + finding.missing().get(0);
    }
    String claim = finding.claim().key();
    List<Evidence> bounded =
        finding.deciding().stream().filter(Evidence::isBoundedSomewhere).toList();
    if (claim.equals("faster")) {
      return speeds(bounded, finding.deciding().size());
    }
    List<Evidence> told =
        bounded.stream().filter(one -> one.verdict() == finding.verdict()).toList();
    int most = ALL_FIGURES.contains(claim) ? Integer.MAX_VALUE : 1;
    return (told.isEmpty() ? bounded : told)
            .stream().limit(most).map(one -> " " + plain(one)).collect(Collectors.joining())
        + beside(finding);
  }

  /** Doublings as shares of the steps, condition by condition. */
  private static String speeds(List<Evidence> bounded, int conditions) {
    if (bounded.isEmpty()) {
      return "";
    }
    String each =
        bounded.stream()
            .map(one -> one.inWords(doublings -> Math.pow(2, -doublings)) + bracketed(one.of()))
            .collect(Collectors.joining(", "));
    return " For the same quality transferred networks need, as a share of the steps of random ones: %s. That is known in %s of %s conditions."
        .formatted(each, bounded.size(), conditions);
  }

  private static String bracketed(String part) {
    return part.isEmpty() ? "" : " (" + part + ")";
  }

  /** What stands beside the figures that decide and is no reservation. */
  private static String beside(Finding finding) {
    String found =
        finding.evidence().stream()
            .filter(one -> AFTER_LONGER.contains(one.quantity()))
            .map(Evidence::inWords)
            .collect(Collectors.joining(" and "));
    return found.isEmpty() || !finding.readings().isEmpty()
        ? ""
        : " Networks that were trained several times as long are told from fresh ones by the same two scores: %s."
            .formatted(found);
  }

  /** A figure in words that need no statistics. */
  private static String plain(Evidence one) {
    return switch (one.quantity()) {
      case GAIN_AHEAD ->
          sentence(
              one,
              "On the hard task with few images transferred networks gain %s more Dice than on the mean of the others");
      case GAIN ->
          Double.isInfinite(one.to())
              ? sentence(one, "Their gain there is %s")
              : sentence(one, capital(one) + " %s, where " + one.asked() + " was asked for");
      case ANGLE_OF_FILTERS ->
          asked(
              one,
              "From the start of training to its end a filter of the "
                  + one.of()
                  + " turns by %s degrees on average, where 90 would be as unlike as chance and");
      case KERNEL_SMOOTHNESS ->
          asked(
              one,
              "A trained filter is more regular than a fresh random one, by how alike"
                  + " neighbouring weights are, in a share of %s of pairs, where 0.5 would be chance and");
      case KERNEL_ONE_SIGN ->
          sentence(one, "By the signs of its weights it is in a share of %s of pairs");
      case FROZEN_SHARE ->
          asked(
              one,
              "With an encoder of random, untrained filters a network comes %s of the way from one"
                  + " without an encoder to one that is trained as a whole, where");
      default -> ofRepresentations(one);
    };
  }

  private static String ofRepresentations(Evidence one) {
    return switch (one.quantity()) {
      case REUSE_OF_DEEPER_BLOCKS ->
          asked(
              one,
              "Deeper blocks stay more alike to what was learned before than random networks are, by %s on the scale of linear CKA (0 to 1), where");
      case SHARE_APART ->
          asked(
              one,
              "Of the difference between a transferred and a random network a share of %s is"
                  + " between the kinds, the rest is among networks of one kind;");
      case SHARE_APART_BEYOND_SHARED_START ->
          asked(
              one,
              "Of the difference between a transferred and a random network a share of %s is"
                  + " between the kinds, of what any shared start leaves;");
      case RATIO_OF_SPREADS ->
          asked(
              one,
              "Transferred networks differ among themselves %s times as much as random ones, where");
      default -> sentence(one, capital(one) + ": %s");
    };
  }

  private static String capital(Evidence one) {
    String what = one.what().replace("%", "%%");
    return Character.toUpperCase(what.charAt(0)) + what.substring(1);
  }

  /** With what the claim asks for behind it. */
  private static String asked(Evidence evidence, String words) {
    return sentence(evidence, words + " " + evidence.asked() + " was asked for");
  }

  private static String sentence(Evidence evidence, String words) {
    return words.formatted(evidence.inWords()) + ".";
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
    paragraph(
        "Each column is corrected for its own claims. *Not looked at*: no networks were trained for"
            + " it there. *Networks are missing*: some were, and others that it needs were not. *Alone*:"
            + " as if it were the only claim. The summary at the top of a column's page tells the"
            + " reservation, or what is missing.");
  }

  /** Where the picture of one part of the networks of the grid lies, beside the page. */
  static String pictureOf(NetworkPart part) {
    return "grid/filters-of-the-%s.svg".formatted(part.words());
  }

  private void filters(FilterGrid found) {
    lines.add("");
    lines.add("## Filters by width and learning rate");
    paragraph(found.caption());
    for (NetworkPart part : NetworkPart.values()) {
      paragraph("![Filters of the %s](%s)".formatted(part.words(), pictureOf(part)));
    }
    Finding.Table table = found.table();
    lines.add("");
    lines.add(row(table.header()));
    lines.add(row(table.header().stream().map(cell -> "---").toList()));
    table.rows().forEach(cells -> lines.add(row(cells)));
  }

  private static String row(List<String> cells) {
    return cells.stream().collect(Collectors.joining(" | ", "| ", " |"));
  }

  private static String cell(Assessment assessment, int index) {
    Finding finding = assessment.findings().get(index);
    Verdict together = assessment.together().get(index);
    if (!finding.missing().isEmpty()) {
      return finding.evidence().isEmpty()
          ? "not looked at"
          : "cannot be told (networks are missing)";
    }
    if (together != Verdict.CANNOT_BE_TOLD && !finding.readings().isEmpty()) {
      return together.words() + ", with a reservation";
    }
    return together == finding.verdict()
        ? together.words()
        : "%s (alone: %s)".formatted(together.words(), finding.verdict().words());
  }

  private void networks() {
    for (Series series : plan.all()) {
      lines.add(
          "- %s: %s networks, %s steps%s of %s images, Adam at %s with %s decay, Dice on %s held-out images, %s probes."
              .formatted(
                  series.title(),
                  series.networks(),
                  series.plan().steps(),
                  longer(series),
                  series.plan().batchSize(),
                  series.plan().learningRate(),
                  series.plan().decay().name().toLowerCase(Locale.ROOT),
                  series.heldOut(),
                  series.probes()));
    }
  }

  private static String longer(Series series) {
    return series.arms().stream()
        .filter(arm -> arm.times() > 1)
        .map(
            arm ->
                " (%s: %s networks, %s steps)"
                    .formatted(arm.name(), arm.seeds(), arm.times() * series.plan().steps()))
        .collect(Collectors.joining());
  }
}
