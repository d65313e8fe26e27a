package org.palimpsest.similarity.output;

/**
 * What the numbers of a last layer are. A network file tells neither, so that whoever compares
 * predictions has to: logits given as probabilities are noticed and refused where they lie outside
 * [0, 1], probabilities given as logits are not, and make every prediction uncertain.
 */
public enum OutputScale {
  /**
   * Any numbers: one column is turned into the probability of the foreground by the logistic
   * function, several into probabilities of classes by softmax.
   */
  LOGITS("logits"),
  /** Probabilities already: one column of the foreground, or one for each class, of sum 1. */
  PROBABILITIES("probabilities");

  private final String label;

  OutputScale(String label) {
    this.label = label;
  }

  /** Its name on the command line. */
  public String label() {
    return label;
  }
}
