package org.palimpsest.io.npy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.binary.HalfPrecision;

/**
 * The type of an array's elements.
 *
 * @param kind {@code f} floating, {@code i} integer, {@code u} unsigned integer, {@code b} boolean
 * @param size bytes per element
 * @param order which byte comes first
 */
public record NpyType(char kind, int size, ByteOrder order) {

  private static final Pattern DESCRIPTION = Pattern.compile("([<>|=])?([a-zA-Z?])(\\d{0,9})(.*)");
  private static final double TWO_TO_64 = 0x1p64;

  static NpyType parse(String source, String description) {
    Matcher parts = DESCRIPTION.matcher(description);
    if (!parts.matches()) {
      throw unusable(source, description, "no known type");
    }
    char kind = parts.group(2).charAt(0);
    int size = parts.group(3).isEmpty() ? 1 : Integer.parseInt(parts.group(3));
    if (!parts.group(4).isEmpty() || !isReadable(kind, size)) {
      throw unusable(source, description, meaning(kind));
    }
    boolean big = ">".equals(parts.group(1));
    return new NpyType(
        kind == '?' ? 'b' : kind, size, big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
  }

  private static boolean isReadable(char kind, int size) {
    return switch (kind) {
      case 'f' -> size == 2 || size == 4 || size == 8;
      case 'i', 'u' -> size == 1 || size == 2 || size == 4 || size == 8;
      case 'b', '?' -> size == 1;
      default -> false;
    };
  }

  private static String meaning(char kind) {
    return switch (kind) {
      case 'O' -> "Python objects (a pickle), which are never read";
      case 'c' -> "complex numbers";
      case 'U', 'S', 'a' -> "text";
      case 'V' -> "raw bytes or a type that NumPy does not know, such as bfloat16";
      case 'M', 'm' -> "dates or times";
      case 'f' -> "floating numbers of an unusual width";
      default -> "no known type";
    };
  }

  private static PalimpsestException unusable(String source, String description, String meaning) {
    return new PalimpsestException(
        "%s holds elements of type '%s': %s. Save it as float32, float64, integers or booleans."
            .formatted(source, description, meaning));
  }

  /** The type in which elements are kept: float32 for f2 and f4, float64 for everything else. */
  public DataType tensorType() {
    return kind == 'f' && size <= Float.BYTES ? DataType.FLOAT : DataType.DOUBLE;
  }

  /** NumPy's name, such as {@code float32}. */
  public String displayName() {
    return switch (kind) {
      case 'f' -> "float" + size * Byte.SIZE;
      case 'i' -> "int" + size * Byte.SIZE;
      case 'u' -> "uint" + size * Byte.SIZE;
      default -> "bool";
    };
  }

  @Override
  public String toString() {
    return displayName() + (size == 1 ? "" : ", " + order.toString().toLowerCase(Locale.ROOT));
  }

  /** Reads {@code count} elements from the start of {@code bytes}. */
  void decode(byte[] bytes, int count, double[] target) {
    ByteBuffer source = ByteBuffer.wrap(bytes).order(order);
    switch (kind) {
      case 'f' -> decodeFloating(source, count, target);
      case 'i' -> decodeSigned(source, count, target);
      case 'u' -> decodeUnsigned(source, count, target);
      default -> {
        for (int i = 0; i < count; i++) {
          target[i] = source.get(i) == 0 ? 0 : 1;
        }
      }
    }
  }

  private void decodeFloating(ByteBuffer source, int count, double[] target) {
    for (int i = 0; i < count; i++) {
      target[i] =
          switch (size) {
            case 2 -> HalfPrecision.toFloat(source.getShort(i * 2));
            case 4 -> source.getFloat(i * 4);
            default -> source.getDouble(i * 8);
          };
    }
  }

  private void decodeSigned(ByteBuffer source, int count, double[] target) {
    for (int i = 0; i < count; i++) {
      target[i] = integer(source, i);
    }
  }

  private void decodeUnsigned(ByteBuffer source, int count, double[] target) {
    for (int i = 0; i < count; i++) {
      double value = integer(source, i);
      target[i] = value >= 0 ? value : value + modulus();
    }
  }

  private double modulus() {
    return size == Long.BYTES ? TWO_TO_64 : (double) (1L << size * Byte.SIZE);
  }

  private double integer(ByteBuffer source, int i) {
    return switch (size) {
      case 1 -> source.get(i);
      case 2 -> source.getShort(i * 2);
      case 4 -> source.getInt(i * 4);
      default -> source.getLong(i * 8);
    };
  }
}
