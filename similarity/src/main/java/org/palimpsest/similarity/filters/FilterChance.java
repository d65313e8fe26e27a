package org.palimpsest.similarity.filters;

/** What the filters are like that chance is simulated with. */
public enum FilterChance {
  /** Independent directions, each as probable as any other. */
  DIRECTIONS("independent directions"),
  /**
   * The layers' own weights in random places: of short filters the distribution of the weights
   * decides which directions are probable, and this keeps it whatever it is.
   */
  OWN_VALUES("their own weights in random places"),
  /** Random orthogonal matrices, for a layer whose filters are orthogonal to each other. */
  ORTHOGONAL("random orthogonal filters");

  private final String label;

  FilterChance(String label) {
    this.label = label;
  }

  /** In words, for tables. */
  public String label() {
    return label;
  }
}
