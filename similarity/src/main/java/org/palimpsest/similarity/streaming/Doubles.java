package org.palimpsest.similarity.streaming;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Many numbers at once to and from streams. */
final class Doubles {

  private static final int CHUNK = 1 << 13;

  private Doubles() {}

  static void write(double[] values, DataOutputStream out) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK * Double.BYTES);
    for (int from = 0; from < values.length; from += CHUNK) {
      int count = Math.min(CHUNK, values.length - from);
      bytes.clear();
      bytes.asDoubleBuffer().put(values, from, count);
      out.write(bytes.array(), 0, count * Double.BYTES);
    }
  }

  /** Grows with what really arrives, so that a damaged length cannot ask for all memory. */
  static double[] read(int count, DataInputStream in) throws IOException {
    double[] values = new double[Math.min(count, CHUNK)];
    byte[] bytes = new byte[CHUNK * Double.BYTES];
    for (int from = 0; from < count; from += CHUNK) {
      int more = Math.min(CHUNK, count - from);
      in.readFully(bytes, 0, more * Double.BYTES);
      if (from + more > values.length) {
        long doubled = Math.max(from + (long) more, 2L * values.length);
        values = Arrays.copyOf(values, (int) Math.min(count, doubled));
      }
      ByteBuffer.wrap(bytes).asDoubleBuffer().get(values, from, more);
    }
    return values;
  }
}
