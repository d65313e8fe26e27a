package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.npy.NpzActivations;

class PatchesCommandTest {

  private static final Path VOLUMES = Path.of("..", "io/src/test/resources/volumes");
  private static final Path CT = VOLUMES.resolve("nnunet/ct_mask");
  private static final Path IMAGE = CT.resolve("case_0000.nii.gz");

  @TempDir private Path folder;

  private Outcome patches(Object... options) {
    return Outcome.of(
        Stream.concat(Stream.of("patches", "-o", folder.resolve("out.npy")), Stream.of(options))
            .toArray());
  }

  private static Object[] plan(String configuration) {
    return new Object[] {"--plan", CT.resolve("plans.json"), "--configuration", configuration};
  }

  private Outcome planned(Object... options) {
    return patches(Stream.of(plan("3d_fullres"), options).flatMap(Stream::of).toArray());
  }

  @Test
  void wholeCasesAndTheirStagesAreWritten() throws IOException {
    Outcome outcome = planned("--whole", "--stages", folder.resolve("stages"), IMAGE).isWell();
    assertThat(outcome.out()).contains("out.npy  [1, 1, 10, 8, 8]");
    assertThat(NpyFile.read(folder.resolve("out.npy")).shape()).containsExactly(1, 1, 10, 8, 8);
    try (Stream<Path> stages = Files.list(folder.resolve("stages"))) {
      assertThat(stages.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "after_crop.npy", "nonzero_mask.npy", "after_normalisation.npy");
    }
  }

  @Test
  void patchesWithMasksAreDrawnAsAPicture() throws IOException {
    Path picture = folder.resolve("patches.png");
    planned(
            "--patches",
            "foreground",
            "--count",
            "5",
            "--foreground-share",
            "1",
            "--seed",
            "3",
            "--masks",
            CT.resolve("case.nii.gz"),
            "--preview",
            picture,
            IMAGE)
        .isWell();
    assertThat(NpyFile.read(folder.resolve("out.npy")).shape()).containsExactly(5, 1, 8, 8, 8);
    assertThat(NpyFile.read(folder.resolve("out_masks.npy")).shape()).containsExactly(5, 8, 8, 8);
    BufferedImage drawn = ImageIO.read(picture.toFile());
    assertThat(drawn.getWidth()).isGreaterThan(5 * 160);
    assertThat(folder.resolve("out.json")).content().contains("aroundLabel", "sha256");
  }

  @Test
  void shortOptionsTurnAndResampleAsMonai() {
    patches("--orientation", "RAS", "--spacing", "2,2,2", "--whole", IMAGE).isWell();
    assertThat(NpyFile.read(folder.resolve("out.npy")).shape()).containsExactly(1, 1, 6, 5, 15);
  }

  @Test
  void slicesOfVolumesThatMonaiPreparesLieAcrossTheAxisThatIsAsked() {
    String[] positions = {"[6,4,2]", "[5,5,2]", "[5,4,4]"};
    for (int axis = 0; axis < 3; axis++) {
      String name = "xyz".substring(axis, axis + 1);
      Outcome outcome =
          patches("--orientation", "RAS", "--patch-size", "4,4", "--slices", name, IMAGE);
      assertThat(outcome.err()).contains("slices across " + name + ", axis " + axis);
      assertThat(NpyFile.read(folder.resolve("out.npy")).shape()).containsExactly(1, 1, 4, 4);
      JsonNode sample = JsonFiles.read(folder.resolve("out.json")).at("/samples/0");
      assertThat(sample.path("position").toString()).isEqualTo(positions[axis]);
      assertThat(sample.path("extents").path(axis).asInt()).isEqualTo(1);
    }
  }

  @Test
  void aNetworkIsShownPatchesInPlaceOfAFile() throws IOException {
    Path deep = VOLUMES.resolve("nnunet/deep");
    Path archive = folder.resolve("a.npz");
    Object[] shown = {
      "--probes",
      deep.resolve("case_*.png"),
      "--plan",
      deep.resolve("plans.json"),
      "--patches",
      "random",
      "--count",
      "3",
      "--patch-size",
      "16,16",
      "--seed",
      "2"
    };
    Object[] options =
        Stream.of(new Object[] {"capture", SampleFiles.MODEL_A, "-o", archive}, shown)
            .flatMap(Stream::of)
            .toArray();
    Outcome.of(options).isWell();
    NpzActivations written = NpzActivations.open(archive);
    assertThat(written.get("out").samples()).isEqualTo(3);
    assertThat(written.provenance().notes())
        .anyMatch(note -> note.contains("plans.json, 2d; 3 patches drawn of each case, seed 2"));
    Outcome compared =
        Outcome.of(
            Stream.of(new Object[] {"compare", archive, SampleFiles.MODEL_B}, shown)
                .flatMap(Stream::of)
                .toArray());
    assertThat(compared.code()).as(compared.err()).isZero();
  }

