package org.palimpsest.io.internal.hdf5;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.dataset.DatasetReader;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.StringData;
import io.jhdf.object.datatype.VariableLength;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.palimpsest.core.PalimpsestException;

/**
 * Texts in UTF-8, whatever a file says of them: h5py marks as ASCII what it was given as bytes, and
 * the names of datasets, although they may hold any letters. jHDF then loses those letters.
 */
public final class Hdf5Texts {

  private static final char LOST = '\ufffd';
  private static final int VERSION_1 = 1 << 4;
  private static final int FIXED_LENGTH = 3;
  private static final int VARIABLE_LENGTH = 9;
  private static final int STRING = 1;
  private static final int UTF_8 = 1;
  private static final int PADDING_BITS = 4;
  private static final int[] BYTE = {VERSION_1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0};

  private Hdf5Texts() {}

  /**
   * What an attribute holds: a {@link String} or an array of them if it is text.
   *
   * @throws PalimpsestException if it is text and not UTF-8
   */
  public static Object data(HdfFile file, Attribute attribute) {
    Object data = attribute.getData();
    boolean lost =
        data instanceof String text
            ? isLost(text)
            : data instanceof String[] texts && isLost(String.join("", texts));
    if (!lost || attribute.isEmpty()) {
      return data;
    }
    int[] dimensions = attribute.getDimensions();
    Object again =
        DatasetReader.readDataset(
            inUtf8(attribute.getDataType()),
            attribute.getBuffer(),
            dimensions,
            file.getHdfBackingStorage());
    if (again instanceof String text && isLost(text)
        || again instanceof String[] texts && isLost(String.join("", texts))) {
      throw new PalimpsestException(
          "%s: attribute '%s' holds text that is not UTF-8. Write it in UTF-8."
              .formatted(file.getFileAsPath(), attribute.getName()));
    }
    return again;
  }

  /** Whether jHDF put a sign in the place of what it could not decode. */
  static boolean isLost(String text) {
    return text.indexOf(LOST) >= 0;
  }

  /**
   * A name from its bytes.
   *
   * @throws PalimpsestException if they are not UTF-8
   */
  static String name(ByteBuffer bytes, HdfFile file) {
    try {
      CharBuffer name = StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate());
      return name.toString();
    } catch (CharacterCodingException notUtf8) {
      byte[] all = new byte[bytes.remaining()];
      bytes.duplicate().get(all);
      throw notUtf8(file, HexFormat.ofDelimiter(" ").formatHex(all));
    }
  }

  static PalimpsestException notUtf8(HdfFile file, String name) {
    return new PalimpsestException(
        "%s names something in bytes that are not UTF-8 (%s). Give it another name where the file is written."
            .formatted(file.getFileAsPath(), name));
  }

  private static DataType inUtf8(DataType type) {
    ByteBuffer message = ByteBuffer.allocate(8 + BYTE.length).order(ByteOrder.LITTLE_ENDIAN);
    if (type instanceof StringData fixed) {
      int padding = fixed.getPaddingType().ordinal();
      message.put((byte) (VERSION_1 | FIXED_LENGTH)).put((byte) (UTF_8 << PADDING_BITS | padding));
      message.putShort((short) 0).putInt(fixed.getSize());
    } else if (type instanceof VariableLength text) {
      int padding = text.getPaddingType().ordinal();
      message.put((byte) (VERSION_1 | VARIABLE_LENGTH));
      message.put((byte) (padding << PADDING_BITS | STRING)).put((byte) UTF_8).put((byte) 0);
      message.putInt(text.getSize());
    } else {
      return type;
    }
    for (int part : BYTE) {
      message.put((byte) part);
    }
    return DataType.readDataType(message.flip());
  }
}
