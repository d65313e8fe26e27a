package org.palimpsest.io.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;

class SmallScriptsTest {

  private static final String HEAD =
      "(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n";
  private static final String PART =
      "class Part"
          + HEAD
          + "  def forward(self: __torch__.Part,\n    x: Tensor) -> Tensor:\n    return torch.neg(x)\n";

  @TempDir private Path folder;

  /** A network of parts, of which the second has the letter 2 for its own. */
  private Path network(List<String> names, String attributes, String forward) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    data.writeBytes(new byte[] {(byte) 0x80, 2});
    data.writeBytes(ascii("c__torch__\nNet\n)\u0081}(X\b\0\0\0training\u0089"));
    for (String name : names) {
      data.writeBytes(
          ascii("X" + (char) name.length() + "\0\0\0" + name + "c__torch__\nPart\n)\u0081}"));
      data.writeBytes(ascii("(X\b\0\0\0training\u0089ub"));
    }
    data.writeBytes(ascii("ub."));
    Path file = folder.resolve("net.pt");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      put(zip, "net/data.pkl", data.toByteArray());
      put(zip, "net/code/__torch__.py", ascii(PART + "class Net" + HEAD + attributes + forward));
      put(zip, "net/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
      put(zip, "net/version", ascii("3\n"));
    }
    return file;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
    zip.closeEntry();
  }

  private static List<String> layers(Path file) {
    try (TorchScriptNetwork network = TorchScriptNetwork.open(file)) {
      return network.capture(Probes.of(Nd4j.rand(3, 1)), LayerSelector.all()).layers();
    }
  }

  @Test
  void aModuleThatIsCalledLikeASecondCallOfAnotherIsRefused() throws IOException {
    String attributes = "  a : __torch__.Part\n  __annotations__[\"a#2\"] = __torch__.Part\n";
    Path file =
        network(
            List.of("a", "a#2"),
            attributes,
            """
              def forward(self: __torch__.Net,
                x: Tensor) -> Tensor:
                b = (self.a).forward((self.a).forward(x, ), )
                return (getattr(self, "a#2")).forward(b, )
            """);
    assertThatThrownBy(() -> layers(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("net.pt has two layers that would be called 'a#2'");
  }

  @Test
  void allKeysOfADictionaryAreLayers() throws IOException {
    Path file =
        network(
            List.of(),
            "",
            """
              def forward(self: __torch__.Net,
                x: Tensor) -> Dict[str, Tensor]:
                return {"a\\'b": x, "a,\\n\\tb]": x, "%10;\\303\\244\\360\\237\\230\\200": x}
            """);
    assertThat(layers(file))
        .containsExactly("output[a'b]", "output[a,\n\tb]]", "output[%10;\u00e4\ud83d\ude00]");
  }

  @Test
  void aDictionaryOfMoreResultsThanCanBeCapturedIsRefused() throws IOException {
    Path file =
        network(
            List.of(),
            "",
            """
              def forward(self: __torch__.Net,
                x: Tensor) -> Dict[str, Tensor]:
                all = annotate(Dict[str, Tensor], {})
                for i in range(50001):
                  all[torch.format("{}", i)] = x
                return all
            """);
    assertThatThrownBy(() -> layers(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("gives 50001 layers and results");
  }

  private static List<String> notesOf(Path file, Probes probes, List<String> layers) {
    try (TorchScriptNetwork network = TorchScriptNetwork.open(file)) {
      assertThat(network.capture(probes, LayerSelector.all()).layers()).isEqualTo(layers);
      return network.provenance().notes();
    }
  }

  /** A network that calls its part 'a', and gives what the code makes of its input. */
  private Path besideAPart(String code) throws IOException {
    return network(
        List.of("a"),
        "  a : __torch__.Part\n",
        """
          def forward(self: __torch__.Net,
            x: Tensor) -> Tensor:
            y = (self.a).forward(x, )
            return %s
        """
            .formatted(code));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "torch.sub(x, torch.mean(x))",
        "torch.batch_norm(x, None, None, None, None, True, 0.10000000000000001, 1.0000000000000001e-05, True)"
      })
  void whatDependsOnTheProbesThatAreShownTogetherIsTold(String code) throws IOException {
    Path file = besideAPart(code);
    assertThat(notesOf(file, Probes.of(Nd4j.rand(20, 3, 2, 2)), List.of("a", "output")))
        .containsExactly(
            "run in evaluation mode",
            "depends on which probes are shown together, here in batches of 10, and gives other values in other batches: output");
  }

  /** Volumes often begin with blank slices, which tell nothing of each other. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "torch.sub(x, torch.mean(x)) | depends on which probes are shown together",
        "torch.flip(x, [0]) | left out layers whose rows are not the probes'",
        "torch.cumsum(x, 0) | left out layers whose rows are not the probes'"
      })
  void whereTheFirstProbesAreEqualAnotherTells(String code, String note) throws IOException {
    Path file = besideAPart(code);
    INDArray someEqual = Nd4j.rand(5, 3, 2, 2);
    someEqual.get(NDArrayIndex.interval(0, 2)).assign(0);
    for (INDArray shown : List.of(someEqual, Nd4j.zeros(5, 3, 2, 2), Nd4j.rand(5, 3, 2, 2))) {
      try (TorchScriptNetwork network = TorchScriptNetwork.open(file)) {
        network.capture(Probes.of(shown), LayerSelector.all());
        assertThat(network.provenance().notes()).anyMatch(told -> told.startsWith(note));
      }
    }
  }

  /** As a tracer writes {@code x.view(x.shape[0], -1, 4)} that was shown four probes. */
  @Test
  void layersWhoseRowsAreNotTheProbesAreLeftOut() throws IOException {
    Path file =
        network(
            List.of("a"),
            "  a : __torch__.Part\n",
            """
              def forward(self: __torch__.Net,
                x: Tensor) -> Tensor:
                return torch.view((self.a).forward(x, ), [4, -1, 4])
            """);
    Probes probes = Probes.of(Nd4j.rand(4, 4, 4));
    assertThat(notesOf(file, probes, List.of("a")))
        .anyMatch(note -> note.matches("left out layers whose rows are not .*: output\\. .*"))
        .noneMatch(note -> note.startsWith("depends"));
    try (TorchScriptNetwork network = TorchScriptNetwork.open(file)) {
      assertThatThrownBy(() -> network.capture(probes, LayerSelector.of("output")))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll("'output'", "has no row for each probe", "torch.jit.script");
    }
  }

  /** PyTorch 1.12.1 gives -1 for the quotient of -3 and 2, version 1.13 and later -2. */
  @Test
  void quotientsThatOlderVersionsRoundedOtherwiseAreTold() throws IOException {
    Path file =
        network(
            List.of("a"),
            "  a : __torch__.Part\n",
            """
              def forward(self: __torch__.Net,
                x: Tensor) -> Tensor:
                return torch.floor_divide((self.a).forward(x, ), 2)
            """);
    assertThat(notesOf(file, Probes.of(Nd4j.rand(2, 3)), List.of("a", "output")))
        .anyMatch(note -> note.startsWith("divides by torch.floor_divide"));
    try (TorchScriptNetwork network = TorchScriptNetwork.open(file)) {
      INDArray quotients =
          network
              .capture(Probes.of(Nd4j.ones(2, 3).muli(3)), LayerSelector.of("output"))
              .get("output")
              .values();
      assertThat(quotients.maxNumber().doubleValue()).isEqualTo(-2);
    }
  }

  @Test
  void samplesInAnotherDimensionDoNotDependOnEachOther() throws IOException {
    Path file =
        network(
            List.of(),
            "",
            """
              def forward(self: __torch__.Net,
                x: Tensor) -> Tensor:
                return torch.transpose(torch.sub(x, torch.mean(x, [1], True)), 0, 1)
            """);
    List<String> layers = List.of("/mean", "/sub", "/transpose", "output");
    assertThat(notesOf(file, Probes.of(Nd4j.rand(5, 3)), layers))
        .containsExactlyInAnyOrder(
            "layer '/transpose' has its samples in dimension 2: moved to the front",
            "layer 'output' has its samples in dimension 2: moved to the front",
            "run in evaluation mode");
  }

  @Test
  void probesWhoseSizesDoNotFitAreToldWhichDo() throws IOException {
    Path file =
        network(
            List.of(),
            "",
            """
              def forward(self: __torch__.Net,
                x: Tensor) -> Tensor:
                small = torch.max_pool2d(x, [4, 4])
                large = torch.repeat_interleave(torch.repeat_interleave(small, 4, 2), 4, 3)
                return torch.cat([x, large], 1)
            """);
    try (TorchScriptNetwork network = TorchScriptNetwork.open(file)) {
      Probes probes = Probes.of(Nd4j.rand(3, 1, 10, 13));
      assertThatThrownBy(() -> network.layers(probes))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("cannot take these probes of shape [3, 1, 10, 13]")
          .hasMessageEndingWith(
              "It runs with sizes that are multiples of 4, such as [1, 12, 16] for each probe.");
    }
  }

  @Test
  void aNetworkOfAListWithoutTheProbesInOneTensorSaysWhatToDo() throws IOException {
    String forward =
        "  def forward(self: __torch__.Net,\n    xs: List[Tensor]) -> Tensor:\n    return torch.neg(xs[0])\n";
    Path file = network(List.of(), "", forward);

    assertThatThrownBy(() -> layers(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(
            "net.pt", "'output' answers 2 probes with the shape [1]", "a list of tensors", "[x]");
  }
}
