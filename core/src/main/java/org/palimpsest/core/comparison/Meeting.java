package org.palimpsest.core.comparison;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.FeatureMaps.Grid;

/** Layers of two networks that meet on one grid: each row is compared with each column. */
record Meeting(List<String> rows, List<String> columns, Grid grid) {

  /**
   * One network.
   *
   * @param name what to call it
   * @param grids of its layers, in the order in which they ran
   */
  record Side(String name, Map<String, Grid> grids) {

    Grid grid(String layer) {
      return Objects.requireNonNull(grids.get(layer), layer);
    }

    List<String> layers() {
      return List.copyOf(grids.keySet());
    }

    Map<Grid, List<String>> byGrid() {
      return grids.keySet().stream()
          .collect(Collectors.groupingBy(this::grid, LinkedHashMap::new, Collectors.toList()));
    }
  }

  /** One layer and another. */
  static Meeting of(String row, String column, Side a, Side b) {
    return new Meeting(
        List.of(row), List.of(column), common(row, a.grid(row), column, b.grid(column)));
  }

  /**
   * The grid on which two layers meet.
   *
   * @throws PalimpsestException if there is none, naming both
   */
  static Grid common(String row, Grid ofRow, String column, Grid ofColumn) {
    try {
      return ofRow.commonWith(ofColumn);
    } catch (PalimpsestException imageAndVolume) {
      throw new PalimpsestException(
          "Layer '%s' has the grid %s and '%s' the grid %s, an image's and a volume's, which have none in common. Choose layers of one kind (--layers), or use the feature map 'pool'."
              .formatted(row, ofRow, column, ofColumn),
          imageAndVolume);
    }
  }

  int pairs() {
    return rows.size() * columns.size();
  }

  /** Of which at least one is free of any single layer. */
  Stream<Meeting> halves() {
    return rows.size() >= columns.size()
        ? halves(rows).map(half -> new Meeting(half, columns, grid))
        : halves(columns).map(half -> new Meeting(rows, half, grid));
  }

  private static Stream<List<String>> halves(List<String> layers) {
    int middle = layers.size() / 2;
    return Stream.of(layers.subList(0, middle), layers.subList(middle, layers.size()));
  }

  /** On which grids each layer of one side is wanted, in the order of the meetings. */
  static Map<String, Set<Grid>> grids(
      List<Meeting> meetings, Function<Meeting, List<String>> side) {
    Map<String, Set<Grid>> grids = new LinkedHashMap<>();
    for (Meeting meeting : meetings) {
      for (String layer : side.apply(meeting)) {
        grids.computeIfAbsent(layer, any -> new LinkedHashSet<>()).add(meeting.grid());
      }
    }
    return grids;
  }
}
