package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.palimpsest.similarity.statistics.GainInteraction;
import org.palimpsest.similarity.statistics.GainInteraction.Cell;

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
}
