package org.palimpsest.report.plot;

import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;

/**
 * What was observed beside what chance alone would give: a histogram of the one, the density of the
 * other, and the edge that chance passes in 5 of 100 cases. Immutable: each {@code with…} gives a
 * changed copy.
 */
public final class NullDistribution {

  /** Which values are beyond the edge. */
  public enum Tail {
    /** Those above it. */
    UPPER,
    /** Those below it. */
    LOWER
  }

  /** Something that chance gives, as a curve: points with their density. */
  record Curve(double[] at, double[] density) {}

  private static final int CURVE_POINTS = 240;
  private static final double FAR = 4;

  private final String statistic;
  private final double[] observed;
  private final Curve chance;
  private final double edge;
  private final Tail tail;
  private final String title;
  private final List<String> details;

  private NullDistribution(
      String statistic,
      double[] observed,
      Curve chance,
      double edge,
      Tail tail,
      String title,
      List<String> details) {
    this.statistic = statistic;
    this.observed = observed;
    this.chance = chance;
    this.edge = edge;
    this.tail = tail;
    this.title = title;
    this.details = List.copyOf(details);
  }

  /**
   * Against a normal distribution.
   *
   * @param statistic what the values are, such as {@code cosine of matched filters}
   * @param observed at least one
   * @param tail where the values lie that chance rarely gives
   */
  public static NullDistribution normal(
      String statistic, double[] observed, double mean, double sd, Tail tail) {
    double[] at =
        DoubleStream.iterate(0, i -> i <= CURVE_POINTS, i -> i + 1)
            .map(i -> mean + FAR * sd * (2 * i / CURVE_POINTS - 1))
            .toArray();
    DoubleUnaryOperator density =
        x -> Math.exp(-0.5 * Math.pow((x - mean) / sd, 2)) / (sd * Math.sqrt(2 * Math.PI));
    double quantile = tail == Tail.UPPER ? 1.6448536269514722 : -1.6448536269514722;
    return density(
        statistic,
        observed,
        at,
        DoubleStream.of(at).map(density).toArray(),
        mean + quantile * sd,
        tail);
  }

  /**
   * Against what simulations gave; the edge is their 5% quantile from the tail's side.
   *
   * @param simulated at least 20
   */
  public static NullDistribution simulated(
      String statistic, double[] observed, double[] simulated, Tail tail) {
    if (simulated.length < 20) {
      throw new IllegalArgumentException(
          simulated.length + " simulations; an edge of 5% needs at least 20");
    }
    double[] sorted = simulated.clone();
    Arrays.sort(sorted);
    int beyond = (int) Math.floor(0.05 * sorted.length);
    double edge = tail == Tail.UPPER ? sorted[sorted.length - 1 - beyond] : sorted[beyond];
    Curve smooth = smooth(sorted);
    return density(statistic, observed, smooth.at(), smooth.density(), edge, tail);
  }

  /**
   * Against a density that is known.
   *
   * @param at where it is known, ascending
   * @param density its values there
   * @param edge the value that chance passes in 5 of 100 cases
   */
  public static NullDistribution density(
      String statistic, double[] observed, double[] at, double[] density, double edge, Tail tail) {
    if (observed.length == 0 || at.length != density.length) {
      throw new IllegalArgumentException(
          "%d observed values, a density of %d values at %d points"
              .formatted(observed.length, density.length, at.length));
    }
    Curve chance = new Curve(at.clone(), density.clone());
    return new NullDistribution(statistic, observed.clone(), chance, edge, tail, "", List.of());
  }

  /** A density by Gaussian kernels of the width that Silverman (1986) recommends. */
  private static Curve smooth(double[] sorted) {
    double mean = DoubleStream.of(sorted).average().orElse(0);
    double variance = DoubleStream.of(sorted).map(x -> (x - mean) * (x - mean)).average().orElse(0);
    double sd = Math.max(Math.sqrt(variance), 1e-12);
    double width = 1.06 * sd * Math.pow(sorted.length, -0.2);
    double low = sorted[0] - 3 * width;
    double high = sorted[sorted.length - 1] + 3 * width;
    double[] at = new double[CURVE_POINTS + 1];
    double[] density = new double[at.length];
    for (int i = 0; i < at.length; i++) {
      at[i] = low + (high - low) * i / CURVE_POINTS;
      double x = at[i];
      density[i] =
          DoubleStream.of(sorted).map(s -> Math.exp(-0.5 * Math.pow((x - s) / width, 2))).sum()
              / (sorted.length * width * Math.sqrt(2 * Math.PI));
    }
    return new Curve(at, density);
  }

  public NullDistribution withTitle(String text) {
    return new NullDistribution(statistic, observed, chance, edge, tail, text, details);
  }

  /** Adds something that a reader must know, such as the layer and how chance was found. */
  public NullDistribution withDetail(String detail) {
    List<String> more = new ArrayList<>(details);
    more.add(detail);
    return new NullDistribution(statistic, observed, chance, edge, tail, title, more);
  }

  /** Draws it. */
  public Figure draw() {
    List<String> facts = new ArrayList<>(details);
    facts.add(
        String.format(
            Locale.ROOT,
            "%d of %d beyond the 5%% edge (chance: %.1f)",
            beyond(),
            observed.length,
            0.05 * observed.length));
    NullSheet sheet = new NullSheet(title, facts, statistic, observed, chance, edge);
    return Figure.of(
        List.of(new Sketch(new Rectangle(sheet.width(), sheet.height()), sheet::draw)));
  }

  private long beyond() {
    return DoubleStream.of(observed).filter(x -> tail == Tail.UPPER ? x > edge : x < edge).count();
  }
}
