package org.palimpsest.io.internal.hdf5;

import io.jhdf.checksum.ChecksumUtils;
import io.jhdf.dataset.chunked.Chunk;
import io.jhdf.dataset.chunked.indexing.ChunkImpl;
import io.jhdf.object.message.DataLayoutMessage.ChunkedDataLayoutMessageV4;
import io.jhdf.storage.HdfBackingStorage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.palimpsest.core.PalimpsestException;

/**
 * An index of HDF5 1.10 that numbers the chunks of a dataset and has their addresses in an array:
 * an implicit, a fixed or an extensible one. jHDF takes parts of it that were never written for
 * damage, and numbers chunks by the extents that the dataset has instead of those that it may have,
 * so that they come to stand in other places.
 *
 * <p>Source: HDF5 File Format Specification 3.0, appendix C, and what libhdf5 1.14 writes.
 */
final class ChunkArray {

  private static final long NEVER_WRITTEN = -1;
  private static final int ADDRESS = Long.BYTES;
  private static final int CHECKSUM = Integer.BYTES;
  private static final int MASK = Integer.BYTES;
  private static final int SIGNATURE = 4;
  private static final int FILTERED = 1;

  /** Signature, version and kind of chunks, which all blocks begin with. */
  private static final int START = SIGNATURE + 2;

  /** The same and the address of the header, in all blocks but that. */
  private static final int PREFIX = START + ADDRESS;

  private final ChunkedDataLayoutMessageV4 layout;
  private final ChunkGrid grid;
  private final int chunkBytes;
  private final HdfBackingStorage storage;
  private final String source;
  private final List<Chunk> written = new ArrayList<>();

  private ChunkArray(
      ChunkedDataLayoutMessageV4 layout,
      ChunkGrid grid,
      int chunkBytes,
      HdfBackingStorage storage,
      String source) {
    this.layout = layout;
    this.grid = grid;
    this.chunkBytes = chunkBytes;
    this.storage = storage;
    this.source = source;
  }

  /** Whether the index of a dataset is one of these arrays. */
  static boolean is(ChunkedDataLayoutMessageV4 layout) {
    return switch (layout.getIndexingType()) {
      case ChunkedDataLayoutMessageV4.IMPLICIT_INDEX,
          ChunkedDataLayoutMessageV4.FIXED_ARRAY_INDEX,
          ChunkedDataLayoutMessageV4.EXTENSIBLE_ARRAY_INDEX ->
          true;
      default -> false;
    };
  }

  /**
   * The chunks that were written; costs memory that goes with what the index takes in the file.
   *
   * @param grid the chunks that there may be
   * @param chunkBytes the size of a chunk before filters
   * @throws PalimpsestException if the index is damaged
   */
  static List<Chunk> written(
      ChunkedDataLayoutMessageV4 layout,
      ChunkGrid grid,
      int chunkBytes,
      HdfBackingStorage storage,
      String source) {
    ChunkArray index = new ChunkArray(layout, grid, chunkBytes, storage, source);
    if (layout.getAddress() != NEVER_WRITTEN) {
      switch (layout.getIndexingType()) {
        case ChunkedDataLayoutMessageV4.FIXED_ARRAY_INDEX -> index.new FixedArray().collect();
        case ChunkedDataLayoutMessageV4.EXTENSIBLE_ARRAY_INDEX ->
            index.new ExtensibleArray().collect();
        default -> index.collectAll();
      }
    }
    return index.written;
  }

  /** Without an index all chunks lie one behind the other. */
  private void collectAll() {
    long count = grid.count();
    if (count > storage.size() / chunkBytes) {
      throw damaged("tells of %s chunks of %s bytes".formatted(count, chunkBytes));
    }
    for (long number = 0; number < count; number++) {
      long address = layout.getAddress() + number * chunkBytes;
      written.add(new ChunkImpl(address, chunkBytes, grid.offset(number)));
    }
  }

  /** Elements that lie side by side in blocks. */
  private abstract class StoredElements {

    private final boolean filtered;
    final int width;

    StoredElements(ByteBuffer header) {
      this.filtered = header.get(START - 1) == FILTERED;
      this.width = Byte.toUnsignedInt(header.get(START));
      int sizeBytes = width - ADDRESS - MASK;
      if (filtered ? sizeBytes < 1 || sizeBytes > Long.BYTES : width != ADDRESS) {
        throw damaged("has elements of %s bytes".formatted(width));
      }
    }

