package org.palimpsest.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.npy.NpzActivations;

class CaptureCommandTest {

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
            archive)
        .isWell();
    NpzActivations written = NpzActivations.open(archive);
    assertThat(written.get("enc.0").values().shape()).containsExactly(2, 3, 8, 8);
    assertThat(written.provenance().notes())
        .anyMatch(note -> note.contains("8x8, unit, mean [0.5], deviation [0.25]"));
  }
}
