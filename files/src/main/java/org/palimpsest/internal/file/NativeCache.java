package org.palimpsest.internal.file;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
  private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

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
        ? new String(Files.readAllBytes(MOUNTS), StandardCharsets.UTF_8).lines().toList()
        : List.of();
  }

  /** Of the file system nearest to the folder, by lines of device, place, type and options. */
  static boolean isNoexec(Path folder, List<String> mounts) {
    boolean noexec = false;
    int nearest = 0;
    for (String mount : mounts) {
      String[] words = mount.split(" ");
      String place = words.length > OPTIONS ? unescaped(words[1]) : "";
      if (place.length() >= nearest && isWithin(place, folder)) {
        nearest = place.length();
        noexec = List.of(words[OPTIONS].split(",")).contains("noexec");
      }
    }
    return noexec;
  }

  private static boolean isWithin(String place, Path folder) {
    return place.equals("/") || !place.isEmpty() && (folder + "/").startsWith(place + "/");
  }

  /** Blanks and the like are written as the octal numbers of their bytes. */
  private static String unescaped(String place) {
    return OCTAL
        .matcher(place)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    String.valueOf((char) Integer.parseInt(found.group(1), 8))));
  }
}
