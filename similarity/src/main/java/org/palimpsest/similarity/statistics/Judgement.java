package org.palimpsest.similarity.statistics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;

/**
 * How strongly data speak for a claim, and how strongly against it: a one-sided p value each.
 *
 * <p>A claim holds at a level (0.05) if the p value for it is at most half of the level; does not
 * hold if the one against it is; else it cannot be told. For one threshold this is the position of
 * the 95 % interval beside it; equivalence is the interval inside the margin (two one-sided tests,
 * Schuirmann 1987, doi:10.1007/BF01068419). Parts are joined by the rules of intersection and union
 * (Berger 1982, doi:10.1080/00401706.1982.10487790): what is claimed of all parts holds if each
 * part does, without a correction, and fails if one part fails by Bonferroni's; what is claimed of
 * some part the other way round.
 *
 * <pre>{@code
 * Judgement alike = Judgement.within(difference, -0.02, 0.02); // two arms differ by less than 0.02 Dice
 * Judgement both = Judgement.allOf(List.of(alike, Judgement.above(speedUp, 0)));
 * }</pre>
 *
 * @param pFor of the hypothesis that the claim is false
 * @param pAgainst of the hypothesis that the claim is true
 * @param reasons why it cannot be told, where it cannot for another reason than wide intervals
 */
public record Judgement(double pFor, double pAgainst, List<String> reasons) {

  /** The level of verdicts that are not asked for another one. */
  public static final double LEVEL = 0.05;

  public Judgement {
    if (!(pFor >= 0 && pFor <= 1 && pAgainst >= 0 && pAgainst <= 1)) {
      throw new PalimpsestException(
          "p values lie between 0 and 1; given were %s and %s.".formatted(pFor, pAgainst));
    }
    reasons = List.copyOf(reasons);
  }

  /**
   * The claim that the true value lies above a threshold.
   *
   * @param estimate of that value; one that was refused tells nothing, and why
   * @param threshold on the scale of the estimate
   */
  public static Judgement above(Estimate estimate, double threshold) {
    return new Judgement(
        estimate.pAbove(threshold), estimate.pBelow(threshold), reasonsOf(estimate));
  }

  /**
   * The claim that the true value lies below a threshold.
   *
   * @param estimate of that value; one that was refused tells nothing, and why
   * @param threshold on the scale of the estimate
   */
  public static Judgement below(Estimate estimate, double threshold) {
    return new Judgement(
        estimate.pBelow(threshold), estimate.pAbove(threshold), reasonsOf(estimate));
  }

  /**
   * The claim that the true value lies between two margins (equivalence).
   *
   * @param estimate of that value, such as a difference of two arms
   * @param low the lower margin, on the scale of the estimate
   * @param high the upper margin
   * @throws PalimpsestException if the margins are not in order
   */
  public static Judgement within(Estimate estimate, double low, double high) {
    if (!(low < high)) {
      throw new PalimpsestException(
          "The lower margin must lie below the upper one; given were %s and %s."
              .formatted(low, high));
    }
    return new Judgement(
        Math.max(estimate.pAbove(low), estimate.pBelow(high)),
        Math.min(estimate.pBelow(low), estimate.pAbove(high)),
        reasonsOf(estimate));
  }

  /**
   * Nothing can be told: both p values are 1.
   *
   * @param reason why, in a sentence
   */
  public static Judgement undecided(String reason) {
    return new Judgement(1, 1, List.of(reason));
  }

  /**
   * The claim that all parts hold: the largest p value for, and k times the least one against, of k
   * parts.
   *
   * @throws PalimpsestException if there is no part
   */
  public static Judgement allOf(List<Judgement> parts) {
    return new Judgement(
        most(parts, Judgement::pFor), corrected(parts, Judgement::pAgainst), reasonsOf(parts));
  }

  /**
   * The claim that some part holds: k times the least p value for, and the largest one against, of
   * k parts.
   *
   * @throws PalimpsestException if there is no part
   */
  public static Judgement someOf(List<Judgement> parts) {
    return new Judgement(
        corrected(parts, Judgement::pFor), most(parts, Judgement::pAgainst), reasonsOf(parts));
  }

  /**
   * This judgement, if a condition holds; else nothing can be told. So is a claim that something
   * was not found, which takes a positive control that is found.
   *
   * @param condition what must hold, at the same level
   * @param otherwise why nothing can be told without it; where the condition itself cannot be told
   *     for a reason of its own, that reason is given instead
   */
  public Judgement onlyIf(Judgement condition, String otherwise) {
    List<String> more = new ArrayList<>(reasons);
    if (condition.verdict() != Verdict.HOLDS) {
      more.addAll(condition.reasons.isEmpty() ? List.of(otherwise) : condition.reasons);
    }
    return new Judgement(
        Math.max(pFor, condition.pFor),
        Math.max(pAgainst, condition.pFor),
        more.stream().distinct().toList());
  }

  /** The verdict on this claim alone, at the level 0.05. */
  public Verdict verdict() {
    return verdict(LEVEL);
  }

