package org.palimpsest.io.fuzz;

import static org.palimpsest.io.fuzz.Hdf5Writer.join;
import static org.palimpsest.io.fuzz.Hdf5Writer.little;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.Deflater;

/**
 * How the bytes of one dataset are stored: in its header, in one piece, or in chunks behind
 * filters, of which some chunks may have skipped some, and some may be missing so that the fill
 * value stands for them.
 */
final class Hdf5Layout {

  private static final int DEFLATE = 1;
  private static final int SHUFFLE = 2;
  private static final int FLETCHER32 = 3;
  private static final int SCALE_OFFSET = 6;
  private static final int LZF = 32_000;

  private final SplittableRandom random;
  private final Hdf5Writer writer;
  private final long[] shape;
  private final int size;
  private final byte[] content;
  private final byte[] fill;
  private final int filler;
  private final BitSet filled = new BitSet();
  private final List<Integer> filters = new ArrayList<>();
  private boolean mayBeRefused;
  private boolean leftOut;

  Hdf5Layout(SplittableRandom random, Hdf5Writer writer, long[] shape, int size, byte[] content) {
    this.random = random;
    this.writer = writer;
    this.shape = shape;
    this.size = size;
    this.content = content;
    this.filler = random.nextInt(-1, content.length / size);
    this.fill =
        filler < 0
            ? new byte[size]
            : Arrays.copyOfRange(content, filler * size, (filler + 1) * size);
  }

  /** Puts the fill value, which is zero or one of these, where nothing was written. */
  void fill(double[] values) {
    double value = filler < 0 ? 0 : values[filler];
    filled.stream().forEach(i -> values[i] = value);
  }

  /** Whether it is behind a filter that is not read. */
  boolean isLeftOut() {
    return leftOut;
  }

  boolean mayBeRefused() {
    return mayBeRefused;
  }

  List<Hdf5Writer.Message> messages() {
    List<Hdf5Writer.Message> messages = new ArrayList<>();
    byte[] layout =
        switch (random.nextInt(5)) {
          case 0 ->
              join(new byte[] {3, 0}, little(2).putShort((short) content.length).array(), content);
          case 1 ->
              little(18)
                  .put((byte) 3)
                  .put((byte) 1)
                  .putLong(writer.putNumbers(content))
                  .putLong(content.length)
                  .array();
          case 2 -> single();
          default -> chunked();
        };
    messages.add(fillMessage());
    if (!filters.isEmpty()) {
      messages.add(new Hdf5Writer.Message(11, pipeline()));
    }
    messages.add(new Hdf5Writer.Message(8, layout));
    return messages;
  }

  private Hdf5Writer.Message fillMessage() {
    boolean zeros = Arrays.equals(fill, new byte[size]);
    if (zeros && random.nextBoolean()) {
      return new Hdf5Writer.Message(5, new byte[] {2, 2, 2, 0});
    }
    byte[] head = random.nextBoolean() ? new byte[] {2, 3, 2, 1} : new byte[] {3, 0x2b};
    return new Hdf5Writer.Message(5, join(head, little(4).putInt(size).array(), fill));
  }

