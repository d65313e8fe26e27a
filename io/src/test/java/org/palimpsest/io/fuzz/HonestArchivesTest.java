package org.palimpsest.io.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.io.dump.Dumps;

/** Archives that are not read and that are no one's fault: the reason is told, nothing else. */
class HonestArchivesTest {

  @TempDir Path folder;

  private void assertNotAccused(ForgedZip zip, String reason) throws IOException {
    Path file = Files.write(folder.resolve("a.npz"), zip.bytes());
    assertThat(FileKind.of(file)).isEqualTo(FileKind.UNREAD_ZIP);
    assertThat(FileKind.UNREAD_ZIP.describe(file)).contains(reason).doesNotContain("damaged");
    assertThatThrownBy(() -> Dumps.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(reason)
        .hasMessageNotContaining("damaged");
  }

  private static ForgedZip.Entry only(ForgedZip zip) {
    return zip.add("a.npy", new byte[100], false);
  }

  @ParameterizedTest
  @CsvSource({"12, bzip2", "14, LZMA", "93, Zstandard", "77, method 77"})
  void methodsOfPackingAreCalledByTheirNames(int method, String name) throws IOException {
    ForgedZip zip = new ForgedZip();
    ForgedZip.Entry entry = only(zip);
    entry.local.method = method;
    entry.central.method = method;
    assertNotAccused(zip, "packed by " + name);
  }

  @Test
  void encryptedEntriesAreTold() throws IOException {
    ForgedZip zip = new ForgedZip();
    ForgedZip.Entry entry = only(zip);
    entry.local.flags |= 1;
    entry.central.flags |= 1;
    assertNotAccused(zip, "'a.npy' is encrypted");
  }

  @Test
  void namesInACodePageAreTold() throws IOException {
    ForgedZip zip = new ForgedZip();
    ForgedZip.Entry entry = only(zip);
    entry.local.name = new byte[] {(byte) 0x84, '.', 'n', 'p', 'y'};
    entry.central.name = entry.local.name;
    entry.local.flags = 0;
    entry.central.flags = 0;
    assertNotAccused(zip, "is not UTF-8");
  }

  @Test
  void arraysOfOneNumberAreTold() throws IOException {
    ForgedZip zip = new ForgedZip();
    zip.add("dead.npy", new byte[130 << 20], true);
    assertNotAccused(zip, "'dead.npy' claims to unfold from ");
  }

  @Test
  void partsOfDistributedCheckpointsAreTold() throws IOException {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    for (boolean large : new boolean[] {false, true}) {
      ForgedZip zip = new ForgedZip();
      zip.add("archive/data.pkl", "N.".getBytes(StandardCharsets.US_ASCII), false);
      zip.add("archive/version", "3".getBytes(StandardCharsets.US_ASCII), false);
      zip.zip64End = large;
      both.writeBytes(zip.bytes());
      Path file = Files.write(folder.resolve("__0_0.distcp"), both.toByteArray());
      FileKind kind = FileKind.of(file);
      assertThat(kind == FileKind.TORCH_DISTRIBUTED).isEqualTo(large);
    }
    assertThat(FileKind.TORCH_DISTRIBUTED.use()).contains("dcp_to_torch_save");
  }
}
