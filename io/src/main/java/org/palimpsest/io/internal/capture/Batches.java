package org.palimpsest.io.internal.capture;

/**
 * Cuts probes into batches of nearly the same size, so that no last batch is much smaller (some
 * networks lose a dimension when they are shown a single sample).
 */
final class Batches {

  private Batches() {}

  /**
   * The size of the next batch.
   *
   * @param probes how many are still to be shown, at least 1
   * @param largest the most in one batch
   */
  static int next(long probes, int largest) {
    long batches = (probes + largest - 1) / largest;
    return (int) ((probes + batches - 1) / batches);
  }
}
