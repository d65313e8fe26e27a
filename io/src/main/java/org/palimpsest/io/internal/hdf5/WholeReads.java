package org.palimpsest.io.internal.hdf5;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * A file of which every reading at a position gives all that is asked for, or fails. What lies
 * behind its end, such as bytes that were appended, is never given.
 */
final class WholeReads extends FileChannel {

  private final FileChannel file;
  private final long end;

  WholeReads(FileChannel file, long end) {
    this.file = file;
    this.end = end;
  }

  private void requireWithin(long position, long count) throws IOException {
    if (position < 0 || count < 0 || position > end - count) {
      throw new EOFException(
          "%d bytes from byte %d on do not lie within the %d of the file"
              .formatted(count, position, end));
    }
  }

  @Override
  public int read(ByteBuffer to, long position) throws IOException {
    int count = to.remaining();
    requireWithin(position, count);
    while (to.hasRemaining()) {
      if (file.read(to, position + count - to.remaining()) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
    return count;
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
    requireWithin(position, size);
    return file.map(mode, position, size);
  }

  @Override
  public long size() {
    return end;
  }

  @Override
  protected void implCloseChannel() throws IOException {
    file.close();
  }

  @Override
  public int read(ByteBuffer to) {
    throw atPositionsOnly();
  }

  @Override
  public long read(ByteBuffer[] to, int offset, int length) {
    throw atPositionsOnly();
  }

  @Override
  public long position() {
    throw atPositionsOnly();
  }

  @Override
  public FileChannel position(long position) {
    throw atPositionsOnly();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) {
    throw atPositionsOnly();
  }

  private static UnsupportedOperationException atPositionsOnly() {
    return new UnsupportedOperationException("read at positions only");
  }

  @Override
  public int write(ByteBuffer from) {
    throw new NonWritableChannelException();
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) {
    throw new NonWritableChannelException();
  }

  @Override
  public int write(ByteBuffer from, long position) {
    throw new NonWritableChannelException();
  }

  @Override
  public FileChannel truncate(long size) {
    throw new NonWritableChannelException();
  }

  @Override
  public void force(boolean metaData) {
    throw new NonWritableChannelException();
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count) {
    throw new NonWritableChannelException();
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) {
    throw new NonWritableChannelException();
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) {
    throw new NonWritableChannelException();
  }
}
