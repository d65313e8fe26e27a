package org.palimpsest.benchmarks.intervals;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.RandomStreams;
import org.palimpsest.core.measure.Direction;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.uncertainty.Intervals;

/**
 * How often intervals of level 0.95 hold the true value, in simulated layers. Goes on where the log
 * ends: {@code IntervalCoverage LOG REPETITIONS SECONDS [SHAPE|MEASURE…]} adds repetitions to each
 * cell up to that number, or until a cell has taken so many seconds; {@code IntervalCoverage LOG
 * table} prints the table in Markdown.
 */
public final class IntervalCoverage {

  private static final int POPULATION = 100_000;
  private static final int BLOCKS = 8;
  private static final int BLOCK = 1500;
  private static final int DRAWS = 200;
  private static final int SEED = 15;

  private static final List<String> NONE = List.of();

  private static final List<String> OF_MOMENTS =
      List.of(
          "linear_cka",
          "debiased_linear_cka",
          "linear_regression_x_from_y",
          "linear_regression_y_from_x",
          "cca_mean_squared",
          "gulp",
          "cca_mean",
          "svcca",
          "svcca:k=4",
          "pwcca",
          "procrustes_normalized",
          "procrustes_angular",
          "soft_correlation_match",
          "hard_correlation_match");

  private static final List<String> OF_PAIRS =
      List.of(
          "rbf_cka",
          "distance_correlation",
          "rsa:euclidean:pearson",
          "rsa:euclidean:spearman",
          "rsa:squared_euclidean:pearson",
          "rsa:squared_euclidean:spearman");

  /** Of few rectified units all may be zero, so that a row has no direction. */
  private static final List<String> OF_DIRECTIONS =
      List.of("rsa", "rsa:correlation:pearson", "rsa:cosine:spearman", "rsa:cosine:pearson");

  private static final List<String> OF_SAMPLES =
      List.of(
          "minibatch_cka:8", "minibatch_cka:32", "mutual_knn:10:euclidean", "jaccard:10:euclidean");

  /** Of which widths, positions and numbers of images there are cells. */
  private record Shape(String name, int widthA, int widthB, int positions, int[] images) {

    boolean isWide() {
      return widthA > 100;
    }

    List<String> measures(int images) {
      boolean fewRows = (long) images * positions <= 2500 && !isWide();
      return Stream.of(
              OF_MOMENTS,
              fewRows ? OF_PAIRS : NONE,
              fewRows && widthA > 10 ? OF_DIRECTIONS : NONE,
              positions == 1 && !isWide() ? OF_SAMPLES : NONE)
          .flatMap(List::stream)
          .toList();
    }
  }

  private static final List<Shape> SHAPES =
      List.of(
          new Shape("narrow", 10, 8, 1, new int[] {8, 16, 32, 100, 400}),
          new Shape("usual", 30, 40, 1, new int[] {8, 16, 32, 100, 400}),
          new Shape("narrow-positions", 10, 8, 16, new int[] {8, 16, 32, 100, 400}),
          new Shape("usual-positions", 30, 40, 16, new int[] {8, 16, 32, 100, 400}),
          new Shape("maps", 30, 40, 256, new int[] {8, 16, 32, 64}),
          new Shape("large-maps", 30, 40, 1024, new int[] {8, 16, 64}),
          new Shape("wide", 200, 150, 1, new int[] {16, 100, 400}));

  private final CoverageLog log;
  private final int repetitions;
  private final double seconds;
  private final List<String> measures;
  private Optional<SimulatedLayers.Pair> many = Optional.empty();
  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private IntervalCoverage(
      CoverageLog log, int repetitions, double seconds, List<String> measures) {
    this.log = log;
    this.repetitions = repetitions;
    this.seconds = seconds;
    this.measures = measures;
  }

  public static void main(String[] arguments) throws IOException {
    CoverageLog log = CoverageLog.open(Path.of(arguments[0]));
    if (arguments[1].equals("table")) {
      CoverageTable.print(log, System.out);
      return;
    }
    List<String> wanted = Arrays.asList(arguments).subList(3, arguments.length);
    List<String> shapes = SHAPES.stream().map(Shape::name).filter(wanted::contains).toList();
    IntervalCoverage coverage =
        new IntervalCoverage(
            log,
            Integer.parseInt(arguments[1]),
            Double.parseDouble(arguments[2]),
            wanted.stream().filter(word -> !shapes.contains(word)).toList());
    for (SimulatedLayers.Relation relation : SimulatedLayers.Relation.values()) {
      for (Shape shape : SHAPES) {
        if (shapes.isEmpty() || shapes.contains(shape.name)) {
          coverage.run(shape, relation);
        }
      }
    }
  }

  private void run(Shape shape, SimulatedLayers.Relation relation) throws IOException {
    Map<String, Double> truths = known(shape, relation);
    many = Optional.empty();
    for (int images : shape.images) {
      run(shape, relation, images, truths);
    }
  }

  /** The true values that the log holds. */
  private Map<String, Double> known(Shape shape, SimulatedLayers.Relation relation) {
    Map<String, Double> truths = new LinkedHashMap<>();
    log.tallies()
        .forEach(
            (cell, tally) -> {
              if (cell.widthA() == shape.widthA
                  && cell.relation().equals(relation.name())
                  && tally.given() > 0) {
                truths.put(key(cell.measure(), cell.images()), tally.truth());
              }
            });
    return truths;
  }

