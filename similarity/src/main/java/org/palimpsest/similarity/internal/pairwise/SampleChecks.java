package org.palimpsest.similarity.internal.pairwise;

import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;

/** What a layer must have before a measure over pairs of samples can tell anything. */
public final class SampleChecks {

  private SampleChecks() {}

  /**
   * @param why why fewer are too few
   * @throws PalimpsestException if there are fewer samples
   */
  public static void requireSamples(Representation.Info info, int fewest, String why) {
    if (info.samples() < fewest) {
      throw new PalimpsestException(
          "Layer '%s' has %s samples × %s features; this measure needs at least %s samples (%s). Use more probes, or positions as samples."
              .formatted(info.layer(), info.samples(), info.features(), fewest, why));
    }
  }

  /**
   * @param rows the raw rows
   * @throws PalimpsestException if all rows are the same
   */
  public static void requireVariance(SampleRows rows) {
    if (rows.allEqual()) {
      throw constant(rows.info(), rows.get(0, 0));
    }
  }

  private static PalimpsestException constant(Representation.Info info, double value) {
    return new PalimpsestException(
        "Layer '%s' (%s samples × %s features) is constant: every sample is the same, beginning with %s. Nothing can be compared with it; leave the layer out."
            .formatted(info.layer(), info.samples(), info.features(), value));
  }

  /**
   * The raw rows of a layer.
   *
   * @throws PalimpsestException if all rows are the same
   */
  public static SampleRows varyingRows(Representation representation) {
    SampleRows rows = SampleRows.of(representation);
    requireVariance(rows);
    return rows;
  }
}
