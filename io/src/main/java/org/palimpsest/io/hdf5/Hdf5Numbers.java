package org.palimpsest.io.hdf5;

import io.jhdf.api.Dataset;
import io.jhdf.dataset.DatasetReader;
import io.jhdf.dataset.chunked.ChunkedDatasetBase;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import java.lang.reflect.Array;
import java.math.BigInteger;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.binary.ElementType;
import org.palimpsest.io.binary.HalfPrecision;

/**
 * The numbers of one dataset. jHDF takes every floating number for one of IEEE's by its size alone,
 * so the positions of its bits are looked at first.
 */
public final class Hdf5Numbers {

  /** Where the bits of a floating number lie, lowest bit 0. */
  private record FloatLayout(
      int size, int sign, int exponentAt, int exponentBits, int mantissaBits, int bias) {

    static FloatLayout of(FloatingPoint type) {
      return new FloatLayout(
          type.getSize(),
          type.getSignLocation(),
          type.getExponentLocation(),
          type.getExponentSize(),
          type.getMantissaSize(),
          type.getExponentBias());
    }
  }

  private record Known(FloatLayout layout, ElementType type) {}

  private static final List<Known> FLOATS =
      List.of(
          new Known(new FloatLayout(8, 63, 52, 11, 52, 1023), ElementType.FLOAT64),
          new Known(new FloatLayout(4, 31, 23, 8, 23, 127), ElementType.FLOAT32),
          new Known(new FloatLayout(2, 15, 10, 5, 10, 15), ElementType.FLOAT16),
          new Known(new FloatLayout(2, 15, 7, 8, 7, 127), ElementType.BFLOAT16));

  private static final int MANTISSA_WITH_LEADING_BIT = 2;
  private static final int BITS = 8;

  private Hdf5Numbers() {}

  /** Whether a dataset is one of integers or floating numbers, of whatever layout. */
  public static boolean areIn(Dataset dataset) {
    DataType type = dataset.getDataType();
    return !dataset.isEmpty() && (type instanceof FixedPoint || type instanceof FloatingPoint);
  }

  /** The type of a dataset's numbers, or nothing if their layout is none that is read. */
  public static Optional<ElementType> type(Dataset dataset) {
    DataType type = dataset.getDataType();
    if (type instanceof FloatingPoint floating) {
      return floatingType(floating);
    }
    return type instanceof FixedPoint integer ? integerType(integer) : Optional.empty();
  }

  private static Optional<ElementType> floatingType(FloatingPoint type) {
    boolean whole =
        type.getBitOffset() == 0
            && type.getBitPrecision() == BITS * type.getSize()
            && type.getMantissaLocation() == 0
            && type.getMantissaNormalization() == MANTISSA_WITH_LEADING_BIT;
    FloatLayout layout = FloatLayout.of(type);
    return FLOATS.stream()
        .filter(known -> whole && known.layout().equals(layout))
        .map(Known::type)
        .findFirst();
  }

  private static Optional<ElementType> integerType(FixedPoint type) {
    if (type.getBitOffset() != 0 || type.getBitPrecision() != BITS * type.getSize()) {
      return Optional.empty();
    }
    return Optional.ofNullable(
        switch (type.getSize()) {
          case 1 -> type.isSigned() ? ElementType.INT8 : ElementType.UINT8;
          case 2 -> type.isSigned() ? ElementType.INT16 : ElementType.UINT16;
          case 4 -> type.isSigned() ? ElementType.INT32 : ElementType.UINT32;
          case 8 -> type.isSigned() ? ElementType.INT64 : ElementType.UINT64;
          default -> null;
        });
  }

  /**
   * All numbers of a dataset, in the order of the file.
   *
   * @param source what to call it in a message
   * @throws PalimpsestException if their layout is none that is read
   */
  public static Numbers read(Dataset dataset, String source) {
    ElementType type = type(dataset).orElseThrow(() -> unread(dataset.getDataType(), source));
    Object values =
        Objects.requireNonNull(
            dataset instanceof ChunkedDatasetBase chunked
                ? flat(chunked, source)
                : dataset.getDataFlat());
    if (!values.getClass().isArray()) {
      throw new PalimpsestException(source + " is a single value, not an array.");
    }
    return new Numbers(type, values);
  }

  private static Object flat(ChunkedDatasetBase dataset, String source) {
    return DatasetReader.readDataset(
        dataset.getDataType(),
        Hdf5Chunks.read(dataset, source),
        new int[] {Math.toIntExact(dataset.getSize())},
        dataset.getHdfFile().getHdfBackingStorage());
  }

  private static PalimpsestException unread(DataType type, String source) {
    String layout =
        type instanceof FloatingPoint floating
            ? "floating numbers of %s".formatted(FloatLayout.of(floating))
            : "integers that do not fill their %d bytes".formatted(type.getSize());
    return new PalimpsestException(
        "%s holds %s, which is none of the layouts that are read. Save it as float16, float32, float64, bfloat16, or as integers of 8 to 64 bits."
            .formatted(source, layout));
  }

  /**
   * Numbers as jHDF gave them.
   *
   * @param type what they are
   * @param array a Java array that jHDF made of them
   */
  public record Numbers(ElementType type, Object array) {

    public int count() {
      return Array.getLength(array);
    }

    /** The number at a place. */
    public double get(int at) {
      if (array instanceof float[] floats) {
        return type == ElementType.BFLOAT16 ? bfloat(floats[at]) : floats[at];
      }
      return array instanceof BigInteger[] great
          ? great[at].doubleValue()
          : Array.getDouble(array, at);
    }

    /** What was taken for a float16 is brought back to its bits, which no float16 has lost. */
    private static float bfloat(float takenForHalf) {
      return HalfPrecision.bfloatToFloat(HalfPrecision.toBits(takenForHalf));
    }
  }
}
