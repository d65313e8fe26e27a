package org.palimpsest.reproduction.verdict;

/**
 * From {@code low} to {@code high}; without ends where nothing can be said.
 *
 * @param low may be −∞
 * @param high may be ∞
 */
public record Interval(double low, double high) {

  static final Interval UNKNOWN = new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  public boolean isKnown() {
    return Double.isFinite(low) && Double.isFinite(high);
  }
}
