package org.palimpsest.io.hdf5;

import io.jhdf.ObjectHeader;
import io.jhdf.Utils;
import io.jhdf.api.Group;
import io.jhdf.dataset.chunked.Chunk;
import io.jhdf.dataset.chunked.ChunkOffset;
import io.jhdf.dataset.chunked.ChunkedDatasetBase;
import io.jhdf.dataset.chunked.ChunkedDatasetV3;
import io.jhdf.dataset.chunked.ChunkedDatasetV4;
import io.jhdf.filter.BitShuffleFilter;
import io.jhdf.filter.ByteShuffleFilter;
import io.jhdf.filter.Filter;
import io.jhdf.filter.Lz4Filter;
import io.jhdf.filter.LzfFilter;
import io.jhdf.object.message.DataLayoutMessage.ChunkedDataLayoutMessageV4;
import io.jhdf.object.message.FillValueMessage;
import io.jhdf.object.message.FillValueOldMessage;
import io.jhdf.object.message.FilterPipelineMessage;
import io.jhdf.object.message.FilterPipelineMessage.FilterInfo;
import io.jhdf.storage.HdfBackingStorage;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.palimpsest.core.PalimpsestException;

/**
 * The bytes of a dataset that is stored in chunks. jHDF passes over the value that fills chunks
 * which were never written, over the filters that a chunk went without, and over checksums; what it
 * knows of the chunks' places is used, and the rest is done here.
 */
final class Hdf5Chunks {

  private static final int DEFLATE = 1;
  private static final int FLETCHER32 = 3;
  private static final int NEVER_FILLED = 1;
  private static final int CHECKSUM_BYTES = 4;
  private static final long MOST_OF_A_BYTE = 1040;

  /** By their numbers in the file. */
  private static final Map<Integer, Filter> FILTERS =
      Map.of(
          2, new ByteShuffleFilter(),
          32_000, new LzfFilter(),
          32_004, new Lz4Filter(),
          32_008, new BitShuffleFilter());

  /** What jHDF shows of its chunks to classes that extend it alone. */
  private interface Placed {
    Map<ChunkOffset, Chunk> chunks();
  }

  private static final class PlacedV3 extends ChunkedDatasetV3 implements Placed {
    PlacedV3(HdfBackingStorage file, long at, String name, Group parent, ObjectHeader header) {
      super(file, at, name, parent, header);
    }

    @Override
    public Map<ChunkOffset, Chunk> chunks() {
      return getChunkLookup();
    }
  }

  private static final class PlacedV4 extends ChunkedDatasetV4 implements Placed {
    PlacedV4(HdfBackingStorage file, long at, String name, Group parent, ObjectHeader header) {
      super(file, at, name, parent, header);
    }

    @Override
    public Map<ChunkOffset, Chunk> chunks() {
      return getChunkLookup();
    }
  }

  private final ChunkedDatasetBase dataset;
  private final String source;
  private final long[] shape;
  private final int[] extents;
  private final int elementBytes;
  private final int chunkBytes;
  private final List<FilterInfo> filters;

  private Hdf5Chunks(ChunkedDatasetBase dataset, String source) {
    this.dataset = dataset;
    this.source = source;
    this.shape = dataset.getDimensionsAsLong();
    this.extents = dataset.getChunkDimensions();
    this.elementBytes = dataset.getDataType().getSize();
    if (extents.length != shape.length || IntStream.of(extents).anyMatch(extent -> extent < 1)) {
      throw damaged("chunks of the shape " + Arrays.toString(extents));
    }
    this.chunkBytes = IntStream.of(extents).reduce(elementBytes, Math::multiplyExact);
    ObjectHeader header = dataset.getHeader();
    this.filters =
        header.hasMessageOfType(FilterPipelineMessage.class)
            ? header.getMessageOfType(FilterPipelineMessage.class).getFilters()
            : List.of();
  }

  /**
   * All of a dataset, element by element as the file has it.
   *
   * @param source what to call it in a message
   * @throws PalimpsestException if a filter is not known, or a chunk is damaged
   */
  static ByteBuffer read(ChunkedDatasetBase dataset, String source) {
    return ByteBuffer.wrap(new Hdf5Chunks(dataset, source).bytes());
  }

  private byte[] bytes() {
    byte[] all = new byte[Math.toIntExact(dataset.getSizeInBytes())];
    fill(all);
    for (Chunk chunk : chunks()) {
      byte[] content = unfiltered(chunk);
      if (content.length < chunkBytes) {
        throw damaged("a chunk of %d bytes instead of %d".formatted(content.length, chunkBytes));
      }
      place(content, chunk.getChunkOffset(), all);
    }
    return all;
  }

  private Collection<Chunk> chunks() {
    HdfBackingStorage file = dataset.getHdfFile().getHdfBackingStorage();
    ObjectHeader header = dataset.getHeader();
    Placed placed =
        header.hasMessageOfType(ChunkedDataLayoutMessageV4.class)
            ? new PlacedV4(
                file, dataset.getAddress(), dataset.getName(), dataset.getParent(), header)
            : new PlacedV3(
                file, dataset.getAddress(), dataset.getName(), dataset.getParent(), header);
    return placed.chunks().values();
  }