  /** Its 15 million voxels are 60 MB, and become 65 MB; Java gets 288 MB. */
  @Test
  void aVolumeIsResampledWithinABound() throws IOException, InterruptedException {
    Path large = folder.resolve("large.nii");
    int[] extents = {250, 250, 240};
    ByteBuffer header = ByteBuffer.allocate(352).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(0, 348).putShort(40, (short) 3).putShort(70, (short) 2).putFloat(108, 352);
    for (int axis = 0; axis < 3; axis++) {
      header.putShort(42 + 2 * axis, (short) extents[axis]).putFloat(80 + 4 * axis, 1);
    }
    header.position(344).put("n+1\0".getBytes(StandardCharsets.US_ASCII));
    byte[] voxels = new byte[250 * 250 * 240];
    new Random(1).nextBytes(voxels);
    Files.write(large, header.array());
    Files.write(large, voxels, StandardOpenOption.APPEND);
    Path plans = folder.resolve("plans.json");
    String plan = Files.readString(CT.resolve("plans.json"));
    Files.writeString(
        plans, plan.replaceFirst("\"spacing\": \\[[^]]*]", "\"spacing\": [0.97, 0.97, 0.97]"));
    Process bounded =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Palimpsest.class.getName(),
                "patches",
                "--max-memory",
                "480M",
                "--plan",
                plans.toString(),
                "--configuration",
                "3d_fullres",
                "--whole",
                "-o",
                folder.resolve("out.npy").toString(),
                large.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(bounded.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bounded.waitFor()).as(said).isZero();
    assertThat(NpyFile.read(folder.resolve("out.npy")).shape())
        .containsExactly(1, 1, 247, 258, 258);
  }

  @Test
  void wrongUseIsOneLine() throws IOException {
    patches("--spacing", "2,2,2", "--spacing", "3,3,3", "--whole", IMAGE)
        .isOneLine(2, "--spacing", "X,Y,Z");
    patches("--spacing", "2,2,2", "--whole", "--max-memory", "60M", IMAGE)
        .isOneLine(1, "60 MB", "at least 256 MB");
    patches("--spacing", "2,2,2", "--whole", "").isOneLine(2, "is empty");
    patches("--whole", IMAGE).isOneLine(2, "--plan", "--transforms");
    planned("--whole", "--patches", "grid", IMAGE).isOneLine(2, "Whole cases and patches");
    planned("--overlap", "0.5", IMAGE).isOneLine(2, "--overlap", "--patches grid");
    planned("--whole", "--patch-size", "4,4,4", IMAGE).isOneLine(2, "--patch-size", "--whole");
    planned("--count", "3", IMAGE).isOneLine(2, "--count", "--patches random");
    planned("--patches", "random", "--count", "0", IMAGE).isOneLine(2, "At least one patch");
    planned("--patches", "random", "--overlap", "0.1", IMAGE).isOneLine(2, "--overlap");
    planned("--patches", "grid", "--overlap", "1", IMAGE).isOneLine(2, "less than 1, not 1.0");
    planned("--patches", "foreground", IMAGE).isOneLine(2, "--masks");
    patches("--orientation", "RAS", IMAGE).isOneLine(2, "--patch-size");
    Outcome.of("patches", "--orientation", "RAS", "--whole", "-o", folder.resolve("x.npz"), IMAGE)
        .isOneLine(2, "end in .npy");
    planned("--patch-size", "8,8", IMAGE).isOneLine(2, "3 axes", "--patch-size 2");
    planned("--patch-size", "0,8,8", IMAGE).isOneLine(2, "'0,8,8'");
    planned("--slices", "z", IMAGE).isOneLine(2, "--slices has a use");
    Path mask = CT.resolve("case.nii.gz");
    planned("--previous", mask, IMAGE).isOneLine(1, "nothing of a stage before");
    planned("--previous", mask, "--masks", mask, IMAGE).isOneLine(2, "both given");
    planned("--spacing", "1,1,1", IMAGE).isOneLine(2, "several ways");
    planned("--whole", "--preview", folder.resolve("out.npy"), IMAGE)
        .isOneLine(2, "is the name of two outputs");
    planned("--whole", "--preview", folder.resolve("seen.npy"), IMAGE).isOneLine(2, ".png");
    planned("--whole", "--stages", folder, IMAGE).isOneLine(2, "among the files of --stages");
    patches("--orientation", "RAS", "--whole", "--stages", folder.resolve("stages"), IMAGE)
        .isOneLine(2, "--stages has a use with --plan alone");
    patches("--spacing", "NaN", "--whole", IMAGE).isOneLine(2, "--spacing takes distances");
    planned("--patch-size", "100000,8,8", IMAGE).isOneLine(2, "from 1 to 99999");
    planned("--stages", folder.resolve("stages"), IMAGE, VOLUMES.resolve("monai/kept/case.nii.gz"))
        .isOneLine(2, "--stages takes one case");
    planned("--whole", folder.resolve("none.nii.gz")).isOneLine(1, "none.nii.gz does not exist");
    planned("--whole", VOLUMES.resolve("nnunet/colour/case_0000.png")).isOneLine(1, "a PNG image");
    Outcome.of(
            "capture",
            SampleFiles.MODEL_A,
            "--probes",
            IMAGE,
            "--patches",
            "grid",
            "-o",
            folder.resolve("a.npz"))
        .isOneLine(2, "--plan");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(Path::getFileName).map(Path::toString)).isEqualTo(List.of());
    }
  }
}
