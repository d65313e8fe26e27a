package org.palimpsest.io.npy;

import java.nio.ByteOrder;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.ElementType;

/**
 * The type of an array's elements.
 *
 * @param element what they are
 * @param order which of their bytes comes first
 */
public record NpyType(ElementType element, ByteOrder order) {

  private static final Pattern DESCRIPTION = Pattern.compile("([<>|=])?([a-zA-Z?])(\\d{0,9})(.*)");

  private static final Pattern NAMED =
      Pattern.compile("[<>=|]?([a-z_]{2,}(16|32|64|8)?|[efdgbBhHiIlLqQpP])");

  static NpyType parse(String source, String description) {
    Matcher parts = DESCRIPTION.matcher(description);
    if (!parts.matches()) {
      throw unusable(source, description, "no known type");
    }
    boolean big = ">".equals(parts.group(1));
    ByteOrder order = big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    return element(parts.group(2) + parts.group(3) + parts.group(4))
        .map(element -> new NpyType(element, order))
        .orElseThrow(
            () ->
                unusable(
                    source,
                    description,
                    NAMED.matcher(description).matches()
                        ? "a type in words, as numpy.save never writes it"
                        : meaning(parts.group(2).charAt(0))));
  }

  private static Optional<ElementType> element(String description) {
    return Optional.ofNullable(
        switch (description) {
          case "f2" -> ElementType.FLOAT16;
          case "f4" -> ElementType.FLOAT32;
          case "f8" -> ElementType.FLOAT64;
          case "i1" -> ElementType.INT8;
          case "i2" -> ElementType.INT16;
          case "i4" -> ElementType.INT32;
          case "i8" -> ElementType.INT64;
          case "u1" -> ElementType.UINT8;
          case "u2" -> ElementType.UINT16;
          case "u4" -> ElementType.UINT32;
          case "u8" -> ElementType.UINT64;
          case "b1", "?" -> ElementType.BOOL;
          default -> null;
        });
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
}
