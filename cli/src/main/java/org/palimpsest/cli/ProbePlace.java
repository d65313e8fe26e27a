package org.palimpsest.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where probes are: a file or folder, or a glob for files of a folder such as {@code DIR/*.png}.
 *
 * @param file the file, or the folder
 * @param globs for the names of files in it, if any were given
 */
record ProbePlace(Path file, List<String> globs) {

  private static final Pattern GLOB =
      Pattern.compile("(?:(.*)[/\\\\])?([^/\\\\]*[*?\\[{][^/\\\\]*)");

  static ProbePlace of(Path file) {
    return new ProbePlace(file, List.of());
  }

  /** A name that looks like a glob is one, unless there is a file of that name. */
  static ProbePlace of(String given) {
    Matcher glob = GLOB.matcher(given);
    if (!glob.matches() || exists(given)) {
      return of(Path.of(given));
    }
    String folder = glob.group(1) == null ? "." : glob.group(1);
    return new ProbePlace(Path.of(folder.isEmpty() ? "/" : folder), List.of(glob.group(2)));
  }

  private static boolean exists(String given) {
    try {
      return Files.exists(Path.of(given));
    } catch (InvalidPathException onSomeSystems) {
      return false;
    }
  }
}
