package org.palimpsest.core.measure;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.representation.Representation;

/**
 * A representation made ready for comparisons by one measure or by several: centred, whitened,
 * ranked, turned into distances, whatever takes work that depends on one layer alone.
 *
 * <p>Preparing costs far more than comparing for most measures, so that of L layers each is
 * prepared once and compared L times. Implementations are immutable, and hold all that {@link
 * Computation#compare} needs: the representation itself may be gone by then.
 */
public interface Prepared {

  /**
   * What it was made of: layer, n samples, p features, probes. By it a comparison finds out that
   * two layers do not come from the same samples.
   */
  Representation.Info info();

  /**
   * About how many bytes it takes in memory; by this, bounds of memory are kept. Unless overridden
   * that of an n × p matrix of float64, which is too much for what holds p × p moments of many
   * samples, and too little for n × n distances of few features.
   */
  default long bytes() {
    return info().samples() * info().features() * Double.BYTES;
  }

  /**
   * A prepared representation from which other samples can be drawn without starting over:
   * distances and Gram matrices are reordered, at O(n²) instead of O(n² p). Permutation baselines
   * and bootstrap intervals are fast for measures whose preparation makes this, and prepare each
   * draw anew for the others.
   *
   * @param <P> its own type
   */
  interface Resamplable<P extends Prepared> extends Prepared {

    /**
     * What the preparation would have made of these rows.
     *
     * <p>A row that is drawn several times is one sample that counts as often, not several that
     * happen to be equal: estimators that leave out the similarity of a sample with itself leave
     * out that of its copies too.
     *
     * @param rows indices of rows, as many as there are samples, in the new order
     * @throws org.palimpsest.core.PalimpsestException if nothing varies over these rows
     */
    P withRows(int[] rows);

    /** Whether these rows can be drawn, or only others, such as each row once. */
    default boolean canDraw(int[] rows) {
      return true;
    }
  }

  /**
   * A place outside memory for prepared layers that do not fit; only this process writes and reads
   * it. The engine puts away what was not used for longest, once prepared layers take more than the
   * {@linkplain org.palimpsest.core.comparison.Comparison#withMemory bound}, and reads it again
   * when a comparison asks for it.
   *
   * <p>Used by one thread at a time. {@code StudyFolder.spill} of the module {@code io} is the
   * implementation over files.
   */
  interface Spill extends AutoCloseable {

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

  /**
   * A place outside memory where prepared layers lie under names, for all processes that work on
   * one study. The same name always means the same layer, whoever prepared it; what was put there
   * once stays whole, also where two processes put it there at once or one is killed meanwhile.
   *
   * <p>An implementation over a folder writes a file under a temporary name and moves it. Instead
   * of a layer there may lie the reason why it cannot be prepared, so that no other process tries
   * in vain.
   *
   * <p>Safe to use from several threads. What cannot be read or written is a {@link
   * org.palimpsest.core.PalimpsestException}.
   *
   * @see org.palimpsest.core.evolution.StudyWorkbench#sharing
   */
  interface PreparedShelf {

    /** Whether a layer, or why there is none, lies there. */
    boolean holds(String name);

    /** Puts a layer there; one that lies there already stays. */
    <P extends Prepared> void put(String name, P prepared, PreparedFormat<P> format);

    /** Puts there why a layer cannot be prepared. */
    void putFailure(String name, String reason);

    /** Why a layer that lies there could not be prepared, if it could not. */
    Optional<String> failure(String name);

    /**
     * A layer that lies there.
     *
     * @throws org.palimpsest.core.PalimpsestException if there is none, or it is damaged
     */
    <P extends Prepared> P get(String name, PreparedFormat<P> format);
  }

  /**
   * A prepared layer as bytes that tell whether they are whole: eight bytes "PALIMSPL", the version
   * as an int, what the layer's format writes, and the CRC-32 of all that as a long; big-endian.
   *
   * <p>It is how an implementation of {@link Spill} or {@link PreparedShelf} writes files, so that
   * one that was cut short or damaged is an error and never a wrong score. The checksum is for
   * accidents, not against forgery.
   */
  final class Sealed {

    /** "PALIMSPL". */
    private static final long MAGIC = 0x50414c494d53504cL;

    private static final int VERSION = 1;

    private Sealed() {}

    /**
     * Writes a layer; the caller closes the stream.
     *
     * @param prepared the layer
     * @param format of the preparation that made it
     * @param stream takes the bytes; should be buffered
     * @throws IOException if the stream fails
     */
    public static <P extends Prepared> void write(
        P prepared, PreparedFormat<P> format, OutputStream stream) throws IOException {
      CheckedOutputStream checked = new CheckedOutputStream(stream, new CRC32());
      PreparedOutput out = new PreparedOutput(checked);
      out.writeLong(MAGIC);
      out.writeInt(VERSION);
      format.write(prepared, out);
      out.writeLong(checked.getChecksum().getValue());
    }

    /**
     * Reads what {@link #write} wrote; the caller closes the stream.
     *
     * @param bytes how many there are
     * @throws IOException if they are not that, or not whole
     */
    public static <P extends Prepared> P read(
        InputStream stream, long bytes, PreparedFormat<P> format) throws IOException {
      CheckedInputStream checked = new CheckedInputStream(stream, new CRC32());
      PreparedInput in = new PreparedInput(checked, bytes);
      if (in.readLong() != MAGIC || in.readInt() != VERSION) {
        throw new IOException("it does not begin as version " + VERSION + " of such files does");
      }
      P prepared = format.read(in);
      long sum = checked.getChecksum().getValue();
      if (in.readLong() != sum || in.left() != 0) {
        throw new IOException("its checksum is wrong");
      }
      return prepared;
    }
  }
}