    /**
     * Takes the chunks of elements that follow each other.
     *
     * @param begin where in the block the first lies
     * @param first the number of its chunk
     */
    final void take(ByteBuffer block, int begin, long count, long first) {
      block.position(begin);
      for (long number = first; number < first + count; number++) {
        long address = block.getLong();
        int size = filtered ? size(block) : chunkBytes;
        byte[] skipped = new byte[filtered ? MASK : 0];
        block.get(skipped);
        if (address != NEVER_WRITTEN) {
          BitSet mask = BitSet.valueOf(skipped);
          written.add(new ChunkImpl(address, size, grid.offset(number), mask));
        }
      }
    }

    private int size(ByteBuffer element) {
      long size = 0;
      for (int i = 0; i < width - ADDRESS - MASK; i++) {
        size |= Byte.toUnsignedLong(element.get()) << Byte.SIZE * i;
      }
      if (size < 0 || size > Integer.MAX_VALUE) {
        throw damaged("tells of a chunk of %s bytes".formatted(size));
      }
      return (int) size;
    }
  }

  /** For datasets that cannot grow without end: one block, or pages behind it. */
  private final class FixedArray extends StoredElements {

    private final long inPage;
    private final long count;
    private final long data;

    FixedArray() {
      this(block(layout.getAddress(), "FAHD", START + 2 + lengths() + ADDRESS + CHECKSUM));
    }

    private FixedArray(ByteBuffer header) {
      super(header);
      this.inPage = powerOfTwo(header.get(START + 1));
      this.count = length(header, START + 2);
      this.data = header.getLong(START + 2 + lengths());
    }

    void collect() {
      if (count != grid.count()) {
        throw damaged("has %s elements for %s chunks".formatted(count, grid.count()));
      }
      if (data == NEVER_WRITTEN) {
        return;
      }
      if (count <= inPage) {
        take(block(data, "FADB", PREFIX + count * width + CHECKSUM), PREFIX, count, 0);
        return;
      }
      long pages = (count + inPage - 1) / inPage;
      long head = PREFIX + (pages + Byte.SIZE - 1) / Byte.SIZE + CHECKSUM;
      ByteBuffer block = block(data, "FADB", head);
      for (long page = 0; page < pages; page++) {
        if (isMarked(block, PREFIX, page)) {
          long used = Math.min(inPage, count - page * inPage);
          long address = data + head + page * (inPage * width + CHECKSUM);
          take(block(address, "", used * width + CHECKSUM), 0, used, page * inPage);
        }
      }
    }
  }

  /**
   * For datasets that may grow without end along one axis: the first elements lie in one block, the
   * others in blocks of blocks, level by level; a level has as many elements as all before it.
   */
  private final class ExtensibleArray extends StoredElements {

    private static final int SETTINGS = 6;
    private static final int MOST_BITS = 48;

    private final int levels;
    private final int levelsInIndex;
    private final int begin;
    private final int inIndex;
    private final long inSmallest;
    private final long inPage;
    private final long used;
    private final ByteBuffer index;

    ExtensibleArray() {
      this(
          block(
              layout.getAddress(),
              "EAHD",
              START + SETTINGS + SETTINGS * lengths() + ADDRESS + CHECKSUM));
    }

    private ExtensibleArray(ByteBuffer header) {
      super(header);
      int bits = header.get(START + 1);
      this.inIndex = Byte.toUnsignedInt(header.get(START + 2));
      this.inSmallest = Byte.toUnsignedInt(header.get(START + 3));
      long leastPointers = Byte.toUnsignedInt(header.get(START + 4));
      this.inPage = powerOfTwo(header.get(START + 5));
      if (Long.bitCount(inSmallest) != 1
          || Long.bitCount(leastPointers) != 1
          || bits < log2(inSmallest)
          || bits > MOST_BITS) {
        throw damaged("has blocks of sizes that are no powers of 2");
      }
      this.levels = 1 + bits - log2(inSmallest);
      this.levelsInIndex = 2 * log2(leastPointers);
      this.begin = PREFIX + (bits + Byte.SIZE - 1) / Byte.SIZE;
      this.used = length(header, START + SETTINGS + (SETTINGS - 2) * lengths());
      long address = header.getLong(START + SETTINGS + SETTINGS * lengths());
      long pointers = 2 * (leastPointers - 1) + Math.max(0, levels - levelsInIndex);
      long size = PREFIX + inIndex * width + pointers * ADDRESS + CHECKSUM;
      this.index = address == NEVER_WRITTEN ? ByteBuffer.allocate(0) : block(address, "EAIB", size);
    }

    void collect() {
      if (index.capacity() == 0) {
        return;
      }
      take(index, PREFIX, Math.min(inIndex, used), 0);
      int pointers = PREFIX + inIndex * width;
      int pointer = pointers;
      long first = 0;
      for (int level = 0; level < levels && first < used - inIndex; level++) {
        long blocks = 1L << level / 2;
        long inBlock = inSmallest << (level + 1) / 2;
        if (level < levelsInIndex) {
          long before = (pointer - pointers) / ADDRESS;
          takeBlocks(index, pointer, new Blocks(blocks, inBlock, first, before * inBlock));
          pointer += (int) blocks * ADDRESS;
        } else {
          takeLevel(index.getLong(pointer), blocks, inBlock, first);
          pointer += ADDRESS;
        }
        first += blocks * inBlock;
      }
    }

