package org.palimpsest.reproduction.verdict;

/**
 * From {@code low} to {@code high}; without ends where nothing can be said.
 *
 * @param low may be −∞
 * @param high may be ∞
 */
public record Bounds(double low, double high) {

  static final Bounds UNKNOWN = new Bounds(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  public boolean isKnown() {
    return Double.isFinite(low) && Double.isFinite(high);
  }
}
