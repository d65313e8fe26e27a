package org.palimpsest.internal.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The records of a ZIP archive in which it tells of itself: its directory and the header of each
 * entry. What they say may still be nonsense; that they say the same is checked here.
 */
final class ZipRecords {

  private static final int END = 0x06054b50;
  private static final int END_SIZE = 22;
  private static final int END_64 = 0x06064b50;
  private static final int END_64_SIZE = 56;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int LOCATOR_64_SIZE = 20;
  private static final int CENTRAL = 0x02014b50;
  private static final int CENTRAL_SIZE = 46;
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_SIZE = 30;
  private static final int DESCRIPTOR = 0x08074b50;
  private static final int LONGEST_COMMENT = 0xffff;
  private static final int IN_ZIP64 = 0xffff;
  private static final long LONG_IN_ZIP64 = 0xffffffffL;
  private static final int ZIP64_FIELD = 1;
  private static final int OTHER_NAME_FIELD = 0x7075;
  private static final int SIZES_FOLLOW = 1 << 3;

  private static final int WINDOW = 1 << 13;
  private static final int MOST_ENTRIES = 200_000;
  private static final long LARGEST_DIRECTORY = 64L << 20;

  /** What one of the two headers of an entry says. */
  record Header(byte[] name, int flags, int method, long crc, long packed, long size, long offset) {

    String text() {
      return new String(name, StandardCharsets.UTF_8);
    }
  }

  private record End(long entries, long directorySize, long directoryOffset, long position) {}

  private final FileChannel channel;
  private final long fileSize;
  private ByteBuffer window = ByteBuffer.allocate(0);
  private long windowStart;
  private final End end;

  /**
   * @throws Flaw if it does not end with one directory
   */
  ZipRecords(FileChannel channel) throws IOException {
    this.channel = channel;
    this.fileSize = channel.size();
    this.end = end();
  }

  long fileSize() {
    return fileSize;
  }

  /** The last record, which says where the directory is. */
  private End end() throws IOException {
    int length = (int) Math.min(fileSize, END_SIZE + LONGEST_COMMENT);
    ByteBuffer tail = bytes(fileSize - length, length);
    int at = length - END_SIZE;
    while (at >= 0 && tail.getInt(at) != END) {
      at--;
    }
    if (at < 0 || at + END_SIZE + unsigned(tail.getShort(at + 20)) != length) {
      throw new Flaw("it does not end with its directory");
    }
    long position = fileSize - length + at;
    End end =
        new End(
            unsigned(tail.getShort(at + 10)),
            unsigned(tail.getInt(at + 12)),
            unsigned(tail.getInt(at + 16)),
            position);
    if (tail.getInt(at + 4) != 0 || tail.getShort(at + 8) != tail.getShort(at + 10)) {
      throw new Flaw("it is one of several parts");
    }
    End found = position < LOCATOR_64_SIZE ? end : withZip64(end);
    if (found.directoryOffset() < 0
        || found.directorySize() < 0
        || found.directorySize() > LARGEST_DIRECTORY
        || found.directoryOffset() != found.position() - found.directorySize()) {
      throw new Flaw("its directory is not where it says");
    }
    if (found.entries() < 0 || found.entries() > MOST_ENTRIES) {
      throw new Flaw(
          "it lists %s entries; at most %s are read".formatted(found.entries(), MOST_ENTRIES));
    }
    return found;
  }

  /** The numbers of the larger record that archives above 4 GB have, if there is one. */
  private End withZip64(End end) throws IOException {
    ByteBuffer locator = bytes(end.position() - LOCATOR_64_SIZE, LOCATOR_64_SIZE);
    if (locator.getInt(0) != LOCATOR_64) {
      return end;
    }
    long position = locator.getLong(8);
    long room = end.position() - LOCATOR_64_SIZE - position;
    if (position < 0 || room < END_64_SIZE) {
      throw new Flaw("its ZIP64 directory is not where it says");
    }
    ByteBuffer large = bytes(position, END_64_SIZE);
    End found = new End(large.getLong(32), large.getLong(40), large.getLong(48), position);
    boolean agree =
        large.getInt(0) == END_64
            && large.getLong(4) == room - 12
            && large.getLong(16) == 0
            && large.getLong(24) == found.entries()
            && (end.entries() == IN_ZIP64 || end.entries() == found.entries())
            && same(end.directorySize(), found.directorySize())
            && same(end.directoryOffset(), found.directoryOffset());
    if (!agree) {
      throw new Flaw("its two directories (ZIP and ZIP64) disagree");
    }
    return found;
  }

  private static boolean same(long small, long large) {
    return small == LONG_IN_ZIP64 || small == large;
  }