  private void chooseFilters() {
    if (random.nextBoolean()) {
      filters.add(SHUFFLE);
    }
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> filters.add(DEFLATE);
      case 3, 4 -> filters.add(LZF);
      case 5 -> {
        filters.add(SCALE_OFFSET);
        leftOut = true;
      }
      default -> {}
    }
    if (random.nextInt(3) == 0) {
      filters.add(random.nextInt(filters.size() + 1), FLETCHER32);
    }
  }

  private byte[] pipeline() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    boolean old = random.nextBoolean();
    all.writeBytes(new byte[] {(byte) (old ? 1 : 2), (byte) filters.size()});
    all.writeBytes(new byte[old ? 6 : 0]);
    for (int filter : filters) {
      int[] data =
          switch (filter) {
            case SHUFFLE -> new int[] {size};
            case DEFLATE -> new int[] {6};
            case LZF -> new int[] {4, 261, chunkBytes};
            default -> new int[0];
          };
      ByteBuffer entry = little(8 + 4 * data.length).putShort((short) filter);
      if (old || filter == LZF) {
        entry.putShort((short) 0);
      }
      entry.putShort((short) 1).putShort((short) data.length);
      Arrays.stream(data).forEach(entry::putInt);
      all.write(entry.array(), 0, entry.position());
      all.writeBytes(new byte[old && data.length % 2 == 1 ? 4 : 0]);
    }
    return all.toByteArray();
  }

  private int chunkBytes;

  /** One chunk as large as the dataset, in the form of HDF5 1.10. */
  private byte[] single() {
    chooseFilters();
    chunkBytes = content.length;
    int mask = mask();
    byte[] stored = filtered(content, mask);
    boolean told = !filters.isEmpty();
    ByteBuffer layout = little(5 + shape.length + 1 + 1 + (told ? 12 : 0) + 8);
    layout.put(new byte[] {4, 2, (byte) (told ? 2 : 0), (byte) (shape.length + 1), 1});
    Arrays.stream(shape).forEach(extent -> layout.put((byte) extent));
    layout.put((byte) size).put((byte) 1);
    if (told) {
      layout.putLong(stored.length).putInt(mask);
    }
    return layout.putLong(writer.putNumbers(stored)).array();
  }

  private byte[] chunked() {
    chooseFilters();
    int rank = shape.length;
    int[] extents = new int[rank];
    chunkBytes = size;
    for (int axis = 0; axis < rank; axis++) {
      extents[axis] = random.nextInt(1, (int) shape[axis] + 2);
      chunkBytes *= extents[axis];
    }
    int[] counts = new int[rank];
    int total = 1;
    for (int axis = 0; axis < rank; axis++) {
      counts[axis] = (int) (shape[axis] + extents[axis] - 1) / extents[axis];
      total *= counts[axis];
    }
    boolean gaps = random.nextInt(3) == 0;
    ByteArrayOutputStream entries = new ByteArrayOutputStream();
    int written = 0;
    for (int i = 0; i < total; i++) {
      long[] corner = corner(i, counts, extents);
      boolean missing = gaps && i > 0 && random.nextInt(3) == 0;
      byte[] chunk = chunk(corner, extents, missing);
      if (!missing) {
        int mask = mask();
        byte[] stored = filtered(chunk, mask);
        entries.writeBytes(key(stored.length, mask, corner));
        entries.writeBytes(little(8).putLong(writer.putNumbers(stored)).array());
        written++;
      }
    }
    long[] end = new long[rank];
    end[0] = (long) counts[0] * extents[0];
    entries.writeBytes(key(0, 0, end));
    ByteBuffer head = little(24).put(new byte[] {'T', 'R', 'E', 'E', 1, 0});
    head.putShort((short) written).putLong(-1).putLong(-1);
    int room = 64 * (8 + 8 * (rank + 1) + 8) + 8 + 8 * (rank + 1);
    byte[] node = Arrays.copyOf(entries.toByteArray(), Math.max(room, entries.size()));
    long tree = writer.put(join(head.array(), node));
    ByteBuffer layout = little(3 + 8 + 4 * rank + 4).put(new byte[] {3, 2, (byte) (rank + 1)});
    layout.putLong(tree);
    Arrays.stream(extents).forEach(layout::putInt);
    return layout.putInt(size).array();
  }

  private static long[] corner(int index, int[] counts, int[] extents) {
    long[] corner = new long[counts.length];
    int rest = index;
    for (int axis = counts.length - 1; axis >= 0; axis--) {
      corner[axis] = (long) rest % counts[axis] * extents[axis];
      rest /= counts[axis];
    }
    return corner;
  }

  private static byte[] key(int bytes, int mask, long[] corner) {
    ByteBuffer key = little(8 + 8 * corner.length + 8).putInt(bytes).putInt(mask);
    Arrays.stream(corner).forEach(key::putLong);
    return key.array();
  }

  /** The elements of a chunk; what lies outside of the dataset is noise. */
  private byte[] chunk(long[] corner, int[] extents, boolean missing) {
    byte[] chunk = new byte[chunkBytes];
    random.nextBytes(chunk);
    for (int i = 0; i < chunkBytes / size; i++) {
      int rest = i;
      int element = 0;
      int step = 1;
      boolean within = true;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        long at = corner[axis] + rest % extents[axis];
        rest /= extents[axis];
        within &= at < shape[axis];
        element += (int) at * step;
        step *= (int) shape[axis];
      }
      if (within && missing) {
        filled.set(element);
      } else if (within) {
        System.arraycopy(content, element * size, chunk, i * size, size);
      }
    }
    return chunk;
  }

  /** LZF is skipped as h5py does it where it gains nothing; others at random. */
  private int mask() {
    int mask = 0;
    for (int i = 0; i < filters.size(); i++) {
      if (filters.get(i) == LZF || random.nextInt(8) == 0) {
        mask |= 1 << i;
      }
    }
    return mask;
  }

  private byte[] filtered(byte[] chunk, int mask) {
    byte[] stored = chunk;
    for (int i = 0; i < filters.size(); i++) {
      if ((mask >> i & 1) == 0) {
        stored =
            switch (filters.get(i)) {
              case SHUFFLE -> shuffled(stored);
              case DEFLATE -> deflated(stored);
              case FLETCHER32 -> checked(stored);
              default -> stored;
            };
      }
    }
    return stored;
  }

  private byte[] shuffled(byte[] bytes) {
    byte[] shuffled = bytes.clone();
    int count = bytes.length / size;
    for (int i = 0; i < count * size; i++) {
      shuffled[i % size * count + i / size] = bytes[i];
    }
    return shuffled;
  }

  private static byte[] deflated(byte[] bytes) {
    Deflater deflater = new Deflater();
    deflater.setInput(bytes);
    deflater.finish();
    byte[] deflated = new byte[bytes.length + 64];
    int length = deflater.deflate(deflated);
    deflater.end();
    return Arrays.copyOf(deflated, length);
  }

  /** Fletcher's sum of pairs of bytes; now and then one of bytes that were damaged since. */
  private byte[] checked(byte[] bytes) {
    long first = 0;
    long second = 0;
    for (int i = 0; i < bytes.length; i += 2) {
      int low = i + 1 < bytes.length ? bytes[i + 1] & 0xff : 0;
      first = (first + ((bytes[i] & 0xff) << 8 | low)) % 65_535;
      second = (second + first) % 65_535;
    }
    int sum = (int) (nonZero(second, bytes) << 16 | nonZero(first, bytes));
    byte[] kept = bytes.clone();
    if (random.nextInt(40) == 0) {
      mayBeRefused = true;
      kept[random.nextInt(kept.length)] ^= 1;
    }
    return join(kept, little(4).putInt(sum).array());
  }

  /** In the sums of HDF5, 65535 stands for zero unless all is zero. */
  private static long nonZero(long sum, byte[] bytes) {
    boolean zeros = Arrays.equals(bytes, new byte[bytes.length]);
    return sum == 0 && !zeros ? 0xffff : sum;
  }
}
