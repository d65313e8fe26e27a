package org.palimpsest.io.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes ZIP archives byte by byte, so that their two descriptions of an entry can disagree. */
public final class ForgedZip {

  /** What one of the two headers of an entry says. */
  public static final class Header {
    public byte[] name;
    public int flags;
    public int method;
    public long crc;
    public long packed;
    public long size;
    public byte[] extra = {};

    private Header copy() {
      Header copy = new Header();
      copy.name = name;
      copy.flags = flags;
      copy.method = method;
      copy.crc = crc;
      copy.packed = packed;
      copy.size = size;
      copy.extra = extra;
      return copy;
    }
  }

  /** One entry; what is changed here is written as it is. */
  public static final class Entry {
    public final Header local;
    public final Header central;
    public byte[] data;
    public byte[] after = {};
    public boolean listed = true;
    public long offsetShift;

    private Entry(Header header, byte[] data) {
      this.local = header;
      this.central = header.copy();
      this.data = data;
    }
  }

  private static final long IN_ZIP64 = 0xffffffffL;

  public final List<Entry> entries = new ArrayList<>();
  public byte[] before = {};
  public byte[] comment = {};
  public int countShift;
  public boolean zip64End;
  public long zip64CountShift;

  /** Adds an entry of which all is right. */
  public Entry add(String name, byte[] content, boolean deflated) {
    Header header = new Header();
    CRC32 crc = new CRC32();
    crc.update(content);
    byte[] data = deflated ? deflate(content) : content;
    header.name = name.getBytes(StandardCharsets.UTF_8);
    header.flags = 1 << 11;
    header.method = deflated ? 8 : 0;
    header.crc = crc.getValue();
    header.packed = data.length;
    header.size = content.length;
    Entry entry = new Entry(header, data);
    entries.add(entry);
    return entry;
  }

  /** The sizes after the entry instead of before it, as streams write them. */
  public static void sizesAfter(Entry entry, boolean wide) {
    entry.after =
        little(16 + (wide ? 8 : 0))
            .putInt(0x08074b50)
            .putInt((int) entry.local.crc)
            .put(wide ? longs(entry.local.packed, entry.local.size) : ints(entry.local))
            .array();
    entry.local.flags |= 8;
    entry.central.flags |= 8;
    entry.local.crc = 0;
    entry.local.packed = 0;
    entry.local.size = 0;
  }

  private static byte[] ints(Header header) {
    return little(8).putInt((int) header.packed).putInt((int) header.size).array();
  }

  private static byte[] longs(long one, long other) {
    return little(16).putLong(one).putLong(other).array();
  }

  /** Sizes in the extra field, as NumPy writes them before every array. */
  public static void wideSizes(Header header, long size, long packed) {
    header.size = IN_ZIP64;
    header.packed = IN_ZIP64;
    header.extra = field(1, longs(size, packed));
  }

  public static byte[] field(int id, byte[] content) {
    return little(4 + content.length)
        .putShort((short) id)
        .putShort((short) content.length)
        .put(content)
        .array();
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] deflate(byte[] content) {
    Deflater deflater = new Deflater(9, true);
    deflater.setInput(content);
    deflater.finish();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] block = new byte[1 << 12];
    while (!deflater.finished()) {
      out.write(block, 0, deflater.deflate(block));
    }
    deflater.end();
    return out.toByteArray();
  }

  public byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(before);
    List<Long> offsets = new ArrayList<>();
    for (Entry entry : entries) {
      offsets.add((long) out.size());
      out.writeBytes(little(4).putInt(0x04034b50).array());
      out.writeBytes(common(entry.local).array());
      out.writeBytes(entry.local.name);
      out.writeBytes(entry.local.extra);
      out.writeBytes(entry.data);
      out.writeBytes(entry.after);
    }
    int start = out.size();
    int count = countShift;
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (entry.listed) {
        count++;
        out.writeBytes(little(6).putInt(0x02014b50).putShort((short) 45).array());
        out.writeBytes(common(entry.central).array());
        out.writeBytes(little(14).putInt(10, (int) (offsets.get(i) + entry.offsetShift)).array());
        out.writeBytes(entry.central.name);
        out.writeBytes(entry.central.extra);
      }
    }
    end(out, start, count);
    return out.toByteArray();
  }

  private static ByteBuffer common(Header header) {
    return little(26)
        .putShort((short) 45)
        .putShort((short) header.flags)
        .putShort((short) header.method)
        .putInt(0x00210000)
        .putInt((int) header.crc)
        .putInt((int) header.packed)
        .putInt((int) header.size)
        .putShort((short) header.name.length)
        .putShort((short) header.extra.length);
  }

  private void end(ByteArrayOutputStream out, int start, int count) {
    int size = out.size() - start;
    if (zip64End) {
      int position = out.size();
      long wideCount = count + zip64CountShift;
      out.writeBytes(
          little(56)
              .putInt(0x06064b50)
              .putLong(44)
              .putShort((short) 45)
              .putShort((short) 45)
              .putLong(0)
              .putLong(wideCount)
              .putLong(wideCount)
              .putLong(size)
              .putLong(start)
              .array());
      out.writeBytes(little(20).putInt(0x07064b50).putInt(0).putLong(position).putInt(1).array());
    }
    out.writeBytes(
        little(22)
            .putInt(0x06054b50)
            .putInt(0)
            .putShort((short) count)
            .putShort((short) count)
            .putInt(size)
            .putInt(start)
            .putShort((short) comment.length)
            .array());
    out.writeBytes(comment);
  }
}
