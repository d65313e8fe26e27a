package org.palimpsest.io.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.StudyJournal;
import org.palimpsest.core.evolution.StudyJournal.LayerGrids;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.JsonDamage;
import org.palimpsest.internal.file.StrictJson;

/**
 * A file to which lines of JSON are appended, each with its checksum; the first tells the version.
 * A process that is killed while it writes leaves half a line at the end, which the next one takes
 * off. Any other damage is refused; a line that is missing is only not known.
 */
final class JournalFile implements StudyJournal, AutoCloseable {

  private static final int VERSION = 2;
  private static final byte[] FIRST_LINE = line(JournalLine.ofVersion(VERSION));
  private static final int LONGEST_LINE = 1 << 24;

  private final Path file;
  private final SeekableByteChannel channel;
  private final Map<Measurement.Key, Outcome> outcomes = new HashMap<>();
  private final Map<String, LayerGrids> structures = new HashMap<>();
  private final Map<String, List<String>> cautions = new HashMap<>();

  private JournalFile(Path file, SeekableByteChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  static JournalFile open(Path file) {
    try {
      return on(
          file,
          Files.newByteChannel(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  /** A journal in what was opened of a file; it is closed if the journal is damaged. */
  static JournalFile on(Path file, SeekableByteChannel channel) throws IOException {
    JournalFile journal = new JournalFile(file, channel);
    try {
      journal.read();
      return journal;
    } catch (IOException | RuntimeException failure) {
      channel.close();
      throw failure;
    }
  }

  private static byte[] line(String text) {
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private void read() throws IOException {
    long end = 0;
    int number = 0;
    InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next != '\n') {
        line.write(next);
        if (line.size() > LONGEST_LINE) {
          throw damaged(number + 1, "it is too long");
        }
      } else {
        number++;
        readLine(line.toByteArray(), number);
        end += line.size() + 1;
        line.reset();
      }
    }
    if (number == 0) {
      requireBegun(line.toByteArray());
    }
    channel.truncate(end);
    channel.position(end);
    if (end == 0) {
      append(FIRST_LINE);
    }
  }

  /** Of a file without a whole line nothing is taken off unless it is the half of a journal's. */
  private void requireBegun(byte[] half) {
    if (half.length > FIRST_LINE.length
        || !Arrays.equals(half, Arrays.copyOf(FIRST_LINE, half.length))) {
      throw damaged(1, "it is not a journal's first line");
    }
  }

  private void readLine(byte[] bytes, int number) {
    JournalLine.Entry entry;
    try {
      entry = JournalLine.parse(bytes);
    } catch (IllegalArgumentException failure) {
      throw number == 1 && isOfEarlierVersion(bytes)
          ? otherVersion("an earlier version, whose lines have no checksum")
          : damaged(number, String.valueOf(failure.getMessage()));
    }
    if ((number == 1) != entry instanceof JournalLine.Version) {
      throw damaged(number, "the first line, and no other, should tell the version");
    }
    keepRead(entry, number);
  }

  private void keepRead(JournalLine.Entry entry, int number) {
    if (entry instanceof JournalLine.Version version && version.number() != VERSION) {
      throw otherVersion("another version (%s)".formatted(version.number()));
    } else if (entry instanceof JournalLine.KeptFigure measurement) {
      keepRead(outcomes, measurement.key(), measurement.outcome(), number);
    } else if (entry instanceof JournalLine.KeptLayers layers) {
      keepRead(structures, layers.subject(), layers.structure(), number);
    } else if (entry instanceof JournalLine.KeptCautions kept) {
      cautions.merge(kept.subject(), kept.cautions(), JournalFile::both);
    }
  }

  private static List<String> both(List<String> some, List<String> others) {
    return Stream.concat(some.stream(), others.stream()).distinct().toList();
  }

  private <K, V> void keepRead(Map<K, V> known, K key, V value, int number) {
    V before = known.putIfAbsent(key, value);
    if (before != null && !before.equals(value)) {
      throw damaged(number, "it contradicts an earlier line");
    }
  }

  private static boolean isOfEarlierVersion(byte[] line) {
    String text = new String(line, StandardCharsets.UTF_8);
    return text.startsWith("{\"context\":") || text.startsWith("{\"subject\":");
  }

  private PalimpsestException damaged(int number, String what) {
    return new PalimpsestException(
        "%s is damaged at line %s: %s. Delete the file to begin anew."
            .formatted(file, number, what));
  }

  private PalimpsestException otherVersion(String version) {
    return new PalimpsestException(
        "%s was written by %s. Delete the file to begin anew, or give another folder."
            .formatted(file, version));
  }

  @Override
  public Optional<Outcome> outcome(Measurement.Key key) {
    return Optional.ofNullable(outcomes.get(key));
  }

  @Override
  public void keep(Measurement.Key key, Outcome outcome) {
    append(line(JournalLine.of(key, outcome)));
    outcomes.put(key, outcome);
  }

  @Override
  public Optional<LayerGrids> structure(String subject) {
    return Optional.ofNullable(structures.get(subject));
  }

  @Override
  public void keep(String subject, LayerGrids structure) {
    if (!structure.equals(structures.get(subject))) {
      append(line(JournalLine.of(subject, structure)));
      structures.put(subject, structure);
    }
  }

  @Override
  public Optional<List<String>> cautions(String subject) {
    return Optional.ofNullable(cautions.get(subject));
  }

  @Override
  public void keepCautions(String subject, List<String> some) {
    List<String> known = cautions.get(subject);
    if (known == null || !known.containsAll(some)) {
      append(line(JournalLine.of(subject, some)));
      cautions.merge(subject, List.copyOf(some), JournalFile::both);
    }
  }

  /** A line that cannot be written whole is taken off again. */
  private void append(byte[] line) {
    try {
      long start = channel.position();
      try {
        ByteBuffer bytes = ByteBuffer.wrap(line);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      } catch (IOException failure) {
        channel.truncate(start);
        throw failure;
      }
    } catch (IOException failure) {
      throw new PalimpsestException(
          "%s cannot be written to (%s). What is in it still holds: give the command again when there is room."
              .formatted(file, InputFiles.reason(failure)),
          failure);
    }
  }

  /** Whether nothing is known from it. */
  boolean isEmpty() {
    return outcomes.isEmpty() && structures.isEmpty() && cautions.isEmpty();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException failure) {
      throw new PalimpsestException(
          file + " cannot be closed: " + InputFiles.reason(failure), failure);
    }
  }

  /**
   * Lines of the journal. Each begins with the checksum of what follows, so that damage is noticed
   * wherever it is.
   */
  static final class JournalLine {

    /** What a line says. */
    sealed interface Entry {}

    /** The first line. */
    record Version(int number) implements Entry {}

    record KeptFigure(Measurement.Key key, Outcome outcome) implements Entry {}

    record KeptLayers(String subject, LayerGrids structure) implements Entry {}

    record KeptCautions(String subject, List<String> cautions) implements Entry {}

    private static final ObjectMapper JSON = StrictJson.mapper();
    private static final String SUM = "{\"crc32\":\"%08x\",";
    private static final int SUM_LENGTH = String.format(Locale.ROOT, SUM, 0).length();
    private static final String VERSION = "journal_version";
    private static final String SUBJECT = "subject";
    private static final String CAUTIONS = "cautions";
    private static final String RANK_A = "rank_a";
    private static final String RANK_B = "rank_b";

    private JournalLine() {}

    static String ofVersion(int version) {
      return sealed(JSON.createObjectNode().put(VERSION, version));
    }

    static String of(Measurement.Key key, Outcome outcome) {
      ObjectNode line = JSON.createObjectNode();
      line.put("context", key.context());
      line.put("hash_a", key.hashA()).put("layer_a", key.layerA());
      line.put("hash_b", key.hashB()).put("layer_b", key.layerB());
      line.put("measure", key.measure());
      if (outcome instanceof Measurement measurement) {
        line.put("value", measurement.value()).put("n", measurement.n());
        measurement.low().ifPresent(low -> line.put("low", low));
        measurement.high().ifPresent(high -> line.put("high", high));
        measurement.ranks().ifPresent(ranks -> line.put(RANK_A, ranks.a()).put(RANK_B, ranks.b()));
        measurement
            .overProbes()
            .ifPresent(
                interval ->
                    IntervalFields.of(interval)
                        .forEach((name, field) -> line.set(name, JSON.valueToTree(field))));
        ArrayNode warnings = line.putArray("warnings");
        measurement.warnings().forEach(warnings::add);
      } else if (outcome instanceof Outcome.Failure failure) {
        line.put("failure", failure.reason());
      }
      return sealed(line);
    }

    static String of(String subject, LayerGrids structure) {
      ObjectNode line = JSON.createObjectNode();
      line.put(SUBJECT, subject);
      ArrayNode layers = line.putArray("layers");
      structure
          .grids()
          .forEach(
              (layer, grid) -> {
                ArrayNode extents = layers.addObject().put("layer", layer).putArray("grid");
                grid.extents().forEach(extents::add);
              });
      return sealed(line);
    }

    static String of(String subject, List<String> cautions) {
      ObjectNode line = JSON.createObjectNode();
      line.put(SUBJECT, subject);
      ArrayNode texts = line.putArray(CAUTIONS);
      cautions.forEach(texts::add);
      return sealed(line);
    }

    private static String sealed(ObjectNode line) {
      String rest = line.toString().substring(1);
      return sumOf(rest.getBytes(StandardCharsets.UTF_8), 0) + rest;
    }

    private static String sumOf(byte[] bytes, int from) {
      CRC32 sum = new CRC32();
      sum.update(bytes, from, bytes.length - from);
      return String.format(Locale.ROOT, SUM, sum.getValue());
    }

    /**
     * @throws IllegalArgumentException if it is not a line as it was written
     */
    static Entry parse(byte[] line) {
      if (line.length < SUM_LENGTH
          || !sumOf(line, SUM_LENGTH)
              .equals(new String(line, 0, SUM_LENGTH, StandardCharsets.UTF_8))) {
        throw new IllegalArgumentException("its checksum is of another content");
      }
      try {
        return entryOf(JSON.readTree(new String(line, StandardCharsets.UTF_8)));
      } catch (JsonProcessingException failure) {
        throw new IllegalArgumentException(JsonDamage.inWords(failure), failure);
      }
    }

    private static Entry entryOf(JsonNode node) {
      if (node.has(VERSION)) {
        return new Version(StrictJson.required(node, VERSION).intValue());
      }
      if (node.has(CAUTIONS)) {
        List<String> cautions = new ArrayList<>();
        StrictJson.required(node, CAUTIONS).forEach(caution -> cautions.add(caution.asText()));
        return new KeptCautions(StrictJson.required(node, SUBJECT).asText(), List.copyOf(cautions));
      }
      return node.has(SUBJECT) ? layersOf(node) : new KeptFigure(keyOf(node), outcomeOf(node));
    }

    private static KeptLayers layersOf(JsonNode node) {
      Map<String, Grid> grids = new LinkedHashMap<>();
      for (JsonNode layer : StrictJson.required(node, "layers")) {
        List<Integer> extents = new ArrayList<>();
        StrictJson.required(layer, "grid").forEach(extent -> extents.add(extent.asInt()));
        grids.put(text(layer, "layer"), new Grid(extents));
      }
      return new KeptLayers(StrictJson.required(node, SUBJECT).asText(), new LayerGrids(grids));
    }

    private static Measurement.Key keyOf(JsonNode node) {
      return new Measurement.Key(
          text(node, "context"),
          text(node, "hash_a"),
          text(node, "layer_a"),
          text(node, "hash_b"),
          text(node, "layer_b"),
          text(node, "measure"));
    }

    /** One copy of each text: a journal repeats few of them very often. */
    private static String text(JsonNode node, String field) {
      return StrictJson.required(node, field).asText().intern();
    }

    private static Outcome outcomeOf(JsonNode node) {
      if (node.has("failure")) {
        return new Outcome.Failure(StrictJson.required(node, "failure").asText());
      }
      List<String> warnings = new ArrayList<>();
      StrictJson.required(node, "warnings")
          .forEach(warning -> warnings.add(warning.asText().intern()));
      double value = StrictJson.number(StrictJson.required(node, "value"));
      return new Measurement(
          value,
          optional(node, "low"),
          optional(node, "high"),
          StrictJson.required(node, "n").asLong(),
          warnings,
          ranks(node),
          IntervalFields.in(node, value));
    }

    private static Optional<Measurement.Ranks> ranks(JsonNode node) {
      return node.has(RANK_A)
          ? Optional.of(
              new Measurement.Ranks(
                  StrictJson.required(node, RANK_A).intValue(),
                  StrictJson.required(node, RANK_B).intValue()))
          : Optional.empty();
    }

    private static OptionalDouble optional(JsonNode node, String field) {
      return node.has(field)
          ? OptionalDouble.of(StrictJson.number(StrictJson.required(node, field)))
          : OptionalDouble.empty();
    }
  }
}
