package org.palimpsest.io.internal.isolation;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Both directions of a connection: small things go through buffers, large ones between the system
 * and where they lie in memory, without a copy. The buffers are there from the beginning, so that a
 * process that has used up its memory can still say so. For one thread at a time.
 */
final class DirectStreams implements AutoCloseable {

  private static final int BUFFER = 1 << 13;

  private final SocketChannel channel;
  private final Arriving in = new Arriving();
  private final Leaving out = new Leaving();

  DirectStreams(SocketChannel channel) {
    this.channel = channel;
  }

  InputStream in() {
    return in;
  }

  /** What is written there leaves when it is flushed, or more than fits the buffer. */
  OutputStream out() {
    return out;
  }

  /** Sends bytes at once; what was written before must have been flushed. */
  void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Fills a buffer with the next bytes that come.
   *
   * @throws EOFException if the other side closes the connection before
   */
  void read(ByteBuffer target) throws IOException {
    int buffered = Math.min(in.buffer.remaining(), target.remaining());
    target.put(in.buffer.slice().limit(buffered));
    in.buffer.position(in.buffer.position() + buffered);
    while (target.hasRemaining()) {
      if (channel.read(target) < 0) {
        throw new EOFException();
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Small things on their way. */
  private final class Leaving extends OutputStream {

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);

    @Override
    public void write(int value) throws IOException {
      if (!buffer.hasRemaining()) {
        flush();
      }
      buffer.put((byte) value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      for (int done = 0; done < length; ) {
        if (!buffer.hasRemaining()) {
          flush();
        }
        int count = Math.min(length - done, buffer.remaining());
        buffer.put(bytes, offset + done, count);
        done += count;
      }
    }

    @Override
    public void flush() throws IOException {
      DirectStreams.this.write(buffer.flip());
      buffer.clear();
    }
  }

  /** Small things that came. */
  private final class Arriving extends InputStream {

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER).limit(0);

    @Override
    public int read() throws IOException {
      return isAtEnd() ? -1 : buffer.get() & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (length > 0 && isAtEnd()) {
        return -1;
      }
      int count = Math.min(length, buffer.remaining());
      buffer.get(target, offset, count);
      return count;
    }

    /** Waits for something to read, if there is nothing left of what came before. */
    private boolean isAtEnd() throws IOException {
      if (buffer.hasRemaining()) {
        return false;
      }
      buffer.clear();
      int count = channel.read(buffer);
      buffer.flip();
      return count < 0;
    }
  }
}
