package org.palimpsest.benchmarks.filters;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;
import org.palimpsest.benchmarks.filters.FilterNullLog.Cell;
import org.palimpsest.benchmarks.filters.FilterNullLog.Told;
import org.palimpsest.benchmarks.filters.FreshFilters.Start;
import org.palimpsest.core.internal.random.RandomStreams;
import org.palimpsest.similarity.filters.FilterDistance;
import org.palimpsest.similarity.filters.NetworkFilterComparison.Layer.Chance;

/**
 * How often the filters of two fresh layers are told to be nearer than chance: {@code
 * FilterNullSimulation LOG REPETITIONS [WORD…]} compares pairs of layers until each cell has so
 * many, going on where the log ends, and prints the table in Markdown. All cells are begun before
 * any is finished; words choose filters and starts, such as {@code 256×1×3×3} and {@code UNIFORM}.
 *
 * <p>A p-value that was counted among S simulations is one of S + 1 numbers; by a random number
 * less than one of their distances it comes among uniform ones, which Kolmogorov's and Smirnov's
 * test asks for.
 */
public final class FilterNullSimulation {

  private static final int SIMULATIONS = 199;
  private static final int SEED = 7;
  private static final double ROUNDING = 1e-3;
  private static final double[] LEVELS = {0.05, 0.01};

  /** Cheap ones first. */
  private static final List<FreshFilters> FILTERS =
      List.of(
          new FreshFilters(8, 16, List.of(3, 3)),
          new FreshFilters(16, 1, List.of(3, 3, 3)),
          new FreshFilters(32, 1, List.of(3, 3)),
          new FreshFilters(64, 3, List.of(7, 7)),
          new FreshFilters(64, 64, List.of(3, 3)),
          new FreshFilters(256, 1, List.of(3, 3)),
          new FreshFilters(512, 1, List.of(3, 3)));

  private static final int[] STRETCHES = {20, 50, 100, 200, 400};

  private FilterNullSimulation() {}

  public static void main(String[] arguments) throws IOException {
    FilterNullLog log = FilterNullLog.open(Path.of(arguments[0]));
    int last = Integer.parseInt(arguments[1]);
    List<String> words = Arrays.asList(arguments).subList(2, arguments.length);
    for (int stretch : IntStream.concat(Arrays.stream(STRETCHES), IntStream.of(last)).toArray()) {
      for (FreshFilters filters : FILTERS) {
        for (Start start : Start.values()) {
          if (isWanted(words, filters, start)) {
            run(log, filters, start, Math.min(stretch, last));
          }
        }
      }
    }
    print(log, new PrintStream(System.out, true, StandardCharsets.UTF_8));
  }

  private static boolean isWanted(List<String> words, FreshFilters filters, Start start) {
    boolean anyStart = Arrays.stream(Start.values()).map(Enum::name).noneMatch(words::contains);
    boolean anyFilters = FILTERS.stream().map(FreshFilters::words).noneMatch(words::contains);
    return (anyStart || words.contains(start.name()))
        && (anyFilters || words.contains(filters.words()));
  }

  private static void run(FilterNullLog log, FreshFilters filters, Start start, int repetitions)
      throws IOException {
    Cell cell = new Cell(filters.words(), start);
    log.add(
        cell,
        IntStream.range(log.of(cell).size(), repetitions)
            .parallel()
            .mapToObj(repetition -> told(filters, start, repetition))
            .toList());
  }

  /** Of the repetition-th pair, always the same. */
  private static Told told(FreshFilters filters, Start start, int repetition) {
    SplittableRandom random =
        RandomStreams.of(31L * filters.words().hashCode() + start.name().hashCode(), repetition);
    Chance chance =
        FilterDistance.by(FilterDistance.Proximity.COSINE)
            .withSimulations(SIMULATIONS)
            .withSeed(SEED + (long) repetition)
            .compare(filters.drawn(start, random), filters.drawn(start, random))
            .chance()
            .orElseThrow();
    return new Told(
        chance.nearestOfA().p(), chance.matching().p(), chance.matching().simulations());
  }

  private static void print(FilterNullLog log, PrintStream out) {
    out.println(
        "| filters | start | nearest: 5% | 1% | uniform? | matched: 5% | 1% | uniform? | simulations"
            + " | pairs |");
    out.println("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (FreshFilters filters : FILTERS) {
      for (Start start : Start.values()) {
        List<Told> told = log.of(new Cell(filters.words(), start));
        if (!told.isEmpty()) {
          out.printf(
              Locale.ROOT,
              "| %s | %s | %s | %s | %d | %d |%n",
              filters.words(),
              start.name().toLowerCase(Locale.ROOT).replace('_', ' '),
              columns(told, Told::nearest),
              columns(told, Told::matched),
              told.get(0).simulations(),
              told.size());
        }
      }
    }
  }

  /** The shares at each level, and the p-value of uniform ones. */
  private static String columns(List<Told> told, ToDoubleFunction<Told> which) {
    double[] p = told.stream().mapToDouble(which).toArray();
    SplittableRandom random = RandomStreams.of(SEED, 0);
    double[] between =
        told.stream()
            .mapToDouble(one -> between(which.applyAsDouble(one), one.simulations(), random))
            .toArray();
    double uniform =
        KolmogorovSmirnovTest.withDefaults()
            .test(between, value -> Math.max(0, Math.min(1, value)))
            .getPValue();
    return String.format(
        Locale.ROOT, "%.1f | %.1f | %.2f", share(p, LEVELS[0]), share(p, LEVELS[1]), uniform);
  }

  private static double between(double p, int simulations, SplittableRandom random) {
    double place = p * (simulations + 1);
    boolean isCounted = Math.abs(place - Math.rint(place)) < ROUNDING;
    return isCounted ? p - random.nextDouble() / (simulations + 1) : p;
  }

  private static double share(double[] p, double level) {
    return 100.0 * Arrays.stream(p).filter(one -> one <= level).count() / p.length;
  }
}
