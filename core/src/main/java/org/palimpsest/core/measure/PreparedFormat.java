package org.palimpsest.core.measure;

import java.io.IOException;

/**
 * Writes what a preparation makes as plain numbers, and reads it again.
 *
 * @param <P> what is written
 */
public interface PreparedFormat<P extends Prepared> {

  /** Writes everything that a comparison needs. */
  void write(P prepared, PreparedOutput out) throws IOException;

  /** Reads what {@link #write} wrote, in the same order; scores of it are the same to the bit. */
  P read(PreparedInput in) throws IOException;
}
