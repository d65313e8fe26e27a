package org.palimpsest.io.npy;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.binary.Shapes;

/**
 * Some rows of an array in a file, without the others.
 *
 * @param file an NPY file
 * @param header its header, of rank one at least
 */
record NpyRows(Path file, NpyHeader header) {

  /** Rows {@code from} to {@code to}, the latter not included. */
  INDArray read(long from, long to) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long[] extents = header.extents();
      extents[0] = to - from;
      if (header.fortranOrder() && extents.length > 1) {
        InputStream runs = new RunsInputStream(channel, from, to);
        return Shapes.reversed(
            NpyDecoder.readInOrder(
                header.type(), NpyDecoder.reversed(extents), runs, file.toString()));
      }
      channel.position(header.dataOffset() + from * rowElements() * header.type().element().size());
      InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
      return NpyDecoder.readInOrder(header.type(), extents, in, file.toString());
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  long rowElements() {
    return header.elements() / header.shape().get(0);
  }

  /** In Fortran order the wanted rows of each column follow one another, and the rest between. */
  private final class RunsInputStream extends InputStream {

    private final FileChannel channel;
    private final long skip;
    private final int runBytes;
    private InputStream run = InputStream.nullInputStream();
    private long column;

    RunsInputStream(FileChannel channel, long from, long to) {
      this.channel = channel;
      this.skip = from * header.type().element().size();
      this.runBytes = Math.toIntExact((to - from) * header.type().element().size());
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int count = run.read(target, offset, length);
      if (count > 0 || column == rowElements()) {
        return count;
      }
      long columnBytes = header.shape().get(0) * header.type().element().size();
      channel.position(header.dataOffset() + column * columnBytes + skip);
      column++;
      byte[] next = Channels.newInputStream(channel).readNBytes(runBytes);
      run = new ByteArrayInputStream(next);
      return run.read(target, offset, length);
    }
  }
}
