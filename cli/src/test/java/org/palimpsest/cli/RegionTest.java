package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.io.npy.NpyFile;

/** {@code compare --region}, on probes of 16×16. */
class RegionTest {

  @TempDir private Path folder;

  /** Label 1 above, 2 below. */
  private Path halves() {
    INDArray masks = Nd4j.ones(DataType.FLOAT, 6, 16, 16);
    masks.get(NDArrayIndex.all(), NDArrayIndex.interval(8, 16)).assign(2);
    Path file = folder.resolve("halves.npy");
    NpyFile.write(file, masks);
    return file;
  }

  private static List<Double> values(Object... more) {
    List<Object> words =
        new ArrayList<>(
            List.of("compare", SampleFiles.MODEL_A, SampleFiles.MODEL_B, "--format", "json"));
    words.addAll(List.of("--probes", SampleFiles.PROBES));
    words.addAll(List.of(more));
    List<Double> values = new ArrayList<>();
    for (JsonNode score : Outcome.of(words.toArray()).isWell().json()) {
      values.add(score.path("value").asDouble());
    }
    assertThat(values).isNotEmpty();
    return values;
  }

  @Test
  void everythingIsAsWithoutARegionAndHalvesDiffer() {
    Path halves = halves();
    List<Double> all = values();
    assertThat(values("--masks", halves, "--region", "foreground")).isEqualTo(all);
    List<Double> above = values("--masks", halves, "--region", "1");
    assertThat(above).hasSameSizeAs(all).isNotEqualTo(all);
    assertThat(values("--masks", halves, "--region", "2")).isNotEqualTo(above);
  }

  @Test
  void masksBesideProbesAreFoundAndTheViewTellsTheRegion() throws IOException {
    Path probes = Files.copy(SampleFiles.PROBES, folder.resolve("p.npy"));
    Files.copy(halves(), folder.resolve("p_masks.npy"));
    Outcome outcome =
        Outcome.of(
            "compare",
            SampleFiles.MODEL_A,
            SampleFiles.MODEL_B,
            "--probes",
            probes,
            "--region",
            "2",
            "--positions",
            "9",
            "--interval",
            "--format",
            "csv");
    assertThat(outcome.out())
        .contains("in label 2, 9 of each of 6 probes", "region '2' of p_masks.npy, sha256 ");
    assertThat(outcome.err()).contains("with 6 units");
  }

  @Test
  void activationsTakeTheLabelsOfTheirProbes() {
    Path a = SampleFiles.captured(folder.resolve("a.npz"), SampleFiles.MODEL_A, SampleFiles.PROBES);
    Path b = SampleFiles.captured(folder.resolve("b.npz"), SampleFiles.MODEL_B, SampleFiles.PROBES);
    Outcome outcome = Outcome.of("compare", a, b, "--masks", halves(), "--region", "1");
    assertThat(outcome.isWell().out()).contains("in label 1");
    assertThat(Outcome.of("compare", a, b, "--region", "1").err()).contains("give --masks");
  }

  @Test
  void anAxisOfOneChannelIsTakenAndWhatDoesNotFitNamesTheFile() {
    Path halves = halves();
    Path channel = folder.resolve("channel.npy");
    NpyFile.write(channel, NpyFile.read(halves).reshape(6, 1, 16, 16));
    assertThat(values("--masks", channel, "--region", "1"))
        .isEqualTo(values("--masks", halves, "--region", "1"));
    Outcome.of(
            "compare",
            SampleFiles.MODEL_A,
            SampleFiles.MODEL_B,
            "--probes",
            SampleFiles.PROBES,
            "--masks",
            folder,
            "--region",
            "1")
        .isOneLine(1, folder.toString(), "folder");
    for (long[] shape : new long[][] {{6, 2, 16, 16}, {6, 4, 4}, {5, 16, 16}, {6, 16}}) {
      Path other = folder.resolve("other.npy");
      NpyFile.write(other, Nd4j.ones(DataType.FLOAT, shape));
      Outcome.of(
              "compare",
              SampleFiles.MODEL_A,
              SampleFiles.MODEL_B,
              "--probes",
              SampleFiles.PROBES,
              "--masks",
              other,
              "--region",
              "1")
          .isOneLine(1, other.toString());
    }
  }

  @Test
  void wrongUseIsTold() {
    Path halves = halves();
    for (String[] words :
        new String[][] {
          {"--region", "x", "not 'x'"},
          {"--region", "1", "--feature-map", "pool", "--feature-map positions"},
          {"--region", "7", "No position of the grid"},
          {"--feature-map", "positions", "Patches are asked for"}
        }) {
      List<Object> all =
          new ArrayList<>(List.of("compare", SampleFiles.MODEL_A, SampleFiles.MODEL_B, "--probes"));
      all.addAll(List.of(SampleFiles.PROBES, "--masks", halves));
      all.addAll(List.of(words).subList(0, words.length - 1));
      assertThat(Outcome.of(all.toArray()).err()).contains(words[words.length - 1]);
    }
    assertThat(
            Outcome.of(
                    "compare",
                    SampleFiles.MODEL_A,
                    SampleFiles.MODEL_B,
                    "--probes",
                    SampleFiles.PROBES,
                    "--region",
                    "foreground")
                .err())
        .contains("probes_masks.npy", "give --masks");
  }
}
