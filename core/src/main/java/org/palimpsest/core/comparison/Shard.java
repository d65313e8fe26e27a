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
import java.util.SortedMap;
import java.util.zip.CRC32;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.comparison.PartialComparison.StreamedLayers;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.FeatureMaps.Grid;

/**
 * All that is known of two networks that were shown some probes.
 *
 * @param terms what shards have in common that merge
 * @param shown the first of each range of probes, and the index after its last
 * @param a the first network
 * @param b the second
 * @param meetings of their layers
 * @param sums one for each meeting
 */
record Shard(
    Terms terms,
    SortedMap<Long, Long> shown,
    Side a,
    Side b,
    List<Meeting> meetings,
    List<StreamedLayers> sums) {

  /**
   * What is compared, and how.
   *
   * @param count of all probes
   * @param probes fingerprint of all probes
   * @param measures their names
   * @param featureMaps how they become matrices, for people
   * @param pairs which layers are compared, for people
   */
  record Terms(
      long count, Fingerprint probes, List<String> measures, String featureMaps, String pairs) {

    void requireSame(Terms other) {
      if (count != other.count || probes.conflictsWith(other.probes)) {
        throw differ(
            "probes", count + " (" + probes + ")", other.count + " (" + other.probes + ")");
      }
      requireSame("measures", measures, other.measures);
      requireSame("feature maps", featureMaps, other.featureMaps);
      requireSame("pairs of layers", pairs, other.pairs);
    }

    private static void requireSame(String what, Object one, Object other) {
      if (!one.equals(other)) {
        throw differ(what, one, other);
      }
    }
  }

  /**
   * One of the networks.
   *
   * @param provenance of the network
   * @param layers none if nothing was shown to it
   * @param features the shape of each layer's answer to one probe
   */
  record Side(Provenance provenance, List<String> layers, List<List<Long>> features) {

    static Side none() {
      return new Side(Provenance.inMemory(""), List.of(), List.of());
    }

    /**
     * @throws PalimpsestException if they are not answers to so many of these probes
     */
    static Side of(ActivationSet answers, long count, Fingerprint probes) {
      if (answers.probes().conflictsWith(probes)) {
        throw new PalimpsestException(
            "%s answers other probes (fingerprint %s) than these (%s). Show it this range of the probes of the comparison."
                .formatted(answers.name(), answers.probes(), probes));
      }
      List<long[]> shapes =
          answers.layers().stream().map(layer -> answers.get(layer).values().shape()).toList();
      for (int i = 0; i < shapes.size(); i++) {
        if (shapes.get(i)[0] != count) {
          throw new PalimpsestException(
              "Layer '%s' of %s holds answers to %s probes, not to %s. Show it exactly these."
                  .formatted(answers.layers().get(i), answers.name(), shapes.get(i)[0], count));
        }
      }
      return new Side(
          answers.provenance(),
          List.copyOf(answers.layers()),
          shapes.stream().map(shape -> Arrays.stream(shape).skip(1).boxed().toList()).toList());
    }

    boolean isNone() {
      return layers.isEmpty();
    }

    /** That this network can go on with those answers. */
    void requireSame(Side other) {
      if (isNone() || other.isNone()) {
        return;
      }
      if (!provenance.origin().equals(other.provenance.origin())
          || !provenance.sha256().equals(other.provenance.sha256())) {
        throw differ("different networks", named(provenance), named(other.provenance));
      }
      if (!layers.equals(other.layers)) {
        throw differ("different layers of " + provenance.origin(), layers, other.layers);
      }
      for (int i = 0; i < layers.size(); i++) {
        if (!features.get(i).equals(other.features.get(i))) {
          throw differ(
              "different shapes of the layer '%s' of %s"
                  .formatted(layers.get(i), provenance.origin()),
              features.get(i),
              other.features.get(i));
        }
      }
    }

    /** What was found out while it ran grows from batch to batch, but tells shards apart. */
    private void requireSameNotes(Side other) {
      if (!isNone() && !other.isNone() && !provenance.equals(other.provenance)) {
        throw differ("different networks", named(provenance), named(other.provenance));
      }
    }

    private static String named(Provenance provenance) {
      return "%s (SHA-256 %s, %s)"
          .formatted(
              provenance.origin(),
              provenance.sha256().isEmpty() ? "unknown" : provenance.sha256(),
              provenance.notes());
    }
  }

  private static PalimpsestException differ(String what, Object one, Object other) {
    return new PalimpsestException(
        "Sums over probes do not go together: %s, %s and %s. Gather all in one way."
            .formatted(what, one, other));
  }

  /** That sums of both may be added up; changes nothing. */
  void requireFitting(Shard other) {
    terms.requireSame(other.terms);
    a.requireSame(other.a);
    b.requireSame(other.b);
    a.requireSameNotes(other.a);
    b.requireSameNotes(other.b);
    if (!a.isNone() && !other.a.isNone() && !meetings.equals(other.meetings)) {
      throw differ("pairs of layers", meetings, other.meetings);
    }
  }

  /** Writes it under checksums; the stream is flushed and left open. */
  void write(OutputStream stream) throws IOException {
    Format.write(this, stream);
  }

  /**
   * Reads what {@link #write} wrote, to the last byte of it and no further.
   *
   * @throws PalimpsestException if it is not that, cut short or damaged
   */
  static Shard read(InputStream stream, StreamedLayers.Kind kind) throws IOException {
    return Format.read(stream, kind);
  }

  /**
   * A shard as bytes: {@code PALIMSHD}, a version, the length of a header, the header, its CRC-32,
   * and the sums, each under a checksum of its own.
   */
  private static final class Format {

    private static final byte[] MAGIC = "PALIMSHD".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int MOST_BYTES = 1 << 28;

    private Format() {}

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
      Terms terms = shard.terms();
      out.writeLong(terms.count());
      write(List.of(terms.probes().value(), terms.featureMaps(), terms.pairs()), out);
      write(terms.measures(), out);
      out.writeInt(shard.shown().size());
      for (Map.Entry<Long, Long> range : shard.shown().entrySet()) {
        out.writeLong(range.getKey());
        out.writeLong(range.getValue());
      }
      for (Side side : List.of(shard.a(), shard.b())) {
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
              "This shard of a comparison is of version %s; this library reads version %s."
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
      Terms terms =
          new Terms(
              count, new Fingerprint(settings.get(0)), texts(in), settings.get(1), settings.get(2));
      ProbeRanges shown = new ProbeRanges(count);
      int ranges = count(in);
      for (int i = 0; i < ranges; i++) {
        shown.add(in.readLong(), in.readLong());
      }
      Side a = side(in);
      Side b = side(in);
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

    private static Side side(DataInputStream in) throws IOException {
      List<String> origin = texts(in);
      require(origin.size() == 2, origin.size() + " names of a network");
      Provenance provenance = new Provenance(origin.get(0), origin.get(1), texts(in));
      List<String> layers = texts(in);
      List<List<Long>> features = new ArrayList<>();
      for (int i = 0; i < layers.size(); i++) {
        features.add(numbers(in));
      }
      return new Side(provenance, layers, List.copyOf(features));
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
      require(bytes.length == length, "%s bytes of %s".formatted(bytes.length, length));
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
}
