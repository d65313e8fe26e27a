package org.palimpsest.io.internal.hdf5;

import io.jhdf.ObjectHeader;
import io.jhdf.api.Dataset;
import io.jhdf.dataset.chunked.Chunk;
import io.jhdf.dataset.chunked.ChunkOffset;
import io.jhdf.dataset.chunked.ChunkedDatasetBase;
import io.jhdf.dataset.chunked.ChunkedDatasetV3;
import io.jhdf.dataset.chunked.ChunkedDatasetV4;
import io.jhdf.object.message.DataLayoutMessage.ChunkedDataLayoutMessageV4;
import io.jhdf.object.message.DataSpace;
import io.jhdf.object.message.DataSpaceMessage;
import io.jhdf.object.message.FillValueMessage;
import io.jhdf.object.message.FillValueOldMessage;
import io.jhdf.storage.HdfBackingStorage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;

/**
 * Puts the chunks of a dataset together. jHDF itself leaves zeros where a chunk was never written,
 * whatever the fill value is, applies filters that a chunk was written without, and checks no
 * checksum.
 */
final class ChunkedContents {

  private static final long NEVER_WRITTEN = -1;
  private static final int PLACE_OF_ROOT = 16;
  private static final int NEVER_FILLED = 1;
  private static final long MOST_THAT_FILTERS_CAN = 1040;

  private final ChunkedDatasetBase dataset;
  private final HdfBackingStorage storage;
  private final String source;
  private final long[] shape;
  private final int[] chunkShape;
  private final int width;
  private byte[] all = {};

  private ChunkedContents(ChunkedDatasetBase dataset, HdfBackingStorage storage, String source) {
    this.dataset = dataset;
    this.storage = storage;
    this.source = source;
    this.shape = dataset.getDimensionsAsLong();
    this.chunkShape = dataset.getChunkDimensions();
    this.width = dataset.getDataType().getSize();
    requirePossible();
  }

  /** The elements as the file has them, in the order of their indices. */
  static ByteBuffer read(ChunkedDatasetBase dataset, HdfBackingStorage storage, String source) {
    ChunkedContents contents = new ChunkedContents(dataset, storage, source);
    contents.all = new byte[Math.toIntExact(dataset.getSizeInBytes())];
    contents.join(contents.index());
    return ByteBuffer.wrap(contents.all);
  }

  /** How many bytes of the file the chunks take. */
  static long storedBytes(ChunkedDatasetBase dataset, HdfBackingStorage storage, String source) {
    return new ChunkedContents(dataset, storage, source)
        .index().stream().mapToLong(Chunk::getSize).sum();
  }

  /** jHDF keeps the index of the chunks to those that extend its classes. */
  private Collection<Chunk> index() {
    ObjectHeader header = dataset.getHeader();
    if (!(dataset instanceof ChunkedDatasetV4)) {
      return new OldIndex(storage, dataset, header).getChunkLookup().values();
    }
    var layout = header.getMessageOfType(ChunkedDataLayoutMessageV4.class);
    if (!ChunkArray.is(layout)) {
      return isEmptyTree(layout)
          ? List.of()
          : new NewIndex(storage, dataset, header).getChunkLookup().values();
    }
    DataSpace space = header.getMessageOfType(DataSpaceMessage.class).getDataSpace();
    ChunkGrid grid = ChunkGrid.of(space, chunkShape);
    return ChunkArray.written(layout, grid, bytesOfChunk(), storage, source);
  }