  /**
   * What the directory says of all entries.
   *
   * @throws Flaw if it is damaged
   */
  List<Header> listed() throws IOException {
    ByteBuffer directory = bytes(end.directoryOffset(), (int) end.directorySize());
    List<Header> entries = new ArrayList<>();
    while (directory.hasRemaining()) {
      entries.add(central(directory));
    }
    if (entries.size() != end.entries()) {
      throw new Flaw(
          "it lists %s entries and says that there are %s"
              .formatted(entries.size(), end.entries()));
    }
    return entries;
  }

  /**
   * Makes sure that the entries' own headers say the same, and that each byte before the directory
   * belongs to one entry.
   *
   * @throws Flaw if not
   */
  void requireSeamless(List<Header> entries) throws IOException {
    List<Header> byPlace = new ArrayList<>(entries);
    byPlace.sort(Comparator.comparingLong(Header::offset));
    long next = 0;
    for (int i = 0; i < byPlace.size(); i++) {
      long limit = i + 1 < byPlace.size() ? byPlace.get(i + 1).offset() : end.directoryOffset();
      next = requireLocal(byPlace.get(i), next, limit);
    }
    if (next != end.directoryOffset()) {
      throw new Flaw(
          "it has %s bytes that belong to no entry".formatted(end.directoryOffset() - next));
    }
  }

  private Header central(ByteBuffer directory) {
    int at = directory.position();
    if (directory.remaining() < CENTRAL_SIZE || directory.getInt(at) != CENTRAL) {
      throw new Flaw("its directory is damaged");
    }
    int name = unsigned(directory.getShort(at + 28));
    int extra = unsigned(directory.getShort(at + 30));
    int length = CENTRAL_SIZE + name + extra + unsigned(directory.getShort(at + 32));
    if (directory.remaining() < length) {
      throw new Flaw("its directory is damaged");
    }
    directory.position(at + length);
    byte[] nameBytes = slice(directory, at + CENTRAL_SIZE, name);
    long[] wide = {
      unsigned(directory.getInt(at + 24)),
      unsigned(directory.getInt(at + 20)),
      unsigned(directory.getInt(at + 42))
    };
    widen(nameBytes, wide, slice(directory, at + CENTRAL_SIZE + name, extra));
    return new Header(
        nameBytes,
        unsigned(directory.getShort(at + 8)),
        unsigned(directory.getShort(at + 10)),
        unsigned(directory.getInt(at + 16)),
        wide[1],
        wide[0],
        wide[2]);
  }

