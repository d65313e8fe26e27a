package org.palimpsest.io.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.StudyJournal.LayerGrids;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.representation.FeatureMaps.Grid;

class JournalFileTest {

  private static final Measurement.Key ONE = key("enc1");
  private static final Measurement.Key TWO = key("enc2");
  private static final Measurement FIGURE =
      new Measurement(
              0.25,
              OptionalDouble.of(-1.5),
              OptionalDouble.of(1e-300),
              42,
              List.of(),
              Optional.of(new Measurement.Ranks(7, 12)))
          .withOverProbes(
              Optional.of(
                  new Interval.Known(
                      0.25,
                      OptionalDouble.of(0.2),
                      -1.5,
                      1e-300,
                      0.95,
                      Interval.Method.HELD_OUT_BRACKET,
                      8,
                      OptionalDouble.of(0))));
  private static final Outcome FAILURE = new Outcome.Failure("no variance");
  private static final LayerGrids LAYERS = new LayerGrids(Map.of("fc", Grid.of(8, 4)));

  @TempDir private Path folder;
  private Path file;

  private static Measurement.Key key(String layer) {
    return new Measurement.Key("context", "aa", layer, "bb", layer, "linear_cka");
  }

  @BeforeEach
  void write() {
    file = folder.resolve("figures.jsonl");
    try (JournalFile journal = JournalFile.open(file)) {
      journal.keep(ONE, FIGURE);
      journal.keep(TWO, FAILURE);
      journal.keep("subject", LAYERS);
    }
  }

  /** What is known is right, whatever is not known. */
  private void requireNothingElse(JournalFile journal) {
    assertThat(journal.outcome(ONE).stream()).allMatch(FIGURE::equals);
    assertThat(journal.outcome(TWO).stream()).allMatch(FAILURE::equals);
    assertThat(journal.structure("subject").stream()).allMatch(LAYERS::equals);
  }

  private boolean isRefused() {
    try (JournalFile journal = JournalFile.open(file)) {
      requireNothingElse(journal);
      return false;
    } catch (PalimpsestException refusal) {
      assertThat(refusal).hasMessageContaining("figures.jsonl");
      return true;
    }
  }

