package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;

/** Archives that are written byte by byte, so that each can be wrong in one place. */
class ZipDirectoryTest {

  private static final int SIZES_FOLLOW = 1 << 3;

  /** What Java's own reader refuses before, by its version. */
  private static final String BY_JAVA = "is a truncated or damaged archive";

  @TempDir private Path folder;

  /** One entry, as its two headers are to be written; stored, whatever its method says. */
  private static final class Entry {

    byte[] name;
    final byte[] content;
    int flags;
    int method;
    long size;
    byte[] localExtra = {};
    byte[] centralExtra = {};
    byte[] after = {};
    byte[] comment = {};

    Entry(String name, int size) {
      this.name = name.getBytes(StandardCharsets.UTF_8);
      this.content = new byte[size];
      Arrays.fill(content, (byte) 'x');
      this.size = size;
    }

    int crc() {
      CRC32 sum = new CRC32();
      sum.update(content);
      return (int) sum.getValue();
    }
  }

  /** Where the records of an archive lie. */
  private record Archive(ByteBuffer bytes, List<Integer> local, List<Integer> central, int end) {

    static Archive of(Entry... entries) {
      ByteBuffer out = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
      List<Integer> local = new ArrayList<>();
      List<Integer> central = new ArrayList<>();
      for (Entry entry : entries) {
        local.add(out.position());
        boolean follow = (entry.flags & SIZES_FOLLOW) != 0;
        out.putInt(0x04034b50).putShort((short) 20);
        out.putShort((short) entry.flags).putShort((short) entry.method).putInt(0);
        out.putInt(follow ? 0 : entry.crc());
        out.putInt(follow ? 0 : entry.content.length).putInt(follow ? 0 : (int) entry.size);
        out.putShort((short) entry.name.length).putShort((short) entry.localExtra.length);
        out.put(entry.name).put(entry.localExtra).put(entry.content).put(entry.after);
      }
      int begin = out.position();
      for (int i = 0; i < entries.length; i++) {
        Entry entry = entries[i];
        central.add(out.position());
        out.putInt(0x02014b50).putShort((short) 20).putShort((short) 20);
        out.putShort((short) entry.flags).putShort((short) entry.method).putInt(0);
        out.putInt(entry.crc()).putInt(entry.content.length).putInt((int) entry.size);
        out.putShort((short) entry.name.length).putShort((short) entry.centralExtra.length);
        out.putShort((short) entry.comment.length).putShort((short) 0).putShort((short) 0);
        out.putInt(0).putInt(local.get(i));
        out.put(entry.name).put(entry.centralExtra).put(entry.comment);
      }
      int end = out.position();
      out.putInt(0x06054b50).putInt(0);
      out.putShort((short) entries.length).putShort((short) entries.length);
      out.putInt(end - begin).putInt(begin).putShort((short) 0);
      return new Archive(out, local, central, end);
    }

    byte[] whole() {
      return Arrays.copyOf(bytes.array(), bytes.position());
    }
  }

  private static Entry a() {
    return new Entry("a.npy", 10);
  }

  private static Entry b() {
    return new Entry("b.npy", 20);
  }

  private static Entry changed(Consumer<Entry> change) {
    Entry entry = a();
    change.accept(entry);
    return entry;
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(folder.resolve("archive.npz"), content);
  }

  private void requireSound(byte[] content) throws IOException {
    try (ZipFile zip = ZipDirectory.open(file(content))) {
      assertThat(zip.getEntry("a.npy")).isNotNull();
    }
    assertThat(FileKind.of(file(content))).isEqualTo(FileKind.NPZ);
  }

  private void requireDamaged(byte[] content, String reason) throws IOException {
    Path file = file(content);
    assertThatThrownBy(() -> ZipDirectory.open(file))
        .isInstanceOf(PalimpsestException.class)
        .message()
        .startsWith(file.toString())
        .satisfiesAnyOf(
            told -> assertThat(told).contains("damaged or harmful ZIP archive", reason),
            told -> assertThat(told).contains(BY_JAVA));
    assertThat(FileKind.of(file)).isEqualTo(FileKind.DAMAGED_ZIP);
  }

