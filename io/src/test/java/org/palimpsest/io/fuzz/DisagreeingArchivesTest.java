package org.palimpsest.io.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.fuzz.ForgedZip.Entry;

/**
 * Archives of arrays whose two descriptions of an entry agree, in every form that tools write, or
 * disagree in one place. Right is: exactly the arrays, or a refusal.
 *
 * <p>{@code -Dfuzz.mutants=20000 -Dfuzz.seed=1} runs the whole campaign.
 */
class DisagreeingArchivesTest {

  private static final Map<String, BiConsumer<ForgedZip, SplittableRandom>> LIES =
      new LinkedHashMap<>();

  static {
    lie("local name", (e, r) -> e.local.name = changed(e.local.name, r));
    lie("local checksum", (e, r) -> e.local.crc ^= 1L << r.nextInt(32));
    lie("local size", (e, r) -> e.local.size += 1 + r.nextInt(9));
    lie("local packed size", (e, r) -> e.local.packed += 1 + r.nextInt(9));
    lie("local method", (e, r) -> e.local.method ^= 8);
    lie("listed checksum", (e, r) -> e.central.crc ^= 1L << r.nextInt(32));
    lie("listed size", (e, r) -> e.central.size += 1 + r.nextInt(9));
    lie("listed packed size", (e, r) -> e.central.packed += 1 + r.nextInt(9));
    lie("listed place", (e, r) -> e.offsetShift = 1 + r.nextInt(50));
    lie("gap", (e, r) -> e.after = new byte[1 + r.nextInt(40)]);
    lie("hidden entry", (e, r) -> e.listed = false);
    lie("encrypted", (e, r) -> e.central.flags |= 1);
    lie("another method", (e, r) -> e.local.method = e.central.method = 9 + r.nextInt(90));
    lie("negative packed size", (e, r) -> wide(e, e.central.size, Long.MIN_VALUE | r.nextLong()));
    lie("packed size below zero", (e, r) -> packedBelowZero(e, r.nextInt(3)));
    lie("negative size", (e, r) -> wide(e, -1 - r.nextInt(9), e.central.packed));
    lie("huge size", (e, r) -> wide(e, 1L << 40 + r.nextInt(22), e.central.packed));
    lie("second name", (e, r) -> e.central.extra = ForgedZip.field(0x7075, otherName(e)));
    lie("zero in the name", (e, r) -> e.local.name = e.central.name = "a\0b.npy".getBytes(UTF_8));
    LIES.put("count", (zip, r) -> zip.countShift = r.nextBoolean() ? 1 : -1);
    LIES.put("bytes before", (zip, r) -> zip.before = "PK\3\4junk".getBytes(UTF_8));
    LIES.put("two ends", (zip, r) -> zip.comment = new ForgedZip().bytes());
    LIES.put("same name twice", (zip, r) -> zip.add("a0.npy", npy(new double[] {9}), false));
    LIES.put(
        "two counts",
        (zip, r) -> {
          zip.zip64End = true;
          zip.zip64CountShift = 1;
        });
  }

  @TempDir Path folder;

  private static void lie(String name, BiConsumer<Entry, SplittableRandom> change) {
    LIES.put(
        name,
        (zip, random) ->
            change.accept(zip.entries.get(random.nextInt(zip.entries.size())), random));
  }

  private static byte[] changed(byte[] name, SplittableRandom random) {
    byte[] other = name.clone();
    other[0] ^= (byte) (1 + random.nextInt(7));
    return other;
  }

  private static byte[] otherName(Entry entry) {
    byte[] name = new byte[5 + entry.central.name.length];
    Arrays.fill(name, (byte) 'x');
    return name;
  }

  private static void wide(Entry entry, long size, long packed) {
    ForgedZip.wideSizes(entry.central, size, packed);
  }

  /** In a wide field that has room for both sizes, of which the entry asks for one. */
  private static void packedBelowZero(Entry entry, int less) {
    ByteBuffer sizes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(-1 - less);
    entry.central.packed = 0xffffffffL;
    entry.central.extra = ForgedZip.field(1, sizes.putLong(60).array());
  }

