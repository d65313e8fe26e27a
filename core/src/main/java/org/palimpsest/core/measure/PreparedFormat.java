package org.palimpsest.core.measure;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.palimpsest.core.measure.Prepared.PreparedShelf;
import org.palimpsest.core.measure.Prepared.Spill;

/**
 * Writes what a preparation makes as plain numbers, and reads it again: for layers that outgrow
 * memory ({@link Spill}) and for those that one process prepares and another compares ({@link
 * PreparedShelf}).
 *
 * <p>The format is private to one version of the library; nothing is promised of it later. Neither
 * method closes the stream. Who stores the bytes seals them with a checksum ({@link Sealed}), so
 * that a format need not guard against damage, but lengths are checked before memory is allocated.
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
