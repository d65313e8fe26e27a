package org.palimpsest.core.comparison;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Grid;

/** Which layers are compared, as blocks whose rows and columns meet on one grid. */
record PairPlan(List<Block> blocks) {

  record Block(List<String> rows, List<String> columns, Grid grid) {}

  static PairPlan all(PreparedLayers a, PreparedLayers b) {
    Map<Grid, List<String>> rows = byGrid(a);
    Map<Grid, List<String>> columns = byGrid(b);
    List<Block> blocks = new ArrayList<>();
    rows.forEach(
        (rowGrid, rowLayers) ->
            columns.forEach(
                (columnGrid, columnLayers) ->
                    blocks.add(
                        new Block(rowLayers, columnLayers, rowGrid.commonWith(columnGrid)))));
    return new PairPlan(blocks);
  }

  static PairPlan matched(PreparedLayers a, PreparedLayers b) {
    List<Block> blocks =
        a.layers().stream()
            .filter(Set.copyOf(b.layers())::contains)
            .map(
                layer ->
                    new Block(
                        List.of(layer), List.of(layer), a.grid(layer).commonWith(b.grid(layer))))
            .toList();
    if (blocks.isEmpty()) {
      throw new PalimpsestException(
          "%s and %s have no layer of the same name (%s, … and %s, …)."
              .formatted(
                  a.matrices().name(), b.matrices().name(), a.layers().get(0), b.layers().get(0)));
    }
    return new PairPlan(blocks);
  }

  static PairPlan of(LayerPairs pairs, PreparedLayers a, PreparedLayers b) {
    pairs.requireIn(a, b);
    return new PairPlan(
        pairs.pairs().stream()
            .map(
                pair ->
                    new Block(
                        List.of(pair.getKey()),
                        List.of(pair.getValue()),
                        a.grid(pair.getKey()).commonWith(b.grid(pair.getValue()))))
            .toList());
  }

  private static Map<Grid, List<String>> byGrid(PreparedLayers layers) {
    return layers.layers().stream()
        .collect(Collectors.groupingBy(layers::grid, LinkedHashMap::new, Collectors.toList()));
  }

  /** On which grids each layer of one side is wanted, in the order of the blocks. */
  Map<String, Set<Grid>> grids(Function<Block, List<String>> side) {
    Map<String, Set<Grid>> grids = new LinkedHashMap<>();
    for (Block block : blocks) {
      for (String layer : side.apply(block)) {
        grids.computeIfAbsent(layer, any -> new LinkedHashSet<>()).add(block.grid());
      }
    }
    return grids;
  }

  long pairs() {
    return blocks.stream().mapToLong(b -> (long) b.rows().size() * b.columns().size()).sum();
  }
}
