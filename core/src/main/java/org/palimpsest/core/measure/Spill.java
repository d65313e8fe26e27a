package org.palimpsest.core.measure;

/**
 * A place outside memory for prepared layers that do not fit; only this process writes and reads
 * it. The engine puts away what was not used for longest, once prepared layers take more than the
 * {@linkplain org.palimpsest.core.comparison.Comparison#withMemory bound}, and reads it again when
 * a comparison asks for it.
 *
 * <p>Used by one thread at a time. {@code SpillFolder} of the module {@code io} is the
 * implementation over files.
 */
public interface Spill extends AutoCloseable {

  /**
   * No such place: every prepared layer stays in memory, whatever the bound. This is the default
   * where no folder is given.
   */
  static Spill none() {
    return new Spill() {
      @Override
      public boolean isThere() {
        return false;
      }

      @Override
      public <P extends Prepared> int write(P prepared, PreparedFormat<P> format) {
        throw new UnsupportedOperationException("nothing can be put away");
      }

      @Override
      public <P extends Prepared> P read(int number, PreparedFormat<P> format) {
        throw new UnsupportedOperationException("nothing was put away");
      }

      @Override
      public void close() {
        // nothing was put away
      }
    };
  }

  /** Whether there is such a place. */
  default boolean isThere() {
    return true;
  }

  /**
   * Puts a prepared layer away.
   *
   * @param prepared the layer
   * @param format how its numbers are written
   * @return the number under which it can be read again
   * @throws org.palimpsest.core.PalimpsestException if it cannot be written, as when the disk is
   *     full
   */
  <P extends Prepared> int write(P prepared, PreparedFormat<P> format);

  /**
   * Reads again what was stored under that number, as often as wanted.
   *
   * @throws org.palimpsest.core.PalimpsestException if it is damaged
   */
  <P extends Prepared> P read(int number, PreparedFormat<P> format);

  /** Discards everything that was stored. */
  @Override
  void close();
}
