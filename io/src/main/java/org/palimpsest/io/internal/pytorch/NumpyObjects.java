package org.palimpsest.io.internal.pytorch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.internal.pickle.Global;
import org.palimpsest.io.internal.pickle.ObjectFactory;
import org.palimpsest.io.internal.pickle.PyNone;
import org.palimpsest.io.internal.pickle.PyTuple;

/**
 * Makes numbers of what NumPy pickles: scalars, and arrays of one axis. Other types of elements and
 * arrays of more axes stay what is not read.
 */
final class NumpyObjects implements ObjectFactory {

  /** A type of elements, which is told its byte order after it was made. */
  private static final class Type {

    private final String code;
    private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

    Type(String code) {
      this.code = code;
    }

    private int size() {
      return switch (code) {
        case "b1", "i1", "u1" -> 1;
        case "i2", "u2" -> 2;
        case "i4", "u4", "f4" -> 4;
        default -> 8;
      };
    }

    /** The element at the buffer's place; nothing for an integer beyond 2^63. */
    private Optional<Object> next(ByteBuffer bytes) {
      return switch (code) {
        case "b1" -> Optional.of(bytes.get() != 0);
        case "i1" -> Optional.of((long) bytes.get());
        case "u1" -> Optional.of((long) Byte.toUnsignedInt(bytes.get()));
        case "i2" -> Optional.of((long) bytes.getShort());
        case "u2" -> Optional.of((long) Short.toUnsignedInt(bytes.getShort()));
        case "i4" -> Optional.of((long) bytes.getInt());
        case "u4" -> Optional.of(Integer.toUnsignedLong(bytes.getInt()));
        case "i8" -> Optional.of(bytes.getLong());
        case "f4" -> Optional.of((double) bytes.getFloat());
        case "f8" -> Optional.of(bytes.getDouble());
        default -> Optional.<Object>of(bytes.getLong()).filter(number -> (long) number >= 0);
      };
    }

    /** All elements, or nothing if they are not so many. */
    Optional<List<Object>> read(byte[] content, long count) {
      if (count < 0 || content.length != count * size()) {
        return Optional.empty();
      }
      ByteBuffer bytes = ByteBuffer.wrap(content).order(order);
      List<Object> elements = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Optional<Object> element = next(bytes);
        if (element.isEmpty()) {
          return Optional.empty();
        }
        elements.add(element.get());
      }
      return Optional.of(elements);
    }
  }

  /** An array, which is told its elements after it was made. */
  static final class Vector {

    private @Nullable List<Object> elements;

    /** Its numbers; nothing if it is of more axes, or of a type that is not read. */
    Optional<List<Object>> elements() {
      return Optional.ofNullable(elements);
    }

    private void fill(Object shape, Object type, Object content) {
      if (shape instanceof PyTuple axes
          && axes.items().size() == 1
          && axes.items().get(0) instanceof Long count
          && type instanceof Type known
          && content instanceof byte[] bytes) {
        elements = known.read(bytes, count).orElse(null);
      }
    }
  }

  @Override
  public Optional<Object> make(Global callee, List<Object> arguments) {
    return switch (callee.path()) {
      case "numpy.dtype" -> type(arguments);
      case "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct" ->
          Optional.of(new Vector());
      case "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer" -> vector(arguments);
      case "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar" -> scalar(arguments);
      case "_codecs.encode" -> bytes(arguments);
      default -> Optional.empty();
    };
  }

  private static Optional<Object> type(List<Object> arguments) {
    return arguments.stream()
        .findFirst()
        .filter(String.class::isInstance)
        .map(code -> ((String) code).replaceFirst("^[<=|]", ""))
        .filter(code -> code.matches("b1|[iu][1248]|f[48]"))
        .map(Type::new);
  }

  private static Optional<Object> scalar(List<Object> arguments) {
    return arguments.size() == 2
            && arguments.get(0) instanceof Type type
            && arguments.get(1) instanceof byte[] content
        ? type.read(content, 1).map(elements -> elements.get(0))
        : Optional.empty();
  }

  /** How protocol 5 has arrays. */
  private static Optional<Object> vector(List<Object> arguments) {
    Vector vector = new Vector();
    if (arguments.size() == 4) {
      vector.fill(arguments.get(2), arguments.get(1), arguments.get(0));
    }
    return Optional.of(vector);
  }

  /** How bytes stand in pickles of the protocols that have none. */
  private static Optional<Object> bytes(List<Object> arguments) {
    return arguments.size() == 2
            && arguments.get(0) instanceof String text
            && "latin1".equals(arguments.get(1))
            && text.chars().allMatch(c -> c < 256)
        ? Optional.of(text.getBytes(StandardCharsets.ISO_8859_1))
        : Optional.empty();
  }

  @Override
  public void setState(Object target, Object state) {
    List<Object> items = state instanceof PyTuple tuple ? tuple.items() : List.of();
    if (target instanceof Type type && items.size() > 1) {
      type.order = ">".equals(items.get(1)) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    } else if (target instanceof Vector vector && items.size() == 5) {
      vector.fill(items.get(1), items.get(2), items.get(4));
    }
  }

  @Override
  public Object load(Object persistentId) {
    return PyNone.NONE;
  }
}
