package org.palimpsest.io.torchscript;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;

/** Archives that were made to harm, and archives that were harmed. */
class HostileArchiveTest {

  private static final Duration QUICKLY = Duration.ofSeconds(5);
  private static final int CENTRAL_HEADER = 0x02014b50;
  private static final int CENTRAL_SIZE_AT = 24;
  private static final int MEGABYTE = 1 << 20;

  @TempDir private Path folder;
  private final Map<String, byte[]> entries = new LinkedHashMap<>();

  @BeforeEach
  void aSmallNetwork() {
    entries.put("net/data.pkl", bytes("\u0080\u0002c__torch__\nNet\n)\u0081}b."));
    entries.put(
        "net/code/__torch__.py",
        bytes(
            """
            class Net(Module):
              training : bool
              def forward(self: __torch__.Net,
                x: Tensor) -> Tensor:
                return torch.relu(x)
            """));
    entries.put("net/constants.pkl", bytes("\u0080\u0002)."));
    entries.put("net/version", bytes("3\n"));
  }

  @Test
  void aNetworkThatTakesNoTensorIsRefusedByTheTypeOfItsInput() throws IOException {
    String code = new String(entries.get("net/code/__torch__.py"), StandardCharsets.ISO_8859_1);
    entries.put("net/code/__torch__.py", bytes(code.replace("x: Tensor", "x: List[str]")));
    Path file = written();
    assertThatThrownBy(() -> TorchScriptArchive.open(file).writeRecordingCopy(folder.resolve("c")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("takes a 'List[str]'");
  }

  @Test
  void theSmallNetworkItselfIsSound() throws IOException {
    TorchScriptArchive archive = TorchScriptArchive.open(written());
    Path copy = folder.resolve("copy.pt");
    org.assertj.core.api.Assertions.assertThat(archive.rootClass()).isEqualTo("__torch__.Net");
    org.assertj.core.api.Assertions.assertThat(archive.writeRecordingCopy(copy).entryMethod())
        .isEqualTo("palimpsest_capture");
    org.assertj.core.api.Assertions.assertThat(copy).isNotEmptyFile();
  }

  @Test
  void namesThatPointOutOfTheArchiveAreRefused() throws IOException {
    entries.put("net/../../../tmp/escaped", bytes("x"));
    assertRefused(written(), "points out of the archive");
  }

  @Test
  void absoluteNamesAreRefused() throws IOException {
    entries.put("/etc/escaped", bytes("x"));
    assertRefused(written(), "points out of the archive");
  }

  @Test
  void anEntryThatUnpacksToFarMoreThanTheFileIsRefused() throws IOException {
    entries.put("net/data/0", new byte[200 * MEGABYTE]);
    assertRefused(written(), "unpack");
  }

  @Test
  void codeWithoutEndIsRefused() throws IOException {
    entries.put("net/code/__torch__/bomb.py", new byte[65 * MEGABYTE]);
    assertRefused(written(), "");
  }

  @Test
  void aSizeThatIsALieIsRefused() throws IOException {
    for (int claimed : new int[] {0, 1, 1000, Integer.MAX_VALUE, -1}) {
      Path file = written();
      claimSizes(file, claimed);
      assertRefused(file, "");
    }
  }

  @Test
  void aPickleOfAnotherProgramIsRefusedWithoutBeingRun() throws IOException {
    entries.put("net/data.pkl", bytes("\u0080\u0002cos\nsystem\n(X\u0004\0\0\0exittR."));
    assertRefused(written(), "os.system");
  }

  @Test
  void deepTypesAndBracketsDoNotOverflowTheStack() throws IOException {
    String deep = "List[".repeat(100_000) + "Tensor" + "]".repeat(100_000);
    entries.put(
        "net/code/__torch__.py",
        bytes(
            "class Net(Module):\n  def forward(self: __torch__.Net, x: Tensor) -> "
                + deep
                + ":\n    _0 = "
                + "(".repeat(100_000)
                + "\n    return x\n"));
    assertHarmless(written());
  }

  @Test
  void aHeaderWithoutEndIsOneLine() throws IOException {
    entries.put("net/code/__torch__.py", bytes("class Net(Module):\n  def forward(self,\n"));
    assertRefused(written(), "line 2");
  }

  @Test
  void anEmptyArchiveIsNoNetwork() throws IOException {
    entries.clear();
    entries.put("readme", bytes("x"));
    assertRefused(written(), "a ZIP archive of something else");
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(written());
    Path file = folder.resolve("short.pt");
    for (int length = 0; length < whole.length; length += 7) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      assertRefused(file, "short.pt");
    }
  }

  private void assertHarmless(Path file) {
    assertTimeoutPreemptively(
        QUICKLY,
        () -> {
          try {
            TorchScriptArchive.open(file).writeRecordingCopy(folder.resolve("copy.pt"));
          } catch (PalimpsestException refused) {
            // Refusing is as good as copying: libtorch has the last word.
          }
        });
  }

  private void assertRefused(Path file, String reason) {
    assertTimeoutPreemptively(
        QUICKLY,
        () ->
            assertThatThrownBy(
                    () ->
                        TorchScriptArchive.open(file).writeRecordingCopy(folder.resolve("copy.pt")))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining(String.valueOf(file.getFileName()))
                .hasMessageContaining(reason));
  }

  private Path written() throws IOException {
    Path file = folder.resolve("net.pt");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
    return file;
  }

  /** Puts a size into every entry of the table of contents. */
  private static void claimSizes(Path file, int size) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i + CENTRAL_SIZE_AT < bytes.capacity(); i++) {
      if (bytes.getInt(i) == CENTRAL_HEADER) {
        bytes.putInt(i + CENTRAL_SIZE_AT, size);
      }
    }
    Files.write(file, bytes.array());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
