package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.claims.Evidence.Scale;
import org.palimpsest.similarity.internal.statistics.GainInteraction;
import org.palimpsest.similarity.internal.statistics.GainInteraction.Cell;
import org.palimpsest.similarity.statistics.Estimate;

/** The runs of the four cells hard or easy × few or many images. */
final class HardAndFew {

  private static final Map<Cell, String> WORDS =
      new EnumMap<>(
          Map.of(
              Cell.HARD_FEW, "hard task, few images",
              Cell.HARD_MANY, "hard task, many images",
              Cell.EASY_FEW, "easy task, few images",
              Cell.EASY_MANY, "easy task, many images"));

  private final Map<Cell, Arms> cells;

  private HardAndFew(Map<Cell, Arms> cells) {
    this.cells = cells;
  }

  static HardAndFew of(Observations observations) {
    Map<Cell, Arms> cells = new EnumMap<>(Cell.class);
    List<TrainingCondition> conditions = observations.conditions();
    for (TrainingCondition condition : conditions) {
      Arms arms = Arms.of(observations, condition);
      if (!arms.isEmpty()) {
        cell(condition, conditions).ifPresent(cell -> cells.merge(cell, arms, HardAndFew::joined));
      }
    }
    return new HardAndFew(cells);
  }

  /** Runs of several tasks of one cell count together. */
  private static Arms joined(Arms one, Arms other) {
    return new Arms(
        one.condition(),
        Stream.concat(one.transferred().stream(), other.transferred().stream()).toList(),
        Stream.concat(one.random().stream(), other.random().stream()).toList(),
        Stream.concat(one.leftOut().stream(), other.leftOut().stream()).distinct().toList());
  }

  private static Optional<Cell> cell(TrainingCondition condition, List<TrainingCondition> all) {
    Optional<Boolean> few = isFew(condition, all);
    if (few.isEmpty() || condition.difficulty().isEmpty()) {
      return Optional.empty();
    }
    boolean hard = condition.difficulty().get().equals("hard");
    return Optional.of(
        few.get() ? hard ? Cell.HARD_FEW : Cell.EASY_FEW : hard ? Cell.HARD_MANY : Cell.EASY_MANY);
  }

  /** Of two numbers of images the smaller one is few. */
  private static Optional<Boolean> isFew(TrainingCondition condition, List<TrainingCondition> all) {
    String told = condition.images().orElse("");
    if (told.equals("few") || told.equals("many")) {
      return Optional.of(told.equals("few"));
    }
    List<Integer> numbers =
        all.stream()
            .flatMap(other -> other.images().stream())
            .filter(images -> images.matches("[0-9]+"))
            .map(Integer::valueOf)
            .distinct()
            .sorted()
            .toList();
    return told.isEmpty() || numbers.size() != 2
        ? Optional.empty()
        : Optional.of(Integer.valueOf(told).equals(numbers.get(0)));
  }

  /** The cells without runs of both arms, in words. */
  List<String> missing() {
    List<String> absent = new ArrayList<>();
    for (Cell cell : Cell.values()) {
      if (!cells.containsKey(cell)) {
        absent.add(words(cell));
      }
    }
    return absent.isEmpty()
        ? List.of()
        : List.of(
            "There are no scored runs of both arms, from a source and at random, with: %s. Say \"difficulty\" (hard, easy) and \"images\" (few, many, or two numbers) of each run."
                .formatted(String.join("; ", absent)));
  }

  GainInteraction design() {
    GainInteraction design = GainInteraction.empty();
    for (Map.Entry<Cell, Arms> cell : cells.entrySet()) {
      design =
          design.with(
              cell.getKey(),
              Arms.plateaus(cell.getValue().transferred()),
              Arms.plateaus(cell.getValue().random()));
    }
    return arePairedOverCells() ? design.inSeedOverCells() : arePaired() ? design.inSeed() : design;
  }

