package org.palimpsest.reproduction;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import org.palimpsest.claims.Assessment;
import org.palimpsest.claims.Assessor;
import org.palimpsest.claims.FilterGrid;
import org.palimpsest.claims.FilterGrid.NetworkPart;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.reproduction.experiment.ImageTensor;
import org.palimpsest.reproduction.trained.RunRecipe;
import org.palimpsest.reproduction.trained.TrainedNetworks;

/**
 * Trains the networks of a plan into folders of runs, one per series, and goes on where it was.
 *
 * <p>Every run appears in its folder as a whole. All arms get their first three networks before any
 * gets a fourth, so that what is there can be judged at any time.
 */
public final class Reproduction {

  private static final String RESULTS = "results";
  private static final int[] ENDS_OF_BLOCKS = {3, 6, 8, Integer.MAX_VALUE};
  private static final double SECONDS_A_STEP = 0.08;
  private static final int WIDTH_OF_THAT = 8;

  private final ReproductionPlan plan;
  private final Path folder;
  private final int threads;

  private Reproduction(ReproductionPlan plan, Path folder, int threads) {
    this.plan = plan;
    this.folder = folder;
    this.threads = threads;
  }

  /**
   * @param folder where the folders of runs are or will be
   * @param threads how many networks are trained at a time
   */
  public static Reproduction of(ReproductionPlan plan, Path folder, int threads) {
    if (threads < 1) {
      throw new PalimpsestException(
          "Networks are trained by 1 thread or more, unlike %s.".formatted(threads));
    }
    return new Reproduction(plan, folder, threads);
  }

  private Path folder(Series series) {
    return folder.resolve(series.name());
  }

  /**
   * Trains what is missing.
   *
   * @param mayBegin asked before each network
   * @param progress hears of each step, steps of wide networks counting for more
   * @param listener hears what will be done
   * @return whether all are trained now
   */
  public boolean train(BooleanSupplier mayBegin, Progress progress, Consumer<String> listener) {
    listener.accept(outlook());
    long costs = 0;
    for (Series series : plan.all()) {
      costs += cost(series) * steps(networks(series).missing(inOrder(series)));
      NpyFile.write(folder(series).resolve("probes.npy"), ImageTensor.of(series.shown()));
    }
    if (costs == 0) {
      return true;
    }
    try (Progress.Task whole = progress.begin("train", costs)) {
      for (Series series : plan.all()) {
        networks(series)
            .withThreads(threads)
            .whileTrue(mayBegin)
            .complete(inOrder(series), (task, steps) -> new Part(whole, cost(series)));
      }
    }
    return missing() == 0;
  }

  private int networks() {
    return plan.all().stream().mapToInt(Series::networks).sum();
  }

  /** How many networks are still to be trained. */
  public int missing() {
    return plan.all().stream()
        .mapToInt(series -> networks(series).missing(inOrder(series)).size())
        .sum();
  }

  /**
   * Judges what is trained by now, with the code that judges anyone's runs, and writes the page.
   *
   * @param command what was typed, for the page
   * @return the files, the page first
   */
  public List<Path> judge(String command, Progress progress, Consumer<String> listener) {
    List<ReproductionPage.Judged> judged = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    for (Series series : plan.series()) {
      if (networks(series).missing(inOrder(series)).size() == series.networks()) {
        continue;
      }
      for (Series.Selection some : series.selections(RunsFolder.open(folder(series)))) {
        listener.accept("Judging: " + some.title());
        Path place = folder.resolve(RESULTS).resolve(some.name());
        Assessment assessment =
            Assessor.of(some.runs())
                .withProbes(NpyProbes.open(some.runs().requireProbes()))
                .withProgress(progress, listener)
                .resuming()
                .assess(folder.resolve("studies").resolve(some.name()));
        files.addAll(assessment.write(place));
        judged.add(new ReproductionPage.Judged(some.name(), some.title(), assessment));
      }
    }
    Optional<FilterGrid> grid = grid();
    grid.ifPresent(found -> files.addAll(draw(found)));
    Path page = folder.resolve(RESULTS).resolve("reproduction.md");
    AtomicFile.write(page, new ReproductionPage(plan, judged, grid, facts(command)).text());
    files.add(0, page);
    return files;
  }

