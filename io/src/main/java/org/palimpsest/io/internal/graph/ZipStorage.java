package org.palimpsest.io.internal.graph;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import org.palimpsest.internal.file.ZipContents;

/** A storage that is an entry of an archive; its checksum is checked when all was read. */
public final class ZipStorage implements Storage {

  private final ZipContents zip;
  private final ZipEntry entry;
  private final String source;
  private final ByteOrder order;

  /**
   * @param zip stays open as long as the storage is read
   * @param source what to call the archive in messages
   */
  public ZipStorage(ZipContents zip, ZipEntry entry, String source, ByteOrder order) {
    this.zip = zip;
    this.entry = entry;
    this.source = source;
    this.order = order;
  }

  @Override
  public String name() {
    return "'%s' in %s".formatted(entry.getName(), source);
  }

  @Override
  public long bytes() {
    return entry.getSize();
  }

  @Override
  public ByteOrder order() {
    return order;
  }

  @Override
  public InputStream open() throws IOException {
    return new Checked(zip.read(entry));
  }

  private final class Checked extends FilterInputStream {

    private final CRC32 sum = new CRC32();
    private long left = entry.getSize();

    Checked(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int most) throws IOException {
      int count = super.read(bytes, from, most);
      if (count > 0) {
        sum.update(bytes, from, count);
        left -= count;
        if (left == 0 && sum.getValue() != entry.getCrc()) {
          throw zip.damaged(entry, "its checksum is wrong");
        }
      }
      return count;
    }

    @Override
    public long skip(long bytes) throws IOException {
      return 0;
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
