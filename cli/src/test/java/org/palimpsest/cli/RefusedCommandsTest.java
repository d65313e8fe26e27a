package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.palimpsest.cli.SampleFiles.MODEL_A;
import static org.palimpsest.cli.SampleFiles.MODEL_B;
import static org.palimpsest.cli.SampleFiles.PROBES;
import static org.palimpsest.cli.SampleFiles.WEIGHTS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each command that writes is refused at its beginning, in the middle and near its end, and leaves
 * nothing: no file, and no folder that was made for one.
 */
class RefusedCommandsTest {

  private static final String NO_LAYER = "no.such.layer";

  @TempDir private Path inputs;
  @TempDir private Path outputs;
  private Path folder;
  private Path runs;
  private final List<String> left = new ArrayList<>();

  @BeforeEach
  void layOut() throws IOException {
    folder = outputs.resolve("new/result");
    runs = inputs.resolve("runs");
    Files.createDirectories(runs);
    Files.copy(PROBES, runs.resolve("probes.npy"));
    for (String run : List.of("source", "random/seed0", "transfer/seed0")) {
      Path checkpoints = Files.createDirectories(runs.resolve(run));
      Files.copy(MODEL_A, checkpoints.resolve("step_0000.pt"));
      Files.copy(MODEL_B, checkpoints.resolve("step_0010.pt"));
    }
  }

  /** Of one refusal, and what is there after it. */
  private void refused(Object... command) throws IOException {
    Outcome outcome = Outcome.of(command);
    String line = outcome.err().lines().reduce("", (first, last) -> last);
    assertThat(outcome.code()).as(List.of(command).toString()).isIn(1, 2);
    assertThat(line).startsWith("palimpsest: ").doesNotContain("Unexpected failure");
    try (Stream<Path> files = Files.list(outputs)) {
      files.forEach(file -> left.add(file + " after " + List.of(command)));
    }
  }

  @Test
  void nothingIsLeftOfCommandsOnOneOrTwoNetworks() throws IOException {
    Path wrong = SampleFiles.array(inputs.resolve("wrong.npy"), 1, 3, 9, 16, 16);
    Path text = Files.writeString(inputs.resolve("text.pt"), "no network");
    Path archive = folder.resolve("out.npz");
    for (Object[] given :
        List.of(
            new Object[] {text, "--probes", PROBES},
            new Object[] {MODEL_A, "--probes", wrong},
            new Object[] {MODEL_A, "--probes", PROBES, "--layers", NO_LAYER},
            new Object[] {WEIGHTS, "--probes", PROBES},
            new Object[] {MODEL_A, "--probes", PROBES, "--max-memory", "1K"},
            new Object[] {MODEL_A, "--probes", inputs.resolve("absent.npy")})) {
      refused(with(given, "capture", "-o", archive));
      refused(with(given, "compare", MODEL_B, "--in-process", "-o", folder));
    }
    refused("compare", MODEL_A, MODEL_B, "--probes", PROBES, "--measure", "none", "-o", folder);
    refused("compare", MODEL_A, MODEL_B, "--probes", PROBES, "--measure", "svcca:7", "-o", folder);
    refused("weights-compare", WEIGHTS, text, "-o", folder);
    refused("weights-compare", WEIGHTS, WEIGHTS, "--layers", NO_LAYER, "-o", folder);
    refused("weights-compare", WEIGHTS, WEIGHTS, "--key", "none", "-o", folder);
    refused("inspect", text, "--draft", folder.resolve("net.json"));
    assertThat(left).isEmpty();
  }

  private static Object[] with(Object[] given, Object... more) {
    return Stream.concat(Stream.of(more), Stream.of(given)).toArray();
  }

  @Test
  void nothingIsLeftOfPatches() throws IOException {
    Path image = SampleFiles.image(inputs.resolve("a.png"), 1);
    Path cut = SampleFiles.truncated(inputs.resolve("cut.png"), image);
    Path settings = Files.writeString(inputs.resolve("cut.json"), "{\"transforms\": [");
    Path out = folder.resolve("probes.npy");
    Path preview = folder.resolve("preview/p.png");
    refused("patches", cut, "--whole", "-o", out);
    refused("patches", image, cut, "--whole", "-o", out, "--preview", preview);
    refused("patches", image, "--patches", "centre", "--patch-size", "4,4,4", "-o", out);
    refused("patches", image, "--transforms", settings, "--whole", "-o", out);
    refused("patches", image, "--plan", settings, "-o", out, "--stages", folder.resolve("stages"));
    refused("patches", image, "--patches", "random", "--patch-size", "40,40", "-o", out);
    assertThat(left).isEmpty();
  }

  @Test
  void nothingIsLeftOfStudies() throws IOException {
    for (String command : List.of("track", "assess")) {
      refused(command, inputs.resolve("absent"), "-o", folder);
      refused(command, Files.createDirectories(inputs.resolve("empty")), "-o", folder);
      refused(command, runs, "-o", folder, "--in-process", "--layers", NO_LAYER);
      refused(command, runs, "-o", folder, "--max-memory", "1K");
      refused(command, runs, "-o", folder, "--probes", inputs.resolve("absent.npy"));
      refused(command, runs, "-o", folder, "--in-process", "--probes", wide());
    }
    refused("track", runs, "-o", folder, "--measure", "nonesuch");
    refused("track", runs, "-o", folder, "--pair", "source@0,random/seed0@7");
    refused("track", runs, "-o", folder, "--spark", "local[2]");
    refused("assess", runs, "-o", folder, "--masks", wide());
    refused("report", inputs.resolve("absent"));
    Files.writeString(runs.resolve("random/seed0/run.json"), "{\"start\": \"rand");
    refused("track", runs, "-o", folder, "--in-process");
    refused("assess", runs, "-o", folder, "--in-process");
    for (String run : List.of("source", "random/seed0", "transfer/seed0")) {
      Files.deleteIfExists(runs.resolve(run + "/run.json"));
      Files.writeString(runs.resolve(run + "/step_0000.pt"), "no network");
      Files.writeString(runs.resolve(run + "/step_0010.pt"), "no network either");
    }
    refused("track", runs, "-o", folder, "--in-process");
    refused("assess", runs, "-o", folder, "--in-process");
    assertThat(left).isEmpty();
  }

  private Path wide() {
    return SampleFiles.array(inputs.resolve("wide.npy"), 1, 3, 9, 16, 16);
  }
}