  /**
   * The verdict on this claim alone.
   *
   * @param level the probability of a false verdict, half of it on each side; between 0 and 1
   * @throws PalimpsestException if the level is not between 0 and 1
   */
  public Verdict verdict(double level) {
    requireLevel(level);
    if (pFor <= level / 2) {
      return Verdict.HOLDS;
    }
    return pAgainst <= level / 2 ? Verdict.DOES_NOT_HOLD : Verdict.CANNOT_BE_TOLD;
  }

  /** The p value for corrections across claims: twice the smaller one. */
  public double p() {
    return Math.min(1, 2 * Math.min(pFor, pAgainst));
  }

  /**
   * The verdicts on several claims such that the probability of any false one is held (Holm).
   *
   * @param level that probability, between 0 and 1
   * @throws PalimpsestException if the level is not between 0 and 1
   */
  public static List<Verdict> together(List<Judgement> claims, double level) {
    requireLevel(level);
    double[] corrected = holm(claims.stream().mapToDouble(Judgement::p).toArray());
    List<Verdict> verdicts = new ArrayList<>();
    for (int i = 0; i < corrected.length; i++) {
      Judgement claim = claims.get(i);
      Verdict told = claim.pFor <= claim.pAgainst ? Verdict.HOLDS : Verdict.DOES_NOT_HOLD;
      verdicts.add(corrected[i] <= level ? told : Verdict.CANNOT_BE_TOLD);
    }
    return List.copyOf(verdicts);
  }

  /**
   * P values that are corrected for their number by Holm's step-down correction, which holds the
   * probability of any false rejection at the level whatever the dependence between tests: the i-th
   * smallest of k p values becomes max over j ≤ i of (k − j + 1) p₍ⱼ₎, at most 1 (Holm 1979,
   * Scandinavian Journal of Statistics 6, 65–70). It rejects whatever Bonferroni's correction
   * rejects, and more. {@link #together} uses it for verdicts on several claims.
   *
   * <pre>{@code
   * double[] corrected = Judgement.holm(0.01, 0.04, 0.03); // 0.03, 0.06, 0.06
   * }</pre>
   *
   * @param p from 0 to 1 each
   * @return the corrected p values, in the order of the given ones; O(k log k)
   * @throws PalimpsestException if one is not within [0, 1]
   */
  public static double[] holm(double... p) {
    for (double one : p) {
      if (!(one >= 0 && one <= 1)) {
        throw new PalimpsestException(
            "p values lie between 0 and 1; among %s is %s.".formatted(p.length, one));
      }
    }
    List<Integer> ascending =
        IntStream.range(0, p.length).boxed().sorted(Comparator.comparingDouble(i -> p[i])).toList();
    double[] corrected = new double[p.length];
    double largest = 0;
    for (int rank = 0; rank < p.length; rank++) {
      int index = ascending.get(rank);
      largest = Math.max(largest, Math.min(1, (p.length - rank) * p[index]));
      corrected[index] = largest;
    }
    return corrected;
  }

  private static void requireLevel(double level) {
    if (!(level > 0 && level < 1)) {
      throw new PalimpsestException(
          "The level of a verdict lies between 0 and 1, as 0.05 does; it is %s.".formatted(level));
    }
  }

  private static double most(List<Judgement> parts, ToDoubleFunction<Judgement> p) {
    return parts.stream().mapToDouble(p).max().orElseThrow(Judgement::noParts);
  }

  private static double corrected(List<Judgement> parts, ToDoubleFunction<Judgement> p) {
    double least = parts.stream().mapToDouble(p).min().orElseThrow(Judgement::noParts);
    return Math.min(1, parts.size() * least);
  }

  private static PalimpsestException noParts() {
    return new PalimpsestException("A claim of several parts takes at least one; none was given.");
  }

  private static List<String> reasonsOf(Estimate estimate) {
    return estimate instanceof Estimate.Refused refused ? List.of(refused.reason()) : List.of();
  }

  private static List<String> reasonsOf(List<Judgement> parts) {
    return parts.stream().flatMap(part -> part.reasons.stream()).distinct().toList();
  }

  /**
   * What data say about a claim. Both decided verdicts are wrong with at most half of the level
   * each; where an interval reaches to both sides of a threshold neither is given, however near the
   * point lies to one.
   *
   * @see Judgement
   */
  public enum Verdict {
    /** The interval lies wholly where the claim says. */
    HOLDS("holds"),
    /** The interval lies wholly where the claim says it does not. */
    DOES_NOT_HOLD("does not hold"),
    /** The interval reaches to both sides, or there is none. */
    CANNOT_BE_TOLD("cannot be told");

    private final String words;

    Verdict(String words) {
      this.words = words;
    }

    /**
     * For sentences and tables: {@code holds}, {@code does not hold} or {@code cannot be told}.
     * Files and pages have these words; they do not change.
     */
    public String words() {
      return words;
    }
  }
}
