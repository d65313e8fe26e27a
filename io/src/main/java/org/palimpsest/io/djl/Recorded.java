package org.palimpsest.io.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;

/**
 * What a recording copy is to record, as its code takes it.
 *
 * @param names the recorded names of layers
 * @param reductions for each, nothing for a copy of it, or the shape that a probe of it has and the
 *     grids to which it is reduced, each with the number of the positions picked there: {@code 8,
 *     64, 64]}, a tab, {@code 64,64:0;32,32:1}
 * @param picks positions, one row for each probe
 */
record Recorded(List<String> names, List<String> reductions, List<NDArray> picks) {

  /** Copies of whole layers. */
  static Recorded whole(List<String> names) {
    return new Recorded(names, names.stream().map(name -> "").toList(), List.of());
  }

  /** Collects layers with their reductions, for the probes of one batch. */
  static final class Builder {

    private final MatrixRequest request;
    private final long firstProbe;
    private final long probes;
    private final NDManager manager;
    private final List<String> names = new ArrayList<>();
    private final List<String> reductions = new ArrayList<>();
    private final Map<Grid, Integer> numbers = new LinkedHashMap<>();
    private final List<NDArray> picks = new ArrayList<>();

    Builder(MatrixRequest request, long firstProbe, long probes, NDManager manager) {
      this.request = request;
      this.firstProbe = firstProbe;
      this.probes = probes;
      this.manager = manager;
    }

    void copy(String name) {
      names.add(name);
      reductions.add("");
    }

    /**
     * @param layer what the request calls it
     * @param shape of it, its first dimension being the probes'
     */
    void reduce(String name, String layer, long[] shape) {
      List<String> extents = new ArrayList<>();
      for (int axis = 1; axis < shape.length; axis++) {
        extents.add(String.valueOf(shape[axis]));
      }
      List<String> targets = new ArrayList<>();
      for (Grid grid : request.gridsOf(layer)) {
        targets.add(extents(grid, shape) + ":" + pick(grid));
      }
      names.add(name);
      reductions.add(String.join(", ", extents) + "]\t" + String.join(";", targets));
    }

    /** A grid without space stands for a single position along every axis. */
    private static String extents(Grid grid, long[] shape) {
      List<String> extents = new ArrayList<>();
      for (int axis = 0; axis < shape.length - 2; axis++) {
        extents.add(grid.extents().isEmpty() ? "1" : String.valueOf(grid.extents().get(axis)));
      }
      return String.join(",", extents);
    }

    private int pick(Grid grid) {
      return numbers.computeIfAbsent(
          grid,
          unknown -> {
            picks.add(positions(unknown));
            return picks.size() - 1;
          });
    }

    private NDArray positions(Grid grid) {
      long[][] positions = new long[(int) probes][];
      for (int i = 0; i < probes; i++) {
        int[] drawn = request.positions(grid, firstProbe + i);
        positions[i] = new long[drawn.length];
        for (int j = 0; j < drawn.length; j++) {
          positions[i][j] = drawn[j];
        }
      }
      return manager.create(positions);
    }

    Recorded build() {
      return new Recorded(names, reductions, picks);
    }
  }
}
