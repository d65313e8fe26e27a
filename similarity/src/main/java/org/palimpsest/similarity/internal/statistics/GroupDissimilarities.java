package org.palimpsest.similarity.internal.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.internal.intervals.Variances;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.WelchContrast;

/**
 * Two groups of networks, of which only dissimilarities of pairs are known: how far apart the
 * groups lie, and whether one is as spread as the other. Pairs that share a network are not
 * independent; networks are, so one network (or source, with all its networks) at a time is left
 * out of the whole statistic (Snijders and Borgatti 1999, Connections 22, 161–170): J = (n − 1)/n Σ
 * (θ₍ᵢ₎ − mean)² for each group, which add up, with Satterthwaite's degrees of freedom from n − 1
 * each.
 *
 * <p>In formulas T is the first group, R the second; TT, RR and TR are means of dissimilarities
 * over pairs within the first, within the second, and across.
 *
 * <p>O(n³) for n networks. At least {@value WelchContrast#FEWEST} networks, or sources, in each
 * group; else estimates are refused.
 */
public final class GroupDissimilarities {

  /** How far 1 − CKA may be from where it belongs, and from itself the other way round. */
  private static final double ROUNDING = 1e-9;

  /** Which pairs of one group a mean is taken over. */
  public enum Pairs {
    /** Of different units: all pairs where networks are units, else those of different sources. */
    ACROSS_UNITS,
    /** Of one source, or one start, that several networks share. */
    WITHIN_UNITS
  }

  /** The networks of one group and the unit that each belongs to. */
  private static final class Group {

    private final int[] members;
    private final int[] units;
    private final boolean hasSources;

    Group(int[] members, int[] units, boolean hasSources) {
      this.members = members;
      this.units = units;
      this.hasSources = hasSources;
    }

    IntStream stream() {
      return Arrays.stream(members);
    }

    int count() {
      return Math.toIntExact(Arrays.stream(units).distinct().count());
    }

    Group without(int unit) {
      int[] rest = IntStream.range(0, members.length).filter(i -> units[i] != unit).toArray();
      return new Group(
          Arrays.stream(rest).map(i -> members[i]).toArray(),
          Arrays.stream(rest).map(i -> units[i]).toArray(),
          hasSources);
    }

    /** A statistic without each unit in turn. */
    double[] leftOut(ToDoubleFunction<Group> statistic) {
      return Arrays.stream(units)
          .distinct()
          .mapToDouble(unit -> statistic.applyAsDouble(without(unit)))
          .toArray();
    }
  }

  private final double[][] dissimilarities;
  private final Group first;
  private final Group second;

  private GroupDissimilarities(double[][] dissimilarities, Group first, Group second) {
    this.dissimilarities = dissimilarities;
    this.first = first;
    this.second = second;
  }

  /**
   * Groups whose networks are the units.
   *
   * @param dissimilarities symmetric, at least 0, a row and a column per network; the diagonal is
   *     not looked at
   * @param first which rows are the networks of the first group (T)
   * @param second which rows are those of the second (R)
   * @throws PalimpsestException if the matrix is not such, or the groups overlap
   */
  public static GroupDissimilarities of(double[][] dissimilarities, int[] first, int[] second) {
    double[][] checked = checked(dissimilarities);
    long different =
        IntStream.concat(Arrays.stream(first), Arrays.stream(second))
            .filter(i -> i >= 0 && i < checked.length)
            .distinct()
            .count();
    if (different != (long) first.length + second.length) {
      throw new PalimpsestException(
          "Groups are of different networks among the %s of the matrix; given were %s and %s."
              .formatted(checked.length, Arrays.toString(first), Arrays.toString(second)));
    }
    return new GroupDissimilarities(checked, networks(first), networks(second));
  }

