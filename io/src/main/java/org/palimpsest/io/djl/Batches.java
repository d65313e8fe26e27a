package org.palimpsest.io.djl;

/**
 * Cuts probes into batches of nearly the same size, so that no last batch is much smaller (some
 * networks lose a dimension when they are shown a single sample).
 *
 * @param probes how many there are
 * @param largest the most in one batch
 */
record Batches(long probes, int largest) {

  long count() {
    return (probes + largest - 1) / largest;
  }

  /** The index of the first probe of a batch. */
  long start(long batch) {
    long size = probes / count();
    long larger = probes % count();
    return batch * size + Math.min(batch, larger);
  }

  int firstSize() {
    return (int) start(1);
  }

  /**
   * A number of probes for a first look that differs from the first batch's if that is possible: a
   * dimension that follows both is the probes'.
   */
  int trialSize() {
    return firstSize() == 2 ? 1 : (int) Math.min(2, probes);
  }
}
