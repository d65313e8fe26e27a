package org.palimpsest.benchmarks.intervals;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.palimpsest.benchmarks.intervals.SimulatedLayers.Relation;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.random.RandomStreams;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.uncertainty.Intervals;

/**
 * How often intervals of level 0.95 hold the true value, in simulated layers. Goes on where the log
 * ends: {@code IntervalCoverage LOG REPETITIONS SECONDS [WORD…]} adds repetitions to each cell up
 * to that number, or until a cell has taken so many seconds of processor time; all cells are begun
 * before any is finished, and cheap ones finished first. Words choose cells: names of shapes,
 * relations and measures, and numbers of images. {@code IntervalCoverage LOG table} prints the
 * table in Markdown, {@code IntervalCoverage LOG compact} makes the log short. Repetition r of a
 * cell is always of the same data set.
 */
public final class IntervalCoverage {

  private static final int POPULATION = 100_000;
  private static final int UNEVEN_POPULATION = 400_000;
  private static final int BLOCKS = 20;
  private static final int FEWER_BLOCKS = 6;
  private static final int BLOCK = 1000;
  private static final int DRAWS = 200;
  private static final int SEED = 15;
  private static final int REFUSALS_THAT_TELL = 40;

  private static final List<String> NONE = List.of();

  private static final List<String> OF_MOMENTS =
      List.of(
          "debiased_linear_cka",
          "linear_regression_y_from_x",
          "cca_mean_squared",
          "gulp",
          "cca_mean",
          "svcca",
          "svcca:k=4",
          "pwcca",
          "procrustes_normalized",
          "soft_correlation_match",
          "hard_correlation_match");

  /** Their intervals are those of another measure, mapped or of exchanged layers. */
  private static final List<String> AS_OTHERS =
      List.of("linear_cka", "linear_regression_x_from_y", "procrustes_angular");

  /** The same ranks as of distances that are not squared. */
  private static final String OF_SAME_RANKS = "rsa:squared_euclidean:spearman";

  private static final List<String> OF_PAIRS =
      List.of(
          "rbf_cka",
          "distance_correlation",
          "rsa:euclidean:pearson",
          "rsa:euclidean:spearman",
          "rsa:squared_euclidean:pearson");

  /** Of few rectified units all may be zero, so that a row has no direction. */
  private static final List<String> OF_DIRECTIONS =
      List.of("rsa", "rsa:correlation:pearson", "rsa:cosine:spearman", "rsa:cosine:pearson");

  private static final List<String> OF_SAMPLES =
      List.of(
          "minibatch_cka:8", "minibatch_cka:32", "mutual_knn:10:euclidean", "jaccard:10:euclidean");

  /** Of which widths, positions and numbers of images there are cells. */
  private record Shape(
      String name, int widthA, int widthB, int positions, Spread spread, int[] images) {

    static Shape even(String name, int widthA, int widthB, int positions, int... images) {
      return new Shape(name, widthA, widthB, positions, Spread.EVEN, images);
    }

    static Shape uneven(Spread spread) {
      return new Shape(spread.label(), 10, 8, 1, spread, new int[] {32, 100, 400});
    }

    static Shape unevenPositions(Spread spread) {
      return new Shape(spread.label() + "-positions", 10, 8, 16, spread, new int[] {32, 100});
    }

    boolean isWide() {
      return widthA > 100;
    }

    /** Where measures whose intervals are those of another are run too. */
    private boolean isPlain() {
      return widthA <= 10 && spread == Spread.EVEN;
    }

    List<String> measures(int images) {
      boolean fewRows = (long) images * positions <= 2500 && !isWide();
      return Stream.of(
              OF_MOMENTS,
              isPlain() ? AS_OTHERS : NONE,
              fewRows ? OF_PAIRS : NONE,
              fewRows && isPlain() ? List.of(OF_SAME_RANKS) : NONE,
              fewRows && widthA > 10 ? OF_DIRECTIONS : NONE,
              positions == 1 && !isWide() ? OF_SAMPLES : NONE)
          .flatMap(List::stream)
          .toList();
    }
  }

  private static final List<Shape> SHAPES =
      Stream.of(
              Stream.of(
                  Shape.even("narrow", 10, 8, 1, 8, 16, 32, 100, 400),
                  Shape.even("usual", 30, 40, 1, 8, 16, 32, 100, 400),
                  Shape.even("narrow-positions", 10, 8, 16, 8, 16, 32, 100, 400),
                  Shape.even("usual-positions", 30, 40, 16, 8, 16, 32, 100, 400),
                  Shape.even("maps", 30, 40, 256, 8, 16, 32, 64),
                  Shape.even("large-maps", 30, 40, 1024, 8, 16, 64),
                  Shape.even("wide", 200, 150, 1, 16, 100, 400)),
              Arrays.stream(Spread.values())
                  .filter(spread -> spread != Spread.EVEN)
                  .map(Shape::uneven),
              Stream.of(Spread.CONTRAST_0_5, Spread.CONTRAST_1, Spread.OUTLIERS_6)
                  .map(Shape::unevenPositions))
          .flatMap(shapes -> shapes)
          .toList();

