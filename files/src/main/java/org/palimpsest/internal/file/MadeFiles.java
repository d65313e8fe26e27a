package org.palimpsest.internal.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;

/**
 * Pictures that are made anew together, in a folder where others' files may lie as well. A list
 * beside them tells which were made, with the hash of each, so that those of a former time can be
 * told from others' and removed: a file stays that is not as it was made.
 */
public final class MadeFiles {

  private static final long LONGEST_LIST = 1 << 22;
  private static final Pattern ENTRY =
      Pattern.compile("([0-9a-f]{64}) ([A-Za-z0-9_=-][A-Za-z0-9._=-]*\\.(?:png|svg))");

  private final Path folder;
  private final Path list;

  private MadeFiles(Path folder, Path list) {
    this.folder = folder;
    this.list = list;
  }

  /**
   * Pictures in a folder.
   *
   * @param list the name of the list; hidden, and of these pictures alone
   */
  public static MadeFiles in(Path folder, String list) {
    return new MadeFiles(folder, folder.resolve(list));
  }

  /**
   * Makes them, then removes those on the list that are not among them and as they were made.
   *
   * @param names of all that are made, without their folder
   * @return what the making returns; if it fails, nothing is removed
   */
  public <T> T replace(Collection<String> names, Supplier<T> making) {
    Map<String, String> former = listed();
    T made = making.get();
    if (former.isEmpty() && names.isEmpty()) {
      return made;
    }
    names.forEach(former::remove);
    former.forEach(this::remove);
    Map<String, String> now = new TreeMap<>();
    names.forEach(name -> now.put(name, Sha256.of(folder.resolve(name))));
    StringBuilder lines = new StringBuilder();
    now.forEach((name, hash) -> lines.append(hash).append(' ').append(name).append('\n'));
    AtomicFile.write(list, lines.toString());
    return made;
  }

  /** The hashes of what was made by their names; none if they cannot be read. */
  private Map<String, String> listed() {
    Map<String, String> hashes = new TreeMap<>();
    try {
      if (Files.isRegularFile(list, LinkOption.NOFOLLOW_LINKS)
          && Files.size(list) <= LONGEST_LIST) {
        for (String line : Files.readAllLines(list)) {
          Matcher entry = ENTRY.matcher(line);
          if (entry.matches()) {
            hashes.put(entry.group(2), entry.group(1));
          }
        }
      }
    } catch (IOException unreadable) {
      return new TreeMap<>();
    }
    return hashes;
  }

  private void remove(String name, String hash) {
    Path file = folder.resolve(name);
    try {
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Sha256.of(file).equals(hash)) {
        Files.delete(file);
      }
    } catch (IOException | PalimpsestException stays) {
      System.getLogger(MadeFiles.class.getName())
          .log(System.Logger.Level.DEBUG, file + " stays", stays);
    }
  }
}
