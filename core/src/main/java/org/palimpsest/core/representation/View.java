package org.palimpsest.core.representation;

/**
 * How a matrix was made of activations: a rule, and the grid on which it was used. Its {@linkplain
 * #describe description} stands beside each score, in tables and on every {@link
 * RepresentationInfo}, so that two numbers that were made differently are not taken for the same
 * thing.
 *
 * @param featureMaps the rule
 * @param grid the grid to which feature maps were reduced; a single point unless positions are
 *     samples
 */
public record View(FeatureMaps featureMaps, Grid grid) {

  /** What {@link #describe} says of plain arrays, whose samples have no positions. */
  public static final String OF_PLAIN_ROWS = "positions 1";

  /**
   * How many rows each probe has: the number of positions, or of those that are drawn; 1 where
   * probes are the samples.
   */
  public int rowsPerProbe() {
    return featureMaps.positionsPerProbe().isPresent()
        ? Math.min(grid.positions(), featureMaps.positionsPerProbe().getAsInt())
        : grid.positions();
  }

  /** For people, such as {@code positions 64x64, 256 of 4096 per probe, seed 7}. */
  public String describe() {
    return switch (featureMaps.mode()) {
      case FLATTEN -> "flatten";
      case POOL -> "pool";
      case POSITIONS -> "positions " + grid + drawn();
    };
  }

  private String drawn() {
    return rowsPerProbe() == grid.positions()
        ? ""
        : ", %d of %d per probe, seed %d"
            .formatted(rowsPerProbe(), grid.positions(), featureMaps.seed());
  }
}
