package org.palimpsest.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.plugin.Plugins;

/** What the driver has loaded is loaded where its tasks are done. */
class PluginParcelTest {

  @TempDir private Path folder;

  /** They are known to the whole process. */
  @AfterEach
  void unload() {
    Plugins.unload();
  }

  private PluginParcel sent() throws IOException {
    Path jar = folder.resolve("a jar.jar");
    new JarOutputStream(Files.newOutputStream(jar)).close();
    Plugins.load(List.of(jar.toUri().toURL()), "test");
    PluginParcel sent = PluginParcel.loaded();
    Plugins.unload();
    return sent;
  }

  @Test
  void jarsThatTheDriverLoadedAreLoaded() throws IOException {
    sent().load();

    assertThat(Plugins.jars()).extracting(URL::getPath).singleElement().asString().endsWith(".jar");
  }

  @Test
  void thoseOfAnEarlierComparisonAreForgotten() throws IOException {
    PluginParcel none = PluginParcel.loaded();
    sent().load();
    none.load();

    assertThat(Plugins.jars()).isEmpty();
  }

  @Test
  void aJarThatIsNotOnThisMachineIsNamed() throws IOException {
    PluginParcel sent = sent();
    Files.delete(folder.resolve("a jar.jar"));

    assertThatThrownBy(sent::load)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("a jar.jar is not on this machine");
  }

  @Test
  void anotherJarUnderTheSamePathIsRefused() throws IOException {
    PluginParcel sent = sent();
    Files.write(folder.resolve("a jar.jar"), new byte[] {1});

    assertThatThrownBy(sent::load)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("a jar.jar holds other bytes on this machine");
  }
}
