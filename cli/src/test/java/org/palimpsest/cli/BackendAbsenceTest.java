package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without a backend, or without its natives, one line names the artifact to add. */
class BackendAbsenceTest {

  private static final Predicate<String> BACKEND = entry -> entry.contains("nd4j-native");
  private static final Predicate<String> NATIVES =
      entry -> entry.matches(".*-(linux|macosx|windows)-[a-z0-9_]+\\.jar");

  @TempDir private Path folder;

  @Test
  void backendIsMissing() throws Exception {
    assertThat(lineWithout(BACKEND))
        .startsWith("palimpsest: No working ND4J backend on the class path.")
        .contains("org.nd4j:nd4j-native:1.0.0-M2.1");
  }

  @Test
  void nativesAreMissing() throws Exception {
    assertThat(lineWithout(NATIVES))
        .startsWith("palimpsest: No working ND4J backend on the class path.")
        .contains("linux-x86_64", "org.bytedeco:openblas");
  }

  private String lineWithout(Predicate<String> unwanted) throws IOException, InterruptedException {
    Path array = SampleFiles.array(folder.resolve("x.npy"), 1, 6, 2);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPathWithout(unwanted),
                Palimpsest.class.getName(),
                "compare",
                array.toString(),
                array.toString())
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(out).isEmpty();
    assertThat(err.lines()).hasSize(1);
    return err;
  }

  private static String classPathWithout(Predicate<String> unwanted) {
    String all =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Stream.of(all.split(File.pathSeparator))
        .filter(unwanted.negate())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
