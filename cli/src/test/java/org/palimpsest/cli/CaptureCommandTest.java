package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.npy.NpzActivations;

class CaptureCommandTest {

  static final long[] NOISY_PROBES = {5, 1, 4, 4};

  @TempDir private Path folder;

  private Outcome capture(Path archive, Object... options) {
    return Outcome.of(
        Stream.concat(
                Stream.of(
                    "capture",
                    SampleFiles.MODEL_A,
                    "--probes",
                    SampleFiles.PROBES,
                    "--output",
                    archive),
                Stream.of(options))
            .toArray());
  }

  @Test
  void writesOneArrayPerLayerAndPrintsTheirShapes() throws IOException {
    Path archive = folder.resolve("new/a.npz");
    Outcome outcome = capture(archive).isWell();
    NpzActivations written = NpzActivations.open(archive);
    assertThat(written.layers()).contains("enc.0", "enc.1", "pool", "bottom", "up", "out");
    assertThat(written.get("bottom").values().shape()).containsExactly(6, 4, 8, 8);
    assertThat(written.probes()).isEqualTo(NpyProbes.open(SampleFiles.PROBES).fingerprint());
    assertThat(outcome.out().lines())
        .hasSize(written.layers().size())
        .anyMatch(line -> line.matches("bottom +\\[6, 4, 8, 8\\]"));
    try (Stream<Path> files = Files.list(archive.getParent())) {
      assertThat(files).containsExactly(archive);
    }
  }

  @Test
  void keepsOnlyTheLayersAskedFor() {
    Path archive = folder.resolve("a.npz");
    capture(archive, "--layers", "enc.*", "--layers", "out").isWell();
    assertThat(NpzActivations.open(archive).layers()).isEqualTo(List.of("enc.0", "enc.1", "out"));
    capture(archive, "--layers", "enc.*,out").isWell();
    assertThat(NpzActivations.open(archive).layers()).isEqualTo(List.of("enc.0", "enc.1", "out"));
  }

  @Test
  void aQuotedGlobAfterProbesChoosesFilesOfAFolder() throws IOException {
    Path images = Files.createDirectory(folder.resolve("images"));
    for (String name : List.of("00.png", "00_mask.png", "01.png")) {
      SampleFiles.image(images.resolve(name), 1);
    }
    assertThat(captureImages(images.resolve("??.png")).err()).contains("2 files chosen by ??.png");
    assertThat(captureImages(images.resolve("0*.png"), "--probe-files", "!*_mask.png").err())
        .contains("2 files chosen by 0*.png !*_mask.png");
    captureImages(images.resolve("x*.png")).isOneLine(1, "No image in", "'x*.png'");
    captureImages(images.resolve("*.png"), "--probe-files", "00*")
        .isOneLine(1, "'*.png' after --probes", "--probe-files");
    captureImages(images.resolve("00.png"), images.resolve("01.png"))
        .isOneLine(2, "01.png", "in quotes");
  }

  @Test
  void replacesWhatWasThere() throws IOException {
    Path archive = Files.writeString(folder.resolve("a.npz"), "something else");
    capture(archive).isWell();
    assertThat(NpzActivations.open(archive).layers()).isNotEmpty();
  }

  @Test
  void showsImagesOfAFolderAndRecordsWhatWasDoneToThem() throws IOException {
    Path images = Files.createDirectory(folder.resolve("images"));
    SampleFiles.image(images.resolve("b.png"), 2);
    SampleFiles.image(images.resolve("a.png"), 1);
    Path archive = folder.resolve("a.npz");
    Outcome outcome =
        Outcome.of(
            "capture",
            SampleFiles.MODEL_A,
            "--probes",
            images,
            "--normalise",
            "unit",
            "--mean",
            "0.5",
            "--sd",
            "0.25",
            "--size",
            "8x8",
            "-o",
            archive);
    assertThat(outcome.code()).isZero();
    assertThat(outcome.err())
        .isEqualTo(
            "note: shown %s (8x8, unit, mean [0.5], deviation [0.25]; 2 files)%n"
                .formatted(images));
    NpzActivations written = NpzActivations.open(archive);
    assertThat(written.get("enc.0").values().shape()).containsExactly(2, 3, 8, 8);
    assertThat(written.provenance().notes())
        .anyMatch(note -> note.contains("8x8, unit, mean [0.5], deviation [0.25]; 2 files"));
  }

