package org.palimpsest.core.measure;

import java.io.IOException;

/**
 * Writes what a preparation makes as plain numbers, and reads it again: for layers that outgrow
 * memory ({@link Spill}) and for those that one process prepares and another compares ({@link
 * PreparedShelf}).
 *
 * <p>The format is private to one version of the library; nothing is promised of it later. Neither
 * method closes the stream. Who stores the bytes seals them with a checksum ({@link
 * SealedPrepared}), so that a format need not guard against damage, but lengths are checked before
 * memory is allocated.
 *
 * @param <P> what is written
 */
public interface PreparedFormat<P extends Prepared> {

  /**
   * Writes everything that a comparison needs.
   *
   * @throws IOException if the stream fails
   */
  void write(P prepared, PreparedOutput out) throws IOException;

  /**
   * Reads what {@link #write} wrote, in the same order; scores of it are the same to the bit.
   *
   * @throws IOException if the stream fails or ends early
   */
  P read(PreparedInput in) throws IOException;
}
