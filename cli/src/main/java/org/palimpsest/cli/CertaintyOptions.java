package org.palimpsest.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.ComparisonResult.PairScore;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.report.table.TableFormat;
import org.palimpsest.similarity.uncertainty.Intervals;
import org.palimpsest.similarity.uncertainty.PermutationBaseline;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How sure a score is, on request. */
final class CertaintyOptions {

  /** Intervals that take more than this part of what the measure can be tell little. */
  private static final double WIDE = 0.25;

  @Option(
      names = "--interval",
      description =
          "Also give where each score would lie with ever more probes (low, high), and the score"
              + " without the bias of few probes (corrected). Images are the units, with all their"
              + " positions. A note says why where there is no interval.")
  private boolean interval;

  @Mixin private LevelOption level = new LevelOption();

  @Option(
      names = "--baseline",
      description = {
        "Also give what each score would be of layers that have nothing to do with each other, the"
            + " probes of one being brought into other orders: null mean, p value, and calibrated,"
            + " which is 0 for unrelated layers and 1 for the best value of the measure."
      })
  private boolean baseline;

  @Option(
      names = "--draws",
      paramLabel = "N",
      description =
          "How often probes are reordered for --baseline, or drawn for the intervals of mutual_knn"
              + " and jaccard, at least 39 times at the level 0.95; no other interval uses it. The"
              + " fewer, the faster. (default: 1000)")
  private @Nullable Integer draws;

  /** What is asked for; values that make no sense are wrong use. */
  Asked asked(long seed, CommandSpec command) {
    level.requireIntervals(interval, command);
    if (draws != null && !interval && !baseline) {
      throw new ParameterException(
          command.commandLine(),
          "--draws is of intervals and baselines: give --interval or --baseline too, or leave it"
              + " out.");
    }
    Intervals usual = Intervals.withDefaults().withSeed(seed);
    PermutationBaseline permutations = PermutationBaseline.withDefaults().withSeed(seed);
    return new Asked(
        asked(
            interval,
            () -> draws == null ? level.of(usual) : level.of(usual).withDraws(draws),
            command),
        asked(
            baseline,
            () -> draws == null ? permutations : permutations.withPermutations(draws),
            command));
  }

  /** What is to be known of the probes that intervals are taken over. */
  void report(ShownProbes shown, PrintWriter err) {
    if (interval) {
      shown.reportCopies(err);
    }
  }

  /** What is made of options if it is wanted; values that make no sense are wrong use. */
  static <T> Optional<T> asked(boolean wanted, Supplier<T> made, CommandSpec command) {
    try {
      return wanted ? Optional.of(made.get()) : Optional.empty();
    } catch (PalimpsestException senseless) {
      throw new ParameterException(
          command.commandLine(), String.valueOf(senseless.getMessage()), senseless);
    }
  }

  /**
   * What is to be said of scores, besides their values.
   *
   * @param intervals what makes the intervals, if they are wanted
   * @param baseline what makes the baselines, if they are wanted
   */
  record Asked(Optional<Intervals> intervals, Optional<PermutationBaseline> baseline) {

    boolean isNothing() {
      return intervals.isEmpty() && baseline.isEmpty();
    }

    /** What unrelated layers would score, as columns of one value per score; none if not wanted. */
    List<TableFormat.Column> baselines(
        LayerMatrices a,
        LayerMatrices b,
        List<AskedMeasure> measures,
        List<PairScore> scores,
        Progress progress) {
      if (baseline.isEmpty()) {
        return List.of();
      }
      Map<String, Measure<?>> byWords =
          measures.stream().collect(Collectors.toMap(AskedMeasure::words, AskedMeasure::measure));
      return new BaselineColumns(a, b, byWords).columns(scores, baseline.get(), progress);
    }
  }

  /**
   * Says of each score of a comparison what unrelated layers would score.
   *
   * @param a the rows' network
   * @param b the columns' network
   * @param measures by the names that the scores carry
   */
  private record BaselineColumns(
      LayerMatrices a, LayerMatrices b, Map<String, Measure<?>> measures) {

    private record LayerPair(Representation ofA, Representation ofB) {}

    /** One value per score in each column. */
    List<TableFormat.Column> columns(
        List<PairScore> scores, PermutationBaseline asked, Progress progress) {
      List<PermutationBaseline.Baseline> lines = new ArrayList<>();
      try (Progress.Task task = progress.begin("baseline", scores.size())) {
        LayerPair pair = null;
        for (int i = 0; i < scores.size(); i++) {
          PairScore score = scores.get(i);
          if (pair == null || !samePair(score, scores.get(i - 1))) {
            pair = represent(score);
          }
          Measure<?> measure = Objects.requireNonNull(measures.get(score.measure()));
          lines.add(asked.baseline(measure, pair.ofA(), pair.ofB()));
          task.advance(1);
        }
      }
      return List.of(
          column("null mean", lines, PermutationBaseline.Baseline::nullMean),
          column("null sd", lines, PermutationBaseline.Baseline::nullDeviation),
          column("p value", lines, PermutationBaseline.Baseline::pValue),
          column("calibrated", lines, PermutationBaseline.Baseline::calibrated));
    }

    private static boolean samePair(PairScore one, PairScore other) {
      return one.layerA().equals(other.layerA()) && one.layerB().equals(other.layerB());
    }

    private LayerPair represent(PairScore score) {
      Grid grid = a.grid(score.layerA()).commonWith(b.grid(score.layerB()));
      return new LayerPair(a.get(score.layerA(), grid), b.get(score.layerB(), grid));
    }

    private static TableFormat.Column column(
        String name,
        List<PermutationBaseline.Baseline> lines,
        Function<PermutationBaseline.Baseline, Double> figure) {
      return new TableFormat.Column(name, lines.stream().map(figure).toList());
    }
  }

  /** Where intervals are so wide that more probes should be shown, and how many. */
  static List<String> wideIntervals(ComparisonResult result) {
    List<String> lines = new ArrayList<>();
    for (SimilarityMatrix matrix : result.matrices()) {
      List<Interval.Known> intervals = known(matrix).toList();
      double width = intervals.stream().mapToDouble(Interval.Known::width).average().orElse(0);
      if (width > WIDE * extent(matrix.properties().range())) {
        long units = intervals.get(0).units();
        double level = intervals.get(0).level();
        lines.add(
            String.format(
                Locale.ROOT,
                "note: with %d units (images, or batches) the intervals of %s are %.2g wide on"
                    + " average; %d would about halve them.",
                units,
                matrix.measure(),
                width,
                Intervals.withDefaults().withLevel(level).unitsToHalve(units)));
      }
    }
    return lines;
  }

  private static Stream<Interval.Known> known(SimilarityMatrix matrix) {
    return matrix.scores().stream()
        .flatMap(List::stream)
        .flatMap(score -> score.flatMap(Score::interval).stream())
        .filter(Interval.Known.class::isInstance)
        .map(Interval.Known.class::cast);
  }

  /** Similarities from -1 to 1 count as from 0 to 1; what has no end is never called wide. */
  private static double extent(Range range) {
    return range.high() - Math.max(0, range.low());
  }
}