  /** What a sweep over all cells adds to, and the processor time that it may take of each. */
  private record Sweep(int repetitions, double seconds) {

    Sweep within(Sweep last) {
      return new Sweep(Math.min(repetitions, last.repetitions), Math.min(seconds, last.seconds));
    }
  }

  private static final List<Sweep> SWEEPS =
      List.of(new Sweep(40, 1), new Sweep(400, 3), new Sweep(400, 10));

  /** Which cells are wanted; an empty list stands for all. */
  private record Choice(
      List<String> shapes, List<String> relations, List<String> images, List<String> measures) {

    static Choice of(List<String> words) {
      List<String> shapes = new ArrayList<>();
      List<String> relations = new ArrayList<>();
      List<String> images = new ArrayList<>();
      List<String> measures = new ArrayList<>();
      for (String word : words) {
        if (SHAPES.stream().anyMatch(shape -> shape.name.equals(word))) {
          shapes.add(word);
        } else if (Arrays.stream(Relation.values()).anyMatch(one -> one.name().equals(word))) {
          relations.add(word);
        } else if (word.chars().allMatch(Character::isDigit)) {
          images.add(word);
        } else {
          measures.add(Measures.parse(word).name());
        }
      }
      return new Choice(shapes, relations, images, measures);
    }

    boolean allows(Shape shape, Relation relation, int number) {
      return allows(shapes, shape.name)
          && allows(relations, relation.name())
          && allows(images, String.valueOf(number));
    }

    boolean allows(String measure) {
      return allows(measures, measure);
    }

    private static boolean allows(List<String> wanted, String one) {
      return wanted.isEmpty() || wanted.contains(one);
    }
  }

  /** Layers of which the true value is taken. */
  private record Population(int widthA, Spread spread, Relation relation) {}

  private final CoverageLog log;
  private final Choice choice;
  private final Map<String, Double> truths = new LinkedHashMap<>();
  private Optional<Population> kept = Optional.empty();
  private Optional<SimulatedLayers.Pair> many = Optional.empty();
  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private IntervalCoverage(CoverageLog log, Choice choice) {
    this.log = log;
    this.choice = choice;
    log.tallies()
        .forEach(
            (cell, tally) -> {
              if (tally.given() > 0) {
                truths.put(key(cell), tally.truth());
              }
            });
  }

  public static void main(String[] arguments) throws IOException {
    CoverageLog log = CoverageLog.open(Path.of(arguments[0]));
    if (arguments[1].equals("table")) {
      CoverageTable.print(log, System.out);
      return;
    }
    if (arguments[1].equals("compact")) {
      log.compact();
      return;
    }
    Sweep last = new Sweep(Integer.parseInt(arguments[1]), Double.parseDouble(arguments[2]));
    Choice choice = Choice.of(Arrays.asList(arguments).subList(3, arguments.length));
    IntervalCoverage coverage = new IntervalCoverage(log, choice);
    for (Sweep sweep : SWEEPS) {
      coverage.sweep(sweep.within(last));
    }
    coverage.sweep(last);
  }

  private void sweep(Sweep sweep) throws IOException {
    for (Shape shape : SHAPES) {
      for (Relation relation : Relation.values()) {
        for (int images : shape.images) {
          if (choice.allows(shape, relation, images)) {
            run(shape, relation, images, sweep);
          }
        }
      }
    }
  }

  private void run(Shape shape, Relation relation, int images, Sweep sweep) throws IOException {
    double start = processorTime();
    SimulatedLayers layers =
        new SimulatedLayers(relation, shape.spread, shape.widthA, shape.widthB, shape.positions);
    Map<CoverageLog.Cell, CoverageLog.Tally> found = new LinkedHashMap<>();
    for (int repetition = 0; repetition < sweep.repetitions; repetition++) {
      int at = repetition;
      List<CoverageLog.Cell> due =
          shape.measures(images).stream()
              .filter(choice::allows)
              .map(name -> cell(shape, relation, images, name))
              .filter(cell -> isDue(cell, found, at, sweep))
              .toList();
      if (!due.isEmpty()) {
        SimulatedLayers.Pair pair =
            layers.draw(images, RandomStreams.of(SEED + images, repetition));
        due.forEach(cell -> found.merge(cell, tally(cell, pair), CoverageLog.Tally::plus));
      }
    }
    if (!found.isEmpty()) {
      log.add(found);
      out.printf(
          Locale.ROOT,
          "%s %s %d: %d repetitions, %.0f s%n",
          shape.name,
          relation,
          images,
          found.values().stream().mapToInt(CoverageLog.Tally::repetitions).max().orElse(0),
          processorTime() - start);
    }
  }

