package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What one run of the command line came to. */
record Outcome(int code, String out, String err) {

  /** What is said on systems that cannot confine a process. */
  private static final Pattern NOT_CONFINED = Pattern.compile("note: .*: its process could .*\\R");

  static Outcome of(Object... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Palimpsest.run(
            Stream.of(arguments).map(String::valueOf).toArray(String[]::new),
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, false, StandardCharsets.UTF_8));
    String told = err.toString(StandardCharsets.UTF_8);
    if (arguments.length > 0) {
      Stream.concat(told.lines(), out.toString(StandardCharsets.UTF_8).lines())
          .forEach(line -> Advice.requireUsable(line, String.valueOf(arguments[0])));
    }
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), NOT_CONFINED.matcher(told).replaceAll(""));
  }

  /** The same of a process of its own, whose standard output libraries reach as well. */
  static Outcome ofProcess(Path folder, Object... arguments) {
    Path out = folder.resolve("standard-output.txt");
    Path err = folder.resolve("standard-error.txt");
    try {
      int code =
          process(arguments)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start()
              .waitFor();
      return new Outcome(
          code, Files.readString(out), NOT_CONFINED.matcher(Files.readString(err)).replaceAll(""));
    } catch (IOException | InterruptedException failure) {
      throw new AssertionError(failure);
    }
  }

  /** What starts a command as users do. */
  static ProcessBuilder process(Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1"); // which starts sooner
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(Palimpsest.class.getName());
    Stream.of(arguments).map(String::valueOf).forEach(command::add);
    return new ProcessBuilder(command);
  }

  Outcome isWell() {
    assertThat(err).isEmpty();
    assertThat(code).isZero();
    return this;
  }

  /** Ended well, and said nothing but how little few probes tell. */
  Outcome isWellWithFewProbes() {
    assertThat(err.lines())
        .allMatch(line -> line.contains("wide on average") || line.contains("says little"));
    assertThat(code).isZero();
    return this;
  }

  /** Failed with one line on standard error that holds all of these, and nothing else. */
  Outcome isOneLine(int expectedCode, String... parts) {
    assertThat(out).isEmpty();
    assertThat(err.strip()).doesNotContain("\n").startsWith("palimpsest: ").contains(parts);
    assertThat(code).isEqualTo(expectedCode);
    return this;
  }

  JsonNode json() {
    try {
      return new ObjectMapper().readTree(out);
    } catch (IOException notJson) {
      throw new AssertionError(out, notJson);
    }
  }
}
