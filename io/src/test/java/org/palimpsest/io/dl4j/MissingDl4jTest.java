package org.palimpsest.io.dl4j;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;

class MissingDl4jTest {

  /** Loads this library's importers anew, as if DL4J were not on the class path. */
  private static final class WithoutDl4j extends ClassLoader {

    WithoutDl4j() {
      super(MissingDl4jTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("org.deeplearning4j.")) {
        throw new ClassNotFoundException(name);
      }
      return name.startsWith("org.palimpsest.io.") ? define(name) : super.loadClass(name, resolve);
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      Class<?> known = findLoadedClass(name);
      if (known != null) {
        return known;
      }
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException failure) {
        throw new ClassNotFoundException(name, failure);
      }
    }
  }

  @Test
  void withoutDl4jTheErrorNamesTheArtifactToAdd() throws Exception {
    Class<?> network = new WithoutDl4j().loadClass("org.palimpsest.io.dl4j.Dl4jNetwork");
    MethodHandle open =
        MethodHandles.publicLookup()
            .findStatic(network, "open", MethodType.methodType(network, Path.class));

    assertThatThrownBy(() -> open.invoke(Path.of("network.zip")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("org.deeplearning4j:deeplearning4j-nn:1.0.0-M2.1");
  }
}
