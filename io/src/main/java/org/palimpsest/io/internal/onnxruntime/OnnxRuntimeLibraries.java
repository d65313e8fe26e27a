package org.palimpsest.io.internal.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.natives.NativeLoading;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.TemporaryFolder;

/**
 * ONNX Runtime's native libraries. Left alone it unpacks 24 MB into the temporary folder and leaves
 * them there; so they are unpacked here, and gone as soon as they are loaded.
 */
final class OnnxRuntimeLibraries {

  private static final String PLACE = "onnxruntime.native.path";
  private static final List<String> LIBRARIES = List.of("onnxruntime", "onnxruntime4j_jni");

  private OnnxRuntimeLibraries() {}

  private static boolean areLoaded;

  /**
   * The runtime's environment, for which the libraries are loaded the first time.
   *
   * @throws PalimpsestException if they cannot be unpacked
   */
  static OrtEnvironment environment() {
    return NativeLoading.alone(OnnxRuntimeLibraries::load);
  }

  private static OrtEnvironment load() {
    if (areLoaded || System.getProperty(PLACE) != null || !areThere()) {
      return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    }
    TemporaryFolder folder = TemporaryFolder.create();
    boolean mayStay = false;
    try {
      for (String library : LIBRARIES) {
        unpack(library, folder.path());
      }
      System.setProperty(PLACE, folder.path().toString());
      mayStay = isWindows(); // which keeps the files of loaded libraries, so that they go later
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      areLoaded = true;
      return environment;
    } finally {
      System.clearProperty(PLACE);
      if (!mayStay) {
        folder.close();
      }
    }
  }

  private static boolean areThere() {
    return LIBRARIES.stream()
        .allMatch(library -> OrtEnvironment.class.getResource(resource(library)) != null);
  }

  private static void unpack(String library, Path folder) {
    try (InputStream in = OrtEnvironment.class.getResourceAsStream(resource(library))) {
      if (in != null) {
        Files.copy(in, folder.resolve(System.mapLibraryName(library)));
      }
    } catch (IOException failure) {
      throw new PalimpsestException(
          "ONNX Runtime's libraries cannot be unpacked into %s: %s"
              .formatted(folder, InputFiles.reason(failure)),
          failure);
    }
  }

  private static String resource(String library) {
    String os = isWindows() ? "win" : property("os.name").contains("mac") ? "osx" : "linux";
    String arch = property("os.arch");
    return "/ai/onnxruntime/native/%s-%s/%s"
        .formatted(os, arch.equals("amd64") ? "x64" : arch, System.mapLibraryName(library));
  }

  private static boolean isWindows() {
    return property("os.name").startsWith("win");
  }

  private static String property(String name) {
    return System.getProperty(name, "").toLowerCase(Locale.ROOT);
  }
}
