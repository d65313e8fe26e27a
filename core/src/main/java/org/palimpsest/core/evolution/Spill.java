package org.palimpsest.core.evolution;

import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;

/** A place outside memory for what does not fit; only this process writes and reads it. */
public interface Spill extends AutoCloseable {

  /** Puts something away and returns the number under which it can be read again. */
  <P extends Prepared> int write(P prepared, PreparedFormat<P> format);

  /**
   * Reads again what was put away under that number, as often as wanted.
   *
   * @throws org.palimpsest.core.PalimpsestException if it is damaged
   */
  <P extends Prepared> P read(int number, PreparedFormat<P> format);

  /** Gives up everything that was put away. */
  @Override
  void close();
}