  private static byte[] npy(double[] values) {
    String header = "{'descr': '<f8', 'fortran_order': False, 'shape': (%d, 1), }\n";
    byte[] text = header.formatted(values.length).getBytes(UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(10 + text.length + 8 * values.length);
    bytes.order(ByteOrder.LITTLE_ENDIAN).put((byte) 0x93).put("NUMPY\1\0".getBytes(UTF_8));
    bytes.putShort((short) text.length).put(text);
    Arrays.stream(values).forEach(bytes::putDouble);
    return bytes.array();
  }

  /** What honest tools write: packed or not, sizes before or after, with or without ZIP64. */
  private static ForgedZip honest(Map<String, double[]> arrays, SplittableRandom random) {
    ForgedZip zip = new ForgedZip();
    arrays.forEach(
        (name, values) -> {
          Entry entry = zip.add(name + ".npy", npy(values), random.nextBoolean());
          switch (random.nextInt(4)) {
            case 0 -> ForgedZip.sizesAfter(entry, random.nextBoolean());
            case 1 -> ForgedZip.wideSizes(entry.local, entry.local.size, entry.local.packed);
            case 2 -> entry.local.extra = ForgedZip.field(0x4246, new byte[random.nextInt(60)]);
            default -> {}
          }
        });
    zip.zip64End = random.nextBoolean();
    if (random.nextInt(4) == 0) {
      zip.comment = "made by hand".getBytes(UTF_8);
    }
    return zip;
  }

  private static Map<String, double[]> arrays(SplittableRandom random) {
    Map<String, double[]> arrays = new LinkedHashMap<>();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      arrays.put("a" + i, random.doubles(2 + random.nextInt(6)).toArray());
    }
    return arrays;
  }

  /** A finding, or nothing. */
  private String judge(Path file, Map<String, double[]> truth, String lie) {
    try {
      ActivationSet read = Dumps.open(file);
      if (!lie.isEmpty()) {
        return lie + ": read";
      }
      for (Map.Entry<String, double[]> array : truth.entrySet()) {
        double[] values = read.get(array.getKey()).values().dup('c').data().asDouble();
        if (!Arrays.equals(values, array.getValue())) {
          return "other numbers in " + array.getKey();
        }
      }
      return read.layers().size() == truth.size() ? "" : "other layers";
    } catch (PalimpsestException refused) {
      return lie.isEmpty() ? "honest but " + refused.getMessage() : "";
    }
  }

  @Test
  void archivesAreReadInOneWayOrRefused() throws IOException {
    SplittableRandom random = new SplittableRandom(Long.getLong("fuzz.seed", 1));
    int count = Integer.getInteger("fuzz.mutants", 400);
    List<String> kinds = List.copyOf(LIES.keySet());
    List<String> findings = new ArrayList<>();
    Path file = folder.resolve("made.npz");
    for (int i = 0; i < count; i++) {
      Map<String, double[]> arrays = arrays(random);
      ForgedZip zip = honest(arrays, random);
      String lie = i % 4 == 0 ? "" : kinds.get(random.nextInt(kinds.size()));
      if (!lie.isEmpty()) {
        LIES.get(lie).accept(zip, random);
      }
      Files.write(file, zip.bytes());
      String[] finding = {"hangs: " + lie};
      Assertions.assertTimeoutPreemptively(
          Duration.ofSeconds(20), () -> finding[0] = judge(file, arrays, lie), lie);
      if (!finding[0].isEmpty()) {
        findings.add(i + " " + finding[0]);
      }
    }
    assertThat(findings).isEmpty();
  }

  @Test
  void whatIsWrongIsSaid() throws IOException {
    ForgedZip zip = new ForgedZip();
    zip.add("a.npy", npy(new double[] {1, 2}), true);
    byte[] minusOne = new byte[16];
    Arrays.fill(minusOne, 0, 8, (byte) -1);
    zip.entries.get(0).central.packed = 0xffffffffL;
    zip.entries.get(0).central.extra = ForgedZip.field(1, minusOne);
    Path file = Files.write(folder.resolve("hang.npz"), zip.bytes());
    assertThat(FileKind.of(file)).isEqualTo(FileKind.DAMAGED_ZIP);
    assertThat(FileKind.DAMAGED_ZIP.describe(file)).contains("'a.npy' claims -1 bytes");
  }

  @Test
  void twoNetworksInOneArchiveAreRefused() throws IOException {
    UnaryOperator<String> described =
        second -> {
          ForgedZip zip = new ForgedZip();
          zip.add("a/data.pkl", ".".getBytes(UTF_8), false);
          zip.add(second, ".".getBytes(UTF_8), false);
          try {
            Path file = Files.write(folder.resolve("two.pth"), zip.bytes());
            return FileKind.of(file) + " " + FileKind.of(file).describe(file);
          } catch (IOException failure) {
            return failure.toString();
          }
        };
    assertThat(described.apply("b/data.pkl")).contains("DAMAGED_ZIP", "two networks");
    assertThat(described.apply("A/data.pkl")).contains("DAMAGED_ZIP");
    assertThat(described.apply("a/data/0")).contains("TORCH_CHECKPOINT");
  }
}