  @Test
  void masksBesideTheImagesAreWarnedOfAndLeftOutByAGlob() throws IOException {
    Path images = Files.createDirectory(folder.resolve("images"));
    for (String name : List.of("00.png", "00_mask.png", "01.png", "01_mask.png")) {
      SampleFiles.image(images.resolve(name), 1);
    }
    assertThat(captureImages(images).err())
        .contains("4 files")
        .contains("warning: 2 of these 4 files look like masks");
    for (String glob : List.of("??.png", "!*_mask.png")) {
      Outcome chosen = captureImages(images, "--probe-files", glob);
      assertThat(chosen.err()).contains("2 files chosen by " + glob).doesNotContain("warning");
      NpzActivations written = NpzActivations.open(folder.resolve("images.npz"));
      assertThat(written.get("out").samples()).isEqualTo(2);
      assertThat(written.provenance().notes())
          .anyMatch(note -> note.endsWith("2 files chosen by " + glob + ")"));
    }
    captureImages(images, "--probe-files", "*_image.png")
        .isOneLine(1, "No image in", "'*_image.png'", "00.png, 00_mask.png");
    capture(folder.resolve("x.npz"), "--probe-files", "*.png").isOneLine(1, "is no folder");
  }

  private Outcome captureImages(Path images, Object... options) {
    return Outcome.of(
        Stream.concat(
                Stream.of("capture", SampleFiles.MODEL_A, "--probes", images, "-o"),
                Stream.concat(Stream.of(folder.resolve("images.npz")), Stream.of(options)))
            .toArray());
  }

  @Test
  void aBoundOnMemoryChangesNoNumber() {
    Path free = folder.resolve("free.npz");
    Path bound = folder.resolve("bound.npz");
    capture(free, "--in-process").isWell();
    capture(bound, "--max-memory", "8G").isWell();
    NpzActivations expected = NpzActivations.open(free);
    NpzActivations actual = NpzActivations.open(bound);
    assertThat(actual.layers()).isEqualTo(expected.layers());
    for (String layer : expected.layers()) {
      assertThat(actual.get(layer).values().equalsWithEps(expected.get(layer).values(), 1e-5))
          .as(layer)
          .isTrue();
    }
  }

  @Test
  void aBoundThatCannotBeKeptIsOneLineAndNoFile() throws IOException {
    capture(folder.resolve("a.npz"), "--max-memory", "100M").isOneLine(1, "100 MB", "too little");
    capture(folder.resolve("a.npz"), "--in-process", "--max-memory", "0.1G")
        .isOneLine(1, "a.pt", "[1, 1, 16, 16]", "Allow at least");
    capture(folder.resolve("a.npz"), "--max-memory", "much")
        .isOneLine(2, "'much' is no size such as 800M or 1.5G");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aModelThatKillsItsRuntimeIsOneLineAndLeavesOtherFilesWhole() throws IOException {
    Path good = folder.resolve("good.npz");
    capture(good).isWell();
    byte[] before = Files.readAllBytes(good);
    Path deadly =
        Path.of("..", "io/src/test/resources/org/palimpsest/io/internal/torchscript", "deadly.pt");
    Path probes = folder.resolve("probes.npy");
    NpyFile.write(probes, SampleFiles.numbers(1, 20, 1, 8, 8).muli(100));
    Outcome.of("capture", deadly, "--probes", probes, "-o", folder.resolve("dead.npz"))
        .isOneLine(1, "deadly.pt killed the runtime", "signal 11 (SIGSEGV");
    assertThat(Files.readAllBytes(good)).isEqualTo(before);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(good, probes);
    }
  }

  @Test
  void whatShouldBeKnownOfAnswersIsSaidAndStaysWithThem() {
    Path model = InspectCommandTest.ofIo("org/palimpsest/io/internal/torchscript/noisy.pt");
    Path probes = SampleFiles.array(folder.resolve("p.npy"), 1, NOISY_PROBES);
    Path archive = folder.resolve("noisy.npz");
    String note = ": draws random numbers in evaluation mode: another run gives other values";

    Outcome captured = Outcome.of("capture", model, "--probes", probes, "-o", archive);
    Outcome compared = Outcome.of("compare", archive, model, "--probes", probes, "-o", folder);
    Outcome json = Outcome.of("compare", archive, archive, "--format", "json");

    assertThat(captured.err().lines()).containsExactly("note: " + model + note);
    assertThat(compared.err().lines()).containsOnlyOnce("note: " + model + note);
    assertThat(folder.resolve("scores.csv")).content().contains(note.substring(2));
    assertThat(json.err().lines()).containsOnlyOnce("note: " + model + note);
    assertThat(json.json().get(0).get("notesA").get(0).asText()).isEqualTo(note.substring(2));
  }
}
