package org.palimpsest.io.npy;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.binary.Shapes;

/**
 * Probes that stay in their NPY file and are read batch by batch, so that there may be more of them
 * than fit into memory. If the file changes meanwhile, the next batch is an error.
 *
 * <p>The first dimension is that of the probes, such as {@code (n, channels, h, w)}; types and
 * orders are those that {@link NpyFile} reads. Opening reads the file once from end to end, about a
 * million values at a time; a batch reads its own part alone, also of an array in Fortran order.
 *
 * <pre>{@code
 * Probes probes = NpyProbes.open(Path.of("probes.npy")); // numpy.save("probes.npy", images)
 * System.out.println(probes.count() + " probes, " + probes.fingerprint());
 * }</pre>
 *
 * <p>Safe to use from several threads; each batch opens the file for itself.
 */
public final class NpyProbes implements Probes {

  private static final long VALUES_AT_ONCE = 1L << 20;

  private final NpyRows rows;
  private final UnchangedFile watched;
  private final Fingerprint fingerprint;

  private NpyProbes(NpyRows rows, UnchangedFile watched, Fingerprint fingerprint) {
    this.rows = rows;
    this.watched = watched;
    this.fingerprint = fingerprint;
  }

  /**
   * Opens a file of probes and reads it once, to check that every value is finite and to take the
   * fingerprint.
   *
   * @param file an array of rank two or more, samples first
   * @throws PalimpsestException if it is not, or a value is not finite
   */
  public static NpyProbes open(Path file) {
    InputFiles.require(file);
    UnchangedFile watched = UnchangedFile.since(file);
    NpyFile.Header header = NpyFile.header(file);
    if (header.shape().size() < 2) {
      throw new PalimpsestException(
          "%s has the shape %s; probes need their samples first, such as (n, channels, h, w)."
              .formatted(file, header.shape()));
    }
    NpyRows rows = new NpyRows(file, header);
    Fingerprint fingerprint = scan(rows);
    watched.require();
    return new NpyProbes(rows, watched, fingerprint);
  }

  private static Fingerprint scan(NpyRows rows) {
    Fingerprint.Digest digest = new Fingerprint.Digest(rows.header().extents());
    long count = rows.header().shape().get(0);
    long step = Math.max(1, VALUES_AT_ONCE / rows.rowElements());
    for (long from = 0; from < count; from += step) {
      INDArray some = rows.read(from, Math.min(count, from + step));
      requireFinite(some, from, rows);
      digest.add(some);
      if (some.closeable()) {
        some.close();
      }
    }
    return digest.finish();
  }

  private static void requireFinite(INDArray some, long from, NpyRows rows) {
    TensorReader reader = TensorReader.of(some);
    double[] values = new double[(int) Math.min(rows.rowElements(), VALUES_AT_ONCE)];
    for (long at = 0; at < some.length(); at += values.length) {
      double[] block =
          some.length() - at < values.length ? new double[(int) (some.length() - at)] : values;
      reader.read(at, block);
      for (int i = 0; i < block.length; i++) {
        if (!Double.isFinite(block[i])) {
          throw new PalimpsestException(
              "%s: probe %s holds %s; remove it or mend its pre-processing."
                  .formatted(rows.file(), from + (at + i) / rows.rowElements(), block[i]));
        }
      }
    }
  }

  @Override
  public long count() {
    return rows.header().shape().get(0);
  }

  @Override
  public long[] shape() {
    return rows.header().extents();
  }

  @Override
  public INDArray batch(long from, long to) {
    Objects.checkFromToIndex(from, to, count());
    INDArray batch = rows.read(from, to);
    watched.require();
    return batch;
  }

  @Override
  public Fingerprint fingerprint() {
    return fingerprint;
  }

  /**
   * Some rows of an array in a file, without the others.
   *
   * @param file an NPY file
   * @param header its header, of rank one at least
   */
  record NpyRows(Path file, NpyFile.Header header) {

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
        channel.position(
            header.dataOffset() + from * rowElements() * header.type().element().size());
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
}