  /** Whether each cell's runs come in pairs. */
  boolean arePaired() {
    return cells.values().stream().allMatch(arms -> arms.pairing().isGiven());
  }

  private boolean arePairedOverCells() {
    return RunPairing.of(
            cells.values().stream()
                .flatMap(arms -> Stream.of(arms.transferred(), arms.random()))
                .toList())
        .isGiven();
  }

  /** What a reader should know of which runs are compared, and how. */
  List<String> caveats() {
    return cells.values().stream().flatMap(arms -> arms.caveats().stream()).distinct().toList();
  }

  /** How many sources the transferred runs of a cell started from, at most. */
  long sources() {
    return cells.values().stream().mapToLong(Arms::sources).max().orElse(0);
  }

  Finding.Table table() {
    List<List<String>> rows = new ArrayList<>();
    cells.forEach(
        (cell, arms) -> {
          arms.transferred().forEach(run -> rows.add(row(cell, run, "transferred")));
          arms.random().forEach(run -> rows.add(row(cell, run, "random")));
        });
    return new Finding.Table(
        "Dice per network, the mean of its last three scores",
        List.of("cell", "start", "network", "Dice"),
        rows);
  }

  private static List<String> row(Cell cell, ObservedRun run, String arm) {
    return List.of(words(cell), arm, run.name(), Numbers.of(run.plateau().orElse(Double.NaN)));
  }

  static String words(Cell cell) {
    return WORDS.getOrDefault(cell, cell.name());
  }

  /** Gains are large only when the task is hard and images are few: the wording of the journal. */
  static final class OnlyWhen extends Claim {

    /** A gain below this counts as none. */
    private static final double NONE = 0.02;

    private static final double EFFECT = 0.04;

    @Override
    public String number() {
      return "2′";
    }

    @Override
    public String key() {
      return "only-hard-and-few";
    }

    @Override
    public String statement() {
      return "Transfer improves the result only when the task is hard and training images are few";
    }

    @Override
    public String judged() {
      return "The claim holds if the gain in Dice with a hard task and few images is above 0, and each"
          + " of the other three gains below 0.02. It does not hold if one of the others is above"
          + " 0.02 or the first below 0 (with a correction for four figures). This is the wording of"
          + " the journal (\"large improvements only when\").";
    }

    @Override
    public String needs() {
      return new BetterWhenHardAndFew().needs();
    }

    @Override
    Finding judge(Observations observations) {
      HardAndFew cells = HardAndFew.of(observations);
      if (!cells.missing().isEmpty()) {
        return Finding.missing(this, cells.missing());
      }
      GainInteraction design = cells.design();
      List<Evidence> evidence = new ArrayList<>();
      for (Cell cell : Cell.values()) {
        Estimate gain = design.gain(cell, GainInteraction.Scale.SCORE);
        String what = "gain in Dice (%s)".formatted(HardAndFew.words(cell));
        Evidence one =
            cell == Cell.HARD_FEW
                ? Evidence.above(Quantity.GAIN, what, gain, 0, Scale.PLAIN)
                    .needing(gain, EFFECT, "a gain of 0.04")
                : Evidence.below(Quantity.GAIN, what, gain, NONE, Scale.PLAIN)
                    .needing(gain, NONE, "no gain");
        evidence.add(one.of(HardAndFew.words(cell)));
      }
      return Finding.of(this, design.isOnlyWhenHardAndFew(NONE), evidence)
          .with(cells.table())
          .covering(Captions.varying(cells.sources()), Captions.fixedOfScores(cells.sources()))
          .withCaveats(Captions.ofFew(evidence))
          .withCaveats(BetterWhenHardAndFew.pairing(cells))
          .withCaveats(cells.caveats())
          .withCaveats(
              List.of(
                  "That three gains are all small takes many networks to show: at a spread of 0.03"
                      + " in Dice more than ten in each group."));
    }
  }
}