  private void fill(byte[] all) {
    ObjectHeader header = dataset.getHeader();
    ByteBuffer value = null;
    if (header.hasMessageOfType(FillValueMessage.class)) {
      FillValueMessage message = header.getMessageOfType(FillValueMessage.class);
      requireFilled(message);
      value = message.isFillValueDefined() ? message.getFillValue() : null;
    } else if (header.hasMessageOfType(FillValueOldMessage.class)) {
      value = header.getMessageOfType(FillValueOldMessage.class).getFillValue();
    }
    if (value == null || value.limit() == 0) {
      return;
    }
    byte[] element = new byte[value.limit()];
    value.duplicate().rewind().get(element);
    if (element.length != elementBytes) {
      throw damaged("a fill value of %d bytes".formatted(element.length));
    }
    for (int at = 0; at < all.length; at++) {
      all[at] = element[at % elementBytes];
    }
  }

  /** What was never written is undefined if nothing fills it. */
  private void requireFilled(FillValueMessage message) {
    if (message.getFillValueWriteTime() == NEVER_FILLED
        && chunks().size() < Utils.totalChunks(shape, extents)) {
      throw new PalimpsestException(
          "%s was not written completely, and the file says that nothing fills the rest. Write all of it."
              .formatted(source));
    }
  }

  private byte[] unfiltered(Chunk chunk) {
    int[] place = Arrays.stream(chunk.getChunkOffset()).mapToInt(Math::toIntExact).toArray();
    ByteBuffer stored = dataset.getRawChunkBuffer(place);
    byte[] content = new byte[stored.remaining()];
    stored.get(content);
    for (int i = filters.size() - 1; i >= 0; i--) {
      if (!chunk.getFilterMask().get(i)) {
        content = without(filters.get(i), content);
      }
    }
    return content;
  }

  private byte[] without(FilterInfo filter, byte[] content) {
    if (filter.getId() == FLETCHER32) {
      return checked(content);
    }
    if (filter.getId() == DEFLATE) {
      return inflated(content);
    }
    Filter known = FILTERS.get(filter.getId());
    if (known == null) {
      throw new PalimpsestException(
          "%s is stored with the filter %d (%s), which is not read. Save it without, or with gzip."
              .formatted(source, filter.getId(), filter.getName()));
    }
    return known.decode(content, filter.getData());
  }

  /** At most what a chunk may hold, with room for checksums of filters before this one. */
  private byte[] inflated(byte[] content) {
    long most = Math.min(chunkBytes, MOST_OF_A_BYTE * content.length);
    byte[] inflated = new byte[Math.toIntExact(most + (long) filters.size() * CHECKSUM_BYTES)];
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(content);
      int count = inflater.inflate(inflated);
      if (!inflater.finished() && inflater.getRemaining() == 0 && count < chunkBytes) {
        throw damaged("a chunk that ends too early");
      }
      return Arrays.copyOf(inflated, count);
    } catch (DataFormatException damage) {
      throw damaged("a chunk that is no gzip data");
    } finally {
      inflater.end();
    }
  }

  private byte[] checked(byte[] content) {
    int length = content.length - CHECKSUM_BYTES;
    if (length < 0) {
      throw damaged("a chunk without its checksum");
    }
    int stored = 0;
    for (int i = 0; i < CHECKSUM_BYTES; i++) {
      stored |= (content[length + i] & 0xff) << (Byte.SIZE * i);
    }
    if (stored != fletcher32(content, length)) {
      throw damaged("a chunk whose checksum is another");
    }
    return Arrays.copyOf(content, length);
  }

  /** Of pairs of bytes, the first being the higher one. */
  private static int fletcher32(byte[] content, int length) {
    int first = 0;
    int second = 0;
    for (int at = 0; at < length; at += 2) {
      int low = at + 1 < length ? content[at + 1] & 0xff : 0;
      first += (content[at] & 0xff) << Byte.SIZE | low;
      first = (first & 0xffff) + (first >>> 16);
      second += first;
      second = (second & 0xffff) + (second >>> 16);
    }
    return second << 16 | first;
  }

  /** Row by row, without what reaches beyond the dataset. */
  private void place(byte[] content, long[] corner, byte[] all) {
    int last = shape.length - 1;
    int rows = chunkBytes / elementBytes / extents[last];
    long run = Math.min(extents[last], shape[last] - corner[last]);
    int[] index = new int[last];
    for (int row = 0; row < rows && run > 0; row++) {
      long target = 0;
      boolean within = true;
      int rest = row;
      for (int axis = last - 1; axis >= 0; axis--) {
        index[axis] = rest % extents[axis];
        rest /= extents[axis];
      }
      for (int axis = 0; axis < last; axis++) {
        within &= corner[axis] + index[axis] < shape[axis];
        target = target * shape[axis] + corner[axis] + index[axis];
      }
      if (within) {
        int from = row * extents[last] * elementBytes;
        long to = (target * shape[last] + corner[last]) * elementBytes;
        System.arraycopy(content, from, all, Math.toIntExact(to), (int) run * elementBytes);
      }
    }
  }

  private PalimpsestException damaged(String what) {
    return new PalimpsestException("%s has %s: it is damaged.".formatted(source, what));
  }
}
