package org.palimpsest.io.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.internal.npy.NpyEncoder;

class NpzActivationsTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"stored.npz", "deflated.npz", "zip64.npz"})
  void archivesOfNumpyAreRead(String name) {
    ActivationSet activations = NpzActivations.open(Fixtures.file(name));
    assertThat(activations.name()).isEqualTo(name);
    assertThat(activations.layers()).containsExactly("enc1", "dec.1/out#2", "bias");
    assertThat(activations.probes().isKnown()).isFalse();
    assertThat(activations.provenance().sha256()).hasSize(64);
    assertThat(activations.get("enc1").values())
        .isEqualTo(Nd4j.arange(24).castTo(DataType.FLOAT).reshape(4, 2, 3, 1));
    assertThat(activations.get("dec.1/out#2").values())
        .isEqualTo(Nd4j.arange(8).castTo(DataType.DOUBLE).reshape(4, 2));
    assertThat(activations.get("bias").values())
        .isEqualTo(Nd4j.arange(12).castTo(DataType.DOUBLE).reshape(4, 3));
  }

  private Path commented(String comment) throws IOException {
    Path made = folder.resolve("made.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(made))) {
      zip.setComment(comment);
      zip.putNextEntry(new ZipEntry("a.npy"));
      NpyEncoder.write(Nd4j.ones(DataType.FLOAT, 4, 3), zip);
    }
    return made;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'probes': '', 'probes': ''",
        "'probes': ''} and more {",
        "'origin': {'a': 1}",
        "'sha256': 1",
        "'probes': null",
        "'notes': {'x': 'y'}",
        "'notes': 'one'",
        "'notes': ['one', null]",
        "'notes': ['one', ['two']]"
      })
  void aRecordThatIsNotWhatIsWrittenIsDamaged(String part) throws IOException {
    String record = "{'format': 'palimpsest-activations', 'version': '0', %s}".formatted(part);
    Path file = commented(record.replace('\'', '"'));
    assertThatThrownBy(() -> NpzActivations.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("damaged record of its origin");
  }

  @Test
  void aFileThatWasWrittenToIsNotUnchanged() throws IOException {
    Path file = commented("made by hand");
    ActivationSet activations = NpzActivations.open(file);
    activations.requireUnchanged();
    Files.write(file, new byte[] {1}, StandardOpenOption.APPEND);
    assertThatThrownBy(activations::requireUnchanged)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(file + " changed while it was read");
  }

  @Test
  void commentsOfOtherToolsArePassedOverAndThoseInOtherLettersAreRefused() throws IOException {
    Path file = commented("made by hand");
    assertThat(NpzActivations.open(file).probes().isKnown()).isFalse();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] = (byte) 0xff;
    Files.write(file, bytes);
    assertThatThrownBy(() -> NpzActivations.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(file.toString(), "not in UTF-8");
  }

  @Test
  void commentsOfEntriesInOtherLettersAreRefused() throws IOException {
    Path file = folder.resolve("made.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      ZipEntry entry = new ZipEntry("a.npy");
      entry.setComment("hand");
      zip.putNextEntry(entry);
      NpyEncoder.write(Nd4j.ones(DataType.FLOAT, 4, 3), zip);
    }
    byte[] bytes = Files.readAllBytes(file);
    int at = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("hand");
    bytes[at] = (byte) 0xff;
    Files.write(file, bytes);
    assertThatThrownBy(() -> NpzActivations.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(file.toString(), "comment of one of its entries");
  }

  @Test
  void whatIsNoArrayIsNotedAndLeftOut() {
    assertThat(NpzActivations.open(Fixtures.file("zip64.npz")).provenance().notes())
        .containsExactly("entries whose names do not end with .npy, left out: readme.txt");
  }

  @Test
  void anUnknownLayerIsNamedWithItsNeighbours() {
    ActivationSet activations = NpzActivations.open(Fixtures.file("stored.npz"));
    assertThatThrownBy(() -> activations.get("enc2")).hasMessageContaining("enc1");
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(Fixtures.file("stored.npz"));
    for (int length = 0; length < whole.length; length += 3) {
      Path cut = Files.write(folder.resolve("cut.npz"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> NpzActivations.open(cut))
          .as("first %d bytes", length)
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("cut.npz");
    }
  }

  /** Small layers that follow are read together; nobody sees that but the clock. */
  @Test
  void archivesOfManyLayersAreReadInAnyOrder() throws IOException {
    ActivationSet activations =
        NpzActivations.open(Files.write(folder.resolve("m.npz"), manyLayers(250)));
    List<Integer> order = new ArrayList<>(IntStream.range(0, 250).boxed().toList());
    assertLayersOf(activations, order);
    assertLayersOf(activations, order);
    Collections.shuffle(order, new Random(3));
    assertLayersOf(activations, order);
  }

  private static void assertLayersOf(ActivationSet activations, List<Integer> order) {
    for (int i : order) {
      assertThat(activations.get("layer" + i).values().getDouble(0)).isEqualTo(i);
    }
  }

  private byte[] manyLayers(int count) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      for (int i = 0; i < count; i++) {
        ByteBuffer npy = ByteBuffer.wrap(npy(new long[] {3, 2})).order(ByteOrder.LITTLE_ENDIAN);
        npy.putFloat(npy.capacity() - 24, i);
        CRC32 sum = new CRC32();
        sum.update(npy.array());
        ZipEntry entry = new ZipEntry("layer" + i + ".npy");
        entry.setSize(npy.capacity());
        entry.setCrc(sum.getValue());
        zip.putNextEntry(entry);
        zip.write(npy.array());
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void aDamagedLayerIsToldOfWhenItIsAskedForAndNotBefore() throws IOException {
    byte[] whole = manyLayers(150);
    int name = new String(whole, StandardCharsets.ISO_8859_1).indexOf("layer77.npy");
    whole[name + "layer77.npy".length() + npy(new long[] {3, 2}).length - 1] ^= 1;
    ActivationSet activations = NpzActivations.open(Files.write(folder.resolve("m.npz"), whole));
    assertLayersOf(activations, IntStream.range(0, 77).boxed().toList());
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> activations.get("layer77")).hasMessageContaining("checksum");
    }
    assertLayersOf(activations, IntStream.range(78, 150).boxed().toList());
  }

  @Test
  void oneFlippedByteOfAValueIsNoticed() throws IOException {
    byte[] whole = Files.readAllBytes(Fixtures.file("stored.npz"));
    whole["enc1.npy".length() + 30 + 20 + 128 + 8] ^= 1;
    Path damaged = Files.write(folder.resolve("damaged.npz"), whole);
    ActivationSet activations = NpzActivations.open(damaged);
    assertThatThrownBy(() -> activations.get("enc1"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'enc1.npy' in")
        .hasMessageContaining("checksum");
  }

  private Path archive(String entryName, long zeros) throws IOException {
    Path file = folder.resolve("made.npz");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry(entryName));
      zip.write(NpyEncoder.header(DataType.FLOAT, zeros / 4, 1));
      byte[] block = new byte[1 << 16];
      for (long done = 0; done < zeros; done += block.length) {
        zip.write(block, 0, (int) Math.min(block.length, zeros - done));
      }
      zip.closeEntry();
    }
    return file;
  }

  @Test
  void anArchiveThatUnfoldsToAThousandTimesItsSizeIsRefused() throws IOException {
    Path bomb = archive("bomb.npy", 200L << 20);
    assertThat(Files.size(bomb)).isLessThan(1 << 20);
    assertThatThrownBy(() -> NpzActivations.open(bomb).get("bomb"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("unfold");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../escape", "/etc/passwd", "a\\b", "con", "ünïcode→", ""})
  void namesAreNeverPaths(String layer) throws IOException {
    ActivationSet activations = NpzActivations.open(archive(layer + ".npy", 400));
    assertThat(activations.layers()).containsExactly(layer);
    assertThat(activations.get(layer).samples()).isEqualTo(100);
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void headersOfAllArraysAreReadInOneGo() throws IOException {
    Path file = folder.resolve("many.npz");
    int count = 20_000;
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < count; i++) {
        zip.putNextEntry(new ZipEntry("layer" + i + ".npy"));
        zip.write(npy(new long[] {3, 2}));
      }
    }
    NpzActivations activations = NpzActivations.open(file);
    Map<String, NpyFile.Header> headers =
        assertTimeoutPreemptively(Duration.ofSeconds(20), activations::headers);
    assertThat(headers.keySet()).containsExactlyElementsOf(activations.layers());
    assertThat(headers.get("layer19999").shape()).containsExactly(3L, 2L);
  }

  private static byte[] npy(long[] shape) {
    byte[] header = NpyEncoder.header(DataType.FLOAT, shape);
    return Arrays.copyOf(header, header.length + 24);
  }

  @Test
  void anArchiveWithoutArraysIsRefused() throws IOException {
    Path file = archive("notes.txt", 4);
    assertThatThrownBy(() -> NpzActivations.open(file)).hasMessageContaining("no NumPy array");
  }

  @Test
  void aLoneArrayIsOneLayerNamedAfterItsFile() {
    Path file = folder.resolve("enc1.conv.npy");
    NpyFile.write(file, Nd4j.ones(DataType.FLOAT, 3, 2));
    ActivationSet activations = Dumps.open(file);
    assertThat(activations.layers()).containsExactly("enc1.conv");
    assertThat(activations.get("enc1.conv").samples()).isEqualTo(3);
  }
}
