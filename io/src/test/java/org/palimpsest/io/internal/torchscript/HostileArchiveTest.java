package org.palimpsest.io.internal.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
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
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
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
    assertThat(archive.rootClass()).isEqualTo("__torch__.Net");
    assertThat(archive.writeRecordingCopy(copy).entryMethod()).isEqualTo("palimpsest_capture");
    assertThat(copy).isNotEmptyFile();
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
    assertRefused(written(), "claims to unfold");
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

  static List<String> longLines() {
    return List.of(
        "f(".repeat(250_000),
        "f(1), ".repeat(60_000),
        "(".repeat(20_000) + ")".repeat(20_000),
        "torch.".repeat(50_000),
        "torch.dropout(".repeat(20_000),
        "torch.batch_norm(" + "a, ".repeat(30_000),
        ".a".repeat(100_000),
        "x" + ").a(1".repeat(100_000),
        " ".repeat(200_000) + "x",
        "\\".repeat(99_999),
        "\"" + "\\\"".repeat(50_000) + "\"",
        "List[".repeat(20_000) + "int" + "]".repeat(20_000),
        "a : ".repeat(100_000),
        "x".repeat(3_000_000));
  }

  @ParameterizedTest
  @MethodSource("longLines")
  void longLinesAndDeepBracketsAreReadOrRefusedQuickly(String line) throws IOException {
    for (String form : List.of("    zz = %s\n    return x\n", "    return %s\n", "    %s\n")) {
      String code =
          "class Net(Module):\n  def forward(self: __torch__.Net, x: Tensor) -> Tensor:\n";
      entries.put("net/code/__torch__.py", bytes(code + form.formatted(line)));
      Path file = written();
      assertHarmless(file);
      assertTimeoutPreemptively(
          QUICKLY,
          () -> {
            try {
              TorchScriptOutline.read(file);
            } catch (PalimpsestException refused) {
              assertThat(refused).hasMessageContaining("net.pt");
            }
          });
    }
  }

  static List<String> deepCode() {
    return List.of(
        "    y = " + "torch.".repeat(50_000) + "add(1, 1)\n",
        "    y = 1" + " + 1".repeat(1000) + "\n",
        "    y = " + "not ".repeat(1000) + "True\n",
        "    y = " + "(\n".repeat(1000) + "1" + ")\n".repeat(1000),
        "    y = f(1,\n    2" + "\n    + 1".repeat(1000) + ")\n",
        "    if a:\n      pass\n" + "    elif b:\n      pass\n".repeat(1000));
  }

  /** Libtorch's parser recurses through all of these, and its process would die. */
  @ParameterizedTest
  @MethodSource("deepCode")
  void codeThatIsChainedTooDeeplyIsRefused(String code) throws IOException {
    entries.put(
        "net/code/__torch__.py",
        bytes(
            "class Net(Module):\n  def forward(self: __torch__.Net, x: Tensor) -> Tensor:\n"
                + code
                + "    return x\n"));
    assertRefused(written(), "nested so deeply");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\"b", "a\nb", "a\\"})
  void aNameThatPyTorchCannotReadBackIsNamed(String name) throws IOException {
    entries.put(
        "net/code/__torch__.py",
        bytes("class Net(Module):\n  __annotations__[\"" + name + "\"] = __torch__.Part\n"));
    assertRefused(written(), "__annotations__[\"a");
  }

  @Test
  void aHeaderOfManyLinesIsReadInOneGo() throws IOException {
    entries.put(
        "net/code/__torch__.py",
        bytes("class Net(Module):\n  def forward(self,\n" + "    x: Tensor,\n".repeat(200_000)));
    assertRefused(written(), "line 2");
  }

  @Test
  void anArchiveOfTwoNetworksIsRefused() throws IOException {
    entries.put("other/data.pkl", entries.get("net/data.pkl"));
    entries.put("other/code/__torch__.py", entries.get("net/code/__torch__.py"));
    assertRefused(written(), "two networks");
  }

  @Test
  void onlyWhatLiesInTheNetworksFolderIsCopied() throws IOException {
    entries.put("other/code/__torch__.py", bytes("class Net(Module):\n"));
    Path copy = folder.resolve("copy.pt");
    TorchScriptArchive.open(written()).writeRecordingCopy(copy);
    try (java.util.zip.ZipFile zip = new java.util.zip.ZipFile(copy.toFile())) {
      assertThat(zip.stream().map(ZipEntry::getName)).allMatch(name -> name.startsWith("net/"));
    }
  }

  @Test
  void aFileThatChangesAfterItWasOpenedIsAnError() throws IOException {
    Path file = written();
    TorchScriptArchive archive = TorchScriptArchive.open(file);
    entries.put("net/extra", bytes("x"));
    written();
    assertThatThrownBy(() -> archive.writeRecordingCopy(folder.resolve("copy.pt")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("changed while it was read");
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
