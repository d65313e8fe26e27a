package org.palimpsest.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.internal.plugin.Plugins;
import org.palimpsest.core.internal.text.Suggestions;

/** The version, the backend, where things came from, and plug-ins that misbehave. */
class LibraryFactsTest {

  @TempDir private Path folder;

  @AfterEach
  void forgetPlugins() {
    Plugins.unload();
  }

  @Test
  void theVersionIsOne() {
    assertThat(Version.current()).matches("\\d+\\.\\d+\\.\\d+(-\\w+)?");
  }

  @Test
  void theBackendIsThere() {
    assertThatCode(Backend::require).doesNotThrowAnyException();
    Backend.loadAhead();
    assertThat(Nd4j.ones(2).sumNumber().intValue()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run in evaluation mode",
        "ran in evaluation mode",
        "run as exported",
        "run by ONNX Runtime",
        "exported with PyTorch 2.7",
        "Keras 3.8.0 on jax, by the table of its layers",
        "shown 8 probes",
        "read from a.npz"
      })
  void whatIsSaidOfEveryNetworkIsNoCaution(String note) {
    assertThat(new Provenance("a.pt", "", List.of(note)).cautions()).isEmpty();
  }

  @Test
  void anythingElseIsACaution() {
    Provenance provenance =
        new Provenance(
            "a.pt",
            "",
            List.of(
                "run in evaluation mode", "draws random numbers", "was run in evaluation mode"));

    assertThat(provenance.cautions())
        .containsExactly("draws random numbers", "was run in evaluation mode");
    assertThat(Provenance.inMemory("x")).isEqualTo(new Provenance("x", "", List.of()));
  }

  @Test
  void slipsAreNearNamesAlone() {
    List<String> known = List.of("linear_cka", "svcca", "pwcca", "cca_mean", "cca_mean_squared");

    assertThat(Suggestions.slips("linaer_cka", known)).containsExactly("linear_cka");
    assertThat(Suggestions.slips("SVCAA", known)).containsExactly("svcca");
    assertThat(Suggestions.slips("cca_mean_sq", known)).contains("cca_mean_squared");
    assertThat(Suggestions.slips("transformer", known)).isEmpty();
    assertThat(Suggestions.slips("x", List.of())).isEmpty();
    assertThat(Suggestions.nearest("cca", List.of("a", "b", "c", "d", "e", "f", "g"))).hasSize(5);
  }

  /** A service of which jars may name providers. */
  public interface Service {}

  private Path jar(String provider) throws IOException {
    Path jar = folder.resolve("plugin.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry("META-INF/services/" + Service.class.getName()));
      out.write(provider.getBytes(StandardCharsets.UTF_8));
    }
    return jar;
  }

  @Test
  void withoutJarsThereAreNoPlugins() {
    assertThat(Plugins.of(Service.class)).isEmpty();
    assertThat(Plugins.jars()).isEmpty();
    assertThat(Plugins.identity()).isEmpty();
  }

  @Test
  void aJarThatNamesAClassThatIsNotThereIsRefusedByName() throws IOException {
    Path jar = jar("com.example.Missing");
    Plugins.load(List.of(jar.toUri().toURL()), "abc");

    assertThat(Plugins.identity()).isEqualTo("abc");
    assertThat(Plugins.jars()).containsExactly(jar.toUri().toURL());
    assertThatThrownBy(() -> Plugins.of(Service.class))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("plugin.jar", "com.example.Missing");
    Plugins.unload();
    assertThat(Plugins.of(Service.class)).isEmpty();
  }

  @Test
  void aClassThatIsNoProviderIsRefused() throws IOException {
    String notAProvider = LibraryFactsTest.class.getName();
    Plugins.load(List.of(jar(notAProvider).toUri().toURL()), "abc");

    assertThatThrownBy(() -> Plugins.of(Service.class))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(notAProvider);
  }

  @Test
  void whatAPluginDoesWrongIsToldWithItsName() {
    assertThatThrownBy(
            () ->
                Plugins.ask(
                    "com.example.Mine",
                    () -> {
                      throw new IllegalStateException("out of luck");
                    }))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("com.example.Mine", "out of luck")
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThatThrownBy(
            () ->
                Plugins.ask(
                    "com.example.Mine",
                    () -> {
                      throw new StackOverflowError();
                    }))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("com.example.Mine");
    assertThatThrownBy(() -> Plugins.ask("com.example.Mine", () -> null))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("null");
  }

  @Test
  void clearFailuresAndCancellationPassAsTheyAre() {
    PalimpsestException clear = new PalimpsestException("Give another file.");
    CancellationException cancelled = new CancellationException();

    assertThatThrownBy(
            () ->
                Plugins.ask(
                    "p",
                    () -> {
                      throw clear;
                    }))
        .isSameAs(clear);
    assertThatThrownBy(
            () ->
                Plugins.ask(
                    "p",
                    () -> {
                      throw cancelled;
                    }))
        .isSameAs(cancelled);
    assertThat(Plugins.ask("p", () -> "fine")).isEqualTo("fine");
  }
}
