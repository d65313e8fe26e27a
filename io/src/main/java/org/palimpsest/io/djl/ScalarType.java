package org.palimpsest.io.djl;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.io.internal.binary.ElementType;

/** The types of PyTorch that a network may want its input in, with PyTorch's numbers for them. */
enum ScalarType {
  FLOAT32(6, "FloatStorage"),
  FLOAT16(5, "HalfStorage"),
  BFLOAT16(15, "BFloat16Storage"),
  FLOAT64(7, "DoubleStorage"),
  INT64(4, "");

  private final int number;
  private final String storage;

  ScalarType(int number, String storage) {
    this.number = number;
    this.storage = storage;
  }

  int number() {
    return number;
  }

  /** The type that a network is known to want, if probes can be handed over in it. */
  static Optional<ScalarType> of(OptionalInt number) {
    return Arrays.stream(values()).filter(t -> OptionalInt.of(t.number).equals(number)).findFirst();
  }

  /** The types in which a network with such tensors may want its input, likeliest first. */
  static List<ScalarType> candidates(Set<String> storages, boolean wholeNumbers) {
    List<ScalarType> found = new ArrayList<>();
    for (ScalarType type : values()) {
      if (storages.contains(type.storage)) {
        found.add(type);
      }
    }
    if (found.isEmpty()) {
      found.add(FLOAT32);
    }
    if (wholeNumbers) {
      found.add(INT64);
    }
    return found;
  }

  /**
   * The values that a network's input may have. The runtime would cut off fractions, wrap integers
   * and make infinity of what is too large.
   *
   * @param type what the type is called
   */
  record InputRange(String type, double least, double most, boolean whole) {

    private static final int BLOCK = 8192;

    /** Larger ones are rounded to infinity. */
    private static final double LARGEST_HALF = 65519;

    private static final double LARGEST_BFLOAT = 0x1.fefffffp127;

    static InputRange of(ElementType type) {
      return switch (type) {
        case UINT8 -> integers(type, 0, 255);
        case BOOL -> integers(type, 0, 1);
        case UINT16 -> integers(type, 0, 65535);
        case UINT32 -> integers(type, 0, 0x1p32 - 1);
        case UINT64 -> integers(type, 0, 0x1p64 - 0x1p11);
        case INT8 -> integers(type, Byte.MIN_VALUE, Byte.MAX_VALUE);
        case INT16 -> integers(type, Short.MIN_VALUE, Short.MAX_VALUE);
        case INT32 -> integers(type, Integer.MIN_VALUE, Integer.MAX_VALUE);
        case INT64 -> integers(type, -0x1p63, 0x1p63 - 0x1p10);
        case FLOAT16 -> floating(type, LARGEST_HALF);
        case BFLOAT16 -> floating(type, LARGEST_BFLOAT);
        case FLOAT32 -> floating(type, Float.MAX_VALUE);
        default -> floating(type, Double.MAX_VALUE);
      };
    }

    static InputRange of(ScalarType type) {
      return of(ElementType.valueOf(type.name()));
    }

    private static InputRange integers(ElementType type, double least, double most) {
      return new InputRange(name(type), least, most, true);
    }

    private static InputRange floating(ElementType type, double most) {
      return new InputRange(name(type), -most, most, false);
    }

    private static String name(ElementType type) {
      return type.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Makes sure that probes can be shown.
     *
     * @param file the network's
     * @throws PalimpsestException if not, with the first value that cannot
     */
    void require(Path file, INDArray probes) {
      if (!whole && most >= Float.MAX_VALUE && probes.dataType() == DataType.FLOAT) {
        return;
      }
      TensorReader reader = TensorReader.of(probes);
      for (long from = 0; from < probes.length(); from += BLOCK) {
        double[] values = new double[(int) Math.min(BLOCK, probes.length() - from)];
        reader.read(from, values);
        for (double value : values) {
          if (whole && value != Math.rint(value)) {
            throw new PalimpsestException(
                "%s takes integers; these probes are not.".formatted(file));
          }
          if ((whole || Double.isFinite(value)) && !(value >= least && value <= most)) {
            throw new PalimpsestException(
                "%s takes its input as %s, which cannot hold %s, a value of these probes. Show it probes of that type's range."
                    .formatted(file, type, value));
          }
        }
      }
    }

    /** Whether probes can be indices, such as tokens for an embedding. */
    static boolean areIntegers(INDArray probes) {
      TensorReader reader = TensorReader.of(probes);
      for (long from = 0; from < probes.length(); from += BLOCK) {
        double[] values = new double[(int) Math.min(BLOCK, probes.length() - from)];
        reader.read(from, values);
        for (double value : values) {
          if (value != Math.rint(value)) {
            return false;
          }
        }
      }
      return true;
    }
  }
}