    private void takeLevel(long address, long blocks, long inBlock, long first) {
      if (address == NEVER_WRITTEN) {
        return;
      }
      long pages = inBlock > inPage ? inBlock / inPage : 0;
      long pointers = begin + blocks * ((pages + Byte.SIZE - 1) / Byte.SIZE);
      ByteBuffer level = block(address, "EASB", pointers + blocks * ADDRESS + CHECKSUM);
      requireAt(level, first, first);
      if (pages == 0) {
        takeBlocks(level, (int) pointers, new Blocks(blocks, inBlock, first, 0));
        return;
      }
      for (long page = 0; page < blocks * pages; page++) {
        long data = level.getLong((int) (pointers + page / pages * ADDRESS));
        if (data != NEVER_WRITTEN && isMarked(level, begin, page)) {
          long start = first + page / pages * inBlock;
          requireAt(block(data, "EADB", begin + CHECKSUM), start, start);
          long bytes = inPage * width + CHECKSUM;
          long at = data + begin + CHECKSUM + page % pages * bytes;
          takeUsed(block(at, "", bytes), 0, inPage, first + page * inPage);
        }
      }
    }

    /**
     * Blocks of one level.
     *
     * @param skewed what libhdf5 adds to the numbers of their first elements, since it counts the
     *     blocks of all levels where it should count those of this one
     */
    private record Blocks(long count, long elements, long first, long skewed) {}

    private void takeBlocks(ByteBuffer from, int at, Blocks blocks) {
      for (int i = 0; i < blocks.count(); i++) {
        long data = from.getLong(at + i * ADDRESS);
        if (data != NEVER_WRITTEN) {
          long first = blocks.first() + i * blocks.elements();
          ByteBuffer block = block(data, "EADB", begin + blocks.elements() * width + CHECKSUM);
          requireAt(block, first, first + blocks.skewed());
          takeUsed(block, begin, blocks.elements(), first);
        }
      }
    }

    private void takeUsed(ByteBuffer block, int at, long count, long first) {
      take(block, at, Math.min(count, used - inIndex - first), inIndex + first);
    }

    /** Each block tells the number of its first element, so that none is taken for several. */
    private void requireAt(ByteBuffer block, long first, long orElse) {
      long told = 0;
      for (int i = PREFIX; i < begin; i++) {
        told |= Byte.toUnsignedLong(block.get(i)) << Byte.SIZE * (i - PREFIX);
      }
      if (told != first && told != orElse) {
        throw damaged("has a block for element %s in the place of %s".formatted(told, first));
      }
    }
  }

  private int lengths() {
    return storage.getSizeOfLengths();
  }

  private long length(ByteBuffer header, int at) {
    return lengths() == Long.BYTES ? header.getLong(at) : Integer.toUnsignedLong(header.getInt(at));
  }

  private static int log2(long value) {
    return Long.SIZE - 1 - Long.numberOfLeadingZeros(value);
  }

  private long powerOfTwo(int bits) {
    if (bits < 0 || bits >= Integer.SIZE) {
      throw damaged("has pages of 2^%s elements".formatted(bits));
    }
    return 1L << bits;
  }

  private static boolean isMarked(ByteBuffer block, long begin, long number) {
    int marks = block.get((int) (begin + number / Byte.SIZE));
    return (marks >>> Byte.SIZE - 1 - number % Byte.SIZE & 1) != 0;
  }

  /** A part of the file that ends with its checksum, and begins with a signature unless a page. */
  private ByteBuffer block(long address, String signature, long size) {
    if (size < CHECKSUM || size > storage.size()) {
      throw damaged("has a block of %s bytes in a file of %s".formatted(size, storage.size()));
    }
    byte[] bytes = HeaderBytes.bytes(storage.readBufferFromAddress(address, (int) size));
    ByteBuffer block = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int end = bytes.length - CHECKSUM;
    String found = new String(bytes, 0, signature.length(), StandardCharsets.ISO_8859_1);
    if (!found.equals(signature)
        || ChecksumUtils.checksum(Arrays.copyOf(bytes, end)) != block.getInt(end)) {
      throw damaged(
          "has a block at byte %s that is not what its checksum tells".formatted(address));
    }
    return block;
  }

  private PalimpsestException damaged(String what) {
    return new PalimpsestException(
        "%s is damaged: its index of chunks %s.".formatted(source, what));
  }
}
