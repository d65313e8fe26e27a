package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.io.npy.NpzActivations;

/**
 * Networks that are shown images by the options of {@code patches} give the same, to the last byte,
 * as when they are shown the file that {@code patches} makes of them.
 */
class PatchesInPlaceOfAFileTest {

  private static final Path VOLUMES = Path.of("..", "io/src/test/resources/volumes");
  private static final Path CT = VOLUMES.resolve("nnunet/ct_mask");
  private static final Path IMAGE = CT.resolve("case_0000.nii.gz");

  @TempDir private Path folder;
  private Path array;

  /** How images are prepared, and which patches of them are shown. */
  static Stream<List<Object>> options() throws IOException {
    Path transforms = Files.createTempFile("transforms", ".json");
    transforms.toFile().deleteOnExit();
    Files.writeString(
        transforms,
        """
        [{"_target_": "LoadImaged", "keys": ["image", "label"], "ensure_channel_first": true},
         {"_target_": "Orientationd", "keys": ["image", "label"], "axcodes": "SRA"},
         {"_target_": "Spacingd", "keys": ["image", "label"], "pixdim": [3.0, 0.6, 0.7],
          "mode": ["bilinear", "nearest"]},
         {"_target_": "NormalizeIntensityd", "keys": "image"}]\
        """);
    List<Object> plan = List.of("--plan", CT.resolve("plans.json"), "--configuration", "2d");
    List<Object> random = List.of("--patches", "random", "--count", 3, "--patch-size", "8,8");
    List<Object> masked =
        List.of(
            "--patches",
            "foreground",
            "--foreground-share",
            1,
            "--count",
            3,
            "--patch-size",
            "8,8",
            "--masks",
            CT.resolve("case.nii.gz"));
    List<Object> grid = List.of("--patches", "grid", "--patch-size", "8,8", "--without-blank");
    List<Object> listed = List.of("--transforms", transforms);
    return Stream.of(
        both(plan, random),
        both(plan, masked),
        both(listed, random),
        both(listed, masked),
        both(List.of("--orientation", "SRA", "--spacing", "3,0.6,0.7"), grid));
  }

  private static List<Object> both(List<Object> some, List<Object> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }

  @BeforeEach
  void choosePlace() {
    array = folder.resolve("probes.npy");
  }

  private static Outcome run(List<Object> options, Object... command) {
    Outcome outcome = Outcome.of(Stream.concat(Stream.of(command), options.stream()).toArray());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    return outcome;
  }

  private static List<Object> seeded(List<Object> options) {
    return both(options, List.of("--seed", 5));
  }

  @ParameterizedTest
  @MethodSource("options")
  void captureGivesTheSame(List<Object> options) {
    List<Object> seeded = seeded(options);
    run(seeded, "patches", "-o", array, IMAGE);
    Object[] one = {"capture", SampleFiles.MODEL_A, "--in-process", "-o"};
    run(both(List.of(folder.resolve("direct.npz"), "--probes", IMAGE), seeded), one);
    run(List.of(folder.resolve("stored.npz"), "--probes", array), one);
    assertSameLayers("direct.npz", "stored.npz");
  }

  @ParameterizedTest
  @MethodSource("someOptions")
  void compareGivesTheSame(List<Object> options) {
    List<Object> seeded = seeded(options);
    run(seeded, "patches", "-o", array, IMAGE);
    Path direct = folder.resolve("direct");
    Path stored = folder.resolve("stored");
    Object[] both = {"compare", SampleFiles.MODEL_A, SampleFiles.MODEL_B, "--in-process", "-o"};
    run(both(List.of(direct, "--probes", IMAGE), seeded), both);
    run(List.of(stored, "--probes", array, "--seed", 5), both);
    for (String file : List.of("scores.json", "linear_cka.png", "linear_cka.svg")) {
      assertThat(direct.resolve(file)).hasSameBinaryContentAs(stored.resolve(file));
    }
  }

  private void assertSameLayers(String one, String other) {
    NpzActivations first = NpzActivations.open(folder.resolve(one));
    NpzActivations second = NpzActivations.open(folder.resolve(other));
    assertThat(first.layers()).isEqualTo(second.layers()).isNotEmpty();
    for (String layer : first.layers()) {
      assertThat(first.get(layer).values()).isEqualTo(second.get(layer).values());
    }
  }

  static Stream<List<Object>> someOptions() throws IOException {
    return options().skip(1).limit(2);
  }

  @ParameterizedTest
  @MethodSource("someOptions")
  void trackGivesTheSame(List<Object> options) throws IOException {
    Path run = Files.createDirectories(folder.resolve("runs/seed0"));
    Files.copy(SampleFiles.MODEL_A, run.resolve("step_0000.pt"));
    Files.copy(SampleFiles.MODEL_B, run.resolve("step_0010.pt"));
    List<Object> seeded = seeded(options);
    run(seeded, "patches", "-o", array, IMAGE);
    Path direct = folder.resolve("direct");
    Path stored = folder.resolve("stored");
    Object[] study = {"track", folder.resolve("runs"), "--in-process", "--weights", "none", "-o"};
    run(both(List.of(direct, "--probes", IMAGE), seeded), study);
    run(List.of(stored, "--probes", array, "--seed", 5), study);
    assertThat(direct.resolve("evolution.csv"))
        .hasSameBinaryContentAs(stored.resolve("evolution.csv"));
    assertThat(Files.readAllLines(direct.resolve("evolution.csv"))).hasSizeGreaterThan(5);
  }

  @Test
  void anotherSeedShowsOthers() throws IOException {
    List<Object> options = options().toList().get(0);
    Object[] one = {"capture", SampleFiles.MODEL_A, "--in-process", "--probes", IMAGE, "-o"};
    run(both(List.of(folder.resolve("a.npz")), seeded(options)), one);
    run(both(List.of(folder.resolve("b.npz"), "--seed", 6), options), one);
    assertThat(NpzActivations.open(folder.resolve("a.npz")).get("out").values())
        .isNotEqualTo(NpzActivations.open(folder.resolve("b.npz")).get("out").values());
  }
}
