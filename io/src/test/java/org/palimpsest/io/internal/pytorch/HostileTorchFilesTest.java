package org.palimpsest.io.internal.pytorch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;

/** Archives that were built to do harm; the time limits catch hangs and nothing finer. */
class HostileTorchFilesTest {

  private static final Duration HANG = Duration.ofSeconds(20);

  @TempDir Path folder;

  private Path archive(String pickle, long storageBytes) throws IOException {
    Path file = folder.resolve("evil.pth");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      zip.write(pickle.getBytes(ISO_8859_1));
      zip.putNextEntry(new ZipEntry("archive/version"));
      zip.write('3');
      zip.putNextEntry(new ZipEntry("archive/data/0"));
      byte[] block = new byte[1 << 16];
      for (long done = 0; done < storageBytes; done += block.length) {
        zip.write(block, 0, (int) Math.min(block.length, storageBytes - done));
      }
    }
    return file;
  }

  private static String numbers(long... values) {
    return Arrays.stream(values)
        .mapToObj(v -> "I" + v + "\n")
        .collect(Collectors.joining("", "(", "t"));
  }

  private static String tensor(String key, long numel, long offset, String shape, String strides) {
    String storage =
        "(U\u0007storagectorch\nFloatStorage\nU\u0001%sU\u0003cpuI%d\ntQ".formatted(key, numel);
    return "ctorch._utils\n_rebuild_tensor_v2\n(%sI%d\n%s%s\u0089NtR"
        .formatted(storage, offset, shape, strides);
  }

  private static String dict(String... tensors) {
    StringBuilder pickle = new StringBuilder("\u0080\u0002}");
    for (int i = 0; i < tensors.length; i++) {
      pickle.append("U\u0001").append((char) ('a' + i)).append(tensors[i]).append('s');
    }
    return pickle.append('.').toString();
  }

  private void assertRefused(String pickle, long storageBytes, String reason) throws IOException {
    Path file = archive(pickle, storageBytes);
    Assertions.assertTimeoutPreemptively(
        HANG,
        () ->
            assertThatThrownBy(() -> TorchWeights.read(file))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("evil.pth")
                .hasMessageContaining(reason));
  }

  @Test
  void theHonestArchiveIsRead() throws IOException {
    Weights weights =
        TorchWeights.read(archive(dict(tensor("0", 4, 0, numbers(2, 2), numbers(2, 1))), 16));
    assertThat(weights.find("a").orElseThrow().values().shape()).containsExactly(2, 2);
  }

  @Test
  void viewsBeyondTheirStorageAreRefused() throws IOException {
    assertRefused(dict(tensor("0", 4, 1, numbers(2, 2), numbers(2, 1))), 16, "its storage has 4");
    assertRefused(dict(tensor("0", 4, -1, numbers(2), numbers(1))), 16, "its storage has 4");
    assertRefused(dict(tensor("0", 4, 0, numbers(2), numbers(-1))), 16, "its storage has 4");
    assertRefused(dict(tensor("0", 4, 0, numbers(2, 2), numbers(1L << 59, 1))), 16, "storage has");
    assertRefused(
        dict(tensor("0", 4, 0, numbers(1L << 40, 1L << 40), numbers(1, 1))),
        16,
        "no file can hold");
    assertRefused(dict(tensor("0", 4, 0, numbers(-2, 2), numbers(1, 1))), 16, "no file can hold");
    assertRefused(dict(tensor("0", 4, 0, numbers(2, 2), numbers(1))), 16, "shape and strides");
  }

  @Test
  void storagesOfAnotherSizeThanClaimedAreRefused() throws IOException {
    assertRefused(dict(tensor("0", 1L << 50, 0, numbers(2), numbers(1))), 16, "16 bytes");
    assertRefused(dict(tensor("1", 4, 0, numbers(2), numbers(1))), 16, "no entry 'archive/data/1'");
  }

  @Test
  void tensorsThatRepeatOneNumberWithoutEndAreRefused() throws IOException {
    assertRefused(dict(tensor("0", 1, 0, numbers(1L << 45), numbers(0))), 4, "damaged or harmful");
    String[] many = new String[20];
    Arrays.fill(many, tensor("0", 1, 0, numbers(1L << 24), numbers(0)));
    assertRefused(dict(many), 4, "damaged or harmful");
  }

  @Test
  void storagesThatUnfoldAThousandfoldAreRefused() throws IOException {
    long numel = 50L << 20;
    assertRefused(dict(tensor("0", numel, 0, numbers(numel), numbers(1))), 4 * numel, "harmful");
  }

  @Test
  void dictionariesWithinDictionariesWithoutEndAreRefused() throws IOException {
    String deep = "}U\u0001a".repeat(100_000) + "N" + "s".repeat(100_000) + ".";
    assertRefused(deep, 4, "nests its objects");
    assertRefused("}q\u0000U\u0001ah\u0000s.", 4, "nests its objects");
    StringBuilder twice = new StringBuilder("}q\u0000");
    for (int i = 1; i < 100; i++) {
      twice.append("}(U\u0001ah%1$cU\u0001bh%1$cuq%2$c".formatted((char) (i - 1), (char) i));
    }
    assertRefused(twice.append('.').toString(), 4, "nests its objects");
  }

  @Test
  void namesThatRunCodeAreRefusedBeforeAnythingElse() throws IOException {
    assertRefused("cos\nsystem\n(S'touch owned'\ntR.", 4, "names 'os.system'");
    assertThat(Path.of("owned")).doesNotExist();
  }
}