  private void requireUnread(byte[] content, String reason) throws IOException {
    Path file = file(content);
    assertThatThrownBy(() -> ZipDirectory.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(file + " is a ZIP archive that is not read", reason);
    assertThat(FileKind.of(file)).isEqualTo(FileKind.UNREAD_ZIP);
    assertThat(FileKind.UNREAD_ZIP.describe(file)).contains(reason);
  }

  @Test
  void whatIsMadeHereIsSound() throws IOException {
    requireSound(Archive.of(a(), b()).whole());
    try (ZipFile zip = ZipDirectory.openAgain(folder.resolve("archive.npz"))) {
      assertThat(zip.size()).isEqualTo(2);
    }
  }

  /** What each of these numbers says is said elsewhere too, or cannot be. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "end     |  4 | 1    | it is one of several parts",
        "end     |  8 | 3    | it is one of several parts",
        "end     | 12 | 20   | its directory is not where it says",
        "end     | 16 | 1    | its directory is not where it says",
        "central |  8 | 2048 | disagree",
        "central | 16 | 7    | disagree",
        "central | 20 | 9    | two sizes",
        "central | 24 | 11   | two sizes",
        "central | 42 | 5    | begins at byte",
        "central |  0 | 7    | its directory is damaged",
        "local   |  0 | 7    | entries overlap or are cut off",
        "local   |  6 | 2048 | disagree",
        "local   |  8 | 8    | disagree",
        "local   | 14 | 7    | disagree",
        "local   | 18 | 9    | disagree",
        "local   | 22 | 9    | disagree",
        "local   | 26 | 900  | entries overlap or are cut off",
        "local   | 30 | 122  | disagree",
      })
  void aNumberThatSaysOtherwiseIsRefused(String record, int at, int value, String reason)
      throws IOException {
    Archive archive = Archive.of(a(), b());
    int place =
        switch (record) {
          case "end" -> archive.end();
          case "central" -> archive.central().get(0);
          default -> archive.local().get(1);
        };
    archive.bytes().putShort(place + at, (short) value);
    requireDamaged(archive.whole(), reason);
  }

  @Test
  void bytesThatBelongToNoEntryAreRefused() throws IOException {
    requireDamaged(
        Archive.of(a(), changed(e -> e.name = "b.npy".getBytes(StandardCharsets.UTF_8)), last())
            .whole(),
        "it has 3 bytes that belong to no entry");
    requireDamaged(
        Archive.of(changed(e -> e.after = new byte[3]), b()).whole(),
        "so that entries overlap or leave a gap");
    byte[] sound = Archive.of(a()).whole();
    byte[] behind = new byte[sound.length + 5];
    System.arraycopy(sound, 0, behind, 5, sound.length);
    behind[0] = 'P';
    behind[1] = 'K';
    requireDamaged(behind, "its directory is not where it says");
  }

  private static Entry last() {
    Entry entry = new Entry("c.npy", 4);
    entry.after = new byte[3];
    return entry;
  }

  @Test
  void twoEntriesInOnePlaceAndTwoOfOneNameAreRefused() throws IOException {
    Archive overlapping = Archive.of(a(), b());
    overlapping.bytes().putInt(overlapping.central().get(1) + 42, 0);
    requireDamaged(overlapping.whole(), "overlap");
    requireDamaged(Archive.of(a(), a()).whole(), "it holds 'a.npy' twice");
  }

  @ParameterizedTest
  @CsvSource({
    "9, Deflate64 (9)",
    "12, bzip2 (12)",
    "14, LZMA (14)",
    "93, Zstandard (93)",
    "95, xz (95)",
    "99, a method that is encrypted (99)",
    "1, method 1"
  })
  void waysOfPackingThatAreNotReadAreNamed(int method, String name) throws IOException {
    requireUnread(
        Archive.of(changed(e -> e.method = method)).whole(),
        "'a.npy' is packed by %s. Save it uncompressed".formatted(name));
  }

  @Test
  void whatHonestArchivesMayHaveIsNotRead() throws IOException {
    requireUnread(Archive.of(changed(e -> e.flags = 1)).whole(), "'a.npy' is encrypted");
    requireUnread(
        Archive.of(changed(e -> e.name = new byte[] {'a', (byte) 0xe9, '.', 'n'})).whole(),
        "is not UTF-8");
    requireUnread(
        Archive.of(
                changed(
                    e -> {
                      e.method = ZipEntry.DEFLATED;
                      e.size = 12_000;
                    }))
            .whole(),
        "claims to unfold from 10 to 12000 bytes");
  }

  @Test
  void entriesThatTogetherClaimTooMuchAreNotRead() throws IOException {
    Entry[] many = new Entry[3];
    for (int i = 0; i < many.length; i++) {
      many[i] = new Entry("e%d.npy".formatted(i), 130_000);
      many[i].method = ZipEntry.DEFLATED;
      many[i].size = 127 << 20;
    }
    requireUnread(Archive.of(many).whole(), "its entries claim to unfold to 399507456 bytes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0900ffff01          | an extra field of 'a.npy' is cut off",
        "0100000001000000    | 'a.npy' has two sizes",
        "7570050001aaaaaaaa  | 'a.npy' has two names",
        "75700a0001aaaaaaaa622e6e7079 | 'a.npy' has two names",
      })
  void extraFieldsThatSayOtherwiseAreRefused(String hex, String reason) throws IOException {
    byte[] extra = HexFormat.of().parseHex(hex.strip());
    requireDamaged(Archive.of(changed(e -> e.centralExtra = extra)).whole(), reason);
    requireDamaged(Archive.of(changed(e -> e.localExtra = extra)).whole(), reason);
  }

  @Test
  void extraFieldsThatSayTheSameAreRead() throws IOException {
    byte[] sameName = HexFormat.of().parseHex("75700a0001aaaaaaaa612e6e7079");
    byte[] times = HexFormat.of().parseHex("5554050001000000005a");
    requireSound(
        Archive.of(
                changed(
                    e -> {
                      e.centralExtra = sameName;
                      e.localExtra = Arrays.copyOf(times, 9);
                    }),
                b())
            .whole());
  }

  private static byte[] sizes(Entry entry, boolean marked, boolean wide, int error) {
    ByteBuffer out = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    if (marked) {
      out.putInt(0x08074b50);
    }
    out.putInt(entry.crc() + error);
    for (int i = 0; i < 2; i++) {
      if (wide) {
        out.putLong(entry.content.length);
      } else {
        out.putInt(entry.content.length);
      }
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  private static byte[] streamed(boolean marked, boolean wide, int error) {
    return Archive.of(
            changed(
                e -> {
                  e.flags = SIZES_FOLLOW;
                  e.after = sizes(e, marked, wide, error);
                }),
            b())
        .whole();
  }

  /** As those write who do not know the size of an entry before its end. */
  @Test
  void sizesBehindAnEntryAreHeldAgainstTheDirectory() throws IOException {
    for (boolean marked : new boolean[] {true, false}) {
      for (boolean wide : new boolean[] {true, false}) {
        requireSound(streamed(marked, wide, 0));
        requireDamaged(streamed(marked, wide, 1), "is followed by sizes that are not its own");
      }
    }
    requireSound(Archive.of(changed(e -> e.flags = SIZES_FOLLOW), b()).whole());
    ByteArrayOutputStream byJava = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(byJava)) {
      zip.putNextEntry(new ZipEntry("a.npy"));
      zip.write(new byte[100]);
    }
    requireSound(byJava.toByteArray());
  }

