package org.palimpsest.similarity.streaming;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.Dense;

/**
 * Sums over images of one layer, of the means m of their rows u, which are counted from a
 * provisional mean.
 *
 * @param info of all samples so far
 * @param origin the provisional mean, p
 * @param sum that of m, p
 * @param squares that of |m|²
 * @param norms the sum of |u|² over all rows
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
record ImageSums(
    Representation.Info info, double[] origin, double[] sum, double squares, double norms) {

  /** Of no images yet; counted from the first row. */
  static ImageSums begin(Representation batch) {
    double[] first = new double[Math.toIntExact(batch.features())];
    TensorReader.of(batch.matrix()).read(0, first);
    return new ImageSums(withSamples(batch.info(), 0), first, new double[first.length], 0, 0);
  }

  private static Representation.Info withSamples(Representation.Info info, long samples) {
    return new Representation.Info(
        info.layer(), samples, info.features(), info.rowsPerProbe(), info.probes(), info.view());
  }

  double images() {
    return info.probeCount();
  }

  int width() {
    return origin.length;
  }

  /** The rows of one image of a batch, from the origin. */
  Dense rows(Representation batch, int image) {
    int rows = info.rowsPerProbe();
    double[] values = new double[rows * width()];
    TensorReader.of(batch.matrix()).read((long) image * values.length, values);
    for (int i = 0; i < values.length; i++) {
      values[i] -= origin[i % width()];
    }
    return new Dense(rows, width(), values);
  }

  static double[] mean(Dense rows) {
    double[] mean = new double[rows.columns()];
    for (int i = 0; i < rows.values().length; i++) {
      mean[i % rows.columns()] += rows.values()[i] / rows.rows();
    }
    return mean;
  }

  /** With one image more. */
  ImageSums plus(Dense rows, double[] mean) {
    return new ImageSums(
        withSamples(info, info.samples() + rows.rows()),
        origin,
        Vectors.plus(sum, mean, 1),
        squares + Vectors.dot(mean, mean),
        norms + rows.squaredNorm());
  }

  /** With other images about the same origin. */
  ImageSums plus(ImageSums other) {
    return new ImageSums(
        withSamples(info, info.samples() + other.info.samples()),
        origin,
        Vectors.plus(sum, other.sum, 1),
        squares + other.squares,
        norms + other.norms);
  }

  /** The step to another origin. */
  double[] towards(double[] other) {
    return Vectors.plus(other, origin, -1);
  }

  double[] mean() {
    return Vectors.times(sum, 1 / images());
  }

  /** The same images about an origin that lies at s: u becomes u - s. */
  ImageSums shifted(double[] s) {
    double along = Vectors.dot(s, sum);
    double step = Vectors.dot(s, s);
    double rows = info.rowsPerProbe();
    return new ImageSums(
        info,
        Vectors.plus(origin, s, 1),
        Vectors.plus(sum, s, -images()),
        squares - 2 * along + images() * step,
        norms + rows * (-2 * along + images() * step));
  }

  void write(DataOutputStream out) throws IOException {
    out.writeUTF(info.layer());
    out.writeLong(info.samples());
    out.writeInt(width());
    out.writeInt(info.rowsPerProbe());
    out.writeUTF(info.probes().value());
    out.writeUTF(info.view());
    for (double[] array : new double[][] {origin, sum, {squares, norms}}) {
      for (double value : array) {
        out.writeDouble(value);
      }
    }
  }

  /** Reads what {@link #write} wrote. */
  static ImageSums read(DataInputStream in) throws IOException {
    String layer = in.readUTF();
    long samples = in.readLong();
    int features = in.readInt();
    Representation.Info info =
        info(
            layer,
            samples,
            features,
            in.readInt(),
            CoMomentsFormat.readFingerprint(in),
            in.readUTF());
    double[] origin = read(features, in);
    double[] sum = read(features, in);
    double[] rest = read(2, in);
    return new ImageSums(info, origin, sum, rest[0], rest[1]);
  }

  /** What cannot be known of a layer is damage like any other. */
  private static Representation.Info info(
      String layer, long samples, int features, int rowsPerProbe, Fingerprint probes, String view) {
    try {
      return new Representation.Info(layer, samples, features, rowsPerProbe, probes, view);
    } catch (PalimpsestException damaged) {
      throw new PalimpsestException(
          "The moments of images are damaged: %s Gather them again."
              .formatted(damaged.getMessage()),
          damaged);
    }
  }

  /** Grows with what arrives, so that a damaged length cannot ask for all memory. */
  static double[] read(int count, DataInputStream in) throws IOException {
    byte[] bytes = in.readNBytes(Math.multiplyExact(Math.max(0, count), Double.BYTES));
    double[] values = new double[bytes.length / Double.BYTES];
    ByteBuffer.wrap(bytes).asDoubleBuffer().get(values);
    if (values.length != count) {
      throw new EOFException("%s numbers of %s".formatted(values.length, count));
    }
    return values;
  }
}