  private void run(
      Shape shape, SimulatedLayers.Relation relation, int images, Map<String, Double> truths)
      throws IOException {
    long start = System.nanoTime();
    SimulatedLayers layers =
        new SimulatedLayers(relation, shape.widthA, shape.widthB, shape.positions);
    Map<CoverageLog.Cell, CoverageLog.Tally> found = new LinkedHashMap<>();
    for (int repetition = 0; repetition < repetitions; repetition++) {
      boolean late = (System.nanoTime() - start) / 1e9 > seconds && repetition > 0;
      int at = repetition;
      List<String> due =
          shape.measures(images).stream()
              .filter(name -> measures.isEmpty() || measures.contains(name))
              .filter(name -> isDue(cell(shape, relation, images, name), found, at))
              .toList();
      if (due.isEmpty() || late) {
        continue;
      }
      SimulatedLayers.Pair pair = layers.draw(images, RandomStreams.of(SEED + images, repetition));
      for (String name : due) {
        CoverageLog.Cell cell = cell(shape, relation, images, name);
        CoverageLog.Tally one =
            interval(name, pair)
                .map(
                    known ->
                        tally(
                            known,
                            truths.computeIfAbsent(
                                key(name, images), key -> truth(shape, relation, images, name))))
                .orElse(CoverageLog.Tally.ofRefusal());
        found.merge(cell, one, CoverageLog.Tally::plus);
      }
    }
    log.add(found);
    out.printf(
        Locale.ROOT,
        "%s %s %d: %d repetitions, %.0f s%n",
        shape.name,
        relation,
        images,
        found.values().stream().mapToInt(CoverageLog.Tally::repetitions).max().orElse(0),
        (System.nanoTime() - start) / 1e9);
  }

  private static CoverageLog.Cell cell(
      Shape shape, SimulatedLayers.Relation relation, int images, String measure) {
    return new CoverageLog.Cell(
        measure, shape.widthA, shape.widthB, shape.positions, relation.name(), images);
  }

  /** A refusal is one for all repetitions. */
  private boolean isDue(
      CoverageLog.Cell cell, Map<CoverageLog.Cell, CoverageLog.Tally> found, int repetition) {
    CoverageLog.Tally known = log.tallies().get(cell);
    CoverageLog.Tally now = found.get(cell);
    boolean refused = known != null && known.given() == 0 || now != null && now.given() == 0;
    return !refused && log.repetitions(cell) <= repetition;
  }

  private static CoverageLog.Tally tally(Interval.Known known, double truth) {
    double centre = known.corrected().orElse(known.value());
    return new CoverageLog.Tally(
        truth, 1, known.holds(truth) ? 1 : 0, known.holds(centre) ? 1 : 0, known.width(), 0);
  }

  /** None if the measure itself tells nothing of so few images. */
  private static Optional<Interval.Known> interval(String name, SimulatedLayers.Pair pair) {
    try {
      Interval found =
          Intervals.withDefaults().withDraws(DRAWS).of(Measures.parse(name), pair.x(), pair.y());
      return found instanceof Interval.Known known ? Optional.of(known) : Optional.empty();
    } catch (PalimpsestException tooFew) {
      return Optional.empty();
    }
  }

  /** Neighbours change with the number of images. */
  private static String key(String measure, int images) {
    return ofNeighbours(measure) ? measure + images : measure;
  }

  private static boolean ofNeighbours(String measure) {
    return measure.startsWith("mutual_knn") || measure.startsWith("jaccard");
  }

  /** The value of many images, a position of each. */
  private double truth(Shape shape, SimulatedLayers.Relation relation, int images, String name) {
    SimulatedLayers layers = new SimulatedLayers(relation, shape.widthA, shape.widthB, 1);
    Measure<?> measure = Measures.parse(name);
    boolean isSimilarity = measure.properties().direction() == Direction.SIMILARITY;
    if (ofNeighbours(name)) {
      return mean(layers, measure, images, 400);
    }
    OptionalDouble known = relation.known();
    if (known.isPresent() && !name.equals("gulp")) {
      return isSimilarity ? known.getAsDouble() : measure.properties().range().high();
    }
    if (OF_PAIRS.contains(name) || OF_DIRECTIONS.contains(name)) {
      return mean(layers, measure, BLOCK, BLOCKS);
    }
    String unbiased =
        name.equals("linear_cka") || name.startsWith("minibatch") ? "debiased_linear_cka" : name;
    SimulatedLayers.Pair all =
        many.orElseGet(() -> layers.draw(POPULATION, RandomStreams.of(1, 0)));
    many = Optional.of(all);
    return Measures.parse(unbiased).compare(all.x(), all.y()).value();
  }

  private static double mean(
      SimulatedLayers layers, Measure<?> measure, int images, int repetitions) {
    double sum = 0;
    for (int i = 0; i < repetitions; i++) {
      SimulatedLayers.Pair pair = layers.draw(images, new SplittableRandom(1000L + i));
      sum += value(measure, pair, images) / repetitions;
    }
    return sum;
  }

  private static double value(Measure<?> measure, SimulatedLayers.Pair pair, int images) {
    return images == BLOCK
            && Intervals.withDefaults().of(measure, pair.x(), pair.y())
                instanceof Interval.Known known
        ? known.corrected().orElse(known.value())
        : measure.compare(pair.x(), pair.y()).value();
  }
}