  /** The records that archives of more than 4 GB need and small ones may have. */
  private static Archive withZip64(int tampered, int value) {
    Archive plain = Archive.of(a(), b());
    byte[] whole = plain.whole();
    ByteBuffer end = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
    int size = end.getInt(plain.end() + 12);
    int begin = end.getInt(plain.end() + 16);
    ByteBuffer out = ByteBuffer.allocate(1 << 12).order(ByteOrder.LITTLE_ENDIAN);
    out.put(whole, 0, plain.end());
    out.putInt(0x06064b50).putLong(44).putShort((short) 45).putShort((short) 45).putLong(0);
    out.putLong(2).putLong(2).putLong(size).putLong(begin);
    out.putInt(0x07064b50).putInt(0).putLong(plain.end()).putInt(1);
    int last = out.position();
    out.put(whole, plain.end(), whole.length - plain.end());
    if (tampered >= 0) {
      out.putInt(plain.end() + tampered, value);
    }
    return new Archive(out, plain.local(), plain.central(), last);
  }

  @Test
  void theLargerDirectoryMustSayTheSame() throws IOException {
    requireSound(withZip64(-1, 0).whole());
    Archive referring = withZip64(-1, 0);
    referring.bytes().putInt(referring.end() + 12, -1).putInt(referring.end() + 16, -1);
    referring.bytes().putInt(referring.end() + 8, -1);
    requireSound(referring.whole());
    for (int at : new int[] {4, 16, 24, 32, 40, 48}) {
      requireDamaged(withZip64(at, 1).whole(), "its two directories (ZIP and ZIP64) disagree");
    }
    requireDamaged(withZip64(56 + 8, 1 << 20).whole(), "its ZIP64 directory is not where it says");
  }

