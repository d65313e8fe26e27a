package org.palimpsest.claims;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.Inputs;
import org.palimpsest.report.plot.ProfileChart;
import org.palimpsest.report.plot.ProfileChart.Span;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Estimate.ConfidenceInterval;
import org.palimpsest.similarity.statistics.WelchContrast;
import org.palimpsest.similarity.weights.NetworkChange;
import org.palimpsest.similarity.weights.WeightChange;

/**
 * How far filters turned in networks that were trained in several ways, such as widths × learning
 * rates: at the end of training, which is after equal steps, and at equal loss.
 *
 * <p>How far weights move goes with the learning rate and the number of steps. So that a cell of
 * the grid is not told to change less because it learned less, each network is also looked at where
 * its loss on its training images is first at or below one that all of them reach: the greatest of
 * the losses with which networks end. The angle is that of claim 3, the mean over filters between
 * the start and then; its interval is Student's over the networks of a cell.
 *
 * @param loss the common loss
 * @param cells in the order given
 */
public record FilterGrid(double loss, List<Cell> cells) {

  /**
   * A network.
   *
   * @param checkpoints files of weights by step, the first of them of step 0
   * @param losses on the training images, by step; at least at those of the checkpoints
   */
  public record Network(SortedMap<Long, Path> checkpoints, SortedMap<Long, Double> losses) {

    /**
     * @throws PalimpsestException if step 0 or a loss is missing, or a loss is not finite
     */
    public Network {
      checkpoints = new TreeMap<>(checkpoints);
      losses = new TreeMap<>(losses);
      if (checkpoints.size() < 2 || checkpoints.firstKey() != 0) {
        throw new PalimpsestException(
            "A network of the grid has a checkpoint of step 0 and later ones; here are steps %s."
                .formatted(checkpoints.keySet()));
      }
      for (long step : checkpoints.keySet()) {
        Double loss = losses.get(step);
        if (loss == null || !Double.isFinite(loss)) {
          throw new PalimpsestException(
              "%s has the loss %s: each checkpoint of the grid needs a finite one."
                  .formatted(checkpoints.get(step), loss));
        }
      }
    }

    private Weights weights(long step) {
      return Inputs.weights(Objects.requireNonNull(checkpoints.get(step)));
    }

    double lossAt(long step) {
      return losses.getOrDefault(step, Double.NaN);
    }

    double lastLoss() {
      return lossAt(checkpoints.lastKey());
    }

    /** The first step whose loss is at or below this one. */
    long firstStepAt(double common) {
      return checkpoints.keySet().stream()
          .filter(step -> lossAt(step) <= common)
          .findFirst()
          .orElseThrow();
    }
  }

  /**
   * Networks that were trained alike.
   *
   * @param name for people
   * @param networks how many
   * @param lastLoss the mean loss at the end
   * @param steps after which each network had the common loss, ascending
   * @param atEnd the angle in degrees at the end, of encoder and decoder
   * @param atLoss the angle in degrees at the common loss
   */
  public record Cell(
      String name, int networks, double lastLoss, List<Long> steps, Angles atEnd, Angles atLoss) {

    public Cell {
      steps = steps.stream().sorted().toList();
    }
  }

  /** Mean angles in degrees over the networks of a cell. */
  public record Angles(Estimate encoder, Estimate decoder) {

    /** That of one part. */
    public Estimate of(NetworkPart part) {
      return part == NetworkPart.ENCODER ? encoder : decoder;
    }
  }

  public FilterGrid {
    cells = List.copyOf(cells);
  }

  /**
   * Looks at all networks; reads at most three files of each.
   *
   * @param cells networks by the name of their cell, at least one in each
   * @throws PalimpsestException if there is none, or none in a cell, or a file cannot be read
   */
  public static FilterGrid of(Map<String, List<Network>> cells) {
    cells.forEach(
        (name, networks) -> {
          if (networks.isEmpty()) {
            throw new PalimpsestException(
                "The cell '%s' of the grid has no network. Leave it out, or give it one."
                    .formatted(name));
          }
        });
    double common =
        cells.values().stream()
            .flatMap(Collection::stream)
            .mapToDouble(Network::lastLoss)
            .max()
            .orElseThrow(() -> new PalimpsestException("A grid takes at least one network."));
    List<Cell> looked = new ArrayList<>();
    cells.forEach((name, networks) -> looked.add(cell(name, networks, common)));
    return new FilterGrid(common, looked);
  }

  private static Cell cell(String name, List<Network> networks, double common) {
    List<Long> steps = networks.stream().map(network -> network.firstStepAt(common)).toList();
    List<Map<NetworkPart, Double>> atEnd =
        networks.stream().map(n -> angles(n, n.checkpoints().lastKey())).toList();
    List<Map<NetworkPart, Double>> atLoss =
        IntStream.range(0, steps.size())
            .mapToObj(i -> angles(networks.get(i), steps.get(i)))
            .toList();
    double lastLoss = networks.stream().mapToDouble(Network::lastLoss).average().orElse(Double.NaN);
    return new Cell(name, networks.size(), lastLoss, steps, over(atEnd), over(atLoss));
  }

  /** The mean angle over the filters of each part, in degrees. */
  private static Map<NetworkPart, Double> angles(Network network, long step) {
    NetworkChange change =
        WeightChange.withDefaults().between(network.weights(0), network.weights(step));
    List<NetworkPart> parts =
        NetworkPart.of(change.layers().stream().map(NetworkChange.Layer::layer).toList());
    Map<NetworkPart, Double> angles = new EnumMap<>(NetworkPart.class);
    for (NetworkPart part : NetworkPart.values()) {
      IntStream.range(0, parts.size())
          .filter(i -> parts.get(i) == part)
          .mapToObj(i -> change.layers().get(i))
          .flatMap(layer -> layer.filters().stream())
          .flatMapToDouble(filter -> filter.angle().stream())
          .average()
          .ifPresent(angle -> angles.put(part, Math.toDegrees(angle)));
    }
    return angles;
  }

