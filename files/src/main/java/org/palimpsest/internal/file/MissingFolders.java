package org.palimpsest.internal.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Folders that are not there yet: what is to be written may need them, and may come to nothing. */
public final class MissingFolders {

  private final List<Path> deepestFirst;

  private MissingFolders(List<Path> deepestFirst) {
    this.deepestFirst = deepestFirst;
  }

  /** Those that some files lie in, at any depth. */
  public static MissingFolders of(Collection<Path> files) {
    TreeSet<Path> missing =
        new TreeSet<>(
            Comparator.comparing(Path::getNameCount)
                .reversed()
                .thenComparing(Comparator.naturalOrder()));
    for (Path file : files) {
      Path folder = file.toAbsolutePath().normalize().getParent();
      while (folder != null && !Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
        missing.add(folder);
        folder = folder.getParent();
      }
    }
    return new MissingFolders(List.copyOf(missing));
  }

  /** Removes those that were made since and hold nothing. */
  public void removeEmpty() {
    for (Path folder : deepestFirst) {
      try {
        if (isEmpty(folder)) {
          Files.delete(folder);
        }
      } catch (IOException inUse) {
        System.getLogger(MissingFolders.class.getName())
            .log(System.Logger.Level.DEBUG, "an empty folder stays", inUse);
      }
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (Stream<Path> content = Files.list(folder)) {
      return content.findAny().isEmpty();
    }
  }
}
