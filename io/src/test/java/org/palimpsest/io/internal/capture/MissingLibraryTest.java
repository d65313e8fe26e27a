package org.palimpsest.io.internal.capture;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;

class MissingLibraryTest {

  /** Loads this library's importers anew, as if another library were not on the class path. */
  private static final class Without extends ClassLoader {

    private final String missing;

    Without(String missing) {
      super(MissingLibraryTest.class.getClassLoader());
      this.missing = missing;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith(missing)) {
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

  @ParameterizedTest
  @CsvSource({
    "dl4j.Dl4jNetwork, dl4j.Dl4jNetwork, org.deeplearning4j., org.deeplearning4j:deeplearning4j-nn:1.0.0-M2.1",
    "internal.onnxruntime.OnnxNetwork, internal.onnxruntime.OnnxNetwork, ai.onnxruntime., com.microsoft.onnxruntime:onnxruntime:1.28.0"
  })
  void withoutALibraryTheErrorNamesTheArtifactToAdd(
      String importer, String result, String missing, String artifact) throws Exception {
    ClassLoader loader = new Without(missing);
    Class<?> type = loader.loadClass("org.palimpsest.io." + importer);
    Class<?> network = loader.loadClass("org.palimpsest.io." + result);
    MethodHandle open =
        MethodHandles.publicLookup()
            .findStatic(type, "open", MethodType.methodType(network, Path.class));

    assertThatThrownBy(() -> open.invoke(Path.of("model")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(artifact);
  }
}
