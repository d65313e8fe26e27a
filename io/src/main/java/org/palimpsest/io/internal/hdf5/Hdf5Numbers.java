package org.palimpsest.io.internal.hdf5;

import io.jhdf.AbstractNode;
import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.dataset.DatasetReader;
import io.jhdf.dataset.chunked.ChunkedDatasetBase;
import io.jhdf.dataset.chunked.ChunkedDatasetV4;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.EnumDataType;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.message.AttributeMessage;
import io.jhdf.object.message.DataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.ChunkedDataLayoutMessageV4;
import io.jhdf.object.message.DataLayoutMessage.CompactDataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.ContiguousDataLayoutMessage;
import io.jhdf.object.message.Message;
import io.jhdf.storage.HdfBackingStorage;
import java.lang.reflect.Array;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.binary.HalfPrecision;

/**
 * The numbers of one dataset. jHDF takes every floating number for one of IEEE's by its size alone,
 * so the positions of its bits are looked at first. It also passes over fill values, filter masks
 * and checksums of chunks, which are therefore put together here.
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

    String words() {
      return "%s bytes with %s bits of exponent from bit %s on (bias %s), %s of mantissa and the sign at bit %s"
          .formatted(size, exponentBits, exponentAt, bias, mantissaBits, sign);
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
  private static final String TRUE = "TRUE";
  private static final String FALSE = "FALSE";
  private static final Map<Integer, String> BOOLEAN = Map.of(0, FALSE, 1, TRUE);

  /** The room in layouts of HDF5 before 1.6.3, and the address of what is not there. */
  private static final long UNTOLD = -1;

  private Hdf5Numbers() {}

  /** Why a dataset cannot be read as numbers, as what it is instead; nothing if it can be. */
  public static Optional<String> whyUnread(Dataset dataset) {
    if (dataset instanceof AbstractNode node && sharesItsHeader(node)) {
      return Optional.of("of a committed (named) type");
    }
    DataType type = dataset.getDataType();
    if (!(type instanceof FixedPoint) && !(type instanceof FloatingPoint) && !isBoolean(type)) {
      return Optional.of("no numbers but " + kind(type));
    }
    if (dataset.getSize() == 0) {
      return Optional.of("empty");
    }
    if (dataset.isScalar()) {
      return Optional.of("a single value");
    }
    if (isNeverWritten(dataset)) {
      return Optional.of("never written");
    }
    return dataset instanceof AbstractNode node
        ? ChunkFilters.unknown(node.getHeader())
        : Optional.empty();
  }

  /** jHDF reads the whole index of the chunks for that, and not all indexes right. */
  private static boolean isNeverWritten(Dataset dataset) {
    return dataset instanceof ChunkedDatasetV4 chunked
        ? chunked.getHeader().getMessageOfType(ChunkedDataLayoutMessageV4.class).getAddress()
            == UNTOLD
        : dataset.isEmpty();
  }

  /** So h5py and others keep truth values. */
  private static boolean isBoolean(DataType type) {
    return type instanceof EnumDataType names
        && names.getSize() == 1
        && names.getEnumMapping().equals(BOOLEAN);
  }

  /** jHDF takes the address of what is kept elsewhere for the thing itself. */
  private static boolean sharesItsHeader(AbstractNode node) {
    return node.getHeader().getMessages().stream()
        .filter(message -> !(message instanceof AttributeMessage))
        .anyMatch(Message::isMessageShared);
  }

  private static String kind(DataType type) {
    return switch (type.getClass().getSimpleName()) {
      case "StringData", "VariableLength" -> "text or lists";
      case "ArrayDataType" -> "arrays as elements";
      case "CompoundDataType" -> "compounds";
      case "EnumDataType" -> "names of an enumeration";
      case "BitField" -> "bits";
      case "Reference", "ReferenceDataType" -> "references";
      case "OpaqueDataType" -> "opaque bytes";
      default -> type.getClass().getSimpleName();
    };
  }

  /** The type of a dataset's numbers, or nothing if their layout is none that is read. */
  public static Optional<ElementType> type(Dataset dataset) {
    DataType type = dataset.getDataType();
    if (type instanceof FloatingPoint floating) {
      return floatingType(floating);
    }
    if (type instanceof FixedPoint integer) {
      return integerType(integer);
    }
    return isBoolean(type) ? Optional.of(ElementType.BOOL) : Optional.empty();
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
   * @param file what the dataset is in
   * @param source what to call it in a message
   * @throws PalimpsestException if they cannot be read, or their layout is none that is read
   */
  public static Numbers read(HdfFile file, Dataset dataset, String source) {
    whyUnread(dataset)
        .ifPresent(
            what -> {
              throw new PalimpsestException(
                  "%s cannot be read as an array of numbers: it is %s.".formatted(source, what));
            });
    ElementType type = type(dataset).orElseThrow(() -> unread(dataset.getDataType(), source));
    if (!(dataset instanceof ChunkedDatasetBase chunked)) {
      requireRoom(dataset, source);
      return numbers(type, Objects.requireNonNull(dataset.getDataFlat()), source);
    }
    HdfBackingStorage storage = file.getHdfBackingStorage();
    ByteBuffer bytes = ChunkedContents.read(chunked, storage, source);
    int count = Math.toIntExact(dataset.getSize());
    Object array = DatasetReader.readDataset(dataset.getDataType(), bytes, count, storage);
    return numbers(type, array, source);
  }

  /** How many bytes of its file a dataset takes. */
  public static long storedBytes(HdfFile file, Dataset dataset, String source) {
    return dataset instanceof ChunkedDatasetV4 chunked && !isNeverWritten(dataset)
        ? ChunkedContents.storedBytes(chunked, file.getHdfBackingStorage(), source)
        : dataset.getStorageInBytes();
  }

  /** jHDF goes by the shape alone, and so beyond what the file keeps for these numbers. */
  private static void requireRoom(Dataset dataset, String source) {
    DataLayoutMessage layout =
        ((AbstractNode) dataset).getHeader().getMessageOfType(DataLayoutMessage.class);
    long needed = dataset.getSizeInBytes();
    long room =
        layout instanceof ContiguousDataLayoutMessage piece
            ? piece.getSize()
            : layout instanceof CompactDataLayoutMessage inHeader
                ? inHeader.getDataBuffer().remaining()
                : UNTOLD;
    if (room != UNTOLD && room < needed) {
      throw new PalimpsestException(
          "%s of the shape %s takes %s bytes, and %s are kept for it: it is damaged."
              .formatted(source, Arrays.toString(dataset.getDimensionsAsLong()), needed, room));
    }
  }

  /** jHDF gives truth values by their names. */
  private static Numbers numbers(ElementType type, Object array, String source) {
    if (!(array instanceof String[] names)) {
      return new Numbers(type, array);
    }
    byte[] values = new byte[names.length];
    for (int i = 0; i < names.length; i++) {
      if (!TRUE.equals(names[i]) && !FALSE.equals(names[i])) {
        throw new PalimpsestException(
            source + " holds truth values that are neither 0 nor 1: it is damaged.");
      }
      values[i] = (byte) (TRUE.equals(names[i]) ? 1 : 0);
    }
    return new Numbers(type, values);
  }

  private static PalimpsestException unread(DataType type, String source) {
    String layout =
        type instanceof FloatingPoint floating
            ? "floating numbers of " + FloatLayout.of(floating).words()
            : "integers that do not fill their %s bytes".formatted(type.getSize());
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