  /** As NumPy writes each array, whatever its size. */
  @Test
  void sizesOf64BitsStandForThoseOf32() throws IOException {
    Archive archive = withWideSizes(10);
    requireSound(archive.whole());
    requireDamaged(withWideSizes(11).whole(), "disagree");
    archive.bytes().putShort(archive.local().get(0) + 37, (short) 8); // one size alone
    requireDamaged(archive.whole(), "disagree");
  }

  private static Archive withWideSizes(long size) {
    byte[] sizes =
        ByteBuffer.allocate(20)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) 1)
            .putShort((short) 16)
            .putLong(size)
            .putLong(10)
            .array();
    Archive archive = Archive.of(changed(e -> e.localExtra = sizes), b());
    archive.bytes().putInt(18, -1).putInt(22, -1);
    return archive;
  }

  @Test
  void aCommentThatJavaCannotReadIsNotRead() throws IOException {
    Path file = file(Archive.of(changed(e -> e.comment = new byte[] {(byte) 0xe9})).whole());
    assertThatThrownBy(() -> ZipDirectory.open(file))
        .isInstanceOf(PalimpsestException.class)
        .message()
        .satisfiesAnyOf(
            told -> assertThat(told).contains("comment"),
            told -> assertThat(told).contains(BY_JAVA));
  }

  @ParameterizedTest
  @ValueSource(strings = {"../a.npy", "/a.npy", "x/../../a.npy", "x\\a.npy"})
  void namesThatPointOutOfTheArchiveAreRefused(String name) throws IOException {
    Path file = file(Archive.of(new Entry(name, 3)).whole());
    assertThatThrownBy(() -> ZipContents.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(file.toString(), "points out of the archive");
  }

  @Test
  void contentIsHeldAgainstItsSizeAndChecksum() throws IOException {
    Archive archive = Archive.of(a(), b());
    try (ZipContents zip = ZipContents.open(file(archive.whole()))) {
      ZipEntry first = zip.entries().get(0);
      assertThat(zip.readWhole(first, 10)).hasSize(10).containsOnly('x');
      assertThatThrownBy(() -> zip.readWhole(first, 9))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("a.npy says that it has 10 bytes; at most 9 are read");
    }
    archive.bytes().put(archive.local().get(0) + 36, (byte) 'y');
    try (ZipContents zip = ZipContents.open(file(archive.whole()))) {
      assertThatThrownBy(() -> zip.readWhole(zip.entries().get(0), 10))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("entry a.npy, its size or checksum is wrong");
    }
  }
}
