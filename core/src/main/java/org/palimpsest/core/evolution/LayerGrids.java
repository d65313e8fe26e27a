package org.palimpsest.core.evolution;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.palimpsest.core.representation.Grid;

/**
 * The layers of a network and the grids on which they lie: what must be known of a network to plan
 * which of its layers are compared with which of another, and on what grid, without running it
 * again. A journal keeps it for each checkpoint.
 *
 * @param grids by layer, in the order in which the layers ran; a layer whose positions are not
 *     known lies on a single point
 */
public record LayerGrids(Map<String, Grid> grids) {

  public LayerGrids {
    grids = Collections.unmodifiableMap(new LinkedHashMap<>(grids));
  }

  /** The layers, in the order in which they ran. */
  public List<String> layers() {
    return List.copyOf(grids.keySet());
  }

  Grid grid(String layer) {
    return Objects.requireNonNull(grids.get(layer), layer);
  }
}
