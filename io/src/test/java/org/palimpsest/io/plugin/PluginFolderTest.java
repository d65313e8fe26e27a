package org.palimpsest.io.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.internal.plugin.Plugins;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.Input;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.internal.plugin.Importers;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.MemoryBound;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/** Importers in jars of their own, and what they may do wrong. */
class PluginFolderTest {

  private static final Probes PROBES = Probes.of(Nd4j.ones(3, 2));

  @TempDir private Path folder;

  @AfterEach
  void forget() {
    Plugins.unload();
  }

  private void jar(String name, String... importers) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(folder.resolve(name)))) {
      out.putNextEntry(new JarEntry("META-INF/services/" + Importer.class.getName()));
      out.write(String.join("\n", importers).getBytes(StandardCharsets.UTF_8));
    }
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("network.bin"), text);
  }

  @Test
  void aFolderThatIsNoneOrProvidesNothingIsRefused() throws IOException {
    Path missing = folder.resolve("missing");

    assertThatThrownBy(() -> PluginFolder.load(missing))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage(missing + " is no folder of plug-ins.");
    assertThatThrownBy(() -> PluginFolder.load(folder))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(folder.toString(), "provides a measure or an importer");
    try (JarOutputStream out =
        new JarOutputStream(Files.newOutputStream(folder.resolve("other.jar")))) {
      out.putNextEntry(new JarEntry("META-INF/services/java.sql.Driver"));
    }
    assertThatThrownBy(() -> PluginFolder.load(folder)).isInstanceOf(PalimpsestException.class);
    Files.writeString(folder.resolve("broken.jar"), "no zip");
    assertThatThrownBy(() -> PluginFolder.load(folder))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("broken.jar is no jar");
  }

  @Test
  void theIdentityIsThatOfTheContent() throws IOException {
    jar("a.jar", Words.class.getName());
    PluginFolder.load(folder);
    String first = Plugins.identity();
    Files.move(folder.resolve("a.jar"), folder.resolve("b.jar"));
    PluginFolder.load(folder);

    assertThat(Plugins.identity()).isEqualTo(first).isNotEmpty();
    jar("b.jar", Words.class.getName(), Clumsy.class.getName());
    PluginFolder.load(folder);
    assertThat(Plugins.identity()).isNotEqualTo(first);
  }

  @Test
  void theFirstImporterThatReadsAFileOpensIt() throws IOException {
    jar("a.jar", Clumsy.class.getName(), Words.class.getName());
    PluginFolder.load(folder);
    Importer importer = Importers.of(file("words")).orElseThrow();

    assertThat(importer.kind()).isEqualTo("a file of words");
    assertThat(Importers.of(file("something else"))).isEmpty();
    assertThatThrownBy(() -> importer.weights(folder.resolve("network.bin")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("network.bin", "a file of words", "reads no weights");
  }

  @Test
  void onlyLayersThatAreAskedForAreHandedOn() throws IOException {
    jar("a.jar", Words.class.getName());
    PluginFolder.load(folder);
    Importer importer = Importers.of(file("words")).orElseThrow();
    try (ActivationSource network =
        importer.open(folder.resolve("network.bin"), RunLimits.withDefaults())) {
      assertThat(network.capture(PROBES, LayerSelector.of("enc*")).layers())
          .containsExactly("enc1");
      assertThat(network.capture(PROBES).layers()).containsExactlyInAnyOrder("enc1", "out");
    }
  }

  @Test
  void aPluginIsAskedOnceAboutAFile() throws IOException {
    jar("a.jar", Words.class.getName());
    PluginFolder.load(folder);
    Path words = file("words");
    for (Function<Path, Input> opening :
        List.<Function<Path, Input>>of(
            Inputs::open, file -> Inputs.openIsolated(file, RunLimits.withDefaults()))) {
      Words.ASKED.set(0);
      try (Input opened = opening.apply(words)) {
        assertThat(opened).isInstanceOf(Input.Model.class);
      }
      assertThat(Words.ASKED).hasValue(1);
    }
  }

  @Test
  void ofTwoFilesBothAreOpenedOrNeither() throws IOException {
    jar("a.jar", Words.class.getName());
    PluginFolder.load(folder);
    Path words = file("words");
    Path empty = Files.createFile(folder.resolve("empty.npy"));
    NetworkOptions nothing = NetworkOptions.none();
    RunLimits limits = RunLimits.withDefaults();
    RunLimits bounded = limits.withMemory(new MemoryBound(8L << 30));
    for (Function<Path, List<Input>> opening :
        List.<Function<Path, List<Input>>>of(
            second -> Inputs.openBoth(words, nothing, second, nothing, limits),
            second -> Inputs.openBothIsolated(words, nothing, second, nothing, limits),
            second -> Inputs.openBothIsolated(words, nothing, second, nothing, bounded))) {
      Network.CLOSED.set(0);
      assertThatThrownBy(() -> opening.apply(empty))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("empty.npy");
      assertThat(Network.CLOSED).hasValue(1);
      List<Input> both = opening.apply(words);
      assertThat(both).hasSize(2).allMatch(Input.Model.class::isInstance);
      both.forEach(Input::close);
      assertThat(Network.CLOSED).hasValue(3);
    }
  }

  @Test
  void whatAReceiverThrowsIsNotThePluginsFault() throws IOException {
    jar("a.jar", Words.class.getName());
    PluginFolder.load(folder);
    IllegalStateException full = new IllegalStateException("the disk is full");
    try (ActivationSource network =
        Importers.of(file("words"))
            .orElseThrow()
            .open(folder.resolve("network.bin"), RunLimits.withDefaults())) {
      assertThatThrownBy(
              () ->
                  network.run(
                      PROBES,
                      LayerSelector.all(),
                      Progress.silent(),
                      batch -> {
                        throw full;
                      }))
          .isSameAs(full);
    }
  }

  @Test
  void whatAnImporterDoesWrongIsToldAsItsOwn() throws IOException {
    jar("a.jar", Clumsy.class.getName());
    PluginFolder.load(folder);
    Importer importer = Importers.of(file("clumsy")).orElseThrow();
    String name = Clumsy.class.getName();

    assertThatThrownBy(importer::kind)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(name, "null");
    assertThatThrownBy(() -> importer.weights(folder))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(name, "IndexOutOfBounds");
    try (ActivationSource network = importer.open(folder, RunLimits.withDefaults())) {
      assertThatThrownBy(() -> network.capture(PROBES))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll(name, "layer 'enc1'");
    }
  }

  /** Opens files that hold "words": two layers, whatever is asked for. */
  public static class Words implements Importer {

    static final AtomicInteger ASKED = new AtomicInteger();

    @Override
    public String kind() {
      return "a file of words";
    }

    @Override
    public boolean reads(Path file) {
      ASKED.incrementAndGet();
      return holds(file, "words");
    }

    @Override
    public ActivationSource open(Path file, RunLimits limits) {
      return new Network(
          receiver ->
              receiver.accept(
                  new ActivationBatch(0, Map.of("enc1", Nd4j.ones(3, 4), "out", Nd4j.ones(3, 1)))));
    }
  }

  /** Gives null, throws, and hands over layers that are not there. */
  public static class Clumsy implements Importer {

    @Override
    @SuppressWarnings("NullAway") // that is the point
    public String kind() {
      return null;
    }

    @Override
    public boolean reads(Path file) {
      return holds(file, "clumsy");
    }

    @Override
    public ActivationSource open(Path file, RunLimits limits) {
      Map<String, INDArray> layers = new LinkedHashMap<>();
      layers.put("enc1", null);
      return new Network(receiver -> receiver.accept(new ActivationBatch(0, layers)));
    }

    @Override
    public Weights weights(Path file) {
      List<Weights> none = new ArrayList<>();
      return none.get(0);
    }
  }

  private static boolean holds(Path file, String text) {
    try {
      return Files.readString(file).equals(text);
    } catch (IOException unreadable) {
      return false;
    }
  }

  private record Network(Consumer<Consumer<ActivationBatch>> gives) implements ActivationSource {

    static final AtomicInteger CLOSED = new AtomicInteger();

    @Override
    public String name() {
      return "network";
    }

    @Override
    public Provenance provenance() {
      return Provenance.inMemory("network");
    }

    @Override
    public void run(
        Probes probes,
        LayerSelector layers,
        Progress progress,
        Consumer<ActivationBatch> receiver) {
      gives.accept(receiver);
    }

    @Override
    public void close() {
      CLOSED.incrementAndGet();
    }
  }
}
