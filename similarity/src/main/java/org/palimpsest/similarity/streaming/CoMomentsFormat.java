package org.palimpsest.similarity.streaming;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.streaming.CoMoments.Pairs;
import org.palimpsest.similarity.streaming.CoMoments.Precision;

/**
 * Co-moments as bytes, version 2; big-endian throughout.
 *
 * <pre>
 * 8 bytes  "PALIMCOM"
 * int      version, 2
 * byte     pairs: 0 all, 1 matched
 * byte     precision: 0 float64, 1 float32
 * int      number of layers of A, then each layer:
 *            UTF    name               (length in two bytes, modified UTF-8)
 *            long   samples
 *            int    features p
 *            int    rows per probe
 *            UTF    fingerprint of the probes, or empty
 *            UTF    view
 *            byte   1 if any of its values came in float32, else 0 (not in version 1)
 *            double unit
 *            double × p    provisional mean
 *            double × p    sum of u
 *            double × p²   sum of uu', rows first
 *            double        sum of a
 *            double        sum of a²
 *            double × p    sum of a u
 * int      number of layers of B, then each layer likewise
 * for each layer of A, for each of its partners in B:
 *            double × pq   sum of uv', rows first
 *            double        sum of ab
 *            double × q    sum of a v
 *            double × p    sum of b u
 * long     CRC-32 of all bytes before it
 * </pre>
 */
final class CoMomentsFormat {

  private static final byte[] MAGIC = {'P', 'A', 'L', 'I', 'M', 'C', 'O', 'M'};
  private static final int VERSION = 2;

  /** Did not tell in which type layers came: read as if all had come in float64. */
  private static final int WITHOUT_TYPES = 1;

  private static final int MOST_FEATURES = 1 << 15;
  private static final int MOST_LAYERS = 1 << 16;

  private CoMomentsFormat() {}

  static void write(CoMoments moments, OutputStream stream) throws IOException {
    CheckedOutputStream checked = new CheckedOutputStream(stream, new CRC32());
    DataOutputStream out = new DataOutputStream(checked);
    GatheredMoments state = moments.state();
    out.write(MAGIC);
    out.writeInt(VERSION);
    out.writeByte(moments.pairs().ordinal());
    out.writeByte(moments.precision().ordinal());
    writeLayers(state.layersOfA(), moments.singlesOfA(), out);
    writeLayers(state.layersOfB(), moments.singlesOfB(), out);
    for (List<CrossMoments> row : state.crosses()) {
      for (CrossMoments cross : row) {
        Doubles.write(cross.products().values(), out);
        out.writeDouble(cross.squares());
        Doubles.write(cross.squaresOfA(), out);
        Doubles.write(cross.squaresOfB(), out);
      }
    }
    out.flush();
    out.writeLong(checked.getChecksum().getValue());
    out.flush();
  }

  private static void writeLayers(List<LayerMoments> layers, BitSet singles, DataOutputStream out)
      throws IOException {
    out.writeInt(layers.size());
    for (int i = 0; i < layers.size(); i++) {
      LayerMoments layer = layers.get(i);
      Representation.Info info = layer.info();
      out.writeUTF(info.layer());
      out.writeLong(info.samples());
      out.writeInt(Math.toIntExact(info.features()));
      out.writeInt(info.rowsPerProbe());
      out.writeUTF(info.probes().value());
      out.writeUTF(info.view());
      out.writeBoolean(singles.get(i));
      out.writeDouble(layer.origin().scale());
      Doubles.write(layer.origin().mean(), out);
      Doubles.write(layer.moments().sum(), out);
      Doubles.write(layer.moments().gram().values(), out);
      out.writeDouble(layer.moments().squares());
      out.writeDouble(layer.moments().squaresSquared());
      Doubles.write(layer.moments().squaresTimes(), out);
    }
  }

  static CoMoments read(InputStream stream) throws IOException {
    try {
      return readAll(stream);
    } catch (EOFException | UTFDataFormatException cut) {
      throw new PalimpsestException(
          "The co-moments are damaged: they end too early or hold a broken text. Write them again.",
          cut);
    }
  }

  private static CoMoments readAll(InputStream stream) throws IOException {
    CheckedInputStream checked = new CheckedInputStream(stream, new CRC32());
    DataInputStream in = new DataInputStream(checked);
    if (!java.util.Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
      throw new PalimpsestException("These are no co-moments: they do not begin with PALIMCOM.");
    }
    int version = in.readInt();
    if (version != VERSION && version != WITHOUT_TYPES) {
      throw new PalimpsestException(
          "These co-moments are of version %s; this library reads versions %s and %s."
              .formatted(version, WITHOUT_TYPES, VERSION));
    }
    Pairs pairs = choose(Pairs.values(), in.readByte());
    Precision precision = choose(Precision.values(), in.readByte());
    BitSet singlesOfA = new BitSet();
    BitSet singlesOfB = new BitSet();
    List<LayerMoments> a = readLayers(in, version, singlesOfA);
    List<LayerMoments> b = readLayers(in, version, singlesOfB);
    require(a.isEmpty() == b.isEmpty(), "layers on one side alone");
    require(pairs == Pairs.ALL || a.size() == b.size(), "matched layers of unequal number");
    List<List<CrossMoments>> crosses = readCrosses(in, pairs, a, b);
    long expected = checked.getChecksum().getValue();
    require(in.readLong() == expected, "a checksum that does not fit");
    return CoMoments.restored(
        pairs, precision, new GatheredMoments(a, b, crosses), singlesOfA, singlesOfB);
  }

