package org.palimpsest.similarity.rsa;

import org.palimpsest.core.measure.Range;

/** How two vectors of distances are compared. */
public enum RdmComparison {
  /** Pearson correlation of average ranks. */
  SPEARMAN("spearman", new Range(-1, 1)),
  /** Pearson correlation. */
  PEARSON("pearson", new Range(-1, 1)),
  /**
   * Kendall's tau-a: concordant minus discordant pairs, over all pairs; ties count as neither, so
   * that it stays below 1 where there are any.
   */
  KENDALL("kendall", new Range(-1, 1)),
  /** Cosine of the angle between them. */
  COSINE("cosine", Range.UNIT);

  private final String label;
  private final Range range;

  RdmComparison(String label, Range range) {
    this.label = label;
    this.range = range;
  }

  /** Its name on the command line. */
  public String label() {
    return label;
  }

  Range range() {
    return range;
  }
}
