package org.palimpsest.io.internal.isolation;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.Backend;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.internal.tensor.TensorReader;

/** The connection between two processes, as either of them sees it. */
final class Wire implements AutoCloseable {

  private static final long PIECE = 1 << 24;

  private final DirectStreams streams;
  private final DataInputStream in;
  private final DataOutputStream out;

  Wire(SocketChannel channel) {
    this.streams = new DirectStreams(channel);
    this.in = new DataInputStream(streams.in());
    this.out = new DataOutputStream(streams.out());
  }

  void send(Signal signal) throws IOException {
    out.writeByte(signal.ordinal());
  }

  Signal signal() throws IOException {
    return Signal.values()[in.readByte()];
  }

  void send(long number) throws IOException {
    out.writeLong(number);
  }

  long number() throws IOException {
    return in.readLong();
  }

  void send(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  String text() throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }

  void send(List<String> texts) throws IOException {
    out.writeInt(texts.size());
    for (String text : texts) {
      send(text);
    }
  }

  List<String> texts() throws IOException {
    int count = in.readInt();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(text());
    }
    return texts;
  }

  void send(long[] shape) throws IOException {
    out.writeInt(shape.length);
    for (long extent : shape) {
      out.writeLong(extent);
    }
  }

  long[] shape() throws IOException {
    long[] shape = new long[in.readInt()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = in.readLong();
    }
    return shape;
  }

  /** As its type, its shape and its bytes in memory, for a process on the same machine. */
  void send(INDArray tensor) throws IOException {
    DataType type = TensorReader.readableType(tensor.dataType());
    INDArray typed = tensor.castTo(type);
    boolean plain = typed.ordering() == 'c' && !typed.isView() && typed.offset() == 0;
    INDArray whole = plain ? typed : typed.dup('c');
    out.writeBoolean(type == DataType.DOUBLE);
    send(whole.shape());
    out.flush();
    inPieces(whole, streams::write);
  }

  INDArray tensor() throws IOException {
    Backend.require();
    DataType type = in.readBoolean() ? DataType.DOUBLE : DataType.FLOAT;
    INDArray tensor = Nd4j.createUninitialized(type, shape(), 'c');
    inPieces(tensor, streams::read);
    return tensor;
  }

  /** Reads bytes, or writes over them. */
  private interface Transfer {
    void of(ByteBuffer bytes) throws IOException;
  }

  /** A tensor's bytes where they lie, so that none is copied on its way to the system. */
  private static void inPieces(INDArray tensor, Transfer transfer) throws IOException {
    long total = tensor.length() * tensor.dataType().width();
    try (BytePointer bytes = new BytePointer(tensor.data().pointer())) {
      for (long at = 0; at < total; at += PIECE) {
        bytes.position(at).limit(Math.min(total, at + PIECE));
        transfer.of(bytes.asByteBuffer());
      }
    } finally {
      Reference.reachabilityFence(tensor);
    }
  }

  void send(ActivationBatch batch) throws IOException {
    send(batch.firstSample());
    out.writeInt(batch.layers().size());
    for (Map.Entry<String, INDArray> layer : batch.layers().entrySet()) {
      send(layer.getKey());
      send(layer.getValue());
    }
  }

  ActivationBatch batch() throws IOException {
    long firstSample = number();
    int count = in.readInt();
    Map<String, INDArray> layers = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      layers.put(text(), tensor());
    }
    return new ActivationBatch(firstSample, layers);
  }

  void send(Map<String, long[]> shapes) throws IOException {
    out.writeInt(shapes.size());
    for (Map.Entry<String, long[]> layer : shapes.entrySet()) {
      send(layer.getKey());
      send(layer.getValue());
    }
  }

  Map<String, long[]> shapes() throws IOException {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      shapes.put(text(), shape());
    }
    return shapes;
  }

  void send(Provenance provenance) throws IOException {
    send(provenance.origin());
    send(provenance.sha256());
    send(provenance.notes());
  }

  Provenance provenance() throws IOException {
    return new Provenance(text(), text(), texts());
  }

  /** Lets the other side see what was sent. */
  void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    streams.close();
  }

  /** What the two processes say to each other. The order is part of the protocol. */
  enum Signal {
    /** To the child: open a network. */
    OPEN,
    /** To the child: show the network probes. */
    RUN,
    /** To the child: show the network probes and make matrices of its layers. */
    RUN_REDUCED,
    /** To the child: tell the shapes of the network's layers. */
    SHAPES,
    /** To the child: close the network. */
    CLOSE,
    /** To the child: probes are wanted from here to there; to the parent: send them. */
    PROBES,
    /** To the parent: what the layers answered. */
    BATCH,
    /** To the child: go on after a batch. */
    GO_ON,
    /** To the child: stop after a batch. */
    STOP,
    /** To the parent: all went well; the provenance follows, and shapes if they were asked for. */
    DONE,
    /** To the parent: it did not; the reason follows. */
    FAILED
  }

  /**
   * Both directions of a connection: small things go through buffers, large ones between the system
   * and where they lie in memory, without a copy. The buffers are there from the beginning, so that
   * a process that has used up its memory can still say so. For one thread at a time.
   */
  private static final class DirectStreams implements AutoCloseable {

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
}
