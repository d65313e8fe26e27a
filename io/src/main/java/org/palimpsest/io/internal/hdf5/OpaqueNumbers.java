package org.palimpsest.io.internal.hdf5;

import io.jhdf.storage.HdfBackingStorage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.HalfPrecision;

/**
 * An array of opaque pairs of bytes, which jHDF does not read: so h5py keeps bfloat16. Read from an
 * object header of the first version, whose data lie in one piece.
 */
public final class OpaqueNumbers {

  private static final int DATASPACE = 1;
  private static final int DATATYPE = 3;
  private static final int LAYOUT = 8;
  private static final int CONTINUATION = 16;
  private static final int OPAQUE = 5;
  private static final int PREFIX = 16;
  private static final int MESSAGE = 8;
  private static final int MOST_MESSAGES = 1000;
  private static final int WIDTH = 2;

  private final HdfBackingStorage storage;
  private final List<Long> shape = new ArrayList<>();
  private long address = -1;
  private long size = -1;
  private boolean opaque;

  private OpaqueNumbers(HdfBackingStorage storage) {
    this.storage = storage;
  }

  /** What is at an address, if it is such an array. */
  static Optional<OpaqueNumbers> at(HdfBackingStorage storage, long address) {
    if (storage.getSizeOfOffsets() != Long.BYTES || storage.getSizeOfLengths() != Long.BYTES) {
      return Optional.empty();
    }
    OpaqueNumbers numbers = new OpaqueNumbers(storage);
    ByteBuffer prefix = little(storage.readBufferFromAddress(address, PREFIX));
    if (prefix.get(0) != 1) {
      return Optional.empty();
    }
    numbers.messages(address + PREFIX, prefix.getInt(8) & 0xffffffffL, prefix.getShort(2));
    boolean sound = numbers.opaque && numbers.address >= 0 && numbers.size == numbers.needed();
    return sound ? Optional.of(numbers) : Optional.empty();
  }

  private static ByteBuffer little(ByteBuffer bytes) {
    return bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  private void messages(long first, long length, int count) {
    List<long[]> blocks = new ArrayList<>(List.of(new long[] {first, length}));
    int left = Math.min(count, MOST_MESSAGES);
    for (int i = 0; i < blocks.size() && i < MOST_MESSAGES; i++) {
      long[] block = blocks.get(i);
      ByteBuffer bytes = little(storage.readBufferFromAddress(block[0], Math.toIntExact(block[1])));
      int at = 0;
      while (left > 0 && at + MESSAGE <= bytes.limit()) {
        int type = bytes.getShort(at) & 0xffff;
        int size = bytes.getShort(at + 2) & 0xffff;
        if (type == CONTINUATION) {
          blocks.add(new long[] {bytes.getLong(at + MESSAGE), bytes.getLong(at + 2 * MESSAGE)});
        } else {
          message(type, bytes, at + MESSAGE);
        }
        at += MESSAGE + size;
        left--;
      }
    }
  }

  private void message(int type, ByteBuffer bytes, int at) {
    if (type == DATASPACE) {
      boolean first = bytes.get(at) == 1;
      int rank = bytes.get(at + 1);
      for (int i = 0; i < rank; i++) {
        shape.add(bytes.getLong(at + (first ? 8 : 4) + Long.BYTES * i));
      }
    } else if (type == DATATYPE) {
      opaque = (bytes.get(at) & 0xf) == OPAQUE && bytes.getInt(at + 4) == WIDTH;
    } else if (type == LAYOUT && bytes.get(at) == 3 && bytes.get(at + 1) == 1) {
      address = bytes.getLong(at + 2);
      size = bytes.getLong(at + 2 + Long.BYTES);
    }
  }

  private long needed() {
    long bytes = WIDTH;
    for (long extent : shape) {
      if (extent < 0 || extent > Integer.MAX_VALUE || bytes > Integer.MAX_VALUE) {
        return -2;
      }
      bytes *= extent;
    }
    return bytes;
  }

  public List<Long> shape() {
    return List.copyOf(shape);
  }

  /** How many bytes it takes in the file. */
  public long bytes() {
    return size;
  }

  public long count() {
    return size / WIDTH;
  }

  /** The pairs taken for bfloat16, as little-endian float32. */
  public byte[] bfloat16AsFloats() {
    if (address + size > storage.size()) {
      throw new PalimpsestException("An array of opaque bytes does not lie within its file.");
    }
    ByteBuffer pairs = little(storage.readBufferFromAddress(address, Math.toIntExact(size)));
    ByteBuffer floats =
        ByteBuffer.allocate(Math.toIntExact(Float.BYTES * count())).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count(); i++) {
      floats.putFloat(HalfPrecision.bfloatToFloat(pairs.getShort(WIDTH * i)));
    }
    return floats.array();
  }
}