  private int[] others(int... members) {
    boolean taken =
        IntStream.of(members)
            .anyMatch(i -> IntStream.concat(first.stream(), second.stream()).anyMatch(m -> m == i));
    boolean known =
        IntStream.of(members).allMatch(i -> i >= 0 && i < dissimilarities.length)
            && IntStream.of(members).distinct().count() == members.length;
    if (taken || !known) {
      throw new PalimpsestException(
          "A control is of other networks among the %s of the matrix than the two groups; given were %s."
              .formatted(dissimilarities.length, Arrays.toString(members)));
    }
    return members;
  }

  private static Group networks(int... members) {
    return new Group(members.clone(), IntStream.range(0, members.length).toArray(), false);
  }

  private static double[][] checked(double[][] given) {
    double[][] copy = new double[given.length][];
    for (int i = 0; i < given.length; i++) {
      copy[i] = given[i].clone();
      if (copy[i].length != given.length) {
        throw new PalimpsestException(
            "Dissimilarities are a square matrix; of %s rows one has %s columns."
                .formatted(given.length, copy[i].length));
      }
      for (int j = 0; j < i; j++) {
        if (!(copy[i][j] >= -ROUNDING && copy[i][j] < Double.POSITIVE_INFINITY)
            || !(Math.abs(copy[i][j] - copy[j][i]) <= ROUNDING * Math.max(1, copy[i][j]))) {
          throw new PalimpsestException(
              "Dissimilarities are finite, at least 0, and the same both ways; those of networks %s and %s are %s and %s."
                  .formatted(i, j, copy[i][j], copy[j][i]));
        }
        copy[i][j] = Math.max(0, copy[i][j]);
        copy[j][i] = copy[i][j];
      }
    }
    return copy;
  }

  /**
   * With sources (or starts) as the units of the first group: TT is then over pairs of different
   * sources, and a source is left out with all its networks. Sources that differ more than networks
   * of one source do make intervals over networks far too narrow.
   *
   * @param sources a number for the source of each network of the first group
   */
  public GroupDissimilarities withSourcesOfFirst(int... sources) {
    return new GroupDissimilarities(dissimilarities, withSources(first, sources), second);
  }

  /** The same for the second group. */
  public GroupDissimilarities withSourcesOfSecond(int... sources) {
    return new GroupDissimilarities(dissimilarities, first, withSources(second, sources));
  }

  private static Group withSources(Group group, int... sources) {
    if (sources.length != group.members.length) {
      throw new PalimpsestException(
          "Each of the %s networks of a group has a source; given were %s."
              .formatted(group.members.length, sources.length));
    }
    return new Group(group.members, sources.clone(), true);
  }

  /**
   * How far apart the groups lie, free of how spread they are: Λ = log[2TR/(TT + RR)], of
   * dissimilarities that are half a squared distance, as 1 − linear CKA is (the Gram matrices have
   * norm 1, and 2TR − TT − RR is the squared distance of the groups' means). 1 − e^−Λ is the share
   * of the dissimilarity across that is not within: {@link #shareApart}. Plain J.
   */
  public Estimate location() {
    return jackknifed(
        groups -> location(groups.get(0), groups.get(1)),
        "dissimilarities within groups or across",
        first,
        second);
  }

  /**
   * How much farther from R the first group lies than a control does: Λ(T, R) − Λ(C, R), of which 1
   * − e^−x is again a share, that which the control does not explain. Networks that share a start
   * lie in a place of their own whatever it had learned, so that random networks of one start are
   * the control of networks of one source. Plain J over the three groups, a network of R being left
   * out of both terms.
   *
   * @param control which rows are the networks of the control (C), none of them of T or R
   * @throws PalimpsestException if the control has a network of a group, or one that is not there
   */
  public Estimate locationBeyond(int... control) {
    return jackknifed(
        groups -> location(groups.get(0), groups.get(1)) - location(groups.get(2), groups.get(1)),
        "dissimilarities within groups or across",
        first,
        second,
        networks(others(control)));
  }

  private double location(Group one, Group other) {
    double within = within(one, Pairs.ACROSS_UNITS) + within(other, Pairs.ACROSS_UNITS);
    return Math.log(2 * across(one, other) / within);
  }