  private static <T> T choose(T[] values, int index) {
    require(index >= 0 && index < values.length, "an unknown setting " + index);
    return values[index];
  }

  private static List<LayerMoments> readLayers(DataInputStream in, int version, BitSet singles)
      throws IOException {
    int count = in.readInt();
    require(count >= 0 && count <= MOST_LAYERS, count + " layers");
    List<LayerMoments> layers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      layers.add(readLayer(in, version, i, singles));
    }
    return layers;
  }

  /** A text that is no fingerprint is damage like any other. */
  static Fingerprint readFingerprint(DataInputStream in) throws IOException {
    String value = in.readUTF();
    try {
      return new Fingerprint(value);
    } catch (PalimpsestException broken) {
      throw (UTFDataFormatException) new UTFDataFormatException(value).initCause(broken);
    }
  }

  private static LayerMoments readLayer(DataInputStream in, int version, int index, BitSet singles)
      throws IOException {
    String name = in.readUTF();
    long samples = in.readLong();
    int features = in.readInt();
    int rowsPerProbe = in.readInt();
    require(samples > 0, samples + " samples");
    require(features > 0 && features <= MOST_FEATURES, features + " features");
    require(
        rowsPerProbe > 0 && samples % rowsPerProbe == 0,
        "%s samples of %s rows per probe".formatted(samples, rowsPerProbe));
    Representation.Info info =
        new Representation.Info(
            name, samples, features, rowsPerProbe, readFingerprint(in), in.readUTF());
    singles.set(index, version != WITHOUT_TYPES && in.readBoolean());
    double unit = in.readDouble();
    require(unit > 0 && Double.isFinite(unit), "the unit " + unit);
    Origin origin = new Origin(Doubles.read(features, in), unit);
    double[] sum = Doubles.read(features, in);
    Dense gram = new Dense(features, features, Doubles.read(features * features, in));
    SideMoments moments =
        new SideMoments(
            samples, sum, gram, in.readDouble(), in.readDouble(), Doubles.read(features, in));
    return new LayerMoments(info, origin, moments);
  }

  private static List<List<CrossMoments>> readCrosses(
      DataInputStream in, Pairs pairs, List<LayerMoments> a, List<LayerMoments> b)
      throws IOException {
    List<List<CrossMoments>> crosses = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) {
      List<CrossMoments> row = new ArrayList<>();
      for (int j = 0; j < b.size(); j++) {
        if (pairs.include(i, j)) {
          row.add(readCross(in, a.get(i).moments().width(), b.get(j).moments().width()));
        }
      }
      crosses.add(row);
    }
    return crosses;
  }

  private static CrossMoments readCross(DataInputStream in, int p, int q) throws IOException {
    Dense products = new Dense(p, q, Doubles.read(Math.multiplyExact(p, q), in));
    return new CrossMoments(products, in.readDouble(), Doubles.read(q, in), Doubles.read(p, in));
  }

  private static void require(boolean fits, String found) {
    if (!fits) {
      throw new PalimpsestException(
          "The co-moments are damaged: they hold %s. Write them again.".formatted(found));
    }
  }

  /** Many numbers at once to and from streams. */
  private static final class Doubles {

    private static final int CHUNK = 1 << 13;

    private Doubles() {}

    static void write(double[] values, DataOutputStream out) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(CHUNK * Double.BYTES);
      for (int from = 0; from < values.length; from += CHUNK) {
        int count = Math.min(CHUNK, values.length - from);
        bytes.clear();
        bytes.asDoubleBuffer().put(values, from, count);
        out.write(bytes.array(), 0, count * Double.BYTES);
      }
    }

    /** Grows with what really arrives, so that a damaged length cannot ask for all memory. */
    static double[] read(int count, DataInputStream in) throws IOException {
      double[] values = new double[Math.min(count, CHUNK)];
      byte[] bytes = new byte[CHUNK * Double.BYTES];
      for (int from = 0; from < count; from += CHUNK) {
        int more = Math.min(CHUNK, count - from);
        in.readFully(bytes, 0, more * Double.BYTES);
        if (from + more > values.length) {
          long doubled = Math.max(from + (long) more, 2L * values.length);
          values = Arrays.copyOf(values, (int) Math.min(count, doubled));
        }
        ByteBuffer.wrap(bytes).asDoubleBuffer().get(values, from, more);
      }
      return values;
    }
  }
}
