package org.palimpsest.spark;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Small networks of the command line's tests, laid out as training runs. */
final class SampleRuns {

  private static final Path SAMPLES = Path.of("../cli/src/test/resources/org/palimpsest/cli");
  static final Path MODEL_A = SAMPLES.resolve("a.pt");
  static final Path MODEL_B = SAMPLES.resolve("b.pt");
  static final Path PROBES = SAMPLES.resolve("probes.npy");

  private SampleRuns() {}

  /** What a command printed and how it ended. */
  record Outcome(int code, String out, String err) {

    static Outcome of(Object... arguments) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      String[] words = Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
      int code = PalimpsestSpark.run(words, new PrintStream(out), new PrintStream(err));
      return new Outcome(
          code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
  }

  /** Three runs of two checkpoints; one has a third that is half a file. */
  static Path in(Path folder) throws IOException {
    for (String run : List.of("source", "random/seed0", "transfer/seed0")) {
      Path steps = Files.createDirectories(folder.resolve(run));
      Files.copy(MODEL_A, steps.resolve("step_0000.pt"));
      Files.copy(MODEL_B, steps.resolve("step_0010.pt"));
    }
    byte[] whole = Files.readAllBytes(MODEL_B);
    Files.write(
        folder.resolve("random/seed0/step_0020.pt"), Arrays.copyOf(whole, whole.length / 2));
    Files.copy(PROBES, folder.resolve("probes.npy"));
    return folder;
  }
}
