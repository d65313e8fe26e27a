package org.palimpsest.core.comparison;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.comparison.Meeting.Side;
import org.palimpsest.core.representation.FeatureMaps.Grid;

/** Which layers of one network are compared with which of another. {@code toString} tells it. */
sealed interface Partners {

  /** Whether two layers are compared, whichever network is the first. */
  boolean join(String layer, String other);

  /**
   * What is compared, each on its grid.
   *
   * @throws PalimpsestException if no layers, or not all that were named, can be compared
   */
  List<Meeting> meetings(Side a, Side b);

  /**
   * On which grids each layer of a network is wanted.
   *
   * @param own the grids of its layers
   * @param others those of the other network's layers
   */
  default Map<String, Set<Grid>> wanted(Map<String, Grid> own, Map<String, Grid> others) {
    Map<String, Set<Grid>> wanted = new LinkedHashMap<>();
    own.forEach(
        (layer, grid) -> {
          Set<Grid> common = new LinkedHashSet<>();
          others.forEach(
              (other, otherGrid) -> {
                if (join(layer, other)) {
                  common.add(Meeting.common(layer, grid, other, otherGrid));
                }
              });
          wanted.put(layer, common);
        });
    return wanted;
  }

  /** Each layer with each. */
  record Each() implements Partners {

    @Override
    public boolean join(String layer, String other) {
      return true;
    }

    @Override
    public List<Meeting> meetings(Side a, Side b) {
      Map<Grid, List<String>> rows = a.byGrid();
      Map<Grid, List<String>> columns = b.byGrid();
      List<Meeting> meetings = new ArrayList<>();
      rows.forEach(
          (rowGrid, rowLayers) ->
              columns.forEach(
                  (columnGrid, columnLayers) ->
                      meetings.add(
                          new Meeting(
                              rowLayers,
                              columnLayers,
                              Meeting.common(
                                  rowLayers.get(0), rowGrid, columnLayers.get(0), columnGrid)))));
      return meetings;
    }

    @Override
    public String toString() {
      return "each layer with each";
    }
  }

  /** Layers of the same name. */
  record Namesakes() implements Partners {

    @Override
    public boolean join(String layer, String other) {
      return layer.equals(other);
    }

    @Override
    public List<Meeting> meetings(Side a, Side b) {
      List<Meeting> meetings =
          a.layers().stream()
              .filter(b.grids()::containsKey)
              .map(layer -> Meeting.of(layer, layer, a, b))
              .toList();
      if (meetings.isEmpty()) {
        throw new PalimpsestException(
            "%s and %s have no layer of the same name (%s, … and %s, …)."
                .formatted(a.name(), b.name(), a.layers().get(0), b.layers().get(0)));
      }
      return meetings;
    }

    @Override
    public String toString() {
      return "layers of the same name";
    }
  }

  /** Pairs that the user named. */
  record Named(LayerPairs pairs) implements Partners {

    @Override
    public boolean join(String layer, String other) {
      return pairs.join(layer, other);
    }

    @Override
    public List<Meeting> meetings(Side a, Side b) {
      pairs.requireIn(a.layers(), b.layers());
      return pairs.pairs().stream()
          .map(pair -> Meeting.of(pair.getKey(), pair.getValue(), a, b))
          .toList();
    }

    @Override
    public String toString() {
      return "the pairs " + pairs.pairs();
    }
  }
}