  /** Replaces what does not fit into 32 bits by what the extra field says. */
  private void widen(byte[] name, long[] numbers, byte[] extra) {
    ByteBuffer fields = ByteBuffer.wrap(extra).order(ByteOrder.LITTLE_ENDIAN);
    boolean widened = false;
    while (fields.remaining() >= 4) {
      int id = unsigned(fields.getShort());
      int length = unsigned(fields.getShort());
      if (length > fields.remaining()) {
        throw new Flaw("an extra field of '%s' is cut off".formatted(text(name)));
      }
      byte[] content = new byte[length];
      fields.get(content);
      if (id == ZIP64_FIELD) {
        if (widened) {
          throw new Flaw("'%s' has two sizes".formatted(text(name)));
        }
        widened = true;
        widen(numbers, ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN));
      } else if (id == OTHER_NAME_FIELD && isOtherName(content, name)) {
        throw new Flaw("'%s' has two names".formatted(text(name)));
      }
    }
  }

  private static void widen(long[] numbers, ByteBuffer wide) {
    for (int i = 0; i < numbers.length; i++) {
      if (numbers[i] == LONG_IN_ZIP64 && wide.remaining() >= Long.BYTES) {
        numbers[i] = wide.getLong();
      }
    }
  }

  private static boolean isOtherName(byte[] content, byte[] name) {
    return content.length < 5 || !Arrays.equals(content, 5, content.length, name, 0, name.length);
  }

  /**
   * Holds an entry's own header against the directory.
   *
   * @return where the entry ends
   */
  private long requireLocal(Header entry, long expected, long limit) throws IOException {
    if (entry.offset() != expected) {
      throw new Flaw(
          "'%s' begins at byte %s and not at %s, so that entries overlap or leave a gap"
              .formatted(entry.text(), entry.offset(), expected));
    }
    if (limit - entry.offset() < LOCAL_SIZE) {
      throw new Flaw(
          "'%s' has no header of its own, so that entries overlap".formatted(entry.text()));
    }
    ByteBuffer fixed = bytes(entry.offset(), LOCAL_SIZE);
    int name = unsigned(fixed.getShort(26));
    int extra = unsigned(fixed.getShort(28));
    long begin = entry.offset() + LOCAL_SIZE + name + extra;
    if (fixed.getInt(0) != LOCAL || entry.packed() < 0 || entry.packed() > limit - begin) {
      throw new Flaw(
          "'%s' claims %s bytes and has room for %s, so that entries overlap or are cut off"
              .formatted(entry.text(), entry.packed(), Math.max(0, limit - begin)));
    }
    ByteBuffer names = bytes(entry.offset() + LOCAL_SIZE, name + extra);
    long[] wide = {unsigned(fixed.getInt(22)), unsigned(fixed.getInt(18))};
    byte[] nameBytes = slice(names, 0, name);
    widen(nameBytes, wide, slice(names, name, extra));
    Header local =
        new Header(
            nameBytes,
            unsigned(fixed.getShort(6)),
            unsigned(fixed.getShort(8)),
            unsigned(fixed.getInt(14)),
            wide[1],
            wide[0],
            entry.offset());
    requireAgreement(entry, local);
    long after = begin + entry.packed();
    return after + descriptor(entry, after, limit - after);
  }

  private void requireAgreement(Header entry, Header local) {
    boolean follow = (entry.flags() & SIZES_FOLLOW) != 0;
    boolean agree =
        Arrays.equals(entry.name(), local.name())
            && entry.flags() == local.flags()
            && entry.method() == local.method()
            && agree(entry.crc(), local.crc(), follow)
            && agree(entry.packed(), local.packed(), follow)
            && agree(entry.size(), local.size(), follow);
    if (!agree) {
      throw new Flaw(
          "the directory and the header of '%s' ('%s') disagree"
              .formatted(entry.text(), local.text()));
    }
  }

  private static boolean agree(long listed, long local, boolean maybeLater) {
    return listed == local || maybeLater && (local == 0 || local == LONG_IN_ZIP64);
  }

  /** The bytes after an entry whose sizes were not known when it was begun. */
  private long descriptor(Header entry, long position, long room) throws IOException {
    if ((entry.flags() & SIZES_FOLLOW) == 0 || room == 0) {
      return 0;
    }
    for (int width : new int[] {Integer.BYTES, Long.BYTES}) {
      for (int mark : new int[] {Integer.BYTES, 0}) {
        int length = mark + Integer.BYTES + 2 * width;
        if (room == length && describes(entry, bytes(position, length), mark, width)) {
          return length;
        }
      }
    }
    throw new Flaw("'%s' is followed by sizes that are not its own".formatted(entry.text()));
  }

  private static boolean describes(Header entry, ByteBuffer bytes, int mark, int width) {
    int sizes = mark + Integer.BYTES;
    long packed = width == Long.BYTES ? bytes.getLong(sizes) : unsigned(bytes.getInt(sizes));
    long size =
        width == Long.BYTES ? bytes.getLong(sizes + width) : unsigned(bytes.getInt(sizes + width));
    return (mark == 0 || bytes.getInt(0) == DESCRIPTOR)
        && unsigned(bytes.getInt(mark)) == entry.crc()
        && packed == entry.packed()
        && size == entry.size();
  }

  /** Bytes of the file, through a window, since archives may have thousands of small entries. */
  private ByteBuffer bytes(long position, int length) throws IOException {
    long within = position - windowStart;
    if (within < 0 || within + length > window.limit()) {
      long wanted = Math.min(Math.max(length, WINDOW), fileSize - position);
      window = ByteBuffer.allocate((int) Math.max(length, wanted));
      windowStart = position;
      within = 0;
      while (window.hasRemaining()) {
        if (channel.read(window, position + window.position()) < 0) {
          throw new Flaw("it is truncated");
        }
      }
      window.flip();
    }
    byte[] taken = new byte[length];
    window.get((int) within, taken);
    return ByteBuffer.wrap(taken).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] slice(ByteBuffer buffer, int from, int length) {
    return Arrays.copyOfRange(buffer.array(), from, from + length);
  }

  private static int unsigned(short value) {
    return value & 0xffff;
  }

  private static long unsigned(int value) {
    return value & 0xffffffffL;
  }

  private static String text(byte[] name) {
    return new String(name, StandardCharsets.UTF_8);
  }

  /** Why an archive is refused. */
  static class Flaw extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String reason;

    Flaw(String reason) {
      super(reason);
      this.reason = reason;
    }

    String reason() {
      return reason;
    }
  }

  /** Why an archive is not read that may well be honest, and what to do. */
  static final class Unread extends Flaw {

    private static final long serialVersionUID = 1;

    Unread(String reason, String advice) {
      super(reason + ". " + advice);
    }
  }
}