  /** A tree that lost its last chunk has no root. */
  private boolean isEmptyTree(ChunkedDataLayoutMessageV4 layout) {
    return layout.getIndexingType() == ChunkedDataLayoutMessageV4.B_TREE_V2_INDEX
        && storage
                .readBufferFromAddress(layout.getAddress() + PLACE_OF_ROOT, Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong()
            == NEVER_WRITTEN;
  }

  private int bytesOfChunk() {
    return width * Arrays.stream(chunkShape).reduce(1, Math::multiplyExact);
  }

  private static final class OldIndex extends ChunkedDatasetV3 {
    OldIndex(HdfBackingStorage storage, Dataset of, ObjectHeader header) {
      super(storage, of.getAddress(), of.getName(), of.getParent(), header);
    }

    @Override
    protected Map<ChunkOffset, Chunk> getChunkLookup() {
      return super.getChunkLookup();
    }
  }

  private static final class NewIndex extends ChunkedDatasetV4 {
    NewIndex(HdfBackingStorage storage, Dataset of, ObjectHeader header) {
      super(storage, of.getAddress(), of.getName(), of.getParent(), header);
    }

    @Override
    protected Map<ChunkOffset, Chunk> getChunkLookup() {
      return super.getChunkLookup();
    }
  }

  private void requirePossible() {
    long bytes = width;
    for (int extent : chunkShape) {
      bytes = extent < 1 ? -1 : Math.multiplyExact(bytes, extent);
    }
    if (chunkShape.length != shape.length
        || bytes < 1
        || bytes > Integer.MAX_VALUE
        || bytes / MOST_THAT_FILTERS_CAN > storage.size()) {
      throw new PalimpsestException(
          "%s is kept in chunks of the shape %s, which do not fit into a file of %s bytes: it is damaged or harmful."
              .formatted(source, Arrays.toString(chunkShape), storage.size()));
    }
  }

  private void join(Collection<Chunk> chunks) {
    List<Chunk> written =
        chunks.stream().filter(chunk -> chunk.getAddress() != NEVER_WRITTEN).toList();
    long inside = written.stream().filter(this::isInside).count();
    long expected = 1;
    for (int i = 0; i < shape.length; i++) {
      expected *= (shape[i] + chunkShape[i] - 1) / chunkShape[i];
    }
    if (inside < expected) {
      fill();
    }
    for (Chunk chunk : written) {
      if (isInside(chunk)) {
        place(decoded(chunk), chunk.getChunkOffset(), 0, 0, 0);
      }
    }
  }

  /** A dataset that was made smaller may keep chunks outside of it. */
  private boolean isInside(Chunk chunk) {
    long[] offset = chunk.getChunkOffset();
    boolean inside = true;
    for (int i = 0; i < shape.length; i++) {
      if (offset[i] < 0 || offset[i] % chunkShape[i] != 0) {
        throw damaged("a chunk at " + Arrays.toString(offset));
      }
      inside &= offset[i] < shape[i];
    }
    return inside;
  }

  private void fill() {
    ObjectHeader header = dataset.getHeader();
    byte[] value = null;
    for (FillValueOldMessage old : header.getMessagesOfType(FillValueOldMessage.class)) {
      value = HeaderBytes.bytes(old.getFillValue());
    }
    for (FillValueMessage message : header.getMessagesOfType(FillValueMessage.class)) {
      if (message.getFillValueWriteTime() == NEVER_FILLED) {
        throw new PalimpsestException(
            "%s has parts that were never written, and the file says that nothing stands in their place. Write them, or leave it out."
                .formatted(source));
      }
      if (message.isFillValueDefined()) {
        value = HeaderBytes.bytes(message.getFillValue());
      }
    }
    if (value == null || value.length == 0) {
      return;
    }
    if (value.length != width) {
      throw damaged(
          "a fill value of %s bytes, where elements have %s".formatted(value.length, width));
    }
    for (int at = 0; at < all.length; at += width) {
      System.arraycopy(value, 0, all, at, width);
    }
  }

  private byte[] decoded(Chunk chunk) {
    int size = bytesOfChunk();
    byte[] values = HeaderBytes.bytes(storage.map(chunk.getAddress(), chunk.getSize()));
    if (!(reachesOver(chunk) && edgesAreUnfiltered())) {
      values =
          new ChunkFilters(dataset.getFilters(), source).undo(values, chunk.getFilterMask(), size);
    }
    if (values.length != size) {
      throw damaged("a chunk of %s bytes instead of %s".formatted(values.length, size));
    }
    return values;
  }

  private boolean reachesOver(Chunk chunk) {
    boolean reachesOver = false;
    for (int i = 0; i < shape.length; i++) {
      reachesOver |= chunk.getChunkOffset()[i] + chunkShape[i] > shape[i];
    }
    return reachesOver;
  }

  /** A flag of the newer layout, which jHDF does not tell: it is looked for in the header. */
  private boolean edgesAreUnfiltered() {
    if (!(dataset instanceof ChunkedDatasetV4) || dataset.getFilters().isEmpty()) {
      return false;
    }
    for (byte[] block : HeaderBytes.of(dataset.getHeader(), storage).blocks()) {
      for (int at = 0; at < block.length; at++) {
        if (isLayout(ByteBuffer.wrap(block, at, block.length - at).slice())) {
          return (block[at + 2] & 1) != 0;
        }
      }
    }
    throw new PalimpsestException(
        "%s has chunks at its edge of which it cannot be told whether they are filtered. Save it without filters, or in chunks that fit."
            .formatted(source));
  }

  /** Version 4, chunked, flags, the number of extents, their width, and the extents. */
  private boolean isLayout(ByteBuffer block) {
    int extents = chunkShape.length + 1;
    if (block.remaining() < 5
        || block.get(0) != 4
        || block.get(1) != 2
        || block.get(3) != extents) {
      return false;
    }
    int bytes = block.get(4);
    if (bytes < 1 || bytes > Long.BYTES || block.remaining() < 5 + extents * bytes) {
      return false;
    }
    for (int i = 0; i < extents; i++) {
      long extent = 0;
      for (int b = bytes - 1; b >= 0; b--) {
        extent = extent << Byte.SIZE | block.get(5 + i * bytes + b) & 0xff;
      }
      if (extent != (i < chunkShape.length ? chunkShape[i] : width)) {
        return false;
      }
    }
    return true;
  }

  /** Copies what of a chunk lies in the dataset, along one axis and those after it. */
  private void place(byte[] chunk, long[] offset, int axis, int from, int to) {
    int count = (int) Math.min(chunkShape[axis], shape[axis] - offset[axis]);
    if (axis == shape.length - 1) {
      int target = Math.toIntExact(to + offset[axis]);
      System.arraycopy(chunk, from * width, all, target * width, count * width);
      return;
    }
    for (int i = 0; i < count; i++) {
      place(
          chunk,
          offset,
          axis + 1,
          (from + i) * chunkShape[axis + 1],
          Math.toIntExact((to + offset[axis] + i) * shape[axis + 1]));
    }
  }

  private PalimpsestException damaged(String what) {
    return new PalimpsestException("%s is damaged: it has %s.".formatted(source, what));
  }
}