  private static double processorTime() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime()
        / 1e9;
  }

  private static CoverageLog.Cell cell(Shape shape, Relation relation, int images, String measure) {
    return new CoverageLog.Cell(
        measure,
        shape.widthA,
        shape.widthB,
        shape.positions,
        shape.spread,
        relation.name(),
        images);
  }

  /** Of even spread a refusal is one for all repetitions, else one of forty is waited for. */
  private boolean isDue(
      CoverageLog.Cell cell,
      Map<CoverageLog.Cell, CoverageLog.Tally> found,
      int repetition,
      Sweep sweep) {
    return Stream.of(log.tallies(), found)
        .flatMap(tallies -> Optional.ofNullable(tallies.get(cell)).stream())
        .reduce(CoverageLog.Tally::plus)
        .map(
            all ->
                mayBeGiven(cell, all)
                    && all.repetitions() <= repetition
                    && all.seconds() < sweep.seconds)
        .orElse(true);
  }

  private static boolean mayBeGiven(CoverageLog.Cell cell, CoverageLog.Tally tally) {
    return tally.given() > 0
        || (cell.spread() != Spread.EVEN && tally.repetitions() < REFUSALS_THAT_TELL);
  }

  private CoverageLog.Tally tally(CoverageLog.Cell cell, SimulatedLayers.Pair pair) {
    double start = processorTime();
    Optional<Interval.Known> interval = interval(cell.measure(), pair);
    double seconds = processorTime() - start;
    return interval
        .map(known -> tally(known, truths.computeIfAbsent(key(cell), key -> truth(cell))))
        .orElse(CoverageLog.Tally.ofRefusal())
        .took(seconds);
  }

  private static CoverageLog.Tally tally(Interval.Known known, double truth) {
    double centre = known.corrected().orElse(known.value());
    return new CoverageLog.Tally(
        truth, 1, known.holds(truth) ? 1 : 0, known.holds(centre) ? 1 : 0, known.width(), 0, 0);
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
  private static String key(CoverageLog.Cell cell) {
    return cell.measure()
        + (ofNeighbours(cell.measure()) ? cell.images() : "")
        + cell.widthA()
        + cell.spread().label()
        + cell.relation();
  }

  private static boolean ofNeighbours(String measure) {
    return measure.startsWith("mutual_knn") || measure.startsWith("jaccard");
  }

  /** The value of many images, a position of each. */
  private double truth(CoverageLog.Cell cell) {
    String name = cell.measure();
    Relation relation = Relation.valueOf(cell.relation());
    SimulatedLayers layers =
        new SimulatedLayers(relation, cell.spread(), cell.widthA(), cell.widthB(), 1);
    Measure<?> measure = Measures.parse(name);
    boolean isSimilarity = measure.properties().direction() == Direction.SIMILARITY;
    if (ofNeighbours(name)) {
      return mean(layers, measure, cell.images(), 400);
    }
    OptionalDouble known = relation.known(cell.spread());
    if (known.isPresent() && !name.equals("gulp")) {
      return isSimilarity ? known.getAsDouble() : measure.properties().range().high();
    }
    if (OF_PAIRS.contains(name) || OF_DIRECTIONS.contains(name) || OF_SAME_RANKS.equals(name)) {
      return mean(layers, measure, BLOCK, cell.spread() == Spread.EVEN ? BLOCKS : FEWER_BLOCKS);
    }
    String unbiased =
        name.equals("linear_cka") || name.startsWith("minibatch") ? "debiased_linear_cka" : name;
    SimulatedLayers.Pair all =
        population(new Population(cell.widthA(), cell.spread(), relation), layers);
    return Measures.parse(unbiased).compare(all.x(), all.y()).value();
  }

  private SimulatedLayers.Pair population(Population wanted, SimulatedLayers layers) {
    if (!kept.equals(Optional.of(wanted))) {
      many = Optional.empty();
      int images = wanted.spread == Spread.EVEN ? POPULATION : UNEVEN_POPULATION;
      many = Optional.of(layers.draw(images, RandomStreams.of(1, 0)));
      kept = Optional.of(wanted);
    }
    return many.orElseThrow();
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