  @Test
  void aChangeOfAnyByteIsRefusedOrTakesOffTheLastLine() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at++) {
      for (int change : new int[] {1 << at % 8, '\n' ^ whole[at]}) {
        byte[] damaged = whole.clone();
        damaged[at] ^= (byte) change;
        Files.write(file, damaged);

        assertThat(isRefused()).isEqualTo(change != 0 && at < whole.length - 1);
      }
    }
  }

  @Test
  void whatIsCutOffIsNotKnown() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));

      assertThat(isRefused()).isFalse();
      try (JournalFile journal = JournalFile.open(file)) {
        journal.keep("subject", LAYERS);
      }
      try (JournalFile journal = JournalFile.open(file)) {
        assertThat(journal.structure("subject")).contains(LAYERS);
      }
    }
  }

  @Test
  void linesThatAreMissingDoubledOrInAnotherOrderDoNoHarm() throws IOException {
    List<String> lines = Files.readAllLines(file);
    for (int i = 1; i < lines.size(); i++) {
      List<String> missing = new ArrayList<>(lines);
      String line = missing.remove(i);
      Files.write(file, missing);
      assertThat(isRefused()).isFalse();

      missing.add(1, line);
      missing.add(line);
      Files.write(file, missing);
      try (JournalFile journal = JournalFile.open(file)) {
        assertThat(journal.outcome(ONE)).contains(FIGURE);
        assertThat(journal.outcome(TWO)).contains(FAILURE);
        assertThat(journal.structure("subject")).contains(LAYERS);
      }
    }
  }

  @Test
  void linesThatAreJoinedOrFollowedBySomethingOrOutOfPlaceAreRefused() throws IOException {
    List<String> lines = Files.readAllLines(file);
    List<List<String>> damaged = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      for (String more : List.of(" ", "{}", lines.get(lines.size() - 1), "\r")) {
        List<String> longer = new ArrayList<>(lines);
        longer.set(i, lines.get(i) + more);
        damaged.add(longer);
      }
      for (String between : List.of("", "null", "[]", "{}", "1", "{\"subject\":\"x\"}")) {
        List<String> more = new ArrayList<>(lines);
        more.add(i, between);
        damaged.add(more);
      }
    }
    damaged.add(lines.subList(1, lines.size()));
    damaged.add(List.of(lines.get(1), lines.get(0), lines.get(2)));
    damaged.add(List.of(lines.get(0), lines.get(0), lines.get(1)));
    for (List<String> some : damaged) {
      Files.write(file, some);

      assertThat(isRefused()).as(String.join("\n", some)).isTrue();
    }
  }

  @Test
  void aLineThatContradictsAnotherIsRefused() throws IOException {
    Path other = folder.resolve("other.jsonl");
    try (JournalFile journal = JournalFile.open(other)) {
      journal.keep(ONE, Measurement.of(0.5, 42));
    }
    String line = Files.readAllLines(other).get(1);
    Files.writeString(file, line + "\n", StandardOpenOption.APPEND);

    assertThatThrownBy(() -> JournalFile.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("is damaged at line 5: it contradicts an earlier line");
  }

  @Test
  void journalsOfOtherVersionsAreRefusedInPlainWords() throws IOException {
    Files.writeString(
        file, "{\"subject\":\"s\",\"layers\":[]}\n{\"context\":\"c\",\"value\":0.5}\n");
    assertThatThrownBy(() -> JournalFile.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("was written by an earlier version, whose lines have no checksum")
        .hasMessageContaining("Delete the file to begin anew");

    Files.writeString(file, JournalFile.JournalLine.ofVersion(3) + "\n");
    assertThatThrownBy(() -> JournalFile.open(file))
        .hasMessageContaining("was written by another version (3)");
  }

  @Test
  void aFileThatIsNoJournalIsLeftAsItIs() throws IOException {
    for (String content : List.of("my notes", "my\nnotes", "{\"a\":1}", "\0\0\0")) {
      Files.writeString(file, content);

      assertThat(isRefused()).isTrue();
      assertThat(file).hasContent(content);
    }
  }

  @Test
  void aLineForWhichThereIsNoRoomIsTakenOffAgain() throws IOException {
    byte[] before = Files.readAllBytes(file);
    Measurement.Key third = key("enc3");
    for (int room : new int[] {0, 1, 20, 100}) {
      FullDisk disk =
          new FullDisk(
              Files.newByteChannel(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
      try (JournalFile journal = JournalFile.on(file, disk)) {
        disk.room = room;

        assertThatThrownBy(() -> journal.keep(third, FIGURE))
            .isInstanceOf(PalimpsestException.class)
            .hasMessageContaining("figures.jsonl cannot be written to (No space left on device)");

        assertThat(journal.outcome(third)).isEmpty();
        assertThat(file).hasBinaryContent(before);
        disk.room = Integer.MAX_VALUE;
        journal.keep("other", LAYERS);
      }
      try (JournalFile journal = JournalFile.open(file)) {
        assertThat(journal.outcome(ONE)).contains(FIGURE);
        assertThat(journal.structure("other")).contains(LAYERS);
      }
      Files.write(file, before);
    }
  }

  /** A file on a disk with room for a few more bytes. */
  private static final class FullDisk implements SeekableByteChannel {

    private final SeekableByteChannel file;
    private int room = Integer.MAX_VALUE;

    FullDisk(SeekableByteChannel file) {
      this.file = file;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      if (room == 0) {
        throw new IOException("No space left on device");
      }
      ByteBuffer some = bytes.slice();
      some.limit(Math.min(room, some.limit()));
      int written = file.write(some);
      room -= written;
      bytes.position(bytes.position() + written);
      return written;
    }

    @Override
    public int read(ByteBuffer bytes) throws IOException {
      return file.read(bytes);
    }

    @Override
    public long position() throws IOException {
      return file.position();
    }

    @Override
    public SeekableByteChannel position(long position) throws IOException {
      file.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public SeekableByteChannel truncate(long size) throws IOException {
      file.truncate(size);
      return this;
    }

    @Override
    public boolean isOpen() {
      return file.isOpen();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  @Test
  void whatShouldBeKnownOfAnswersIsKeptOnce() throws IOException {
    try (JournalFile journal = JournalFile.open(file)) {
      assertThat(journal.cautions("subject")).isEmpty();
      journal.keepCautions("subject", List.of("draws random numbers"));
      journal.keepCautions("subject", List.of("draws random numbers"));
      journal.keepCautions("subject", List.of("quantised"));
    }
    assertThat(Files.readAllLines(file)).hasSize(6);
    try (JournalFile journal = JournalFile.open(file)) {
      assertThat(journal.cautions("subject"))
          .contains(List.of("draws random numbers", "quantised"));
      assertThat(journal.structure("subject")).contains(LAYERS);
    }
  }

  private void writeSecondLine(String rest) throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    CRC32 sum = new CRC32();
    sum.update(rest.getBytes(StandardCharsets.UTF_8));
    lines.set(1, "{\"crc32\":\"%08x\",%s".formatted(sum.getValue(), rest));
    Files.write(file, lines);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'what':1} | context",
        "'subject':'a'} | layers",
        "'subject':'a','layers':[{'layer':'b'}]} | grid",
        "'cautions':[]} | subject",
        "'context':'c','hash_a':'a','layer_a':'l','hash_b':'b','layer_b':'l','measure':'m','warnings':[]} | value"
      })
  void aLineWithoutWhatItShouldTellIsRefusedInPlainWords(String rest, String missing)
      throws IOException {
    writeSecondLine(rest.replace('\'', '"'));
    assertThatThrownBy(() -> JournalFile.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("is damaged at line 2: it has no '%s'.".formatted(missing));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"NaN\"", "\"Infinity\"", "1e999", "null", "\"0.25\""})
  void aFigureThatIsNoFiniteNumberIsRefusedWithItsLine(String number) throws IOException {
    String sound = Files.readAllLines(file).get(1).substring(20);
    String rest = sound.replace("\"value\":0.25", "\"value\":" + number);
    assertThat(rest).isNotEqualTo(sound);
    writeSecondLine(rest);

    assertThatThrownBy(() -> JournalFile.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("figures.jsonl is damaged at line 2")
        .hasMessageContaining("finite number");
  }
}
