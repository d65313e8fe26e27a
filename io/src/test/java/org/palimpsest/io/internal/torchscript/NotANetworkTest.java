package org.palimpsest.io.internal.torchscript;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;

/** Files that people take for networks: each is told what it is and what it is good for. */
class NotANetworkTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "not_state_dict.pt, a state dict or training checkpoint",
    "not_checkpoint.pt, a state dict or training checkpoint",
    "not_legacy.pt, format from before version 1.6",
    "not_pickled_module.pt, a pickled PyTorch module",
    "two_inputs.pt, takes 2 inputs",
    "optimised.pt, optimize_for_inference"
  })
  void filesOfPyTorchAreToldApart(String name, String reason) throws URISyntaxException {
    Path file = Path.of(NotANetworkTest.class.getResource(name).toURI());
    assertRefused(file, reason);
  }

  @Test
  void aStateDictIsGoodForItsWeights() throws URISyntaxException {
    Path file = Path.of(NotANetworkTest.class.getResource("not_state_dict.pt").toURI());
    assertRefused(file, "weights-compare");
    assertRefused(file, "torch.export.save");
  }

  @Test
  void aMissingFileIsSaidToBeMissing() {
    assertRefused(folder.resolve("missing.pt"), "does not exist");
  }

  @Test
  void aFolderIsSaidToBeNoFile() {
    assertRefused(folder, "is a folder");
  }

  @Test
  void anEmptyFileIsSaidToBeEmpty() throws IOException {
    assertRefused(Files.createFile(folder.resolve("empty.pt")), "is empty");
  }

  @Test
  void textIsSaidToBeText() throws IOException {
    Path file = Files.writeString(folder.resolve("text.pt"), "epoch,loss\n1,0.5\n");
    assertRefused(file, "text.pt is plain text, not a TorchScript model");
    assertRefused(file, "torch.jit.script(model).save");
  }

  @Test
  void anImageIsSaidToBeAnImage() throws IOException {
    byte[] start = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    assertRefused(Files.write(folder.resolve("image.pt"), start), "is a PNG image");
  }

  private static void assertRefused(Path file, String reason) {
    assertThatThrownBy(() -> TorchScriptArchive.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(String.valueOf(file.getFileName()))
        .hasMessageContaining(reason)
        .message()
        .doesNotContain("\n");
  }
}
