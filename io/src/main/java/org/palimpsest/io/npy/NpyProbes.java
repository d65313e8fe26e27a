package org.palimpsest.io.npy;

import java.nio.file.Path;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.FingerprintDigest;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.UnchangedFile;

/**
 * Probes that stay in their NPY file and are read batch by batch, so that there may be more of them
 * than fit into memory. If the file changes meanwhile, the next batch is an error.
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
    NpyHeader header = NpyFile.header(file);
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
    FingerprintDigest digest = new FingerprintDigest(rows.header().extents());
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
              "%s: probe %d holds %s; remove it or mend its pre-processing."
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
}