  private static Angles over(List<Map<NetworkPart, Double>> networks) {
    return new Angles(over(networks, NetworkPart.ENCODER), over(networks, NetworkPart.DECODER));
  }

  private static Estimate over(List<Map<NetworkPart, Double>> networks, NetworkPart part) {
    double[] angles =
        networks.stream()
            .flatMap(network -> Optional.ofNullable(network.get(part)).stream())
            .mapToDouble(Double::doubleValue)
            .toArray();
    return WelchContrast.ofMean(angles).estimate();
  }

  /** What a reader has to know of the figures. */
  public String caption() {
    boolean hadItBefore = cells.stream().anyMatch(cell -> cell.steps().contains(0L));
    return "Mean angle in degrees between filters at the start of training and later, with its 95 %% interval over the networks of a cell: *after equal steps* at the end of training, *at equal loss* at the first checkpoint at which a network's loss on its training images is at most %s, the greatest with which one of them ends.%s"
        .formatted(
            Numbers.of(loss),
            hadItBefore
                ? " Some networks had that loss before training (step 0, an angle of 0): train longer for a lower one."
                : "");
  }

  /** A row per cell: the networks, how they end, and the angles. */
  public Finding.Table table() {
    List<String> header = new ArrayList<>(List.of("networks", "number", "loss at the end"));
    for (NetworkPart part : NetworkPart.values()) {
      header.add(part.words() + ", after equal steps");
      header.add(part.words() + ", at equal loss");
    }
    header.add("steps to that loss");
    return new Finding.Table(caption(), header, cells.stream().map(FilterGrid::row).toList());
  }

  private static List<String> row(Cell cell) {
    List<String> row =
        new ArrayList<>(
            List.of(cell.name(), String.valueOf(cell.networks()), Numbers.of(cell.lastLoss())));
    for (NetworkPart part : NetworkPart.values()) {
      row.add(Numbers.of(cell.atEnd().of(part)));
      row.add(Numbers.of(cell.atLoss().of(part)));
    }
    long first = cell.steps().get(0);
    long last = cell.steps().get(cell.steps().size() - 1);
    row.add(first == last ? String.valueOf(first) : "%s to %s".formatted(first, last));
    return row;
  }

  /** Draws the angles of one part, cell by cell, after equal steps and at equal loss. */
  public ProfileChart chart(NetworkPart part) {
    return ProfileChart.of(
            cells.stream().map(Cell::name).toList(), "mean angle (°)", new Range(0, 90))
        .withTitle("Filters of the %s".formatted(part.words()))
        .withSpans("after equal steps", spans(Cell::atEnd, part))
        .withSpans("at equal loss", spans(Cell::atLoss, part));
  }

  private List<Optional<Span>> spans(Function<Cell, Angles> figures, NetworkPart part) {
    return cells.stream().map(cell -> span(figures.apply(cell).of(part))).toList();
  }

  private static Optional<Span> span(Estimate estimate) {
    ConfidenceInterval interval = estimate.interval();
    return estimate.point().stream()
        .mapToObj(
            value ->
                interval.isBounded()
                    ? new Span(value, Math.max(0, interval.low()), Math.min(90, interval.high()))
                    : new Span(value, value, value))
        .findFirst();
  }

  /**
   * The two halves of a segmentation network: the encoder, which takes an image apart, and the
   * decoder, which draws the segmentation. A layer's half is told by its name where the names of
   * all layers tell, such as {@code enc1}, {@code down2}, {@code encoder.stages.0}, {@code up1},
   * {@code decoder.blocks.0} or {@code out}; else the first half of the layers, in the order in
   * which they run, is the encoder. The claims about filters are judged for each half.
   */
  public enum NetworkPart {
    /** From the image to the coarsest grid. */
    ENCODER("encoder"),
    /** From the coarsest grid to the prediction. */
    DECODER("decoder");

    private static final Pattern ENCODING =
        Pattern.compile(
            "(?i)(^|.*[./_])(enc|down|contract|backbone|stem|conv_blocks_context|bottleneck|layer\\d).*");
    private static final Pattern DECODING =
        Pattern.compile(
            "(?i)(^|.*[./_])(dec|up|expan|conv_blocks_localization|tu\\.|seg|out|final|head|classifier).*");

    private final String words;

    NetworkPart(String words) {
      this.words = words;
    }

    /** For sentences: {@code encoder}. */
    public String words() {
      return words;
    }

    /** Whether the names of all layers tell their part. */
    static boolean isNamed(List<String> layers) {
      return layers.stream()
          .allMatch(
              layer -> DECODING.matcher(layer).matches() || ENCODING.matcher(layer).matches());
    }

    /**
     * The part of each layer: by its name if all names tell; else the first half of the layers is
     * the encoder.
     */
    static List<NetworkPart> of(List<String> layers) {
      boolean named = isNamed(layers);
      List<NetworkPart> parts = new ArrayList<>();
      for (int i = 0; i < layers.size(); i++) {
        boolean decodes =
            named ? DECODING.matcher(layers.get(i)).matches() : i >= (layers.size() + 1) / 2;
        parts.add(decodes ? DECODER : ENCODER);
      }
      return List.copyOf(parts);
    }
  }
}
