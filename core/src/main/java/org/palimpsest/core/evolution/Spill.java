package org.palimpsest.core.evolution;

import java.io.Serializable;

/** A place outside memory for what does not fit; only this process writes and reads it. */
public interface Spill extends AutoCloseable {

  /** Puts something away and returns the number under which it can be read again. */
  int write(Serializable content);

  /** Reads again what was put away under that number, as often as wanted. */
  Serializable read(int number);

  /** Gives up everything that was put away. */
  @Override
  void close();
}
