package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/**
 * A claim and what runs say about it.
 *
 * @param claim what is claimed
 * @param judgement how strongly the runs speak for it and against it
 * @param evidence the figures, those that decide first
 * @param tables what they were made of, a row per network
 * @param curves what to draw beside them
 * @param varies what differs between the networks of a group, and so is in the intervals
 * @param fixed what does not, and so is not in them
 * @param caveats what a reader should keep in mind
 * @param missing what runs of which role would be needed, where the claim could not be judged
 * @param readings what the runs say if the claim is read in another way, in sentences
 */
public record Finding(
    Claim claim,
    Judgement judgement,
    List<Evidence> evidence,
    List<Table> tables,
    List<Curve> curves,
    List<String> varies,
    List<String> fixed,
    List<String> caveats,
    List<String> missing,
    List<String> readings) {

  public Finding {
    evidence = List.copyOf(evidence);
    tables = List.copyOf(tables);
    curves = List.copyOf(curves);
    varies = List.copyOf(varies);
    fixed = List.copyOf(fixed);
    caveats = List.copyOf(caveats);
    missing = List.copyOf(missing);
    readings = List.copyOf(readings);
  }

  static Finding of(Claim claim, Judgement judgement, List<Evidence> evidence) {
    return new Finding(
        claim, judgement, evidence, List.of(), List.of(), List.of(), List.of(), List.of(),
        List.of(), List.of());
  }

  /** Nothing can be said for want of the runs that the claim needs. */
  static Finding missing(Claim claim) {
    return missing(claim, List.of("It takes " + claim.needs() + "."));
  }

  /** Nothing can be said for want of runs, or of something about them. */
  static Finding missing(Claim claim, List<String> missing) {
    Judgement none = Judgement.undecided(String.join(" ", missing));
    return new Finding(
        claim, none, List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), missing,
        List.of());
  }

  Finding with(Table table) {
    List<Table> more = new ArrayList<>(tables);
    more.add(table);
    return new Finding(
        claim, judgement, evidence, more, curves, varies, fixed, caveats, missing, readings);
  }

  Finding withCurves(List<Curve> drawn) {
    return new Finding(
        claim, judgement, evidence, tables, drawn, varies, fixed, caveats, missing, readings);
  }

  /** Says what is in the intervals and what is not. */
  Finding covering(List<String> varying, List<String> fixing) {
    return new Finding(
        claim, judgement, evidence, tables, curves, varying, fixing, caveats, missing, readings);
  }

  Finding withCaveats(List<String> more) {
    List<String> all = new ArrayList<>(caveats);
    all.addAll(more);
    return new Finding(
        claim, judgement, evidence, tables, curves, varies, fixed, all, missing, readings);
  }

  /** The same with what would be needed to judge it, though some figures can be shown. */
  Finding wanting(List<String> absent) {
    return new Finding(
        claim, judgement, evidence, tables, curves, varies, fixed, caveats, absent, readings);
  }

  Finding withReadings(List<String> others) {
    return new Finding(
        claim, judgement, evidence, tables, curves, varies, fixed, caveats, missing, others);
  }

  /** The verdict on this claim as if it were the only one. */
  public Verdict verdict() {
    return judgement.verdict();
  }

  /** The figures by which it is judged. */
  public List<Evidence> deciding() {
    return evidence.stream().filter(Evidence::decides).toList();
  }

  /** Why it cannot be told and what would have to be added; empty if it can be told. */
  public List<String> wouldTell() {
    if (verdict() != Verdict.CANNOT_BE_TOLD) {
      return List.of();
    }
    List<String> lines = new ArrayList<>(missing);
    if (missing.isEmpty()) {
      lines.addAll(judgement.reasons());
      telling().stream()
          .filter(one -> one.verdict() == Verdict.CANNOT_BE_TOLD)
          .findFirst()
          .ifPresent(one -> one.needed().ifPresent(needed -> lines.add(wouldTell(one, needed))));
    }
    return lines.stream().distinct().collect(Collectors.toUnmodifiableList());
  }

  /**
   * Those figures that decide and speak as the verdict does, all if none does; what takes the most
   * networks to tell comes first where nothing can be told, what takes the fewest if the claim is
   * of some part.
   */
  List<Evidence> telling() {
    List<Evidence> deciding = deciding();
    List<Evidence> telling = deciding.stream().filter(e -> e.verdict() == verdict()).toList();
    if (telling.isEmpty() || verdict() != Verdict.CANNOT_BE_TOLD) {
      return telling.isEmpty() ? deciding : telling;
    }
    Comparator<Evidence> leastFirst = Comparator.comparingLong(Finding::needed);
    return telling.stream()
        .sorted(claim.isOfSomePart() ? leastFirst : leastFirst.reversed())
        .toList();
  }

  private static long needed(Evidence evidence) {
    return evidence
        .needed()
        .map(needed -> (long) needed.networks().orElse(Integer.MAX_VALUE))
        .orElse(-1L);
  }

  private static String wouldTell(Evidence evidence, Evidence.Needed needed) {
    String count =
        needed.networks().isPresent()
            ? "about %s %s in each group (now %s)"
                .formatted(
                    Math.max(needed.networks().getAsInt(), evidence.networks() + 1),
                    evidence.units(),
                    evidence.networks())
            : "more than a thousand %s in each group (now %s)"
                .formatted(evidence.units(), evidence.networks());
    return "%s: the interval reaches to both sides of the threshold. %s would tell with a probability of at least 80 %%, should the true value be %s."
        .formatted(capital(evidence.what()), capital(count), needed.effect());
  }

  static String capital(String text) {
    return text.isEmpty() ? text : Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  /**
   * A table, such as one row per network.
   *
   * @param caption what it shows
   * @param header one cell per column
   * @param rows as many cells each
   */
  public record Table(String caption, List<String> header, List<List<String>> rows) {

    public Table {
      header = List.copyOf(header);
      rows = rows.stream().map(List::copyOf).toList();
    }
  }

  /**
   * How well a run did over its training, to be drawn.
   *
   * @param panel which picture it belongs to
   * @param arm what it started from
   * @param run its name
   * @param scores by step
   */
  public record Curve(String panel, String arm, String run, SortedMap<Long, Double> scores) {

    public Curve {
      scores = new TreeMap<>(scores);
    }
  }
}
