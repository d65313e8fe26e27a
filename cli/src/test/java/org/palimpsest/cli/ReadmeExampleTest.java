package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles the code of the README as it stands there and runs it on two small networks. */
class ReadmeExampleTest {

  private static final Path README = Path.of("..", "README.md");
  @TempDir private Path folder;

  @Test
  void theReadmesCodeCompilesAndPrintsEachPairOfLayers() throws Exception {
    Files.copy(SampleFiles.MODEL_A, folder.resolve("before.pt"));
    Files.copy(SampleFiles.MODEL_B, folder.resolve("after.pt"));
    Files.copy(SampleFiles.PROBES, folder.resolve("probes.npy"));
    compile(program());

    String printed = run();

    assertThat(printed.lines().filter(line -> line.startsWith("enc out "))).hasSize(2);
    assertThat(printed.lines()).hasSize(2 * 2 * 2);
  }

  private static String program() throws IOException {
    String snippet = snippet();
    int code = snippet.lastIndexOf("import ");
    code = snippet.indexOf('\n', code) + 1;
    return snippet.substring(0, code)
        + "class Example { public static void main(String[] none) throws Exception {\n"
        + snippet.substring(code)
        + "}}\n";
  }

  private static String snippet() throws IOException {
    String readme = Files.readString(README);
    int from = readme.indexOf("```java\n") + "```java\n".length();
    return readme.substring(from, readme.indexOf("```", from));
  }

  private void compile(String program) throws IOException {
    Path source = Files.writeString(folder.resolve("Example.java"), program);
    int failures =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", classPath(), source.toString());
    assertThat(failures).isZero();
  }

  private String run() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process process =
        new ProcessBuilder(
                java.toString(), "-cp", classPath() + File.pathSeparator + folder, "Example")
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return printed;
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