  /** The share of the dissimilarity across the groups that is not within them, 1 − e^−Λ. */
  public static double shareApart(double location) {
    return -Math.expm1(-location);
  }

  /** Λ of a share: −log(1 − share). */
  public static double locationOf(double shareApart) {
    return -Math.log1p(-shareApart);
  }

  /**
   * log(TR/RR), by which Raghu et al. (2019, arXiv:1902.07208) read that transferred networks are
   * unlike random ones. It mixes location with spread: TR = (TT + RR)/2 + Δ²/2. Plain J.
   */
  public Estimate acrossBesideSecond() {
    return jackknifed(
        groups ->
            Math.log(
                across(groups.get(0), groups.get(1)) / within(groups.get(1), Pairs.ACROSS_UNITS)),
        "dissimilarities within R or across",
        first,
        second);
  }

  /** A statistic of groups, each unit of each of them being left out in turn. */
  private Estimate jackknifed(
      ToDoubleFunction<List<Group>> statistic, String what, Group... groups) {
    double value = statistic.applyAsDouble(List.of(groups));
    int units = Arrays.stream(groups).mapToInt(Group::count).min().orElseThrow();
    if (units < WelchContrast.FEWEST) {
      return tooFew(value, units);
    }
    double[] variances = new double[groups.length];
    for (int g = 0; g < groups.length; g++) {
      int place = g;
      double[] without =
          groups[g].leftOut(
              rest -> {
                Group[] others = groups.clone();
                others[place] = rest;
                return statistic.applyAsDouble(List.of(others));
              });
      if (!isFinite(value, without)) {
        return zero(units, what);
      }
      variances[g] = Variances.jackknife(without);
    }
    return estimate(value, variances, groups);
  }

  /**
   * Whether T is as spread as R: log(TT/RR), of dissimilarities that are distances, such as √(1 −
   * CKA) (in the spirit of PERMDISP, Anderson 2006, doi:10.1111/j.1541-0420.2005.00440.x). On
   * squared distances a margin would be twice as strict.
   *
   * <p>Of n ≥ 4 networks the jackknife's known excess, which what is left of pairs when networks'
   * effects are taken away causes, is taken off: V = max(J/2, J − (4/n)e²[1/(n − 2) − 1/(2n − 2)])
   * with e² = Σ(d − U − aᵢ − aⱼ)²/[n(n − 3)/2], aᵢ = (rᵢ − U)(n − 1)/(n − 2), of d/U. With three it
   * cannot be had and the interval is too wide. Equivalence is not to be judged with fewer than
   * four.
   *
   * @param ofFirst which pairs of the first group
   * @param ofSecond which pairs of the second group
   */
  public Estimate logRatioOfSpread(Pairs ofFirst, Pairs ofSecond) {
    int units = Math.min(first.count(), second.count());
    double tt = within(first, ofFirst);
    double rr = within(second, ofSecond);
    if (units < WelchContrast.FEWEST) {
      return tooFew(Math.log(tt / rr), units);
    }
    double vFirst = relativeVariance(first, ofFirst);
    double vSecond = relativeVariance(second, ofSecond);
    if (!isFinite(Math.log(tt / rr), vFirst, vSecond)) {
      return zero(units, "dissimilarities within a group, or one of its sources has no such pair");
    }
    return estimate(Math.log(tt / rr), new double[] {vFirst, vSecond}, first, second);
  }

  /** log(TT/RR) over all pairs of different units. */
  public Estimate logRatioOfSpread() {
    return logRatioOfSpread(Pairs.ACROSS_UNITS, Pairs.ACROSS_UNITS);
  }

  /**
   * Whether networks of different sources of the first group are as far apart as networks of one
   * source: log of the ratio of these means. The source is left out of both.
   */
  public Estimate logRatioOfSources() {
    ToDoubleFunction<Group> statistic =
        group -> Math.log(within(group, Pairs.ACROSS_UNITS) / within(group, Pairs.WITHIN_UNITS));
    int units = first.count();
    double value = statistic.applyAsDouble(first);
    if (units < WelchContrast.FEWEST) {
      return tooFew(value, units);
    }
    double[] without = first.leftOut(statistic);
    if (!isFinite(value, without)) {
      return zero(units, "dissimilarities within sources or across, or no source has two networks");
    }
    double variance = Variances.jackknife(without);
    if (isTie(variance)) {
      return tied(value, units);
    }
    return new Estimate.Student(value, Math.sqrt(variance), units - 1.0, units);
  }

