package org.palimpsest.io.internal.pickle;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;

/** Reads the arguments of opcodes. What a length claims is never allocated before it was read. */
final class PickleInput {

  private static final int LONGEST_NUMBER = 18;
  private static final int CHUNK = 1 << 16;
  private static final long MAX_BYTES = 1L << 26;
  private static final int MAX_LINE = 1 << 16;

  private static final Pattern RAW_ESCAPE =
      Pattern.compile("\\\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})");
  private static final Pattern QUOTED_ESCAPE =
      Pattern.compile("\\\\(x[0-9a-fA-F]{2}|.)", Pattern.DOTALL);

  private final InputStream in;
  private final String source;
  private long consumed;

  PickleInput(InputStream in, String source) {
    this.in = in;
    this.source = source;
  }

  int unsignedByte() throws IOException {
    int value = in.read();
    if (value < 0) {
      throw new EOFException("in a pickle");
    }
    count(1);
    return value;
  }

  private ByteBuffer buffer(int size) throws IOException {
    return ByteBuffer.wrap(bytes(size)).order(ByteOrder.LITTLE_ENDIAN);
  }

  int unsignedShort() throws IOException {
    return buffer(Short.BYTES).getShort() & 0xffff;
  }

  int signedInt() throws IOException {
    return buffer(Integer.BYTES).getInt();
  }

  long unsignedInt() throws IOException {
    return signedInt() & 0xffffffffL;
  }

  long signedLong() throws IOException {
    return buffer(Long.BYTES).getLong();
  }

  double bigEndianDouble() throws IOException {
    return ByteBuffer.wrap(bytes(Double.BYTES)).getDouble();
  }

  byte[] bytes(long size) throws IOException {
    if (size < 0 || size > MAX_BYTES) {
      throw new PalimpsestException(
          "%s has a pickle that claims a single text or number of %s bytes: it is damaged or harmful."
              .formatted(source, size));
    }
    count(size);
    byte[] read = new byte[(int) Math.min(size, CHUNK)];
    int done = 0;
    while (done < size) {
      if (done == read.length) {
        read = Arrays.copyOf(read, (int) Math.min(size, 2L * read.length));
      }
      int some = in.read(read, done, read.length - done);
      if (some < 0) {
        throw new EOFException("in a pickle");
      }
      done += some;
    }
    return read;
  }

  String text(long size) throws IOException {
    return new String(bytes(size), StandardCharsets.UTF_8);
  }

  String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = unsignedByte(); next != '\n'; next = unsignedByte()) {
      line.append((char) next);
      if (line.length() > MAX_LINE) {
        throw tooLarge();
      }
    }
    return line.toString();
  }

  private void count(long bytes) {
    consumed += bytes;
    if (consumed > MAX_BYTES) {
      throw tooLarge();
    }
  }

  private PalimpsestException tooLarge() {
    return new PalimpsestException(
        source
            + " has a pickle of more than 64 MB beside its tensors, as only a damaged or harmful"
            + " file does. Save the state_dict() alone.");
  }

  /** A whole number of any length; one of more than eight bytes is left unread. */
  Object littleEndian(long size) throws IOException {
    byte[] bytes = bytes(size);
    if (bytes.length > Long.BYTES) {
      return new Opaque("int");
    }
    long value = bytes.length > 0 && bytes[bytes.length - 1] < 0 ? -1 : 0;
    for (int i = bytes.length - 1; i >= 0; i--) {
      value = value << Byte.SIZE | bytes[i] & 0xff;
    }
    return value;
  }

  /** What Python wrote as an integer or a boolean. */
  Object decimal(String line) {
    if (line.equals("00") || line.equals("01")) {
      return line.equals("01");
    }
    if (line.length() > LONGEST_NUMBER) {
      return new Opaque("int");
    }
    try {
      return Long.parseLong(line);
    } catch (NumberFormatException e) {
      throw damaged(source);
    }
  }

  Object floating(String line) {
    try {
      return Double.parseDouble(line);
    } catch (NumberFormatException e) {
      return new Opaque("float");
    }
  }

  String unquoted(String line) {
    if (line.length() < 2 || line.charAt(0) != line.charAt(line.length() - 1)) {
      throw damaged(source);
    }
    return unescaped(line.substring(1, line.length() - 1), true);
  }

  /** Text of protocol 0, where what is not ASCII is written by number. */
  String unescaped(String text, boolean quoted) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    Matcher escape = (quoted ? QUOTED_ESCAPE : RAW_ESCAPE).matcher(text);
    return escape.replaceAll(found -> Matcher.quoteReplacement(escaped(found.group(1))));
  }

  private String escaped(String code) {
    return switch (code.charAt(0)) {
      case 'n' -> "\n";
      case 'r' -> "\r";
      case 't' -> "\t";
      case 'x', 'u', 'U' -> {
        int point = (int) Long.parseLong(code.substring(1), 16);
        if (!Character.isValidCodePoint(point)) {
          throw damaged(source);
        }
        yield Character.toString(point);
      }
      default -> code;
    };
  }

  String utf8Line() throws IOException {
    return new String(line().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  static PalimpsestException damaged(String source) {
    return new PalimpsestException(
        source + " holds a damaged pickle. Save it again, or copy it again if it was copied.");
  }
}
