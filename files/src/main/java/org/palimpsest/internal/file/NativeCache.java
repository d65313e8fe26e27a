package org.palimpsest.internal.file;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;

/**
 * A folder into which a library unpacks its native code, which the library does not tell of where
 * that fails.
 *
 * @param folder the folder, which need not be there
 * @param setting how another one is named
 */
public record NativeCache(Path folder, String setting) {

  private static final Path MOUNTS = Path.of("/proc/self/mounts");
  private static final int TRIED_BYTES = 1 << 20;
  private static final int OPTIONS = 3;

  /** That of JavaCPP, whose libraries those of ND4J are. */
  public static NativeCache ofJavaCpp() {
    String setting = "org.bytedeco.javacpp.cachedir";
    Path usual = Path.of(System.getProperty("user.home"), ".javacpp", "cache");
    Path folder = Optional.ofNullable(System.getProperty(setting)).map(Path::of).orElse(usual);
    return new NativeCache(folder, "java -D" + setting + "=FOLDER");
  }

  /** What a failure says, or of a library that did not load what is wrong with its folder. */
  public static String explain(PalimpsestException failure) {
    String message = String.valueOf(failure.getMessage());
    return failure.getCause() instanceof LinkageError
        ? ofJavaCpp().trouble().orElse(message)
        : message;
  }

  /** Why nothing can be unpacked there or loaded from there, and what to do; empty if it can. */
  public Optional<String> trouble() {
    try {
      Files.createDirectories(folder);
      Path trial = Files.createTempFile(folder, ".palimpsest", ".tmp");
      try (OutputStream out = Files.newOutputStream(trial)) {
        out.write(new byte[TRIED_BYTES]);
      } finally {
        Files.deleteIfExists(trial);
      }
      return isNoexec(folder.toRealPath(), mounts())
          ? Optional.of(
              "%s is mounted so that nothing in it can be executed (noexec), and native libraries are unpacked there. Name another folder with %s."
                  .formatted(folder, setting))
          : Optional.empty();
    } catch (IOException failure) {
      return Optional.of(
          "%s cannot be written, where native libraries are unpacked: %s. Make room there, or name another folder with %s."
              .formatted(folder, InputFiles.reason(failure), setting));
    }
  }

  private static List<String> mounts() throws IOException {
    return Files.isReadable(MOUNTS)
        ? Files.readAllLines(MOUNTS, StandardCharsets.ISO_8859_1)
        : List.of();
  }

  /** Of the file system nearest to the folder, by lines of device, place, type and options. */
  static boolean isNoexec(Path folder, List<String> mounts) {
    boolean noexec = false;
    int nearest = -1;
    for (String mount : mounts) {
      String[] words = mount.split(" ");
      if (words.length > OPTIONS && folder.startsWith(words[1])) {
        int depth = Path.of(words[1]).getNameCount();
        if (depth >= nearest) {
          nearest = depth;
          noexec = List.of(words[OPTIONS].split(",")).contains("noexec");
        }
      }
    }
    return noexec;
  }
}
