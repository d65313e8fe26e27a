package org.palimpsest.io.dl4j;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.file.ZipContents;

/**
 * Checks the array of all parameters: ND4J believes every length that it reads.
 *
 * <p>Two buffers follow each other, the shape and the values. Each is a UTF string (how it was
 * allocated), its length (an int for the two oldest kinds, else a long), a UTF string (its type)
 * and its elements.
 */
final class SavedCoefficients {

  private static final Set<String> SHORT_LENGTHS = Set.of("HEAP", "JAVACPP", "DIRECT");
  private static final Set<String> LONG_LENGTHS = Set.of("LONG_SHAPE", "MIXED_DATA_TYPES");
  private static final int LONGEST_SHAPE = 2 * 32 + 4;
  private static final int BLOCK = 1 << 16;

  private final Path file;
  private final DataInputStream in;

  private SavedCoefficients(Path file, DataInputStream in) {
    this.file = file;
    this.in = in;
  }

  /** Reads the entry to its end, holding lengths against sizes and content against checksum. */
  static void check(Path file, ZipContents zip, ZipEntry entry) throws IOException {
    CRC32 sum = new CRC32();
    try (CheckedInputStream checked = new CheckedInputStream(zip.read(entry), sum);
        DataInputStream in = new DataInputStream(checked)) {
      new SavedCoefficients(file, in).read(entry.getSize());
    } catch (ZipException | EOFException | UTFDataFormatException damage) {
      throw zip.damaged(entry, String.valueOf(damage.getMessage()));
    }
    if (sum.getValue() != entry.getCrc()) {
      throw zip.damaged(entry, "its checksum is wrong");
    }
  }

  private void read(long size) throws IOException {
    long shapeBytes = header();
    if (shapeBytes > (long) LONGEST_SHAPE * Long.BYTES) {
      throw refused("its shape has " + shapeBytes + " bytes");
    }
    in.readNBytes((int) shapeBytes);
    long valueBytes = header();
    if (valueBytes > size) {
      throw refused("%d bytes of values are announced in %d".formatted(valueBytes, size));
    }
    if (skipToEnd() != valueBytes) {
      throw refused("its values are not " + valueBytes + " bytes long");
    }
  }

  private long header() throws IOException {
    String allocation = in.readUTF();
    if (!SHORT_LENGTHS.contains(allocation) && !LONG_LENGTHS.contains(allocation)) {
      throw refused("it begins with '" + allocation + "'");
    }
    long length = LONG_LENGTHS.contains(allocation) ? in.readLong() : in.readInt();
    if (length < 0 || length > Long.MAX_VALUE / Long.BYTES) {
      throw refused("a length of " + length);
    }
    return length * bytesOf(in.readUTF());
  }

  private long bytesOf(String type) {
    return switch (type) {
      case "LONG", "DOUBLE" -> 8;
      case "INT", "FLOAT" -> 4;
      case "HALF", "BFLOAT16" -> 2;
      default -> throw refused("elements of the type '" + type + "'");
    };
  }

  private long skipToEnd() throws IOException {
    byte[] block = new byte[BLOCK];
    long total = 0;
    for (int count = in.read(block); count >= 0; count = in.read(block)) {
      total += count;
    }
    return total;
  }

  private PalimpsestException refused(String why) {
    return new PalimpsestException(
        "%s: its coefficients.bin cannot be right: %s. Save the network again."
            .formatted(file, why));
  }
}
