package org.palimpsest.core.comparison;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.Grid;

/**
 * A shard as bytes: {@code PALIMSHD}, a version, the length of a header, the header, its CRC-32,
 * and the sums, each under a checksum of its own.
 */
final class ShardFormat {

  private static final byte[] MAGIC = "PALIMSHD".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;
  private static final int MOST_BYTES = 1 << 28;

  private ShardFormat() {}

  static void write(Shard shard, OutputStream stream) throws IOException {
    byte[] header = header(shard);
    DataOutputStream out = new DataOutputStream(stream);
    out.write(MAGIC);
    out.writeInt(VERSION);
    out.writeInt(header.length);
    out.write(header);
    out.writeLong(checksum(header));
    out.flush();
    for (StreamedLayers sums : shard.sums()) {
      sums.write(stream);
    }
    stream.flush();
  }

  private static long checksum(byte[] header) {
    CRC32 crc = new CRC32();
    crc.update(header);
    return crc.getValue();
  }

  private static byte[] header(Shard shard) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    Shard.Terms terms = shard.terms();
    out.writeLong(terms.count());
    write(List.of(terms.probes().value(), terms.featureMaps(), terms.pairs()), out);
    write(terms.measures(), out);
    out.writeInt(shard.shown().size());
    for (Map.Entry<Long, Long> range : shard.shown().entrySet()) {
      out.writeLong(range.getKey());
      out.writeLong(range.getValue());
    }
    for (Shard.Side side : List.of(shard.a(), shard.b())) {
      write(List.of(side.provenance().origin(), side.provenance().sha256()), out);
      write(side.provenance().notes(), out);
      write(side.layers(), out);
      for (List<Long> features : side.features()) {
        writeNumbers(features, out);
      }
    }
    out.writeInt(shard.meetings().size());
    for (Meeting meeting : shard.meetings()) {
      write(meeting.rows(), out);
      write(meeting.columns(), out);
      writeNumbers(meeting.grid().extents(), out);
    }
    return bytes.toByteArray();
  }

  private static void writeNumbers(List<? extends Number> numbers, DataOutputStream out)
      throws IOException {
    out.writeInt(numbers.size());
    for (Number number : numbers) {
      out.writeLong(number.longValue());
    }
  }

  private static void write(List<String> texts, DataOutputStream out) throws IOException {
    out.writeInt(texts.size());
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      out.writeInt(bytes.length);
      out.write(bytes);
    }
  }

  /** Reads what {@link #write} wrote, to the last byte of it and no further. */
  static Shard read(InputStream stream, StreamedLayers.Kind kind) throws IOException {
    try {
      DataInputStream in = new DataInputStream(stream);
      if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
        throw new PalimpsestException(
            "This is no shard of a comparison: it does not begin with PALIMSHD.");
      }
      int version = in.readInt();
      if (version != VERSION) {
        throw new PalimpsestException(
            "This shard of a comparison is of version %d; this library reads version %d."
                .formatted(version, VERSION));
      }
      byte[] header = bytes(in);
      require(in.readLong() == checksum(header), "a checksum that does not fit");
      Shard read = read(new DataInputStream(new ByteArrayInputStream(header)));
      List<StreamedLayers> sums = new ArrayList<>();
      for (int i = 0; i < read.meetings().size(); i++) {
        sums.add(kind.read(in));
      }
      return new Shard(read.terms(), read.shown(), read.a(), read.b(), read.meetings(), sums);
    } catch (EOFException cut) {
      throw new PalimpsestException(
          "A shard's sums are damaged: they end too early. Gather them again.", cut);
    }
  }

  private static Shard read(DataInputStream in) throws IOException {
    long count = in.readLong();
    List<String> settings = texts(in);
    require(settings.size() == 3, settings.size() + " settings");
    Shard.Terms terms =
        new Shard.Terms(
            count, new Fingerprint(settings.get(0)), texts(in), settings.get(1), settings.get(2));
    ProbeRanges shown = new ProbeRanges(count);
    int ranges = count(in);
    for (int i = 0; i < ranges; i++) {
      shown.add(in.readLong(), in.readLong());
    }
    Shard.Side a = side(in);
    Shard.Side b = side(in);
    List<Meeting> meetings = new ArrayList<>();
    int met = count(in);
    for (int i = 0; i < met; i++) {
      meetings.add(
          new Meeting(
              texts(in), texts(in), new Grid(numbers(in).stream().map(Long::intValue).toList())));
    }
    require(in.read() < 0, "more than a header");
    require(
        (ranges == 0) == a.isNone() && a.isNone() == b.isNone() && a.isNone() == (met == 0),
        "probes without layers");
    return new Shard(terms, shown.ranges(), a, b, List.copyOf(meetings), List.of());
  }

  private static Shard.Side side(DataInputStream in) throws IOException {
    List<String> origin = texts(in);
    require(origin.size() == 2, origin.size() + " names of a network");
    Provenance provenance = new Provenance(origin.get(0), origin.get(1), texts(in));
    List<String> layers = texts(in);
    List<List<Long>> features = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      features.add(numbers(in));
    }
    return new Shard.Side(provenance, layers, List.copyOf(features));
  }

  private static List<Long> numbers(DataInputStream in) throws IOException {
    int count = count(in);
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      numbers.add(in.readLong());
    }
    return List.copyOf(numbers);
  }

  private static List<String> texts(DataInputStream in) throws IOException {
    int count = count(in);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(new String(bytes(in), StandardCharsets.UTF_8));
    }
    return List.copyOf(texts);
  }

  /** Grows with what arrives, so that a damaged length cannot ask for all memory. */
  private static byte[] bytes(DataInputStream in) throws IOException {
    int length = count(in);
    byte[] bytes = in.readNBytes(length);
    require(bytes.length == length, "%d bytes of %d".formatted(bytes.length, length));
    return bytes;
  }

  private static int count(DataInputStream in) throws IOException {
    int count = in.readInt();
    require(count >= 0 && count <= MOST_BYTES, "the count " + count);
    return count;
  }

  private static void require(boolean fits, String found) {
    if (!fits) {
      throw new PalimpsestException(
          "A shard's sums are damaged: they hold %s. Gather them again.".formatted(found));
    }
  }
}
