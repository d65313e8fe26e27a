package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.internal.plugin.Plugins;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.npy.NpzActivations;

/** Compiles the code of the page on plug-ins into a jar and uses it from the command line. */
class PluginsTest {

  private static final Path PAGE = Path.of("..", "docs", "plugins.md");
  private static final Pattern CODE = Pattern.compile("(?s)```java\\n(.*?)```");
  private static final Pattern CLASS = Pattern.compile("public final class (\\w+)");

  @TempDir private static Path plugins;
  @TempDir private static Path classes;
  @TempDir private Path folder;

  @BeforeAll
  static void build() throws IOException {
    List<String> programs =
        CODE.matcher(Files.readString(PAGE)).results().map(found -> found.group(1)).toList();
    for (String program : programs) {
      compile(program);
    }
    jar(
        plugins.resolve("example.jar"),
        Map.of(
            "org.palimpsest.similarity.MeasureProvider", "example.MeanSquares",
            "org.palimpsest.io.plugin.Importer", "example.Gains"));
  }

  private static void compile(String program) throws IOException {
    var name = CLASS.matcher(program);
    assertThat(name.find()).isTrue();
    Path source = Files.writeString(classes.resolve(name.group(1) + ".java"), program);
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    int failures =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", classPath, "-d", classes.toString(), source.toString());
    assertThat(failures).isZero();
  }

  private static void jar(Path jar, Map<String, String> services) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> compiled = Files.list(classes.resolve("example"))) {
      for (Path file : compiled.toList()) {
        out.putNextEntry(new ZipEntry("example/" + file.getFileName()));
        Files.copy(file, out);
      }
      for (Map.Entry<String, String> service : services.entrySet()) {
        out.putNextEntry(new ZipEntry("META-INF/services/" + service.getKey()));
        out.write(service.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  /** They are known to the whole process. */
  @AfterEach
  void unload() {
    Plugins.unload();
  }

  private Path gain(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void aMeasureOfAPluginIsListedAndComparesArrays() throws IOException {
    assertThat(Outcome.of("measures", "--plugins", plugins).isWell().out())
        .contains("linear_cka", "mean_square_ratio");
    Outcome compared =
        Outcome.of(
            "compare",
            gain("a.gain", "gain 2"),
            gain("b.gain", "gain 4"),
            "--probes",
            SampleFiles.PROBES,
            "--measure",
            "mean_square_ratio",
            "--format",
            "csv",
            "--plugins",
            plugins);
    assertThat(compared.code()).as(compared.err()).isZero();
    assertThat(compared.out()).contains(",0.25");
  }

  @Test
  void anImporterOfAPluginIsCapturedAndInspected() throws IOException {
    Path network = gain("a.gain", "gain 2");
    Path captured = folder.resolve("a.npz");
    Outcome.of(
            "capture",
            network,
            "--probes",
            SampleFiles.PROBES,
            "-o",
            captured,
            "--plugins",
            plugins)
        .isWell();
    assertThat(NpzActivations.open(captured).get("out").values())
        .isEqualTo(NpyFile.read(SampleFiles.PROBES).mul(2));
    assertThat(Outcome.of("inspect", network, "--plugins", plugins).isWell().out())
        .contains("a gain in a text file", "plug-in");
  }

  @Test
  void whatAPluginDoesNotReadIsReadAsBefore() {
    assertThat(Outcome.of("inspect", SampleFiles.MODEL_A, "--plugins", plugins).isWell().out())
        .contains("TorchScript");
  }

  @Test
  void aDamagedFileOfAPluginIsOneLine() throws IOException {
    Outcome.of(
            "capture",
            gain("bad.gain", "gain much"),
            "--probes",
            SampleFiles.PROBES,
            "-o",
            folder.resolve("x.npz"),
            "--plugins",
            plugins)
        .isOneLine(1, "bad.gain", "holds no gain");
  }

  @Test
  void aFolderWithoutPluginsIsWrongUse() {
    Outcome.of("measures", "--plugins", folder).isOneLine(2, "No .jar file", folder.toString());
    Outcome.of("measures", "--plugins", folder.resolve("none")).isOneLine(2, "no folder");
  }

  @Test
  void aProviderThatIsNotThereIsNamed() throws IOException {
    jar(
        folder.resolve("broken.jar"),
        Map.of("org.palimpsest.similarity.MeasureProvider", "example.Missing"));
    Outcome.of("measures", "--plugins", folder).isOneLine(1, "broken.jar", "example.Missing");
  }

  @Test
  void whatIsNoJarIsNamed() throws IOException {
    Files.writeString(folder.resolve("text.jar"), "no jar");
    Outcome.of("measures", "--plugins", folder).isOneLine(2, "text.jar", "no jar that can be read");
  }

  @Test
  void runsOfAnImportersFilesAreTrackedAndKeepNoNumbersOfOtherPlugins() throws IOException {
    Path runs = Files.createDirectories(folder.resolve("runs/random/seed0"));
    Files.writeString(runs.resolve("step_0000.gain"), "gain 2");
    Files.writeString(runs.resolve("step_0010.gain"), "gain 4");
    assertThat(track(plugins)).contains("0 known").contains("mean_square_ratio");
    assertThat(track(plugins)).contains("0 comparisons of layers to make, 3 known");
    Path others = Files.createDirectories(folder.resolve("others"));
    Files.copy(plugins.resolve("example.jar"), others.resolve("example.jar"));
    jar(others.resolve("more.jar"), Map.of());
    assertThat(track(others)).contains("0 known");
  }

  private String track(Path from) {
    Outcome outcome =
        Outcome.of(
            "track",
            folder.resolve("runs"),
            "--probes",
            SampleFiles.PROBES,
            "--measure",
            "mean_square_ratio",
            "-o",
            folder.resolve("study"),
            "--plugins",
            from);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    return outcome.out() + outcome.err();
  }
}
