package org.palimpsest.io.npy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.Shapes;

/**
 * What an NPY array says of itself.
 *
 * @param type the type of its elements
 * @param fortranOrder whether the first index varies fastest
 * @param shape its extents, each at least one; empty for a single number
 * @param dataOffset where its elements begin, in bytes from its start
 */
public record NpyHeader(NpyType type, boolean fortranOrder, List<Long> shape, long dataOffset) {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_TEXT = 1 << 16;

  public NpyHeader {
    shape = List.copyOf(shape);
  }

  /**
   * Reads a header, leaving the stream at the first element.
   *
   * @param in the array from its first byte
   * @param source what to call it in a message
   * @throws PalimpsestException if it is no NPY array, or one that cannot be used
   * @throws IOException if the stream cannot be read, or ends too early
   */
  static NpyHeader read(InputStream in, String source) throws IOException {
    byte[] start = readFully(in, MAGIC.length + 2);
    for (int i = 0; i < MAGIC.length; i++) {
      if (start[i] != MAGIC[i]) {
        throw new PalimpsestException(source + " is not a NumPy array: its first bytes differ.");
      }
    }
    int version = start[MAGIC.length];
    if (version < 1 || version > 3 || start[MAGIC.length + 1] != 0) {
      throw new PalimpsestException(
          "%s is written in version %d.%d of the NPY format; 1.0, 2.0 and 3.0 are known."
              .formatted(source, version & 0xff, start[MAGIC.length + 1] & 0xff));
    }
    int width = version == 1 ? Short.BYTES : Integer.BYTES;
    ByteBuffer length = ByteBuffer.wrap(readFully(in, width)).order(ByteOrder.LITTLE_ENDIAN);
    long size = version == 1 ? length.getShort() & 0xffffL : length.getInt() & 0xffffffffL;
    if (size > MAX_TEXT) {
      throw new PalimpsestException(
          "%s has a header of %d bytes; no array of numbers needs more than %d."
              .formatted(source, size, MAX_TEXT));
    }
    String text = new String(readFully(in, (int) size), StandardCharsets.UTF_8);
    return parse(text, source, start.length + width + size);
  }

  private static NpyHeader parse(String text, String source, long dataOffset) {
    NpyHeaderParser.Fields fields = new NpyHeaderParser(text, source).parse();
    NpyType type = NpyType.parse(source, fields.description());
    NpyHeader header = new NpyHeader(type, fields.fortranOrder(), fields.shape(), dataOffset);
    header.requireUsable(source);
    return header;
  }

  private void requireUsable(String source) {
    if (Shapes.elements(shape, source) == 0) {
      throw new PalimpsestException(
          "%s has the shape %s: it holds no number.".formatted(source, shape));
    }
  }

  private static byte[] readFully(InputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("in the header of an array");
    }
    return bytes;
  }

  /** How many elements there are. */
  public long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** How many bytes the elements take. */
  public long dataBytes() {
    return elements() * type.element().size();
  }

  long[] extents() {
    return Shapes.array(shape);
  }

  /** Makes sure that the shape and the size of the array are one another's. */
  void requireSize(long totalBytes, String source) {
    long expected = dataOffset + dataBytes();
    if (totalBytes < expected) {
      throw new PalimpsestException(
          ("%s is truncated: its header promises %s values of shape %s in %d bytes,"
                  + " but there are %d bytes. Copy or write it again.")
              .formatted(source, type.element().displayName(), shape, expected, totalBytes));
    }
    if (totalBytes > expected) {
      throw new PalimpsestException(
          ("%s holds %d bytes more than the %s values of shape %s that its header promises:"
                  + " it is damaged, or holds several arrays; save several as .npz.")
              .formatted(source, totalBytes - expected, type.element().displayName(), shape));
    }
  }
}
