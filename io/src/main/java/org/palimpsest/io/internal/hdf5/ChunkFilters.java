package org.palimpsest.io.internal.hdf5;

import io.jhdf.ObjectHeader;
import io.jhdf.filter.Filter;
import io.jhdf.filter.LzfFilter;
import io.jhdf.filter.PipelineFilterWithData;
import io.jhdf.object.message.FilterPipelineMessage;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.palimpsest.core.PalimpsestException;

/** Undoes what was done to a chunk when it was written. */
final class ChunkFilters {

  private static final int DEFLATE = 1;
  private static final int SHUFFLE = 2;
  private static final int FLETCHER32 = 3;
  private static final Map<Integer, String> NAMES = Map.of(4, "szip", 5, "nbit", 6, "scaleoffset");

  /** The only one of jHDF's that was held against h5py: its Bitshuffle gives wrong numbers. */
  private static final Filter LZF = new LzfFilter();

  private static final int CHECKSUM_BYTES = 4;
  private static final int WORDS_WITHOUT_OVERFLOW = 360;

  private final List<PipelineFilterWithData> filters;
  private final String source;

  ChunkFilters(List<PipelineFilterWithData> filters, String source) {
    this.filters = filters;
    this.source = source;
  }

  /** What a dataset is that was written with a filter that is not read. */
  static Optional<String> unknown(ObjectHeader header) {
    return header.getMessagesOfType(FilterPipelineMessage.class).stream()
        .flatMap(pipeline -> pipeline.getFilters().stream())
        .filter(filter -> !isKnown(filter.getId()))
        .map(
            filter ->
                "written with the filter '%s' (%s), which is not read: save it with gzip, LZF or no compression"
                    .formatted(
                        NAMES.getOrDefault(filter.getId(), filter.getName()), filter.getId()))
        .findFirst();
  }

  private static boolean isKnown(int id) {
    return id == DEFLATE || id == SHUFFLE || id == FLETCHER32 || id == LZF.getId();
  }

  /**
   * Undoes the filters, the last one first.
   *
   * @param skipped which of them this chunk was written without
   * @param size how many bytes the chunk has without them
   */
  byte[] undo(byte[] stored, BitSet skipped, int size) {
    byte[] bytes = stored;
    for (int i = filters.size() - 1; i >= 0; i--) {
      if (!skipped.get(i)) {
        bytes = undo(filters.get(i), bytes, size);
      }
    }
    return bytes;
  }

  private byte[] undo(PipelineFilterWithData filter, byte[] bytes, int size) {
    return switch (filter.getId()) {
      case DEFLATE -> inflated(bytes, size);
      case SHUFFLE -> unshuffled(bytes, filter.getFilterData());
      case FLETCHER32 -> checked(bytes);
      default -> {
        if (filter.getId() != LZF.getId()) {
          throw unknown(filter);
        }
        yield LZF.decode(bytes, filter.getFilterData());
      }
    };
  }

  private PalimpsestException unknown(PipelineFilterWithData filter) {
    return new PalimpsestException(
        "%s is written with the filter '%s' (%s), which is not read. Save it with gzip, LZF or without compression."
            .formatted(source, filter.getName(), filter.getId()));
  }

  /** Never more than fits: a checksum may follow the values, so that much is allowed for. */
  private byte[] inflated(byte[] bytes, int size) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(bytes);
      byte[] values = new byte[size + CHECKSUM_BYTES];
      int count = 0;
      while (!inflater.finished() && count < values.length) {
        int some = inflater.inflate(values, count, values.length - count);
        if (some == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          throw damaged("its compressed bytes end too early");
        }
        count += some;
      }
      return Arrays.copyOf(values, count);
    } catch (DataFormatException failure) {
      throw damaged("its bytes cannot be decompressed");
    } finally {
      inflater.end();
    }
  }

  private byte[] unshuffled(byte[] bytes, int[] data) {
    int width = data.length == 0 ? 0 : data[0];
    if (width < 1) {
      throw damaged("it was shuffled by %s bytes".formatted(width));
    }
    int count = bytes.length / width;
    byte[] values = bytes.clone(); // what is left over at the end was not moved
    for (int i = 0; i < count; i++) {
      for (int b = 0; b < width; b++) {
        values[i * width + b] = bytes[b * count + i];
      }
    }
    return values;
  }

  private byte[] checked(byte[] bytes) {
    int count = bytes.length - CHECKSUM_BYTES;
    if (count < 0) {
      throw damaged("it has no room for its checksum");
    }
    byte[] values = Arrays.copyOf(bytes, count);
    int stored = 0;
    for (int i = 0; i < CHECKSUM_BYTES; i++) {
      stored |= (bytes[count + i] & 0xff) << Byte.SIZE * i;
    }
    int sum = fletcher32(values);
    // HDF5 before 1.6.3 swapped the bytes of each half on little-endian machines.
    int swapped = (sum & 0x00ff00ff) << Byte.SIZE | sum >>> Byte.SIZE & 0x00ff00ff;
    if (stored != sum && stored != swapped) {
      throw damaged("its checksum (fletcher32) is wrong");
    }
    return values;
  }

  /** As HDF5 computes it: over words of 16 bits, the high byte first. */
  static int fletcher32(byte[] values) {
    int sum = 0;
    int sumOfSums = 0;
    int words = (values.length + 1) / 2;
    for (int word = 0; word < words; word++) {
      int at = 2 * word;
      int low = at + 1 < values.length ? values[at + 1] & 0xff : 0;
      sum += (values[at] & 0xff) << Byte.SIZE | low;
      sumOfSums += sum;
      if (word % WORDS_WITHOUT_OVERFLOW == WORDS_WITHOUT_OVERFLOW - 1 || word == words - 1) {
        sum = folded(sum);
        sumOfSums = folded(sumOfSums);
      }
    }
    return folded(sumOfSums) << Short.SIZE | folded(sum);
  }

  private static int folded(int sum) {
    return (sum & 0xffff) + (sum >>> Short.SIZE);
  }

  private PalimpsestException damaged(String what) {
    return new PalimpsestException(
        "%s is damaged: of one of its chunks, %s.".formatted(source, what));
  }
}
