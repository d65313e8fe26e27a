package org.palimpsest.io.image;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import org.palimpsest.core.PalimpsestException;

/**
 * Chooses files of a folder by name.
 *
 * <p>{@code *} stands for anything, {@code ?} for one character, {@code [0-9]} for one of these,
 * <code>{a,b}</code> for one of those. A glob after {@code !} leaves files out. With no other than
 * such, all that is not left out is chosen. A glob that matches no file is an error, which lists
 * some of those that are there.
 *
 * <pre>{@code
 * FileGlobs globs = FileGlobs.of(List.of("case_*.png", "!*_mask.png"));
 * }</pre>
 *
 * <p>Names are compared without their folders, and with case where the file system has case.
 * Immutable.
 */
final class FileGlobs {

  private static final String EXCEPT = "!";

  private record Glob(String text, PathMatcher matcher) {

    static Glob of(String text) {
      try {
        return new Glob(text, FileSystems.getDefault().getPathMatcher("glob:" + text));
      } catch (PatternSyntaxException malformed) {
        throw new PalimpsestException(
            "'%s' is no glob for names of files: %s.".formatted(text, malformed.getDescription()),
            malformed);
      }
    }
  }

  private final List<Glob> wanted = new ArrayList<>();
  private final List<Glob> unwanted = new ArrayList<>();

  private FileGlobs(List<String> texts) {
    for (String text : texts) {
      if (text.startsWith(EXCEPT)) {
        unwanted.add(Glob.of(text.substring(EXCEPT.length())));
      } else {
        wanted.add(Glob.of(text));
      }
    }
  }

  /**
   * Chooses what matches one glob at least, and none of those after {@code !}.
   *
   * @param globs in any order; none chooses all
   * @throws PalimpsestException if one of them is malformed, such as a bracket that is not closed
   */
  static FileGlobs of(List<String> globs) {
    return new FileGlobs(globs);
  }

  boolean chooses(Path file) {
    Path name = file.getFileName();
    return (wanted.isEmpty() || wanted.stream().anyMatch(g -> g.matcher().matches(name)))
        && unwanted.stream().noneMatch(glob -> glob.matcher().matches(name));
  }

  /**
   * Checks that no glob is in vain.
   *
   * @throws PalimpsestException if one matches none of these files, naming some of them
   */
  void requireEachMatches(Path folder, List<Path> files) {
    List<Glob> all = new ArrayList<>(wanted);
    all.addAll(unwanted);
    for (Glob glob : all) {
      if (files.stream().noneMatch(file -> glob.matcher().matches(file.getFileName()))) {
        List<String> some =
            files.stream().limit(5).map(file -> String.valueOf(file.getFileName())).toList();
        throw new PalimpsestException(
            "No image in %s is called '%s'. There are %s: %s%s."
                .formatted(
                    folder,
                    glob.text(),
                    files.size(),
                    String.join(", ", some),
                    files.size() > some.size() ? ", …" : ""));
      }
    }
  }
}