  /** The networks of the grid that are trained by now; empty if none is. */
  private Optional<FilterGrid> grid() {
    Map<String, List<FilterGrid.Network>> cells = new LinkedHashMap<>();
    for (Series cell : plan.grid()) {
      TrainedNetworks networks = networks(cell);
      List<RunRecipe> missing = networks.missing(inOrder(cell));
      List<FilterGrid.Network> trained =
          inOrder(cell).stream()
              .filter(recipe -> !missing.contains(recipe))
              .map(r -> new FilterGrid.Network(networks.checkpoints(r), networks.losses(r)))
              .toList();
      if (!trained.isEmpty()) {
        cells.put(cell.title(), trained);
      }
    }
    return cells.isEmpty() ? Optional.empty() : Optional.of(FilterGrid.of(cells));
  }

  private List<Path> draw(FilterGrid grid) {
    List<Path> files = new ArrayList<>();
    for (NetworkPart part : NetworkPart.values()) {
      Path file = folder.resolve(RESULTS).resolve(ReproductionPage.pictureOf(part));
      grid.chart(part).draw().writeSvg(file);
      files.add(file);
    }
    return files;
  }

  private List<String> facts(String command) {
    int all = networks();
    return List.of(
        "Made by `%s`.".formatted(command),
        "%s of the %s networks of [the plan](plan.md) are trained; the times of their training add up to %s."
            .formatted(all - missing(), all, duration(secondsOfTraining())),
        "The seeds of an arm are 0, 1, 2 and so on; a seed decides random weights, training images and their order. The same command makes the same networks on the same machine.");
  }

  private record Part(Progress.Task whole, long cost) implements Progress.Task {

    @Override
    public void advance(long steps) {
      whole.advance(cost * steps);
    }

    @Override
    public void close() {
      // the whole goes on
    }
  }

  private static long steps(List<RunRecipe> recipes) {
    return recipes.stream().mapToLong(recipe -> recipe.plan().steps()).sum();
  }

  /** A step of a network of twice the width takes three times as long. */
  private static long cost(Series series) {
    double doublings = Math.log((double) series.network().width() / WIDTH_OF_THAT) / Math.log(2);
    return Math.max(1, Math.round(Math.pow(3, doublings)));
  }

  private TrainedNetworks networks(Series series) {
    return TrainedNetworks.named(folder(series), series.runs());
  }

  /** The first three networks of every arm, then three more, and so on. */
  static List<RunRecipe> inOrder(Series series) {
    List<RunRecipe> order = new ArrayList<>();
    long from = 0;
    for (int to : ENDS_OF_BLOCKS) {
      for (Arm arm : series.arms()) {
        for (long seed = from; seed < Math.min(to, arm.seeds()); seed++) {
          order.add(series.recipe(arm, seed));
        }
      }
      from = to;
    }
    series.sources().forEach(source -> order.add(series.recipe(source)));
    return order;
  }

  /** What is to be done, in a sentence. */
  private String outlook() {
    int all = networks();
    int missing = missing();
    if (missing == 0) {
      return "All %s networks are trained.".formatted(all);
    }
    double seconds = plan.all().stream().mapToDouble(this::secondsLeft).sum();
    return "%s of %s networks are to be trained, about %s on %s %s. Interrupt when you like: the same command goes on."
        .formatted(
            missing, all, duration(seconds / threads), threads, threads == 1 ? "core" : "cores");
  }

  private double secondsLeft(Series series) {
    List<RunRecipe> missing = networks(series).missing(inOrder(series));
    List<RunRecipe> trained = new ArrayList<>(series.runs().keySet());
    trained.removeAll(missing);
    double aStep =
        trained.isEmpty() ? SECONDS_A_STEP * cost(series) : seconds(series).sum() / steps(trained);
    return aStep * steps(missing);
  }

  /** How long each network took that is there. */
  private DoubleStream seconds(Series series) {
    TrainedNetworks networks = networks(series);
    return series.runs().keySet().stream()
        .map(networks::seconds)
        .flatMapToDouble(OptionalDouble::stream);
  }

  /** How long the training of all networks took that are there, each by one thread, in seconds. */
  private double secondsOfTraining() {
    return plan.all().stream().flatMapToDouble(this::seconds).sum();
  }

  static String duration(double seconds) {
    long minutes = Math.max(1, Math.round(seconds / 60));
    return minutes < 60
        ? minutes + " min"
        : String.format(Locale.ROOT, "%s h %02d min", minutes / 60, minutes % 60);
  }
}
