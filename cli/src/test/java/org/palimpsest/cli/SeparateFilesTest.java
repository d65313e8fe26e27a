package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a command reads it does not replace. */
class SeparateFilesTest {

  private static final Path CT = Path.of("..", "io/src/test/resources/volumes/nnunet/ct_mask");

  @TempDir private Path folder;

  private Path model;
  private Path probes;

  @BeforeEach
  void copies() throws IOException {
    model = Files.copy(SampleFiles.MODEL_A, folder.resolve("m.pt"));
    probes = Files.copy(SampleFiles.PROBES, folder.resolve("p.npy"));
  }

  /** Refused as wrong use in one line, and no file is changed or made. */
  private void refuses(Path read, Object... arguments) throws IOException {
    Map<String, String> before = contents();
    Outcome outcome = Outcome.of(arguments);
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err().strip().lines()).hasSize(1);
    assertThat(outcome.err()).contains("is read by this command", read.getFileName().toString());
    assertThat(contents()).isEqualTo(before);
  }

  private Map<String, String> contents() throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    return contents;
  }

  private Object[] capture(Path output) {
    return new Object[] {"capture", model, "--probes", probes, "-o", output};
  }

  @Test
  void theModelUnderAnyName() throws IOException {
    refuses(model, capture(model));
    refuses(model, capture(folder.resolve("absent/../m.pt")));
    refuses(model, capture(Files.createSymbolicLink(folder.resolve("link"), model)));
    refuses(model, capture(Files.createLink(folder.resolve("hard"), model)));
    Path around = Files.createSymbolicLink(folder.resolve("around"), folder);
    refuses(model, capture(around.resolve("m.pt")));
  }

  @Test
  void probes() throws IOException {
    refuses(probes, capture(probes));
    Path images = Files.createDirectory(folder.resolve("images"));
    Path image = SampleFiles.image(images.resolve("linear_cka.png"), 1);
    refuses(image, "compare", model, SampleFiles.MODEL_B, "--probes", images, "-o", images);
    refuses(
        image, "compare", model, SampleFiles.MODEL_B, "--probes", images + "/*.png", "-o", images);
    refuses(image, "capture", model, "--probes", images, "-o", image);
  }

  @Test
  void tablesThatAreRead() throws IOException {
    Path first = Files.copy(probes, folder.resolve("scores.csv"));
    refuses(first, "compare", first, probes, "-o", folder);
    Path weights = Files.copy(SampleFiles.WEIGHTS, folder.resolve("weights.json"));
    refuses(weights, "weights-compare", weights, SampleFiles.WEIGHTS, "-o", folder);
    Path study = Files.writeString(folder.resolve("study.json"), "{}");
    refuses(study, "track", study, "-o", folder);
  }

  @Test
  void volumesAndPlans() throws IOException {
    Path image = Files.copy(CT.resolve("case_0000.nii.gz"), folder.resolve("v.nii.gz"));
    Path plans = Files.copy(CT.resolve("plans.json"), folder.resolve("plans.json"));
    Path dataset = Files.writeString(folder.resolve("dataset.json"), "{}");
    refuses(image, "patches", "--plan", plans, "-o", image, image);
    refuses(image, "patches", "--plan", plans, "-o", image, folder);
    refuses(plans, "patches", "--plan", plans, "-o", folder.resolve("plans.npy"), image);
    refuses(plans, "patches", "--plan", folder, "-o", folder.resolve("plans.npy"), image);
    refuses(dataset, "patches", "--plan", plans, "-o", folder.resolve("dataset.npy"), image);
    Path elsewhere = folder.resolve("x.npy");
    refuses(image, "patches", "--plan", plans, "-o", elsewhere, "--preview", image, image);
    Path mask = Files.copy(image, folder.resolve("x_masks.npy"));
    refuses(mask, "patches", "--plan", plans, "--masks", mask, "-o", elsewhere, image);
  }

  @Test
  void descriptionsAndDrafts() throws IOException {
    Path net = Files.writeString(folder.resolve("net.json"), "{}");
    refuses(net, "capture", model, "--architecture", net, "--probes", probes, "-o", net);
    refuses(model, "inspect", model, "--draft", model);
  }

  @Test
  void whatAModelNames() throws IOException {
    Path weights = Files.writeString(folder.resolve("w.bin"), "weights");
    String entry = "j\21\n\blocation\22\5w.bin"; // of a tensor, as ONNX writes it
    Path onnx = Files.writeString(folder.resolve("m.onnx"), "\b\b:\25*\23" + entry + "p\1");
    refuses(weights, "capture", onnx, "--probes", probes, "-o", weights);
  }

  @Test
  void whatAListNamesFarBehindItsBeginning() throws IOException {
    Path weights = Files.writeString(folder.resolve("w.bin"), "weights");
    String others = "\"" + "x".repeat((1 << 20) - 8) + "\", \"folder/"; // over a block's end
    Path list = Files.writeString(folder.resolve("l.json"), "[" + others + "w.bin\"]");
    refuses(weights, "capture", model, "--architecture", list, "--probes", probes, "-o", weights);
    String harmless = others.replace("/", "w.bin, ");
    Files.writeString(list, "[" + harmless + "ow.bin\"]");
    assertThat(
            Outcome.of("capture", model, "--architecture", list, "--probes", probes, "-o", weights)
                .err())
        .doesNotContain("is read by this command");
  }

  @Test
  void oneNameForTwoOutputs() {
    Path out = folder.resolve("x.npy");
    Outcome outcome =
        Outcome.of("patches", "--spacing", "1,1,1", "-o", out, "--preview", out, probes);
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("is the name of two outputs");
  }

  @Test
  void whoAsksForHelpIsToldWithoutAnyFile() {
    for (String command : List.of("capture", "compare", "patches", "track", "weights-compare")) {
      assertThat(Outcome.of(command, "--help").isWell().out()).contains("--output");
    }
  }

  @Test
  void resultsBesideWhatIsReadAreReplaced() throws IOException {
    Path other = Files.copy(SampleFiles.MODEL_B, folder.resolve("b.pt"));
    for (int run = 0; run < 2; run++) {
      Outcome.of("compare", model, other, "--probes", probes, "-o", folder).isWell();
      Outcome.of(capture(folder.resolve("a.npz"))).isWell();
    }
    Path dumps = Files.createDirectory(folder.resolve("dumps"));
    SampleFiles.array(dumps.resolve("a.npy"), 1, 12, 3);
    for (int run = 0; run < 2; run++) {
      Outcome.of("compare", dumps, folder.resolve("dumps/a.npy"), "-o", dumps).isWell();
    }
  }
}