  /** The variance of log of a mean within a group. */
  private double relativeVariance(Group group, Pairs pairs) {
    if (group.hasSources) {
      return Variances.jackknife(group.leftOut(rest -> Math.log(within(rest, pairs))));
    }
    double mean = within(group, pairs);
    double jackknife = Variances.jackknife(group.leftOut(rest -> within(rest, pairs) / mean));
    int n = group.members.length;
    if (n < 4) {
      return jackknife;
    }
    double excess =
        4.0 / n * residual(group, mean) * (1.0 / (n - 2) - 1.0 / (2 * n - 2)) / (mean * mean);
    return Math.max(jackknife / 2, jackknife - excess);
  }

  /** The variance of pairs when the effects of their networks are taken away. */
  private double residual(Group group, double mean) {
    int n = group.members.length;
    double[] effects = new double[n];
    for (int i = 0; i < n; i++) {
      double sum = 0;
      for (int j = 0; j < n; j++) {
        sum += i == j ? 0 : dissimilarities[group.members[i]][group.members[j]];
      }
      effects[i] = (sum / (n - 1) - mean) * (n - 1) / (n - 2);
    }
    double squares = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        double rest =
            dissimilarities[group.members[i]][group.members[j]] - mean - effects[i] - effects[j];
        squares += rest * rest;
      }
    }
    return squares / (n * (n - 3) / 2.0);
  }

  /** The mean over pairs within a group; not a number if it has no such pair. */
  private double within(Group group, Pairs pairs) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < group.members.length; i++) {
      for (int j = 0; j < i; j++) {
        boolean isAcross = group.units[i] != group.units[j];
        if (isAcross == (pairs == Pairs.ACROSS_UNITS)) {
          sum += dissimilarities[group.members[i]][group.members[j]];
          count++;
        }
      }
    }
    return sum / count;
  }

  private double across(Group one, Group other) {
    double sum = 0;
    for (int i : one.members) {
      for (int j : other.members) {
        sum += dissimilarities[i][j];
      }
    }
    return sum / (one.members.length * (double) other.members.length);
  }

  private static Estimate estimate(double value, double[] variances, Group... groups) {
    int units = Arrays.stream(groups).mapToInt(Group::count).min().orElseThrow();
    if (Arrays.stream(variances).anyMatch(GroupDissimilarities::isTie)) {
      return tied(value, units);
    }
    Variances sum = new Variances();
    for (int g = 0; g < groups.length; g++) {
      sum.add(variances[g], groups[g].count() - 1);
    }
    return new Estimate.Student(value, sum.standardError(), sum.degreesOfFreedom(), units);
  }

  /** Of logarithms: standard errors of rounding alone. */
  private static boolean isTie(double variance) {
    return variance < 1e-20;
  }

  private static boolean isFinite(double value, double... values) {
    return Double.isFinite(value) && Arrays.stream(values).allMatch(Double::isFinite);
  }

  private static Estimate tooFew(double value, int units) {
    return Estimate.Refused.of(
        value,
        units,
        "An interval takes at least %s networks (or sources) in each group; the smallest has %s. Train more."
            .formatted(WelchContrast.FEWEST, units));
  }

  private static Estimate tied(double value, int units) {
    return Estimate.Refused.of(
        value,
        units,
        "The figure is the same whichever network is left out, so that its spread is not known."
            + " Train more networks.");
  }

  private static Estimate zero(int units, String what) {
    return Estimate.Refused.of(
        Double.NaN,
        units,
        "No ratio can be given: there are no %s, or all are 0. Are the networks copies of each other?"
            .formatted(what));
  }
}
