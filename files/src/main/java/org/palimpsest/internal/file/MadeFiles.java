package org.palimpsest.internal.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Files that are made anew together, in a folder where others' files may lie as well. A list beside
 * them tells which were made, so that those of a former time can be told from others' and removed.
 */
public final class MadeFiles {

  private static final long LONGEST_LIST = 1 << 22;
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_=-][A-Za-z0-9._=-]*");

  private final Path folder;
  private final Path list;

  private MadeFiles(Path folder, Path list) {
    this.folder = folder;
    this.list = list;
  }

  /**
   * Files in a folder.
   *
   * @param list the name of the list; hidden, and of these files alone
   */
  public static MadeFiles in(Path folder, String list) {
    return new MadeFiles(folder, folder.resolve(list));
  }

  /**
   * Makes them, then removes those on the list that are not among them. Files that cannot be
   * removed stay on it.
   *
   * @param names of all that are made, without their folder
   * @return what the making returns; if it fails, nothing is removed
   */
  public <T> T replace(Collection<String> names, Supplier<T> making) {
    Set<String> former = listed();
    if (former.isEmpty() && names.isEmpty()) {
      return making.get();
    }
    Set<String> all = new TreeSet<>(former);
    all.addAll(names);
    write(all); // before they are there, so that none is forgotten if the process ends
    T made = making.get();
    former.removeAll(names);
    former.removeIf(this::isGone);
    former.addAll(names);
    write(former);
    return made;
  }

  private void write(Set<String> names) {
    AtomicFile.write(list, String.join("\n", names) + "\n");
  }

  /** Names on the list that are names of files alone; none if it cannot be read. */
  private Set<String> listed() {
    Set<String> names = new TreeSet<>();
    try {
      if (Files.isRegularFile(list, LinkOption.NOFOLLOW_LINKS)
          && Files.size(list) <= LONGEST_LIST) {
        Files.readString(list)
            .lines()
            .filter(name -> PLAIN.matcher(name).matches())
            .forEach(names::add);
      }
    } catch (IOException unreadable) {
      return new TreeSet<>();
    }
    return names;
  }

  private boolean isGone(String name) {
    Path file = folder.resolve(name);
    try {
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        Files.delete(file);
      }
      return true;
    } catch (IOException stays) {
      return false;
    }
  }
}
